import type { OwnerReference } from '../../../generated/kubeTypes.js'
import type { ApiError } from '../api/apiError.js'
import type { WatchChange } from '../api/informer.js'
import { infoOf, RESOURCE_LIST } from '../api/kinds.js'
import type { ResourceName, StoredOf } from '../api/resources.js'
import { keyOf } from '../api/resources.js'
import type { Controller, Run } from './framework.js'
import { retry, SETTLED } from './framework.js'

const FOREGROUND = 'foregroundDeletion'
const ORPHAN = 'orphan'
/** Orphans are let go one by one; the owner goes when the cache shows none any more. */
const LET_GO = 20_000

/** What may own or be owned; events are not collected. */
const COLLECTED: readonly ResourceName[] = RESOURCE_LIST.map((each) => each.resource).filter(
  (each) => each !== 'bindings' && each !== 'events',
)

const byKind: ReadonlyMap<string, ResourceName> = new Map(
  RESOURCE_LIST.flatMap((info) =>
    [info.version, ...info.otherVersions].map((version): [string, ResourceName] => [
      `${info.group === '' ? version : version.includes('/') ? version : `${info.group}/${version}`}/${info.kind}`,
      info.resource,
    ]),
  ),
)

type Stored = StoredOf<ResourceName>

/**
 * Deletes what has lost its owners, and holds back owners that are deleted in the foreground until their dependents are gone.
 * Finds dependents by the caches' index of owner uids; keys are `resource|namespace/name`.
 *
 * Source: kubernetes pkg/controller/garbagecollector/garbagecollector.go, graph_builder.go
 */
export const garbageCollector: Controller = {
  name: 'garbage-collector-controller',
  watches: COLLECTED,
  changed(run, change) {
    if (change.type === 'DELETED') addAfterDeletion(run, change)
    else if (needsLook(run, change)) run.add(itemKey(change.resource, change.key))
  },
  sync(run, key) {
    const bar = key.indexOf('|')
    const resource = key.slice(0, bar) as ResourceName
    const item = run.cache.get(resource, key.slice(bar + 1))
    if (item === undefined) return SETTLED
    const error = attempt(run, resource, item)
    return error === undefined ? SETTLED : retry(error)
  },
}

function itemKey(resource: ResourceName, key: string): string {
  return `${resource}|${key}`
}

/** Dependents have lost an owner; owners that wait for their dependents may go on. */
function addAfterDeletion(run: Run, change: WatchChange): void {
  for (const { resource, object } of dependentsOf(run, change.object.metadata.uid)) run.add(itemKey(resource, keyOf(object)))
  for (const reference of change.object.metadata.ownerReferences ?? []) addIfWaiting(run, change.object, reference)
}

function addIfWaiting(run: Run, dependent: Stored, reference: OwnerReference): void {
  const found = cachedOwner(run, dependent, reference)
  if (found?.owner !== undefined && isWaiting(found.owner)) run.add(itemKey(found.resource, keyOf(found.owner)))
}

function needsLook(run: Run, { object, old }: WatchChange): boolean {
  const { deletionTimestamp, finalizers = [], ownerReferences = [] } = object.metadata
  if (deletionTimestamp !== undefined) {
    if (!finalizers.includes(FOREGROUND) && !finalizers.includes(ORPHAN)) {
      // A dependent that stays because of its own finalizers no longer blocks when it lets its owner go.
      if (old !== undefined) for (const reference of ownerReferences) addIfWaiting(run, object, reference)
      return false
    }
    return old?.metadata.deletionTimestamp === undefined || old.metadata.finalizers?.length !== finalizers.length
  }
  if (old !== undefined) for (const reference of old.metadata.ownerReferences ?? []) addIfWaiting(run, object, reference)
  return ownerReferences.some((reference) => {
    const found = cachedOwner(run, object, reference)
    return found === undefined || found.owner === undefined || isWaiting(found.owner)
  })
}

function isWaiting(object: Stored): boolean {
  return object.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers ?? []).includes(FOREGROUND)
}

interface FoundOwner {
  readonly resource: ResourceName
  readonly owner: Stored | undefined
}

/** The owner as the cache has it; undefined for a kind that this cluster does not have. */
function cachedOwner(run: Run, dependent: Stored, reference: OwnerReference): FoundOwner | undefined {
  const resource = byKind.get(`${reference.apiVersion}/${reference.kind}`)
  if (resource === undefined) return undefined
  const owner = run.cache.get(resource, ownerKey(resource, dependent, reference))
  return { resource, owner: owner?.metadata.uid === reference.uid ? owner : undefined }
}

function ownerKey(resource: ResourceName, dependent: Stored, reference: OwnerReference): string {
  return infoOf(resource).namespaced ? `${dependent.metadata.namespace ?? ''}/${reference.name}` : reference.name
}

interface Dependent {
  readonly resource: ResourceName
  readonly object: Stored
}

function dependentsOf(run: Run, uid: string): readonly Dependent[] {
  return COLLECTED.flatMap((resource) => run.cache.byOwner(resource, uid).map((object) => ({ resource, object })))
}

