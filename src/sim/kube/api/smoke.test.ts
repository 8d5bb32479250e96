import { expect, test } from 'vitest'
import type { Behaviours } from '../../core/engine.js'
import { enqueue, runNext } from '../../core/engine.js'
import type { Step } from '../../core/step.js'
import { createWorld } from '../../core/world.js'
import type { Ctx } from '../context.js'
import { createEtcdPart } from '../etcd/store.js'
import type { WatchMessage } from './client.js'
import { startApiServer, stopApiServer } from './faults.js'
import { applyWatch, cacheOf, startInformer } from './informer.js'
import { openApi } from './openApi.js'
import type { ApiServerMessage } from './part.js'
import { createApiPart, createInformersPart } from './part.js'
import { restoreObjects } from './restore.js'
import { apiServer } from './watch.js'

type Do = { readonly type: 'do'; readonly what: (ctx: Ctx) => void }
interface TestMessages {
  apiserver: ApiServerMessage
  scheduler: WatchMessage
  test: Do
}

function openWorld() {
  const parts = { etcd: createEtcdPart(), api: createApiPart(), informers: createInformersPart() }
  const world = createWorld('seed', parts)
  const steps: Step[] = []
  const changes: string[] = []
  const behaviours: Behaviours<typeof parts, TestMessages> = {
    apiserver: (ctx, message) => apiServer(ctx as unknown as Ctx, message),
    scheduler: (ctx, message) => {
      for (const change of applyWatch(ctx as unknown as Ctx, message)) {
        changes.push(`${ctx.now} ${change.type} ${change.resource} ${change.key}`)
      }
    },
    test: (ctx, message) => message.what(ctx as unknown as Ctx),
  }
  const act = (what: (ctx: Ctx) => void, kind: 'test' | 'scheduler' = 'test'): void => {
    behaviours.test
    enqueue<typeof parts, TestMessages, 'test'>(world, {
      to: { kind: kind as 'test' },
      message: { type: 'do', what },
      at: world.now,
      flow: 'change-1',
    })
  }
  const settle = (): void => {
    while (runNext(world, behaviours, (step) => steps.push(step)));
  }
  return { world, steps, changes, act, settle }
}

const admin = { name: 'kubernetes-admin', thing: 'client/admin' }

test('a write reaches its watchers a little later, in one message per handling, and relists after an outage', () => {
  const { world, steps, changes, act, settle } = openWorld()
  act((ctx) => {
    restoreObjects(ctx, [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } }])
    startInformer({ ...ctx, self: { kind: 'scheduler', instance: '' } }, ['pods', 'configmaps'])
  })
  settle()
  act((ctx) => {
    const api = openApi(ctx, admin)
    for (const name of ['a', 'b']) {
      const made = api.create('configmaps', { metadata: { name, namespace: 'default' }, data: { x: '1' } })
      expect(made.ok).toBe(true)
    }
    const again = api.create('configmaps', { metadata: { name: 'a', namespace: 'default' } })
    expect(again.ok ? '' : again.error.message).toBe('configmaps "a" already exists')
  })
  settle()
  expect(changes.map((each) => each.replace(/^\d+ /, ''))).toEqual(['ADDED configmaps default/a', 'ADDED configmaps default/b'])
  expect(steps.filter((step) => step.kind === 'watch-event').length).toBe(2)
  act((ctx) => stopApiServer(ctx))
  settle()
  act((ctx) => {
    const result = openApi(ctx, admin).get('configmaps', 'default/a')
    expect(result.ok ? 0 : result.error.code).toBe(503)
    startApiServer(ctx)
    openApi(ctx, admin).delete('configmaps', 'default/a')
  })
  settle()
  expect(changes.at(-1)).toMatch(/DELETED configmaps default\/a/)
  act((ctx) => {
    expect(cacheOf(ctx, 'scheduler', '').list('configmaps', 'default').length).toBe(1)
  })
  settle()
  expect(world.queue.length).toBe(0)
})
