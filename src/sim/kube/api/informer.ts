import type { ThingId } from '../../core/thing.js'
import { thing } from '../../core/thing.js'
import type { Ctx } from '../context.js'
import type { StoredObject } from '../etcd/store.js'
import { indexNames, moveIndex } from '../etcd/store.js'
import type { WatchMessage } from './client.js'
import type { ObjectKey, ResourceName, StoredOf } from './resources.js'
import { keyOf } from './resources.js'
import { forgetWatches, refOf, requestWatch, takeDue, watcherId } from './watch.js'

export interface InformerOptions {
  /** Watches only what matches: kubelets use `spec.nodeName=NODE`. */
  readonly fieldSelector?: string
  /** What the picture draws as the watcher; by default the component itself. */
  readonly thing?: ThingId
  /** Node on which the component runs; by default the instance of a kubelet or kube-proxy. */
  readonly node?: string
}

/** A change that a watch brought, already applied to the cache. */
export interface WatchChange<R extends ResourceName = ResourceName> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly resource: R
  readonly key: ObjectKey
  /** The object now; of a deletion its last state. */
  readonly object: StoredOf<R>
  /** What the cache held before. */
  readonly old: StoredOf<R> | undefined
}

/** What a component knows of the cluster: what its watches have brought so far. Reading costs no step. */
export interface InformerCache {
  get<R extends ResourceName>(resource: R, key: ObjectKey): StoredOf<R> | undefined
  /** In no particular but a repeatable order; of one Namespace when given. */
  list<R extends ResourceName>(resource: R, namespace?: string): readonly StoredOf<R>[]
  count(resource: ResourceName): number
  /** Objects that name this uid in `ownerReferences`. */
  byOwner<R extends ResourceName>(resource: R, ownerUid: string): readonly StoredOf<R>[]
  podsOnNode(node: string): readonly StoredOf<'pods'>[]
  /** True once the first list of each of these has come. */
  isSynced(resources: readonly ResourceName[]): boolean
}

/** Opens a watch on each resource for `ctx.self`, which then gets `WatchMessage`s and gives each to `applyWatch`. */
export function startInformer(ctx: Ctx, resources: readonly ResourceName[], options: InformerOptions = {}): void {
  const { kind, instance } = ctx.self
  const onNode = kind === 'kubelet' || kind === 'kube-proxy' ? instance : undefined
  for (const resource of resources) {
    requestWatch(ctx, {
      kind,
      instance,
      resource,
      fieldSelector: options.fieldSelector ?? '',
      thing: options.thing ?? thingOfComponent(kind, instance),
      node: options.node ?? onNode,
    })
  }
}

/** Ends all watches of a component and empties its caches, as when its process ends. `startInformer` begins anew. */
export function stopInformers(ctx: Ctx, kind: string = ctx.self.kind, instance: string = ctx.self.instance): void {
  forgetWatches(ctx, kind, instance)
  const { caches, indexes, synced } = ctx.world.parts.informers
  const prefix = `${kind}@${instance}/`
  for (const id of [...caches.keys()].filter((each) => each.startsWith(prefix))) caches.delete(id)
  for (const id of [...synced].filter((each) => each.startsWith(prefix))) synced.delete(id)
  for (const name of [...indexes.keys()].filter((each) => each.startsWith(prefix))) indexes.delete(name)
}

/**
 * Takes what a watch brought into the cache of `ctx.self` and says what changed, in order.
 * After a broken watch the whole list comes again: only what differs from the cache is a change then.
 */
export function applyWatch(ctx: Ctx, message: WatchMessage): readonly WatchChange[] {
  if (message.type === 'watch-closed') return []
  const id = watcherId(ctx.self.kind, ctx.self.instance, message.resource)
  const changes: WatchChange[] = []
  if (message.synced === true) applyList(ctx, id, message, changes)
  for (const event of takeDue(ctx, id)) {
    applyOne(ctx, id, message.resource, event.type === 'DELETED' ? undefined : event.object, event.object, changes)
  }
  return changes
}

/** Views of caches, by the part they look into: they hold nothing themselves and cost a moment to make. */
const views = new WeakMap<Ctx['world']['parts']['informers'], Map<string, InformerCache>>()

/** The cache of `ctx.self`, or of the component named. */
export function cacheOf(ctx: Ctx, kind: string = ctx.self.kind, instance: string = ctx.self.instance): InformerCache {
  const part = ctx.world.parts.informers
  const prefix = `${kind}@${instance}/`
  let ofPart = views.get(part)
  if (ofPart === undefined) {
    ofPart = new Map()
    views.set(part, ofPart)
  }
  let view = ofPart.get(prefix)
  if (view === undefined) {
    view = viewOf(part, prefix)
    ofPart.set(prefix, view)
  }
  return view
}

