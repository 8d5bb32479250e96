import { expect, it } from 'vitest'
import { readScenario } from '../scenario/index.js'
import { TOOLS } from '../session/index.js'
import { openInput } from './openCluster.js'

it('[OPEN1] a cluster that does not come up in time is refused', () => {
  const input = readScenario([])
  if (!input.ok) throw new Error('nothing is no scenario')
  let asked = 0
  const open = () => openInput('', input.value, TOOLS, undefined, () => ++asked > 50)
  expect(open).toThrow(expect.objectContaining({ refusal: expect.objectContaining({ code: 'limit' }) }))
  expect(asked).toBe(52)
})
