import { describe, expect, test } from 'vitest'
import { cacheOf } from './informer.js'
import { matchesSelector, parseLabelSelector } from './labels.js'
import { openApi } from './openApi.js'
import { applyStrategicPatch } from './patch/strategic.js'
import { formatQuantity, parseQuantity } from './quantity.js'
import { restoreObjects } from './restore.js'
import type { TestWorld } from './testWorld.js'
import { openTestWorld } from './testWorld.js'

const admin = { name: 'kubernetes-admin', thing: 'client/admin' }
const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } }

function world(...objects: readonly unknown[]): TestWorld {
  const test = openTestWorld()
  test.act((ctx) => restoreObjects(ctx, [account, ...objects]))
  return test
}

const pod = (name: string, spec: object = {}) => ({
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'web', image: 'nginx:1.27' }], ...spec },
})

describe('quantities', () => {
  test.each([
    ['1000m', '1'],
    ['0.5', '500m'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['100Ki', '100Ki'],
    ['1e3', '1e3'],
    ['1500', '1500'],
    ['1000', '1k'],
    ['0.1m', '100u'],
    ['0', '0'],
    ['-2', '-2'],
    ['512', '512'],
    ['.5Gi', '512Mi'],
  ])('%s is written %s', (text, canonical) => {
    const parsed = parseQuantity(text)
    expect(typeof parsed === 'string' ? parsed : formatQuantity(parsed)).toBe(canonical)
  })
  test.each(['', '1 Gi', 'Gi', '1GiB', '--1', 'abc'])('%s is none', (text) => {
    expect(typeof parseQuantity(text)).toBe('string')
  })
})

describe('label selectors', () => {
  const labels = { app: 'web', tier: 'front' }
  test.each([
    ['app=web', true],
    ['app==web,tier!=back', true],
    ['app in (a, web),!old', true],
    ['tier notin (front)', false],
    ['app', true],
    ['missing!=x', true],
    ['app=', false],
  ])('%s', (text, expected) => {
    const parsed = parseLabelSelector(text)
    expect(parsed.ok).toBe(true)
    const selector = { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['front'] }] }
    expect(matchesSelector(selector, labels)).toBe(true)
    expect(openTestWorldList(text).some((name) => name === 'one')).toBe(expected)
  })

  function openTestWorldList(selector: string): readonly string[] {
    const test = world()
    return test.act((ctx) => {
      const api = openApi(ctx, admin)
      api.create('configmaps', { metadata: { name: 'one', namespace: 'default', labels } })
      const listed = api.list('configmaps', { namespace: 'default', labelSelector: selector })
      return listed.ok ? listed.value.map((each) => each.metadata.name) : []
    })
  }
})

describe('strategic merge', () => {
  test('merges lists by key, deletes by directive and keeps the order of the server', () => {
    const original = {
      containers: [
        { name: 'a', image: 'x' },
        { name: 'b', image: 'y' },
      ],
      tolerations: [{ key: 'old' }],
    }
    const patch = {
      containers: [
        { name: 'b', image: 'z' },
        { name: 'a', $patch: 'delete' },
      ],
      tolerations: [{ key: 'new' }],
    }
    const merged = applyStrategicPatch('PodSpec', original, patch)
    expect(merged).toEqual({ ok: true, value: { containers: [{ name: 'b', image: 'z' }], tolerations: [{ key: 'new' }] } })
  })
})

describe('deleting', () => {
  test('[D1] a bound Pod gets its grace period, which a second request may only shorten', () => {
    const test = world()
    test.act((ctx) => {
      const api = openApi(ctx, admin)
      expect(api.create('pods', pod('a', { nodeName: 'node1' })).ok).toBe(true)
      const first = api.delete('pods', 'default/a')
      expect(first.ok ? first.value?.metadata.deletionGracePeriodSeconds : 0).toBe(30)
      const longer = api.delete('pods', 'default/a', { gracePeriodSeconds: 60 })
      expect(longer.ok ? longer.value?.metadata.deletionGracePeriodSeconds : 0).toBe(30)
      const shorter = api.delete('pods', 'default/a', { gracePeriodSeconds: 5 })
      expect(shorter.ok ? shorter.value?.metadata.deletionGracePeriodSeconds : 0).toBe(5)
      expect(api.delete('pods', 'default/a', { gracePeriodSeconds: 0 }).ok).toBe(true)
      expect(api.get('pods', 'default/a').ok).toBe(false)
    })
  })

  test('[D2] an object with finalizers goes when the last one has gone', () => {
    const test = world()
    test.act((ctx) => {
      const api = openApi(ctx, admin)
      api.create('configmaps', { metadata: { name: 'a', namespace: 'default', finalizers: ['example.com/x'] } })
      expect(api.delete('configmaps', 'default/a').ok).toBe(true)
      const marked = api.get('configmaps', 'default/a')
      expect(marked.ok && marked.value.metadata.deletionTimestamp !== undefined).toBe(true)
      expect(api.patch('configmaps', 'default/a', 'merge', { metadata: { finalizers: null } }).ok).toBe(true)
      expect(api.get('configmaps', 'default/a').ok).toBe(false)
    })
  })

  test('[D3] a Service gives its address and ports back', () => {
    const test = world()
    test.act((ctx) => {
      const api = openApi(ctx, admin)
      const spec = { type: 'NodePort', clusterIP: '10.96.7.7', ports: [{ port: 80, nodePort: 30080 }] }
      const make = (name: string) => api.create('services', { metadata: { name, namespace: 'default' }, spec })
      expect(make('a').ok).toBe(true)
      const taken = make('b')
      expect(taken.ok ? '' : taken.error.message).toContain('provided IP is already allocated')
      expect(api.delete('services', 'default/a').ok).toBe(true)
      expect(make('b').ok).toBe(true)
    })
  })
})

