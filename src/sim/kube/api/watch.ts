import { hash32 } from '../../core/digest.js'
import type { SendOptions } from '../../core/engine.js'
import { MS, SECOND } from '../../core/time.js'
import type { ObjectRef } from '../../core/vocabulary.js'
import type { Ctx } from '../context.js'
import type { EtcdPart, StoredObject } from '../etcd/store.js'
import { getStored, listIndexed, listStored, nodeOf } from '../etcd/store.js'
import type { WatchedObject, WatchMessage } from './client.js'
import { infoOf } from './kinds.js'
import type { ApiPart, ApiServerMessage, PendingEvent, Watcher } from './part.js'
import type { ResourceName } from './resources.js'
import { matchesFieldSelector } from './selectors.js'

/** Watches only what lies on one Node, as kubelets do, or one object by name; these are found by index. */
const NODE_SELECTOR = 'spec.nodeName='
const NAME_SELECTOR = 'metadata.name='

/** The API server: opens watches that were asked for. Requests are answered within the asker's own handling (openApi). */
export function apiServer(ctx: Ctx, message: ApiServerMessage): void {
  const watcher = ctx.world.parts.api.watchers.get(message.watcher)
  if (watcher === undefined || watcher.open) return
  if (!canReach(ctx, watcher)) return
  openWatch(ctx, watcher)
}

/** Asks the API server to open a watch, 1 ms from now; used by informers only. */
export function requestWatch(ctx: Ctx, input: Omit<Watcher, 'id' | 'open' | 'session' | 'delay'>): void {
  const api = ctx.world.parts.api
  const id = watcherId(input.kind, input.instance, input.resource)
  const before = api.watchers.get(id)
  const delay = MS + (hash32(id) % (4 * MS))
  api.watchers.set(id, { ...input, id, open: false, session: (before?.session ?? 0) + 1, delay })
  api.pending.delete(id)
  const topic = topicOf(input.resource, input.fieldSelector)
  const ids = api.watching.get(topic)
  if (ids === undefined) api.watching.set(topic, new Set([id]))
  else ids.add(id)
  ctx.send({ kind: 'apiserver' }, { type: 'watch-open', watcher: id }, MS)
}

/** Forgets all watches of a component, as when its process ends. */
export function forgetWatches(ctx: Ctx, kind: string, instance: string): void {
  const api = ctx.world.parts.api
  for (const watcher of api.watchers.values()) {
    if (watcher.kind !== kind || watcher.instance !== instance) continue
    if (watcher.open)
      ctx.emit({ kind: 'watch-state', facts: { watcher: watcher.id, open: false }, from: watcher.thing, to: 'apiserver' })
    api.watchers.delete(watcher.id)
    api.pending.delete(watcher.id)
    dropTopic(api, topicOf(watcher.resource, watcher.fieldSelector), watcher.id)
  }
}

/** Breaks open watches (all, or those that a condition picks): nothing more arrives, and their owners are told. */
export function breakWatches(ctx: Ctx, picks: (watcher: Watcher) => boolean): void {
  const api = ctx.world.parts.api
  for (const watcher of api.watchers.values()) {
    if (!picks(watcher)) continue
    api.pending.delete(watcher.id)
    if (!watcher.open) continue
    api.watchers.set(watcher.id, { ...watcher, open: false, session: watcher.session + 1 })
    ctx.emit({ kind: 'watch-state', facts: { watcher: watcher.id, open: false }, from: 'apiserver', to: watcher.thing })
    sendTo(ctx, watcher, { type: 'watch-closed' }, 0)
  }
}

/**
 * Has every broken watch opened anew, 0.8 to 1.6 s from now: reflectors try again with a back-off that begins so.
 * Source: client-go tools/cache/reflector.go NewReflectorWithOptions
 */
export function reopenWatches(ctx: Ctx): void {
  for (const watcher of ctx.world.parts.api.watchers.values()) {
    if (watcher.open || !canReach(ctx, watcher)) continue
    const delay = 800 * MS + (hash32(watcher.id, 1) % (SECOND - 200 * MS))
    ctx.send({ kind: 'apiserver' }, { type: 'watch-reopen', watcher: watcher.id }, delay)
  }
}

