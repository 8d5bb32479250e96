import type { Behaviours } from '../../core/engine.js'
import { enqueue, runNext } from '../../core/engine.js'
import type { Step } from '../../core/step.js'
import type { World } from '../../core/world.js'
import { createWorld } from '../../core/world.js'
import type { Ctx } from '../context.js'
import type { EtcdPart } from '../etcd/store.js'
import { createEtcdPart } from '../etcd/store.js'
import type { WatchMessage } from './client.js'
import type { WatchChange } from './informer.js'
import { applyWatch } from './informer.js'
import type { ApiPart, ApiServerMessage, ApiSettings, InformersPart } from './part.js'
import { createApiPart, createInformersPart } from './part.js'
import { apiServer } from './watch.js'

interface TestParts {
  etcd: EtcdPart
  api: ApiPart
  informers: InformersPart
}

interface TestMessages {
  apiserver: ApiServerMessage
  scheduler: WatchMessage
  test: { readonly what: (ctx: Ctx) => void }
}

export interface TestWorld {
  readonly world: World<TestParts>
  readonly steps: Step[]
  /** What the one watching component was told, in order. */
  readonly changes: { readonly at: number; readonly change: WatchChange }[]
  /** Does something now, within a handling of its own, and everything that follows from it. */
  act<T>(what: (ctx: Ctx) => T): T
}

/** A world of the API server, etcd and one component (`scheduler`) that may watch. For tests of this folder. */
export function openTestWorld(settings: Partial<ApiSettings> = {}): TestWorld {
  const parts = { etcd: createEtcdPart(), api: createApiPart(settings), informers: createInformersPart() }
  const world = createWorld<TestParts>('seed', parts)
  const steps: Step[] = []
  const changes: TestWorld['changes'] = []
  // These parts are all that this folder's behaviours touch.
  const asCtx = (ctx: unknown): Ctx => ctx as Ctx
  const behaviours: Behaviours<TestParts, TestMessages> = {
    apiserver: (ctx, message) => apiServer(asCtx(ctx), message),
    scheduler: (ctx, message) => {
      for (const change of applyWatch(asCtx(ctx), message)) changes.push({ at: ctx.now, change })
    },
    test: (ctx, message) => message.what(asCtx(ctx)),
  }
  return {
    world,
    steps,
    changes,
    act: <T>(what: (ctx: Ctx) => T): T => {
      let result: { value: T } | undefined
      const message = {
        what: (ctx: Ctx) => {
          result = { value: what(ctx) }
        },
      }
      enqueue<TestParts, TestMessages, 'test'>(world, { to: { kind: 'test' }, message, at: world.now, flow: 'change-1' })
      while (runNext(world, behaviours, (step) => steps.push(step)));
      if (result === undefined) throw new Error('nothing was done')
      return result.value
    },
  }
}
