import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatSourceError, readScenario } from '../scenario/index.js'
import type { ApiClient } from '../sim/index.js'
import { runKubectl } from './runKubectl.js'

/** An API server that has nothing and takes nothing. */
const refusal = { ok: false, error: { code: 404, reason: 'NotFound', message: 'not found' } } as const
const api: ApiClient = {
  get: () => refusal,
  list: () => ({ ok: true, value: [] }),
  changes: () => [],
  create: () => refusal,
  update: () => refusal,
  updateStatus: () => refusal,
  patch: () => refusal,
  delete: () => refusal,
  request: () => ({ code: 404, body: '', warnings: [] }),
  bind: () => refusal,
  evict: () => refusal,
}

const WORDS = [
  'get',
  'describe',
  'apply',
  'delete',
  'scale',
  'rollout',
  'status',
  'undo',
  'set',
  'image',
  'taint',
  'drain',
  'pods',
  'deploy/web',
  '-o',
  'yaml',
  'jsonpath={.x[',
  'custom-columns=A:.b',
  '-f',
  'a.yaml',
  '-n',
  '-A',
  '-l',
  'a=b',
  'x-',
  '--',
  'a:b',
  '=',
  '-',
  '--replicas=3',
  'go-template={{range .items}}{{',
]

describe('whatever is typed', () => {
  it('[KP1] kubectl answers, and never throws', () => {
    const args = fc.array(fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 12 })), { maxLength: 7 })
    fc.assert(
      fc.property(args, fc.string({ maxLength: 200 }), (words, text) => {
        const result = runKubectl(words, { api, files: { 'a.yaml': text }, now: 1_000_000 })
        expect([0, 1]).toContain(result.exit)
        if (result.exit === 1) expect(result.stderr + result.stdout).not.toBe('')
      }),
      { numRuns: 400, seed: 7 },
    )
  })

  it('[KP2] a scenario is read or refused with a place', () => {
    const pieces = fc.constantFrom(
      'apiVersion: v1\n',
      'kind: Pod\n',
      'kind: Scenario\n',
      'apiVersion: podpath.dev/v1alpha1\n',
      'spec:\n',
      '  steps:\n',
      '  - text: x\n',
      '    predict: 3\n',
      '---\n',
      '\t',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '&a ',
      '*a',
      ': ',
      '"',
      '|\n',
      'null\n',
      '  at: 5s\n',
      '\r\n',
      '!!binary x\n',
      '<<: *a\n',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ maxLength: 8 })), { maxLength: 25 }), (parts) => {
        const read = readScenario([{ name: 'a.yaml', text: parts.join('') }])
        if (!read.ok) for (const error of read.error) expect(formatSourceError(error)).toMatch(/^a\.yaml:\d+:\d+: ./)
      }),
      { numRuns: 1_000, seed: 7 },
    )
  })
})