/**
 * Queues a change for all who watch it. Each hears of it after its own delay, in the order of revisions;
 * changes of one handling travel in one message.
 */
export function notifyWatchers(
  ctx: Ctx,
  resource: ResourceName,
  change: { readonly old: StoredObject | undefined; readonly now: StoredObject | undefined; readonly last: StoredObject },
): void {
  const { api, etcd } = ctx.world.parts
  const { revision } = etcd
  const events = new Map<PendingEvent['type'], PendingEvent>()
  const eventOf = (type: PendingEvent['type']): PendingEvent =>
    within(events, type, () => ({ type, object: change.last, revision, at: ctx.now, cause: ctx.cause, flow: ctx.flow }))
  const notify = (topic: string): void => {
    for (const id of api.watching.get(topic) ?? []) notifyOne(ctx, id, change, eventOf)
  }
  notify(resource)
  notify(`${resource}?${NAME_SELECTOR}${change.last.metadata.name}`)
  if (resource === 'pods') {
    const before = change.old === undefined ? '' : nodeOf(change.old)
    const after = change.now === undefined ? '' : nodeOf(change.now)
    if (before !== '') notify(`pods?${NODE_SELECTOR}${before}`)
    if (after !== '' && after !== before) notify(`pods?${NODE_SELECTOR}${after}`)
  }
  notify(`${resource}?*`)
}

/** What is due for a watcher now, taken off its way; empty when its watch is broken. */
export function takeDue(ctx: Ctx, id: string): readonly WatchedObject[] {
  const api = ctx.world.parts.api
  const watcher = api.watchers.get(id)
  const pending = api.pending.get(id)
  if (watcher === undefined || !watcher.open || pending === undefined) return []
  const taken: WatchedObject[] = []
  for (const [revision, event] of pending) {
    if (event.at + watcher.delay > ctx.now) break
    pending.delete(revision)
    // A watcher asked for this resource, so the object is of its type.
    taken.push({ type: event.type, object: event.object as unknown as WatchedObject['object'] })
    ctx.emit({
      kind: 'watch-event',
      facts: {
        type: event.type,
        object: refOfStored(event.object),
        revision,
        watcher: id,
      },
      from: 'apiserver',
      to: watcher.thing,
      flow: event.flow,
      ...(event.cause === undefined ? {} : { cause: event.cause }),
    })
  }
  if (pending.size === 0) api.pending.delete(id)
  return taken
}

export function watcherId(kind: string, instance: string, resource: ResourceName): string {
  return `${kind}@${instance}/${resource}`
}

/** Names given before: one change is told to many watchers. Can be rebuilt. */
const refs = new WeakMap<object, ObjectRef>()

/** How steps name a stored object. */
function refOfStored(object: StoredObject): ObjectRef {
  return within(refs, object, () => refOf(object))
}

