import { SimBug } from '../../core/result.js'
import type { ThingId } from '../../core/thing.js'
import { thing } from '../../core/thing.js'
import type { SimTime } from '../../core/time.js'
import { SECOND } from '../../core/time.js'
import type { ObjectRef } from '../../core/vocabulary.js'
import type { ApiError } from '../api/apiError.js'
import type { ApiClient } from '../api/client.js'
import type { InformerCache, WatchChange } from '../api/informer.js'
import { cacheOf } from '../api/informer.js'
import { openApi } from '../api/openApi.js'
import type { ResourceName, StoredOf } from '../api/resources.js'
import type { Ctx } from '../context.js'
import type { EventSubject } from '../events.js'
import { recordEvent } from '../events.js'
import { MANAGER } from './messages.js'
import type { ControllersPart } from './part.js'

/** One controller of kube-controller-manager: says which keys a change concerns, and brings one key closer to what is wanted. */
export interface Controller {
  /** As `--controllers` names it: `deployment-controller`. */
  readonly name: string
  /** Resources that wake it; their caches are shared by all controllers. */
  readonly watches: readonly ResourceName[]
  /** Called for each change of a watched resource: adds keys, writes nothing. */
  changed(run: Run, change: WatchChange): void
  /** Level driven: reads what is true now. May be called at any time, again, and for a key whose object is gone. */
  sync(run: Run, key: string): SyncOutcome
  readonly timers?: readonly Timer[]
  tick?(run: Run, timer: string): void
}

export interface Timer {
  readonly name: string
  /** Period in microseconds. */
  every(run: Run): SimTime
}

export type SyncOutcome = { readonly kind: 'settled' } | { readonly kind: 'retry'; readonly error: ApiError }

export const SETTLED: SyncOutcome = { kind: 'settled' }

export function retry(error: ApiError): SyncOutcome {
  return { kind: 'retry', error }
}

/** What a controller may do while it handles a key, a change or a tick. */
export interface Run {
  readonly ctx: Ctx
  readonly now: SimTime
  readonly part: ControllersPart
  readonly name: string
  readonly thing: ThingId
  /** The shared informers' view: what the watches have brought so far. */
  readonly cache: InformerCache
  readonly api: ApiClient
  /** Says how many objects the sync of a key looked at: a sync of thousands takes its time, and changes meanwhile make one more sync. */
  looked(key: string, objects: number): void
  /** Adds a key to this controller's queue, once. */
  add(key: string): void
  /** Adds a key later. The earlier of two wishes for one key wins. `background`: does not keep the world from being settled. */
  addAfter(key: string, delay: SimTime, background?: boolean): void
  event(about: EventSubject, type: 'Normal' | 'Warning', reason: string, message: string, component?: string): void
  /** Emits the decision with its numbers. */
  decide(object: EventSubject, decision: string, numbers: Readonly<Record<string, number | string>>): void
}

/** Upstream's workers take a key at once; a moment passes so that changes of one handling make one sync. */
const WORK_DELAY: SimTime = 1_000
/** The garbage collector first works changes into a graph of its own and asks the API server about each owner. */
const SLOW: Readonly<Record<string, SimTime>> = { 'garbage-collector-controller': 20_000 }
/** What a sync takes for each object it looks at, beyond a hundred or so. */
const TIME_PER_OBJECT: SimTime = 10
const BASE_BACK_OFF: SimTime = 5_000
const MAX_BACK_OFF: SimTime = 1_000 * SECOND
/** Longer waits for another try do not keep the world from being settled. */
const PATIENCE: SimTime = 2 * SECOND