/** Source: garbagecollector.go attemptToDeleteItem */
function attempt(run: Run, resource: ResourceName, item: Stored): ApiError | undefined {
  const finalizers = item.metadata.finalizers ?? []
  if (item.metadata.deletionTimestamp !== undefined) {
    if (finalizers.includes(ORPHAN)) return orphanDependents(run, resource, item)
    if (finalizers.includes(FOREGROUND)) return processDependents(run, resource, item)
    return undefined
  }
  const references = item.metadata.ownerReferences ?? []
  const solid: OwnerReference[] = []
  const waiting: OwnerReference[] = []
  const dangling: OwnerReference[] = []
  for (const reference of references) {
    const cached = cachedOwner(run, item, reference)
    if (cached === undefined) return unknownKind(reference)
    let owner = cached.owner
    if (owner === undefined) {
      const live = run.api.get(cached.resource, ownerKey(cached.resource, item, reference))
      if (!live.ok && live.error.code !== 404) return live.error
      if (live.ok && live.value.metadata.uid === reference.uid) owner = live.value
    }
    if (owner === undefined) dangling.push(reference)
    else if (isWaiting(owner)) waiting.push(reference)
    else solid.push(reference)
  }
  if (references.length === 0) return undefined
  if (solid.length > 0) return dropReferences(run, resource, item, [...dangling, ...waiting])
  const dependents = waiting.length > 0 ? dependentsOf(run, item.metadata.uid) : []
  const policy = finalizers.includes(ORPHAN)
    ? 'Orphan'
    : dependents.length > 0 || finalizers.includes(FOREGROUND)
      ? 'Foreground'
      : 'Background'
  run.decide(item, 'collect', { policy, owners: references.map((each) => `${each.kind}/${each.name}`).join(',') })
  const deleted = run.api.delete(resource, keyOf(item), { propagationPolicy: policy, preconditionUid: item.metadata.uid })
  return deleted.ok || deleted.error.code === 404 || deleted.error.code === 409 ? undefined : deleted.error
}

/** Source: garbagecollector.go: an owner of an unknown kind is neither there nor gone; it is tried again. */
function unknownKind(reference: OwnerReference): ApiError {
  const message = `unable to get REST mapping for ${reference.apiVersion}/${reference.kind}.`
  return { code: 404, reason: 'NotFound', message }
}

function dropReferences(run: Run, resource: ResourceName, item: Stored, gone: readonly OwnerReference[]): ApiError | undefined {
  if (gone.length === 0) return undefined
  const patched = run.api.patch(resource, keyOf(item), 'strategic', {
    metadata: { uid: item.metadata.uid, ownerReferences: gone.map(({ uid }) => ({ $patch: 'delete', uid })) },
  })
  return patched.ok || patched.error.code === 404 ? undefined : patched.error
}

/** An owner deleted in the foreground goes when nothing blocks it any more. Source: processDeletingDependentsItem */
function processDependents(run: Run, resource: ResourceName, owner: Stored): ApiError | undefined {
  const blocking = dependentsOf(run, owner.metadata.uid).filter(({ object }) =>
    object.metadata.ownerReferences?.some((each) => each.uid === owner.metadata.uid && each.blockOwnerDeletion === true),
  )
  if (blocking.length === 0) return removeFinalizer(run, resource, owner, FOREGROUND)
  run.decide(owner, 'wait-for-dependents', { blocking: blocking.length })
  for (const each of blocking) if (!isWaiting(each.object)) run.add(itemKey(each.resource, keyOf(each.object)))
  return undefined
}

/** Source: garbagecollector.go orphanDependents */
function orphanDependents(run: Run, resource: ResourceName, owner: Stored): ApiError | undefined {
  const dependents = dependentsOf(run, owner.metadata.uid)
  for (const each of dependents) {
    const patched = run.api.patch(each.resource, keyOf(each.object), 'strategic', {
      metadata: { uid: each.object.metadata.uid, ownerReferences: [{ $patch: 'delete', uid: owner.metadata.uid }] },
    })
    if (!patched.ok && patched.error.code !== 404 && patched.error.code !== 422) return patched.error
    run.decide(owner, 'orphan', { dependent: `${each.object.kind}/${each.object.metadata.name}` })
  }
  if (dependents.length > 0) {
    run.addAfter(itemKey(resource, keyOf(owner)), LET_GO)
    return undefined
  }
  return removeFinalizer(run, resource, owner, ORPHAN)
}

function removeFinalizer(run: Run, resource: ResourceName, object: Stored, finalizer: string): ApiError | undefined {
  const live = run.api.get(resource, keyOf(object))
  if (!live.ok) return live.error.code === 404 ? undefined : live.error
  const finalizers = (live.value.metadata.finalizers ?? []).filter((each) => each !== finalizer)
  const { resourceVersion } = live.value.metadata
  const patched = run.api.patch(resource, keyOf(object), 'merge', { metadata: { resourceVersion, finalizers } })
  return patched.ok || patched.error.code === 404 ? undefined : patched.error
}
