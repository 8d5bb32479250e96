import { expect, it } from 'vitest'
import { Batch } from './batch.js'

it('[CLI10] a template may name one item of a list', () => {
  const batch = new Batch()
  const get = (output: string): unknown =>
    JSON.parse(
      batch.answer(JSON.stringify({ id: 1, verb: 'kubectl', session: 's', args: ['get', 'nodes', '-o', output], files: {} })),
    )
  expect(get('jsonpath={.items[0].metadata.name} {.items[-1].metadata.name}')).toMatchObject({
    exit: 0,
    stdout: 'control-plane node3',
  })
  expect(get('go-template={{(index .items 1).metadata.name}}')).toMatchObject({ exit: 0, stdout: 'node1' })
  expect(get('jsonpath={.items[9].metadata.name}')).toMatchObject({
    exit: 1,
    stderr: 'error: error executing jsonpath "{.items[9].metadata.name}": array index out of bounds: index 9, length 4\n',
  })
  expect(get('jsonpath={.items[')).toMatchObject({ exit: 1 })
})
