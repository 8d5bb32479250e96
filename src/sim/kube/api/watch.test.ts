import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { copyJson } from './draft.js'
import { cutNode, reconnectNode, startApiServer, startEtcd, stopApiServer, stopEtcd } from './faults.js'
import { cacheOf, startInformer, stopInformers } from './informer.js'
import { openApi } from './openApi.js'
import { restoreObjects } from './restore.js'
import type { TestWorld } from './testWorld.js'
import { openTestWorld } from './testWorld.js'

const admin = { name: 'kubernetes-admin', thing: 'client/admin' }

function watchedWorld(options: { fieldSelector?: string; node?: string } = {}): TestWorld {
  const test = openTestWorld()
  test.act((ctx) => {
    restoreObjects(ctx, [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } }])
  })
  test.act((ctx) => {
    startInformer({ ...ctx, self: { kind: 'scheduler', instance: '' } }, ['pods', 'configmaps'], options)
  })
  return test
}

const pod = (name: string) => ({
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] },
})

const told = (test: TestWorld): string[] => test.changes.map(({ change }) => `${change.type} ${change.key}`)

describe('watches', () => {
  test('[W1] tell of each write in order, 1 to 5 ms later, with a step each', () => {
    const test = watchedWorld()
    const before = test.world.now
    test.act((ctx) => {
      const api = openApi(ctx, admin)
      for (const name of ['b', 'a']) api.create('configmaps', { metadata: { name, namespace: 'default' } })
    })
    expect(told(test)).toEqual(['ADDED default/b', 'ADDED default/a'])
    for (const { at } of test.changes) {
      expect(at - before).toBeGreaterThanOrEqual(1_000)
      expect(at - before).toBeLessThan(5_000)
    }
    const steps = test.steps.filter((step) => step.kind === 'watch-event')
    const writes = test.steps.filter((step) => step.kind === 'etcd-write')
    expect(steps.map((step) => step.cause)).toEqual(writes.slice(-2).map((step) => step.id))
    expect(steps.every((step) => step.from === 'apiserver' && step.flow === 'change-1')).toBe(true)
  })

  test('[W2] a stopped API server refuses, and its watchers learn after it is back what they missed', () => {
    const test = watchedWorld()
    test.act((ctx) => {
      openApi(ctx, admin).create('configmaps', { metadata: { name: 'a', namespace: 'default' } })
      stopApiServer(ctx)
      const refused = openApi(ctx, admin).get('configmaps', 'default/a')
      expect(refused.ok ? 0 : refused.error.code).toBe(503)
    })
    expect(told(test)).toEqual([])
    test.act((ctx) => {
      startApiServer(ctx)
    })
    expect(told(test)).toEqual(['ADDED default/a'])
    expect(test.changes[0]?.at).toBeGreaterThan(800_000)
  })

  test('[W3] a watch with a field selector sees objects come and go as they begin and cease to match', () => {
    const test = watchedWorld({ fieldSelector: 'spec.nodeName=node1' })
    test.act((ctx) => {
      const api = openApi(ctx, admin)
      expect(api.create('pods', pod('a')).ok).toBe(true)
      expect(api.create('pods', pod('b')).ok).toBe(true)
      expect(api.bind('default/a', 'node1').ok).toBe(true)
      expect(api.bind('default/b', 'node2').ok).toBe(true)
    })
    expect(told(test)).toEqual(['ADDED default/a'])
    test.act((ctx) => {
      openApi(ctx, admin).delete('pods', 'default/a', { gracePeriodSeconds: 0 })
      expect(cacheOf(ctx, 'scheduler', '').podsOnNode('node1').length).toBe(1)
    })
    expect(told(test)).toEqual(['ADDED default/a', 'MODIFIED default/a', 'DELETED default/a'])
  })

  test('[W6] a watch on one name hears of that object alone', () => {
    const test = watchedWorld({ fieldSelector: 'metadata.name=b' })
    test.act((ctx) => {
      for (const name of ['a', 'b']) openApi(ctx, admin).create('configmaps', { metadata: { name, namespace: 'default' } })
      openApi(ctx, admin).delete('configmaps', 'default/b')
    })
    expect(told(test)).toEqual(['ADDED default/b', 'DELETED default/b'])
  })

  test('[W4] etcd away: neither reads nor writes', () => {
    const test = watchedWorld()
    test.act((ctx) => {
      stopEtcd(ctx)
      const api = openApi(ctx, admin)
      expect(api.create('configmaps', { metadata: { name: 'a', namespace: 'default' } }).ok).toBe(false)
      expect(api.list('configmaps').ok).toBe(false)
      startEtcd(ctx)
      expect(api.create('configmaps', { metadata: { name: 'a', namespace: 'default' } }).ok).toBe(true)
    })
    expect(told(test)).toEqual(['ADDED default/a'])
  })

  test('[W5] whatever was written and broken: in the end the cache holds what etcd holds', () => {
    const action = fc.tuple(
      fc.constantFrom('create', 'update', 'delete', 'stop', 'start', 'cut', 'join', 'etcd-stop', 'etcd-start', 'restart-watcher'),
      fc.constantFrom('a', 'b', 'c'),
      fc.boolean(),
    )
    fc.assert(
      fc.property(fc.array(action, { maxLength: 25 }), (actions) => {
        const test = watchedWorld({ node: 'node1' })
        const pending: (readonly [string, string])[] = []
        const flush = (): void => {
          test.act((ctx) => {
            for (const [what, name] of pending.splice(0)) {
              const api = openApi(ctx, admin)
              const key = `default/${name}`
              if (what === 'create') api.create('configmaps', { metadata: { name, namespace: 'default' } })
              if (what === 'update')
                api.patch('configmaps', key, 'merge', { data: { at: String(ctx.world.parts.etcd.revision) } })
              if (what === 'delete') api.delete('configmaps', key)
              if (what === 'stop') stopApiServer(ctx)
              if (what === 'start') startApiServer(ctx)
              if (what === 'cut') cutNode(ctx, 'node1')
              if (what === 'join') reconnectNode(ctx, 'node1')
              if (what === 'etcd-stop') stopEtcd(ctx)
              if (what === 'etcd-start') startEtcd(ctx)
              if (what === 'restart-watcher') {
                stopInformers(ctx, 'scheduler', '')
                startInformer({ ...ctx, self: { kind: 'scheduler', instance: '' } }, ['pods', 'configmaps'], { node: 'node1' })
              }
            }
          })
        }
        for (const [what, name, isTogether] of actions) {
          pending.push([what, name])
          if (!isTogether) flush()
        }
        pending.push(['etcd-start', ''], ['start', ''], ['join', ''])
        flush()
        test.act((ctx) => {
          const stored = openApi(ctx, admin).list('configmaps')
          const seen = [...cacheOf(ctx, 'scheduler', '').list('configmaps')].sort((a, b) =>
            a.metadata.name < b.metadata.name ? -1 : 1,
          )
          expect(copyJson(seen)).toEqual(stored.ok ? stored.value : [])
          expect(cacheOf(ctx, 'scheduler', '').list('configmaps', 'default').length).toBe(seen.length)
        })
      }),
      { numRuns: 150, seed: 7 },
    )
  })
})
