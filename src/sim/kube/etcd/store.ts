import { byCodeUnit } from '../../core/digest.js'
import type { KubeObject, ObjectKey, ResourceName, Stored } from '../api/resources.js'
import { keyOf } from '../api/resources.js'

/** An object as it lies in the store: complete, immutable, of any kind. */
export type StoredObject = Stored<KubeObject>

/** One write, as etcd remembers it until it is compacted. */
export interface StoredChange {
  readonly revision: number
  readonly resource: ResourceName
  readonly key: ObjectKey
  readonly old: StoredObject | undefined
  /** The object from then on; undefined where it was deleted. */
  readonly now: StoredObject | undefined
  /** The last state, with the revision of the write: what a watch reports. */
  readonly last: StoredObject
}

/**
 * The cluster's memory. Only the API server touches it.
 *
 * `objects` holds each resource's objects by key; `indexes` finds those of one Namespace, owner or Node without looking at all.
 */
export interface EtcdPart {
  /** Grows by one with each write, whatever was written. */
  revision: number
  running: boolean
  readonly objects: Map<string, Map<ObjectKey, StoredObject>>
  /** `pods?node=node1`, `pods?namespace=default`, `pods?owner=UID` to the keys found there. */
  readonly indexes: Map<string, Set<ObjectKey>>
  /** Uid to `resource/key`, so that owners are found without a scan. */
  readonly uids: Map<string, string>
  /** The latest writes, oldest first. */
  readonly changes: StoredChange[]
  /** Writes up to this revision are forgotten. */
  compacted: number
}

export function createEtcdPart(): EtcdPart {
  return { revision: 0, running: true, objects: new Map(), indexes: new Map(), uids: new Map(), changes: [], compacted: 0 }
}

/** So many writes are remembered at least; twice as many at most. */
const REMEMBERED = 400

function remember(etcd: EtcdPart, change: StoredChange): void {
  etcd.changes.push(change)
  if (etcd.changes.length >= 2 * REMEMBERED) forget(etcd, etcd.changes.length - REMEMBERED)
}

function forget(etcd: EtcdPart, count: number): void {
  const last = etcd.changes.splice(0, count).at(-1)
  if (last !== undefined) etcd.compacted = last.revision
}

/** Forgets all writes but the present state, as `etcdctl compact` does. */
export function compactEtcd(etcd: EtcdPart): void {
  forget(etcd, etcd.changes.length)
  etcd.compacted = etcd.revision
}

/** The writes to a resource after a revision, oldest first; undefined when some of them are forgotten. */
export function changesSince(etcd: EtcdPart, resource: ResourceName, revision: number): readonly StoredChange[] | undefined {
  if (revision < etcd.compacted) return undefined
  return etcd.changes.filter((each) => each.revision > revision && each.resource === resource)
}

/** A resource's objects as they were at a revision, by key; undefined when that is forgotten. */
export function listAtRevision(etcd: EtcdPart, resource: ResourceName, revision: number): readonly StoredObject[] | undefined {
  const since = changesSince(etcd, resource, revision)
  if (since === undefined) return undefined
  const table = new Map(etcd.objects.get(resource))
  for (const { key, old } of since.toReversed()) {
    if (old === undefined) table.delete(key)
    else table.set(key, old)
  }
  return [...table].sort(([a], [b]) => compareKeys(a, b)).map(([, object]) => object)
}

export function getStored(etcd: EtcdPart, resource: ResourceName, key: ObjectKey): StoredObject | undefined {
  return etcd.objects.get(resource)?.get(key)
}

/** Puts an object in, with `metadata.resourceVersion` set to the new revision. */
export function putStored(etcd: EtcdPart, resource: ResourceName, object: StoredObject): StoredObject {
  const revision = ++etcd.revision
  const stored: StoredObject = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
  const key = keyOf(stored)
  const table = tableOf(etcd, resource)
  const old = table.get(key)
  // Events are kept in the order in which they were last written, so that those whose time is over stand first.
  if (resource === 'events') table.delete(key)
  table.set(key, stored)
  reindex(etcd, resource, key, old, stored)
  remember(etcd, { revision, resource, key, old, now: stored, last: stored })
  return stored
}

/** Takes an object out; its last state comes back with the revision of the deletion, as a watch reports it. */
export function removeStored(etcd: EtcdPart, resource: ResourceName, key: ObjectKey): StoredObject | undefined {
  const old = getStored(etcd, resource, key)
  if (old === undefined) return undefined
  const revision = ++etcd.revision
  tableOf(etcd, resource).delete(key)
  reindex(etcd, resource, key, old, undefined)
  const last: StoredObject = { ...old, metadata: { ...old.metadata, resourceVersion: String(revision) } }
  remember(etcd, { revision, resource, key, old, now: undefined, last })
  return last
}

