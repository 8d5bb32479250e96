import type { OwnerReference, Pod, PodCondition, PodTemplateSpec } from '../../../generated/kubeTypes.js'
import type { SimTime } from '../../core/time.js'
import { fromTimestamp, SECOND } from '../../core/time.js'
import type { Resources, StoredOf } from '../api/resources.js'
import type { StoredPod } from './framework.js'

/** An object that may own others. */
export interface Owner {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid: string
    readonly deletionTimestamp?: string
  }
}

type Owned = { readonly metadata?: { readonly ownerReferences?: readonly OwnerReference[] } }

/** The one owner that manages an object. */
export function controllerOf(object: Owned): OwnerReference | undefined {
  return object.metadata?.ownerReferences?.find((each) => each.controller === true)
}

export function isControlledBy(object: Owned, owner: { readonly metadata: { readonly uid?: string } }): boolean {
  const controller = controllerOf(object)
  return controller !== undefined && controller.uid === owner.metadata.uid
}

export function controllerReference(owner: Owner): OwnerReference {
  const { apiVersion, kind, metadata } = owner
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true }
}

export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((each) => each.type === type)
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True'
}

export function isPodTerminal(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/** Neither finished nor being deleted. Source: kubernetes pkg/controller/controller_utils.go IsPodActive */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata?.deletionTimestamp === undefined
}

/** Being deleted and not finished. */
export function isPodTerminating(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata?.deletionTimestamp !== undefined
}

/** Since when a Pod is ready; undefined when it is not. */
export function readySince(pod: Pod): SimTime | undefined {
  const condition = podCondition(pod, 'Ready')
  return condition?.status === 'True' ? timeOf(condition.lastTransitionTime) : undefined
}

export function timeOf(timestamp: string | undefined | null): SimTime | undefined {
  return typeof timestamp === 'string' ? fromTimestamp(timestamp) : undefined
}

/** Ready for at least `minReadySeconds`. Source: kubernetes pkg/api/v1/pod/util.go IsPodAvailable */
export function isPodAvailable(pod: Pod, minReadySeconds: number, now: SimTime): boolean {
  if (!isPodReady(pod)) return false
  if (minReadySeconds === 0) return true
  const since = readySince(pod)
  return since !== undefined && since + minReadySeconds * SECOND <= now
}

/** Microseconds until the first ready but not yet available Pod becomes available; undefined when there is none. */
export function untilNextAvailable(pods: readonly Pod[], minReadySeconds: number, now: SimTime): SimTime | undefined {
  let least: SimTime | undefined
  if (minReadySeconds === 0) return undefined
  for (const pod of pods) {
    const since = readySince(pod)
    if (since === undefined || isPodAvailable(pod, minReadySeconds, now)) continue
    const wait = since + minReadySeconds * SECOND - now
    if (least === undefined || wait < least) least = wait
  }
  return least
}

/** A Pod as a controller makes it from a template. Source: kubernetes pkg/controller/controller_utils.go GetPodFromTemplate */
export function podFromTemplate(template: PodTemplateSpec, owner: Owner, namespace: string): Resources['pods'] {
  const { labels, annotations, finalizers } = template.metadata ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: podPrefix(owner.metadata.name),
      namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(owner)],
    },
    ...(template.spec === undefined ? {} : { spec: template.spec }),
  }
}

/** `NAME-`, unless that could not begin a Pod's name. */
function podPrefix(name: string): string {
  return `${name}-`.length > 253 ? name : `${name}-`
}

/** Compares creation times, then names: older first. */
export function byAge<T extends { readonly metadata: { readonly creationTimestamp: string; readonly name: string } }>(
  a: T,
  b: T,
): number {
  const left = a.metadata
  const right = b.metadata
  if (left.creationTimestamp !== right.creationTimestamp) return left.creationTimestamp < right.creationTimestamp ? -1 : 1
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0
}

export function keyOfPod(pod: StoredPod): string {
  return `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`
}

export type StoredNode = StoredOf<'nodes'>