function within<K, V>(map: { get(key: K): V | undefined; set(key: K, value: V): unknown }, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

/** How steps name an object. */
export function refOf(object: {
  readonly kind: string
  readonly apiVersion: string
  readonly metadata: { readonly namespace?: string; readonly name?: string }
}): { kind: string; apiVersion: string; namespace: string; name: string } {
  const { namespace = '', name = '' } = object.metadata
  return { kind: object.kind, apiVersion: object.apiVersion, namespace, name }
}

function openWatch(ctx: Ctx, watcher: Watcher): void {
  const { api, etcd } = ctx.world.parts
  const listed = listFor(etcd, watcher)
  const session = watcher.session + 1
  api.watchers.set(watcher.id, { ...watcher, open: true, session })
  api.pending.delete(watcher.id)
  ctx.emit({ kind: 'watch-state', facts: { watcher: watcher.id, open: true }, from: watcher.thing, to: 'apiserver' })
  const events = listed.map((object): WatchedObject => ({ type: 'ADDED', object: object as unknown as WatchedObject['object'] }))
  sendTo(
    ctx,
    watcher,
    { type: 'watch', resource: watcher.resource, revision: etcd.revision, events, synced: true, session },
    watcher.delay,
  )
}

/** What a watch begins with; by index where its selector allows. */
function listFor(etcd: EtcdPart, watcher: Watcher): readonly StoredObject[] {
  const { resource, fieldSelector } = watcher
  const isOne = !fieldSelector.includes(',')
  if (isOne && resource === 'pods' && fieldSelector.startsWith(NODE_SELECTOR) && fieldSelector.length > NODE_SELECTOR.length) {
    return listIndexed(etcd, 'pods', 'node', fieldSelector.slice(NODE_SELECTOR.length))
  }
  if (isOne && fieldSelector.startsWith(NAME_SELECTOR) && !infoOf(resource).namespaced) {
    const object = getStored(etcd, resource, fieldSelector.slice(NAME_SELECTOR.length))
    return object === undefined ? [] : [object]
  }
  return listStored(etcd, resource).filter((object) => matches(watcher, object))
}

function notifyOne(
  ctx: Ctx,
  id: string,
  change: { readonly old: StoredObject | undefined; readonly now: StoredObject | undefined },
  eventOf: (type: PendingEvent['type']) => PendingEvent,
): void {
  const { api } = ctx.world.parts
  const watcher = api.watchers.get(id)
  if (watcher === undefined || !watcher.open) return
  const sawIt = change.old !== undefined && matches(watcher, change.old)
  const seesIt = change.now !== undefined && matches(watcher, change.now)
  if (!sawIt && !seesIt) return
  const type = !sawIt ? 'ADDED' : seesIt ? 'MODIFIED' : 'DELETED'
  let pending = api.pending.get(id)
  if (pending === undefined) {
    pending = new Map()
    api.pending.set(id, pending)
  }
  const event = eventOf(type)
  const { revision } = event
  // Writes of one handling happen at one moment: the message of the first carries the rest.
  const isFirst = api.lastNotified.get(id) !== ctx.world.ordinal || pending.size === 0
  api.lastNotified.set(id, ctx.world.ordinal)
  pending.set(revision, event)
  if (!isFirst) return
  sendTo(ctx, watcher, { type: 'watch', resource: watcher.resource, revision, events: [] }, watcher.delay)
}

function canReach(ctx: Ctx, watcher: Watcher): boolean {
  const { api, etcd } = ctx.world.parts
  return api.running && etcd.running && (watcher.node === undefined || !api.cutNodes.has(watcher.node))
}

function matches(watcher: Watcher, object: StoredObject): boolean {
  return watcher.fieldSelector === '' || matchesFieldSelector(watcher.resource, watcher.fieldSelector, object)
}

function topicOf(resource: ResourceName, fieldSelector: string): string {
  if (fieldSelector === '') return resource
  const prefix = fieldSelector.startsWith(NAME_SELECTOR) ? NAME_SELECTOR : resource === 'pods' ? NODE_SELECTOR : undefined
  const isIndexed = prefix !== undefined && fieldSelector.startsWith(prefix) && fieldSelector.length > prefix.length
  return isIndexed && !fieldSelector.includes(',') ? `${resource}?${fieldSelector}` : `${resource}?*`
}

function dropTopic(api: ApiPart, topic: string, id: string): void {
  const ids = api.watching.get(topic)
  ids?.delete(id)
  if (ids?.size === 0) api.watching.delete(topic)
}

/** A watcher's kind is known at run time only; whoever opens an informer takes `WatchMessage`. */
function sendTo(ctx: Ctx, watcher: Watcher, message: WatchMessage, delay: number, options?: SendOptions): void {
  const send = ctx.send as (
    to: { readonly kind: string; readonly instance: string },
    message: WatchMessage,
    delay: number,
    options?: SendOptions,
  ) => void
  send({ kind: watcher.kind, instance: watcher.instance }, message, delay, options)
}
