import { byCodeUnit } from '../../core/digest.js'
import { fail } from '../../core/result.js'
import { MINUTE, toTimestamp } from '../../core/time.js'
import type { Ctx } from '../context.js'
import type { StoredObject } from '../etcd/store.js'
import { etcdKey, putStored, removeStored } from '../etcd/store.js'
import type { ApiError } from './apiError.js'
import type { ApiResult, DeleteOptions, WriteOptions } from './client.js'
import { changedPaths, textAt } from './draft.js'
import { unavailable } from './errors.js'
import type { ResourceInfo } from './kinds.js'
import { apiVersionOf } from './kinds.js'
import type { Manager } from './managed/fieldSet.js'
import type { Identity } from './part.js'
import { keyOf } from './resources.js'
import { notifyWatchers, refOf } from './watch.js'

/** One request while it is served. */
export interface Call {
  readonly ctx: Ctx
  readonly identity: Identity
  readonly info: ResourceInfo
  readonly verb: 'create' | 'update' | 'patch' | 'delete' | 'get' | 'list' | 'watch' | 'deletecollection'
  readonly namespace: string
  readonly name: string
  /** Empty for the resource itself. */
  readonly subresource: string
  readonly options: WriteOptions & DeleteOptions
  /** Warning headers of the answer, in order. */
  readonly warnings: string[]
  /** Version in which the client speaks; the stored one when absent. */
  readonly apiVersion?: string
  /** Paths of fields that the body held twice. */
  readonly duplicates?: readonly string[]
  /** Owners of fields as server-side apply has settled them. */
  readonly managers?: readonly Manager[]
  /** True when objects come back from a backup: no admission, no allocation rules, status and uid kept. */
  readonly restoring: boolean
}

/** Why a request cannot even reach the API server, or undefined. */
export function unreachable(ctx: Ctx, identity: Identity): ApiError | undefined {
  const { api } = ctx.world.parts
  // Nobody listens on its port: not an answer of the server, but what the client's own kernel says.
  if (!api.running) return unavailable('connect: connection refused')
  if (identity.node !== undefined && api.cutNodes.has(identity.node)) {
    return unavailable('connect: no route to host')
  }
  return undefined
}

/** Refuses a request, with a step that says so: from the server, or from the client's own machine where the server is not reached. */
export function refuse<T>(call: Call, error: ApiError): ApiResult<T> {
  call.ctx.emit({
    kind: 'api-refused',
    facts: { object: refOfCall(call), code: error.code, reason: error.reason, message: error.message },
    from: unreachable(call.ctx, call.identity) === undefined ? 'apiserver' : call.identity.thing,
    to: call.identity.thing,
  })
  return fail(error)
}

/** Tells that a request goes to the server; one that cannot get there is told by its refusal alone. */
export function emitRequest(call: Call): void {
  if (unreachable(call.ctx, call.identity) !== undefined) return
  call.ctx.emit({
    kind: 'api-request',
    facts: {
      client: call.identity.name,
      verb: call.verb,
      object: refOfCall(call),
      ...(call.subresource === '' ? {} : { subresource: call.subresource }),
    },
    from: call.identity.thing,
    to: 'apiserver',
  })
}

export function refOfCall(call: Call): ReturnType<typeof refOf> {
  return refOf({
    apiVersion: apiVersionOf(call.info),
    kind: call.info.kind,
    metadata: { namespace: call.namespace, name: call.name },
  })
}

/** Writes an object to etcd and tells who watches it. With `dryRun` nothing is written. */
export function writeObject(call: Call, object: StoredObject, old: StoredObject | undefined): StoredObject {
  if (call.options.dryRun === true) return old === undefined ? withoutVersion(object) : object
  const { ctx, info } = call
  const { etcd } = ctx.world.parts
  const stored = putStored(etcd, info.resource, object)
  ctx.emit({
    kind: 'etcd-write',
    facts: {
      operation: old === undefined ? 'create' : 'update',
      object: refOf(stored),
      key: etcdKey(info.resource, keyOf(stored)),
      revision: etcd.revision,
      changed: old === undefined ? [] : changesOf(old, stored),
    },
    from: 'apiserver',
    to: 'etcd',
  })
  notifyWatchers(ctx, info.resource, { old, now: stored, last: stored })
  if (info.resource === 'events') expireEvents(call)
  return stored
}

/** How long etcd keeps an Event (kube-apiserver --event-ttl), in microseconds. */
const EVENT_TTL = 60 * MINUTE
/** At most so many are swept by one write, so that no write is slow. */
const SWEEP = 4

/** Lets Events go whose time is over: those longest unchanged stand first. */
function expireEvents(call: Call): void {
  const { ctx } = call
  const { etcd } = ctx.world.parts
  const before = toTimestamp(ctx.now - EVENT_TTL)
  const table = etcd.objects.get('events')
  if (table === undefined || ctx.now < EVENT_TTL) return
  for (const [key, event] of [...firstOf(table, SWEEP)]) {
    const last = textAt(event, 'lastTimestamp') || event.metadata.creationTimestamp
    if (last >= before) return
    const gone = removeStored(etcd, 'events', key)
    if (gone !== undefined) notifyWatchers(ctx, 'events', { old: event, now: undefined, last: gone })
  }
}

function* firstOf<T>(items: Iterable<T>, count: number): Iterable<T> {
  let left = count
  for (const item of items) {
    if (left-- <= 0) return
    yield item
  }
}

/** Takes an object out of etcd and tells who watches it. */
export function eraseObject(call: Call, object: StoredObject): StoredObject {
  if (call.options.dryRun === true) return object
  const { ctx, info } = call
  const { etcd } = ctx.world.parts
  const old = etcd.objects.get(info.resource)?.get(keyOf(object))
  const last = removeStored(etcd, info.resource, keyOf(object)) ?? object
  ctx.emit({
    kind: 'etcd-write',
    facts: {
      operation: 'delete',
      object: refOf(last),
      key: etcdKey(info.resource, keyOf(object)),
      revision: etcd.revision,
      changed: [],
    },
    from: 'apiserver',
    to: 'etcd',
  })
  notifyWatchers(ctx, info.resource, { old, now: undefined, last })
  return last
}

const MAX_CHANGED = 12

function changesOf(old: StoredObject, now: StoredObject): readonly string[] {
  return changedPaths(old, now, MAX_CHANGED + 2)
    .filter((path) => path !== 'metadata.resourceVersion' && path !== 'metadata.managedFields')
    .slice(0, MAX_CHANGED)
    .sort(byCodeUnit)
}

function withoutVersion(object: StoredObject): StoredObject {
  const { resourceVersion: _, ...metadata } = object.metadata
  // A dry run answers with an object that was never stored: it has no version.
  return { ...object, metadata } as StoredObject
}
