import type { InformerCache, WatchChange } from '../api/informer.js'
import type { ResourceName, StoredOf } from '../api/resources.js'
import { isChangeOf, within } from './framework.js'
import type { ControllersPart } from './part.js'
import type { Labels } from './selectors.js'

/** Resources whose objects without a controller may be adopted. */
const ADOPTABLE: ReadonlySet<ResourceName> = new Set(['pods', 'replicasets', 'controllerrevisions', 'jobs'])

/** Keeps the indexes by which controllers find orphans and a selector's Pods without looking at all of them. */
export function indexChange(part: ControllersPart, change: WatchChange): void {
  if (isChangeOf(change, 'pods')) {
    if (change.old !== undefined) for (const name of labelNames(change.old)) drop(part.podsByLabel, name, change.key)
    if (change.type !== 'DELETED') for (const name of labelNames(change.object)) put(part.podsByLabel, name, change.key)
  }
  if (!ADOPTABLE.has(change.resource)) return
  const namespace = change.object.metadata?.namespace ?? ''
  const index = `${change.resource}/${namespace}`
  const isOrphan = change.type !== 'DELETED' && !(change.object.metadata?.ownerReferences ?? []).some((each) => each.controller)
  if (isOrphan) put(part.orphans, index, change.key)
  else drop(part.orphans, index, change.key)
}

/** Objects of a namespace that have no controller. */
export function orphansIn<R extends 'pods' | 'replicasets' | 'controllerrevisions' | 'jobs'>(
  part: ControllersPart,
  cache: InformerCache,
  resource: R,
  namespace: string,
): readonly StoredOf<R>[] {
  return [...(part.orphans.get(`${resource}/${namespace}`) ?? [])].flatMap((key) => cache.get(resource, key) ?? [])
}

/** Pods that may satisfy these labels: those with the rarest pair. All of the namespace where none is asked for. */
export function podCandidates(
  part: ControllersPart,
  cache: InformerCache,
  namespace: string,
  wanted: Labels,
): readonly StoredOf<'pods'>[] {
  let least: ReadonlySet<string> | undefined
  for (const [label, value] of Object.entries(wanted)) {
    const keys = part.podsByLabel.get(`${namespace}/${label}=${value}`) ?? NONE
    if (least === undefined || keys.size < least.size) least = keys
  }
  if (least === undefined) return cache.list('pods', namespace)
  return [...least].flatMap((key) => cache.get('pods', key) ?? [])
}

const NONE: ReadonlySet<string> = new Set()

function labelNames(pod: StoredOf<'pods'>): readonly string[] {
  const namespace = pod.metadata.namespace ?? ''
  return Object.entries(pod.metadata.labels ?? {}).map(([label, value]) => `${namespace}/${label}=${value}`)
}

function put(index: Map<string, Set<string>>, name: string, key: string): void {
  within(index, name, () => new Set<string>()).add(key)
}

function drop(index: Map<string, Set<string>>, name: string, key: string): void {
  const keys = index.get(name)
  if (keys === undefined) return
  keys.delete(key)
  if (keys.size === 0) index.delete(name)
}