/** Objects of a resource in etcd's order: by key. Cost grows with what is listed when a namespace is given. */
export function listStored(etcd: EtcdPart, resource: ResourceName, namespace?: string): StoredObject[] {
  const table = etcd.objects.get(resource)
  if (table === undefined) return []
  if (namespace === undefined || namespace === '') {
    return [...table].sort(([a], [b]) => compareKeys(a, b)).map(([, object]) => object)
  }
  return listIndexed(etcd, resource, 'namespace', namespace)
}

/** Objects of a resource found by index: its Namespace, the Node it is bound to, or the uid of an owner. */
export function listIndexed(
  etcd: EtcdPart,
  resource: ResourceName,
  index: 'namespace' | 'node' | 'owner',
  value: string,
): StoredObject[] {
  const keys = etcd.indexes.get(`${resource}?${index}=${value}`)
  if (keys === undefined) return []
  return [...keys].sort(compareKeys).flatMap((key) => getStored(etcd, resource, key) ?? [])
}

/** How many objects of a resource an index holds; 0 when none. */
export function countIndexed(
  etcd: EtcdPart,
  resource: ResourceName,
  index: 'namespace' | 'node' | 'owner',
  value: string,
): number {
  return etcd.indexes.get(`${resource}?${index}=${value}`)?.size ?? 0
}

/** The object with this uid, with the resource it belongs to. */
export function findByUid(etcd: EtcdPart, uid: string): { resource: ResourceName; object: StoredObject } | undefined {
  const path = etcd.uids.get(uid)
  if (path === undefined) return undefined
  const slash = path.indexOf('/')
  // Written by reindex from a ResourceName.
  const resource = path.slice(0, slash) as ResourceName
  const object = getStored(etcd, resource, path.slice(slash + 1))
  return object === undefined ? undefined : { resource, object }
}

/** The path under which etcd keeps an object. Source: kubernetes pkg/registry rest storage prefixes. */
export function etcdKey(resource: ResourceName, key: ObjectKey): string {
  return `/registry/${PREFIX[resource] ?? resource}/${key}`
}

const PREFIX: Readonly<Partial<Record<ResourceName, string>>> = {
  endpoints: 'services/endpoints',
  ingresses: 'ingress',
  nodes: 'minions',
  replicationcontrollers: 'controllers',
  services: 'services/specs',
}

function tableOf(etcd: EtcdPart, resource: ResourceName): Map<ObjectKey, StoredObject> {
  let table = etcd.objects.get(resource)
  if (table === undefined) {
    table = new Map()
    etcd.objects.set(resource, table)
  }
  return table
}

/** Namespaces compare before names, as the bytes of `/registry/pods/NAMESPACE/NAME` do. */
function compareKeys(a: ObjectKey, b: ObjectKey): number {
  return byCodeUnit(a, b)
}

/** Names of the indexes that an object stands in. */
export function indexNames(resource: string, object: KubeObject): readonly string[] {
  const names: string[] = []
  const { namespace, ownerReferences } = object.metadata
  if (namespace !== undefined && namespace !== '') names.push(`${resource}?namespace=${namespace}`)
  for (const owner of ownerReferences ?? []) names.push(`${resource}?owner=${owner.uid}`)
  if (object.kind === 'Pod') {
    const node = nodeOf(object)
    if (node !== '') names.push(`${resource}?node=${node}`)
  }
  return names
}

/** `spec.nodeName`, or an empty string. */
export function nodeOf(object: KubeObject): string {
  const spec = object['spec']
  if (typeof spec !== 'object' || spec === null || !('nodeName' in spec)) return ''
  return typeof spec.nodeName === 'string' ? spec.nodeName : ''
}

function reindex(
  etcd: EtcdPart,
  resource: ResourceName,
  key: ObjectKey,
  old: StoredObject | undefined,
  now: StoredObject | undefined,
): void {
  moveIndex(
    etcd.indexes,
    key,
    old === undefined ? [] : indexNames(resource, old),
    now === undefined ? [] : indexNames(resource, now),
  )
  if (old !== undefined && old.metadata.uid !== now?.metadata.uid) etcd.uids.delete(old.metadata.uid)
  if (now !== undefined) etcd.uids.set(now.metadata.uid, `${resource}/${key}`)
}

/** Takes a key out of the indexes it has left and puts it into those it has come to. */
export function moveIndex(
  indexes: Map<string, Set<ObjectKey>>,
  key: ObjectKey,
  before: readonly string[],
  after: readonly string[],
): void {
  for (const name of before) {
    if (after.includes(name)) continue
    const keys = indexes.get(name)
    keys?.delete(key)
    if (keys?.size === 0) indexes.delete(name)
  }
  for (const name of after) {
    const keys = indexes.get(name)
    if (keys === undefined) indexes.set(name, new Set([key]))
    else keys.add(key)
  }
}
