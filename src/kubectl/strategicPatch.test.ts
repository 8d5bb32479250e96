import { describe, expect, it } from 'vitest'
import { threeWayPatch } from './strategicPatch.js'
import { unifiedHunks } from './text/unifiedDiff.js'

const container = (image: string, extra: object = {}) => ({ name: 'c', image, ...extra })
const deployment = (containers: readonly object[], spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  spec: { replicas: 1, ...spec, template: { spec: { containers } } },
})

describe('the patch that apply sends', () => {
  it('names only what changed, and the order of merged lists', () => {
    const before = deployment([container('nginx:1', { imagePullPolicy: 'Always' })])
    expect(threeWayPatch('Deployment', before, deployment([container('nginx:2')]), before)).toEqual({
      spec: {
        template: {
          spec: {
            '$setElementOrder/containers': [{ name: 'c' }],
            containers: [{ name: 'c', image: 'nginx:2', imagePullPolicy: null }],
          },
        },
      },
    })
  })

  it('leaves what others set', () => {
    const applied = deployment([container('nginx:1')])
    const live = deployment([container('nginx:1', { imagePullPolicy: 'Always' })], { progressDeadlineSeconds: 600 })
    expect(threeWayPatch('Deployment', applied, applied, live)).toEqual({})
  })

  it('takes out what is no longer said', () => {
    const applied = deployment([container('a'), { name: 'd', image: 'b' }], { paused: true })
    const wanted = deployment([container('a')])
    expect(threeWayPatch('Deployment', applied, wanted, applied)).toEqual({
      spec: {
        paused: null,
        template: {
          spec: { '$setElementOrder/containers': [{ name: 'c' }], containers: [{ $patch: 'delete', name: 'd' }] },
        },
      },
    })
  })

  it('keeps the strategy whole', () => {
    const before = deployment([], { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } })
    const after = deployment([], { strategy: { type: 'Recreate' } })
    expect(threeWayPatch('Deployment', before, after, before)).toEqual({
      spec: { strategy: { $retainKeys: ['type'], rollingUpdate: null, type: 'Recreate' } },
    })
  })
})

describe('hunks of diff -u', () => {
  it('shows three lines around each change', () => {
    const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `l${from + index}`)
    const before = `${lines(1, 20).join('\n')}\n`
    const after = before.replace('l5\n', 'five\n').replace('l20\n', '')
    expect(unifiedHunks(before, after)).toBe(
      '@@ -2,7 +2,7 @@\n l2\n l3\n l4\n-l5\n+five\n l6\n l7\n l8\n@@ -17,4 +17,3 @@\n l17\n l18\n l19\n-l20\n',
    )
    expect(unifiedHunks('', 'a\nb\n')).toBe('@@ -0,0 +1,2 @@\n+a\n+b\n')
    expect(unifiedHunks('a\n', 'a\n')).toBe('')
  })
})