/** The view and the tools of one controller. `self` may be the manager (a change came) or the controller (a key is due). */
export function openRun(ctx: Ctx, name: string): Run {
  const part = ctx.world.parts.controllers
  let api: ApiClient | undefined
  const from = thing.controller(name)
  return {
    ctx,
    now: ctx.now,
    part,
    name,
    thing: from,
    cache: cacheOf(ctx, 'controller', MANAGER),
    get api() {
      api ??= openApi(ctx, { name: `system:serviceaccount:kube-system:${name}`, thing: from })
      return api
    },
    looked(key, objects) {
      const until = ctx.now + objects * TIME_PER_OBJECT
      if (until > ctx.now + WORK_DELAY) part.busy.set(`${name}/${key}`, until)
      else part.busy.delete(`${name}/${key}`)
    },
    add: (key) => addKey(ctx, name, key),
    addAfter: (key, delay, background = false) => addKeyAfter(ctx, name, key, delay, background),
    event(about, type, reason, message, component = name) {
      recordEvent(ctx, this.api, { about, type, reason, message, component })
    },
    decide(object, decision, numbers) {
      ctx.emit({ kind: 'controller-decision', facts: { controller: name, object: refOf(object), decision, numbers }, from })
    },
  }
}

export function refOf(object: EventSubject): ObjectRef {
  const { kind, apiVersion, metadata } = object
  return { kind, apiVersion, namespace: metadata.namespace ?? '', name: metadata.name ?? '' }
}

/** True, and known by type, when a change is of this resource. */
export function isChangeOf<R extends ResourceName>(change: WatchChange, resource: R): change is WatchChange<R> {
  return change.resource === resource
}

export function addKey(ctx: Ctx, controller: string, key: string): void {
  const part = ctx.world.parts.controllers
  if (part.stopped) return
  const queue = within(part.queues, controller, () => new Set<string>())
  if (queue.has(key)) return
  queue.add(key)
  if (!part.ready) return
  const busy = (part.busy.get(`${controller}/${key}`) ?? 0) - ctx.now
  const delay = Math.max(SLOW[controller] ?? WORK_DELAY, busy)
  ctx.send({ kind: 'controller', instance: controller }, { type: 'work', key }, delay)
}

function addKeyAfter(ctx: Ctx, controller: string, key: string, delay: SimTime, background: boolean): void {
  if (!Number.isFinite(delay)) throw new SimBug('bad-delay', { controller, key, delay })
  if (delay <= 0) {
    addKey(ctx, controller, key)
    return
  }
  const at = ctx.now + Math.ceil(delay)
  const delayed = within(ctx.world.parts.controllers.delayed, controller, () => new Map<string, SimTime>())
  const before = delayed.get(key)
  if (before !== undefined && before <= at) return
  delayed.set(key, at)
  const options = background ? { background: true } : {}
  ctx.send({ kind: 'controller', instance: controller }, { type: 'due', key, at }, at - ctx.now, options)
}

/** A delayed key is due, unless an earlier wish has taken its place. */
export function takeDelayed(ctx: Ctx, controller: string, key: string, at: SimTime): void {
  const delayed = ctx.world.parts.controllers.delayed.get(controller)
  if (delayed?.get(key) !== at) return
  delayed.delete(key)
  addKey(ctx, controller, key)
}

/**
 * Takes a key from the queue and syncs it; a failed one comes again after 5 ms, doubled with each failure in a row.
 * Source: client-go util/workqueue/default_rate_limiters.go ItemExponentialFailureRateLimiter
 */
export function work(ctx: Ctx, controller: Controller, key: string): void {
  const part = ctx.world.parts.controllers
  if (part.queues.get(controller.name)?.delete(key) !== true) return
  const outcome = controller.sync(openRun(ctx, controller.name), key)
  const failures = within(part.failures, controller.name, () => new Map<string, number>())
  if (outcome.kind === 'settled') {
    failures.delete(key)
    return
  }
  const count = failures.get(key) ?? 0
  failures.set(key, count + 1)
  const delay = Math.min(BASE_BACK_OFF * 2 ** Math.min(count, 30), MAX_BACK_OFF)
  addKeyAfter(ctx, controller.name, key, delay, delay > PATIENCE)
}

/** The container of a key in a Map of containers, made at first use. */
export function within<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}

/** Splits `namespace/name`; cluster-scoped keys have no namespace. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/')
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

export type StoredPod = StoredOf<'pods'>
export type StoredReplicaSet = StoredOf<'replicasets'>
export type StoredDeployment = StoredOf<'deployments'>