function viewOf({ caches, indexes, synced }: Ctx['world']['parts']['informers'], prefix: string): InformerCache {
  const found = <R extends ResourceName>(resource: R, index: string): readonly StoredOf<R>[] => {
    const cache = caches.get(prefix + resource)
    if (cache === undefined) return []
    if (isSmall(prefix)) {
      const name = `${resource}?${index}`
      return typedList<R>([...cache.values()].filter((object) => indexNames(resource, object).includes(name)))
    }
    const keys = indexes.get(`${prefix}${resource}?${index}`)
    if (keys === undefined) return []
    const objects: StoredOf<R>[] = []
    for (const key of keys) {
      const object = typed<R>(cache.get(key))
      if (object !== undefined) objects.push(object)
    }
    return objects
  }
  return {
    get: (resource, key) => typed(caches.get(prefix + resource)?.get(key)),
    list: (resource, namespace) =>
      namespace === undefined || namespace === ''
        ? typedList<typeof resource>([...(caches.get(prefix + resource)?.values() ?? [])])
        : found(resource, `namespace=${namespace}`),
    count: (resource) => caches.get(prefix + resource)?.size ?? 0,
    byOwner: (resource, ownerUid) => found(resource, `owner=${ownerUid}`),
    podsOnNode: (node) => found('pods', `node=${node}`),
    isSynced: (resources) => resources.every((resource) => synced.has(prefix + resource)),
  }
}

/** What the picture draws for a component. */
export function thingOfComponent(kind: string, instance: string): ThingId {
  switch (kind) {
    case 'kubelet':
      return thing.kubelet(instance)
    case 'kube-proxy':
      return thing.kubeProxy(instance)
    case 'controller':
      return thing.controller(instance)
    default:
      return instance === '' ? kind : `${kind}/${instance}`
  }
}

function applyList(ctx: Ctx, id: string, message: Extract<WatchMessage, { type: 'watch' }>, changes: WatchChange[]): void {
  const watcher = ctx.world.parts.api.watchers.get(id)
  if (watcher === undefined || !watcher.open || watcher.session !== message.session) return
  const { caches, synced } = ctx.world.parts.informers
  const isFirst = !synced.has(id)
  const before = changes.length
  const listed = new Set<ObjectKey>()
  for (const { object } of message.events) {
    listed.add(keyOf(object.metadata === undefined ? { metadata: {} } : object))
    applyOne(ctx, id, message.resource, object, object, changes)
  }
  for (const [key, object] of caches.get(id) ?? []) {
    if (!listed.has(key)) applyOne(ctx, id, message.resource, undefined, untyped(object), changes)
  }
  synced.add(id)
  if (isFirst) return
  for (const change of changes.slice(before)) {
    ctx.emit({
      kind: 'watch-event',
      facts: { type: change.type, object: refOf(change.object), revision: message.revision, watcher: id },
      from: 'apiserver',
      to: watcher.thing,
    })
  }
}

/** What runs on every Node knows little of the cluster: it is looked through where it must be, since indexes of thousands cost more. */
function isSmall(id: string): boolean {
  return id.startsWith('kube-proxy@') || id.startsWith('kubelet@')
}

function applyOne(
  ctx: Ctx,
  id: string,
  resource: ResourceName,
  now: StoredOf<ResourceName> | undefined,
  last: StoredOf<ResourceName>,
  changes: WatchChange[],
): void {
  const { caches, indexes } = ctx.world.parts.informers
  let cache = caches.get(id)
  if (cache === undefined) {
    cache = new Map()
    caches.set(id, cache)
  }
  const key = keyOf(last)
  const old = cache.get(key)
  if (now === undefined) {
    if (old === undefined) return
    cache.delete(key)
    if (!isSmall(id)) moveIndex(indexes, key, indexNames(id, old), [])
    changes.push({ type: 'DELETED', resource, key, object: last, old: untyped(old) })
    return
  }
  if (old !== undefined && old.metadata.resourceVersion === now.metadata.resourceVersion) return
  const object = now as unknown as StoredObject
  cache.set(key, object)
  if (!isSmall(id)) moveIndex(indexes, key, old === undefined ? [] : indexNames(id, old), indexNames(id, object))
  changes.push({
    type: old === undefined ? 'ADDED' : 'MODIFIED',
    resource,
    key,
    object: now,
    old: old === undefined ? undefined : untyped(old),
  })
}

/** A cache holds what the API server gave out for its resource, so its objects are of that type. */
function typed<R extends ResourceName>(object: StoredObject | undefined): StoredOf<R> | undefined {
  return object as unknown as StoredOf<R> | undefined
}

function typedList<R extends ResourceName>(objects: readonly StoredObject[]): readonly StoredOf<R>[] {
  return objects as unknown as readonly StoredOf<R>[]
}

function untyped(object: StoredObject): StoredOf<ResourceName> {
  return object as unknown as StoredOf<ResourceName>
}