describe('updating', () => {
  test('[U1] an outdated version is refused, an unchanged object is not written', () => {
    const test = world()
    test.act((ctx) => {
      const api = openApi(ctx, admin)
      const made = api.create('configmaps', { metadata: { name: 'a', namespace: 'default' }, data: { x: '1' } })
      if (!made.ok) throw new Error(made.error.message)
      expect(api.update('configmaps', { ...made.value, data: { x: '2' } }).ok).toBe(true)
      const stale = api.update('configmaps', { ...made.value, data: { x: '3' } })
      expect(stale.ok ? 0 : stale.error.code).toBe(409)
      const { revision } = ctx.world.parts.etcd
      expect(api.patch('configmaps', 'default/a', 'merge', { data: { x: '2' } }).ok).toBe(true)
      expect(ctx.world.parts.etcd.revision).toBe(revision)
    })
  })

  test('[U2] the spec counts generations, the status does not', () => {
    const test = world()
    test.act((ctx) => {
      const api = openApi(ctx, admin)
      const template = { metadata: { labels: { app: 'web' } }, spec: pod('x').spec }
      const made = api.create('replicasets', {
        metadata: { name: 'a', namespace: 'default' },
        spec: { selector: { matchLabels: { app: 'web' } }, template },
      })
      if (!made.ok) throw new Error(made.error.message)
      const status = api.updateStatus('replicasets', {
        ...made.value,
        status: { replicas: 1 },
        spec: { ...made.value.spec, replicas: 9 } as never,
      })
      expect(status.ok ? [status.value.metadata.generation, status.value.spec?.replicas] : []).toEqual([1, 1])
      const scaled = api.patch('replicasets', 'default/a', 'merge', { spec: { replicas: 3 } })
      expect(scaled.ok ? [scaled.value.metadata.generation, scaled.value.status?.replicas] : []).toEqual([2, 1])
    })
  })
})

describe('restoring', () => {
  test('[R1] takes objects as they stand: status, uid, addresses outside the ranges, missing Namespaces', () => {
    const test = openTestWorld()
    const restored = test.act((ctx) =>
      restoreObjects(ctx, [
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            name: 'a',
            namespace: 'shop',
            uid: 'u-1',
            deletionTimestamp: '2026-01-01T00:00:00Z',
            deletionGracePeriodSeconds: 30,
          },
          spec: { nodeName: 'node1', containers: [{ name: 'web', image: 'nginx' }] },
          status: { phase: 'Running', podIP: '192.0.2.7' },
        },
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 's', namespace: 'shop' },
          spec: { type: 'NodePort', clusterIP: '172.30.0.41', ports: [{ port: 80, nodePort: 3001 }] },
        },
        { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'Bad_Name', namespace: 'shop' }, spec: { containers: [] } },
      ]),
    )
    expect(restored.failures.map((each) => [each.index, each.error.code])).toEqual([[2, 422]])
    test.act((ctx) => {
      const api = openApi(ctx, admin)
      const got = api.get('pods', 'shop/a')
      expect(got.ok ? [got.value.metadata.uid, got.value.metadata.deletionTimestamp, got.value.status?.podIP] : []).toEqual([
        'u-1',
        '2026-01-01T00:00:00Z',
        '192.0.2.7',
      ])
      const service = api.get('services', 'shop/s')
      expect(service.ok ? service.value.spec?.clusterIPs : []).toEqual(['172.30.0.41'])
      expect(api.get('namespaces', 'shop').ok).toBe(true)
      expect(cacheOf(ctx, 'scheduler', '').list('pods')).toEqual([])
    })
  })
})

describe('hostile input', () => {
  test('[H1] deep nesting and odd keys are refused or dropped cleanly', () => {
    const test = world()
    let deep: unknown = 'x'
    for (let depth = 0; depth < 500; depth++) deep = { a: deep }
    test.act((ctx) => {
      const api = openApi(ctx, admin)
      const strange = JSON.parse(
        '{"metadata":{"name":"a","namespace":"default","labels":{"__proto__":"x"}},"data":{"constructor":"1"}}',
      ) as never
      const made = api.create('configmaps', strange)
      expect(made.ok ? '' : made.error.reason).toBe('Invalid')
      const nested = api.create('pods', { metadata: { name: 'b', namespace: 'default' }, spec: deep as never })
      expect(nested.ok).toBe(false)
      const revision = api.create('controllerrevisions', {
        metadata: { name: 'c', namespace: 'default' },
        revision: 1,
        data: deep as never,
      })
      expect(revision.ok).toBe(false)
    })
  })
})
