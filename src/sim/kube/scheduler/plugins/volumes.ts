import type { Node, PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../../../generated/kubeTypes.js'
import { own } from '../../../core/own.js'
import { nanosOf } from '../../api/quantity.js'
import { type Cycle, type FilterPlugin, type Lookups, PASS, refuse } from '../plugin.js'
import { matchesNodeTerms, matchesSelector } from '../selectors.js'

const BOUND = 'pv.kubernetes.io/bind-completed'
const SELECTED_NODE = 'volume.kubernetes.io/selected-node'

/** A claim that a Pod names, or that is made for it. */
function claimsOf({
  pod,
  lookups,
}: Cycle): readonly { readonly name: string; readonly ephemeral: boolean; readonly claim: PersistentVolumeClaim | undefined }[] {
  const namespace = pod.metadata?.namespace ?? 'default'
  return (pod.spec?.volumes ?? []).flatMap((volume) => {
    const ephemeral = volume.persistentVolumeClaim === undefined && volume.ephemeral !== undefined
    const name = ephemeral ? `${pod.metadata?.name ?? ''}-${volume.name}` : volume.persistentVolumeClaim?.claimName
    return name === undefined ? [] : [{ name, ephemeral, claim: lookups.claim(`${namespace}/${name}`) }]
  })
}

/**
 * Why no Node at all can take a Pod because of its claims; undefined when they are bound, or wait for their first consumer.
 *
 * Source: kubernetes pkg/scheduler/framework/plugins/volumebinding/volume_binding.go PreFilter
 */
export function claimsProblem(cycle: Cycle): string | undefined {
  const claims = claimsOf(cycle)
  for (const { name, ephemeral, claim } of claims) {
    if (claim === undefined) {
      return ephemeral
        ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
        : `persistentvolumeclaim "${name}" not found`
    }
    if (claim.status?.phase === 'Lost') {
      return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`
    }
    if (claim.metadata?.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`
  }
  const isStuck = claims.some(({ claim }) => claim !== undefined && !isBound(claim) && !waits(claim, cycle.lookups))
  return isStuck ? 'pod has unbound immediate PersistentVolumeClaims' : undefined
}

function isBound({ metadata, spec, status }: PersistentVolumeClaim): boolean {
  return (spec?.volumeName ?? '') !== '' && (metadata?.annotations?.[BOUND] !== undefined || status?.phase === 'Bound')
}

function classOf(claim: PersistentVolumeClaim, lookups: Lookups): StorageClass | undefined {
  return lookups.storageClass(claim.spec?.storageClassName ?? '')
}

/** Bound only once its Pod has a Node; one that names its volume does not wait. */
function waits(claim: PersistentVolumeClaim, lookups: Lookups): boolean {
  return (claim.spec?.volumeName ?? '') === '' && classOf(claim, lookups)?.volumeBindingMode === 'WaitForFirstConsumer'
}

/**
 * Judges whether a Node reaches the volumes that a Pod has, and whether those it waits for can be had there.
 *
 * Simplified: free storage of drivers is not looked at, nor are limits of volumes per Node.
 * Source: kubernetes pkg/scheduler/framework/plugins/volumebinding/binder.go FindPodVolumes
 */
export const volumeBinding: FilterPlugin = {
  name: 'VolumeBinding',
  prepare(cycle) {
    const { lookups } = cycle
    const claims = claimsOf(cycle).flatMap(({ claim }) => (claim === undefined ? [] : [claim]))
    if (claims.length === 0) return undefined
    const bound = claims.filter(isBound)
    const waiting = claims.filter((claim) => !isBound(claim))
    const free = waiting.length === 0 ? [] : lookups.volumes()
    return ({ node }) => {
      if (node === undefined) return PASS
      const volumes = bound.map((claim) => lookups.volume(claim.spec?.volumeName ?? ''))
      const reasons: string[] = []
      if (volumes.some((volume) => volume !== undefined && !reaches(volume, node)))
        reasons.push("node(s) didn't match PersistentVolume's node affinity")
      if (!waiting.every((claim) => canBind(claim, free, node, lookups)))
        reasons.push("node(s) didn't find available persistent volumes to bind")
      if (volumes.includes(undefined)) reasons.push('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)')
      return reasons.length === 0 ? PASS : refuse(true, ...reasons)
    }
  },
}

/** Source: kubernetes staging component-helpers storage/volume/helpers.go CheckNodeAffinity */
export function reaches(volume: PersistentVolume, node: Node): boolean {
  const required = volume.spec?.nodeAffinity?.required
  return required === undefined || matchesNodeTerms(required.nodeSelectorTerms ?? [], node)
}

function canBind(claim: PersistentVolumeClaim, volumes: readonly PersistentVolume[], node: Node, lookups: Lookups): boolean {
  const selected = claim.metadata?.annotations?.[SELECTED_NODE]
  if (selected !== undefined) return selected === node.metadata?.name
  if (volumes.some((volume) => suits(volume, claim) && reaches(volume, node))) return true
  const storageClass = classOf(claim, lookups)
  const provisioner = storageClass?.provisioner ?? ''
  if (provisioner === '' || provisioner === 'kubernetes.io/no-provisioner') return false
  const terms = storageClass?.allowedTopologies ?? []
  const labels = node.metadata?.labels
  return (
    terms.length === 0 ||
    terms.some(({ matchLabelExpressions = [] }) =>
      matchLabelExpressions.every(({ key, values }) => values.includes(own(labels, key) ?? '')),
    )
  )
}

/** Source: kubernetes staging component-helpers storage/volume/pv_helpers.go FindMatchingVolume */
function suits({ metadata, spec, status }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (metadata?.deletionTimestamp !== undefined) return false
  if (nanosOf(spec?.capacity?.['storage']) < nanosOf(claim.spec?.resources?.requests?.['storage'])) return false
  if ((spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem')) return false
  const holder = spec?.claimRef
  if (holder !== undefined) {
    const isOurs = holder.name === claim.metadata?.name && holder.namespace === claim.metadata?.namespace
    return isOurs && (holder.uid ?? '') === '' ? true : isOurs && holder.uid === claim.metadata?.uid
  }
  if ((status?.phase ?? 'Available') !== 'Available' || (spec?.storageClassName ?? '') !== (claim.spec?.storageClassName ?? ''))
    return false
  if (claim.spec?.selector !== undefined && !matchesSelector(claim.spec.selector, metadata?.labels)) return false
  return (claim.spec?.accessModes ?? []).every((mode) => spec?.accessModes?.includes(mode) === true)
}
