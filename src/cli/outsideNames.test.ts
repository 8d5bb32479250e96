import { expect, it } from 'vitest'
import { Batch } from './batch.js'

const WORDS = ['valueOf', 'constructor', '__proto__', 'toString']

/** Command lines and manifests that use a word wherever a name from outside may stand. */
function requests(word: string): readonly { readonly args: readonly string[]; readonly file?: string }[] {
  const lower = word.toLowerCase().replaceAll('_', 'a')
  return [
    { args: [word] },
    { args: ['get', word] },
    { args: ['get', 'pods', `--${word}`] },
    { args: ['get', 'nodes', '-L', word] },
    { args: ['get', 'nodes', '-o', `custom-columns=A:.${word},B:.metadata.labels.${word}`] },
    { args: ['get', 'nodes', '-o', `jsonpath={.items[0].metadata.labels.${word}}`] },
    { args: ['create', word, 'x'] },
    { args: ['create', 'service', word, 'x'] },
    { args: ['create', 'deployment', lower, '--image', lower] },
    { args: ['label', 'node', 'node1', `${word}=x`] },
    { args: ['patch', 'node', 'node1', '-p', `{"${word}":{"a":1}}`] },
    { args: ['patch', 'node', 'node1', '--type', word, '-p', '{}'] },
    { args: ['apply', '-f', word] },
    {
      args: ['apply', '-f', 'f.yaml'],
      file: `{apiVersion: v1, kind: ConfigMap, metadata: {name: c, labels: {${lower}: a}}, data: {${word}: x}}`,
    },
    {
      args: ['apply', '-f', 'f.yaml'],
      file: `{apiVersion: v1, kind: Pod, metadata: {name: ${lower}}, spec: {containers: [{name: ${lower}, image: ${lower}}]}}`,
    },
    { args: ['get', 'configmap', 'c', '-o', `go-template={{.data.${word}}}`] },
  ]
}

it('[CLI9] words that every JavaScript object knows are names like any other', () => {
  const batch = new Batch()
  for (const word of WORDS) {
    for (const { args, file } of requests(word)) {
      const files = file === undefined ? {} : { 'f.yaml': file }
      const answer = batch.answer(JSON.stringify({ id: 1, verb: 'kubectl', session: 's', args, files }))
      expect(answer, args.join(' ')).not.toMatch(/internal error|native code|\[object/)
    }
  }
  expect(batch.answer('{"id":1,"verb":"wait","session":"s","args":["30s"]}')).toContain('"exit":0')
  const pods = batch.answer('{"id":1,"verb":"kubectl","session":"s","args":["get","pods"]}')
  expect(pods).toMatch(/constructor-\S+ +1\/1 +Running/)
  expect(pods).toMatch(/constructor +1\/1 +Running/)
})
