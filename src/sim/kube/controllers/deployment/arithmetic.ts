import type { Deployment } from '../../../../generated/kubeTypes.js'
import type { StoredReplicaSet } from '../framework.js'
import { scaledValue } from '../plain.js'
import { byAge } from '../pods.js'

export const DESIRED = 'deployment.kubernetes.io/desired-replicas'
export const MAXIMUM = 'deployment.kubernetes.io/max-replicas'

/** How far a rolling update may exceed or fall short of the wanted size. */
export interface Fences {
  readonly surge: number
  readonly unavailable: number
}

/**
 * `maxSurge` rounds up, `maxUnavailable` down; both zero would never move, so one Pod may then be missing.
 *
 * @returns undefined where a value is neither a number nor a percentage.
 * Source: kubernetes pkg/controller/deployment/util/deployment_util.go ResolveFenceposts
 */
export function resolveFenceposts(
  maxSurge: number | string | undefined,
  maxUnavailable: number | string | undefined,
  replicas: number,
): Fences | undefined {
  const surge = scaledValue(maxSurge, replicas, true)
  const unavailable = scaledValue(maxUnavailable, replicas, false)
  if (surge === undefined || unavailable === undefined) return undefined
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable }
}

type Spec = Pick<Deployment, 'spec'>

export function wantedReplicas(deployment: Spec): number {
  return deployment.spec?.replicas ?? 1
}

function isRolling(deployment: Spec): boolean {
  return deployment.spec?.strategy?.type !== 'Recreate'
}

function fencesOf(deployment: Spec): Fences {
  const rolling = deployment.spec?.strategy?.rollingUpdate
  return resolveFenceposts(rolling?.maxSurge, rolling?.maxUnavailable, wantedReplicas(deployment)) ?? { surge: 0, unavailable: 0 }
}

export function surgeOf(deployment: Spec): number {
  return isRolling(deployment) ? fencesOf(deployment).surge : 0
}

export function unavailableOf(deployment: Spec): number {
  const wanted = wantedReplicas(deployment)
  if (!isRolling(deployment) || wanted === 0) return 0
  return Math.min(fencesOf(deployment).unavailable, wanted)
}

/**
 * Size that the new ReplicaSet may have now.
 *
 * @param total size of all ReplicaSets together, the new one's included.
 * Source: deployment_util.go NewRSNewReplicas
 */
export function newReplicaSetSize(deployment: Spec, total: number, current: number): number {
  const wanted = wantedReplicas(deployment)
  if (!isRolling(deployment)) return wanted
  const surge = scaledValue(deployment.spec?.strategy?.rollingUpdate?.maxSurge, wanted, true) ?? 0
  const most = wanted + surge
  if (total >= most) return current
  return current + Math.min(most - total, wanted - current)
}

export interface SizeChange {
  readonly rs: StoredReplicaSet
  readonly to: number
}

/**
 * How far old ReplicaSets go down in this round: first Pods that are not available anyway, oldest ReplicaSet first, then as many as
 * leave enough available.
 *
 * @param old active old ReplicaSets.
 * @returns undefined when a ReplicaSet's status is older than its size: it must catch up first.
 * Source: kubernetes pkg/controller/deployment/rolling.go reconcileOldReplicaSets
 */
export function planScaleDown(
  deployment: Spec,
  newRs: StoredReplicaSet,
  old: readonly StoredReplicaSet[],
): readonly SizeChange[] | undefined {
  const all = [...old, newRs]
  if (sizeOf(old) === 0) return []
  const minAvailable = wantedReplicas(deployment) - unavailableOf(deployment)
  const newUnavailable = replicasOf(newRs) - availableOf(newRs)
  const most = sizeOf(all) - minAvailable - newUnavailable
  if (most <= 0) return []
  const sorted = [...old].sort(byAge)
  const sizes = new Map(sorted.map((rs) => [rs, replicasOf(rs)]))
  const changes: SizeChange[] = []
  let cleaned = 0
  for (const rs of sorted) {
    if (cleaned >= most) break
    const size = replicasOf(rs)
    const unhealthy = size - availableOf(rs)
    if (size === 0 || unhealthy === 0) continue
    const down = Math.min(most - cleaned, unhealthy)
    if (down < 0) return undefined
    cleaned += down
    sizes.set(rs, size - down)
    changes.push({ rs, to: size - down })
  }
  const allowed = all.reduce((sum, rs) => sum + availableOf(rs), 0) - minAvailable
  let scaled = 0
  for (const rs of sorted) {
    if (scaled >= allowed) break
    const size = sizes.get(rs) ?? 0
    if (size === 0) continue
    const down = Math.min(size, allowed - scaled)
    scaled += down
    changes.push({ rs, to: size - down })
  }
  return changes
}

/**
 * Sizes when the Deployment itself was scaled in the middle of a rollout: each active ReplicaSet changes in proportion to its size,
 * what rounding leaves over goes to the largest.
 *
 * Source: kubernetes pkg/controller/deployment/sync.go scale, deployment_util.go GetReplicaSetProportion
 */
export function planProportional(
  deployment: Spec & Pick<Deployment, 'status'>,
  active: readonly StoredReplicaSet[],
): readonly SizeChange[] {
  const wanted = wantedReplicas(deployment)
  const allowed = wanted > 0 ? wanted + surgeOf(deployment) : 0
  const toAdd = allowed - sizeOf(active)
  const sorted = [...active]
  if (toAdd > 0) sorted.sort((a, b) => replicasOf(b) - replicasOf(a) || byAge(b, a))
  if (toAdd < 0) sorted.sort((a, b) => replicasOf(b) - replicasOf(a) || byAge(a, b))
  let added = 0
  const sizes = sorted.map((rs) => {
    const share = proportion(deployment, rs, toAdd, added)
    added += share
    return replicasOf(rs) + share
  })
  return sorted.map((rs, index) => {
    const size = sizes[index] ?? 0
    return { rs, to: index === 0 && toAdd !== 0 ? Math.max(0, size + toAdd - added) : size }
  })
}

function proportion(deployment: Spec & Pick<Deployment, 'status'>, rs: StoredReplicaSet, toAdd: number, added: number): number {
  if (replicasOf(rs) === 0 || toAdd === 0 || toAdd === added) return 0
  const share = fraction(deployment, rs)
  const rest = toAdd - added
  return toAdd > 0 ? Math.min(share, rest) : Math.max(share, rest)
}

function fraction(deployment: Spec & Pick<Deployment, 'status'>, rs: StoredReplicaSet): number {
  const size = replicasOf(rs)
  const wanted = wantedReplicas(deployment)
  if (wanted === 0) return -size
  const noted = countIn(rs, MAXIMUM)
  const before = noted === undefined || noted === 0 ? (deployment.status?.replicas ?? 0) : noted
  if (before === 0) return 0
  const exact = (size * (wanted + surgeOf(deployment))) / before
  return Math.trunc(exact < 0 ? exact - 0.5 : exact + 0.5) - size
}

/** A whole number in an annotation. */
export function countIn(rs: StoredReplicaSet, annotation: string): number | undefined {
  const text = rs.metadata.annotations?.[annotation]
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined
}

export function replicasOf(rs: StoredReplicaSet): number {
  return rs.spec?.replicas ?? 1
}

export function availableOf(rs: StoredReplicaSet): number {
  return rs.status?.availableReplicas ?? 0
}

export function sizeOf(sets: readonly StoredReplicaSet[]): number {
  return sets.reduce((sum, rs) => sum + replicasOf(rs), 0)
}
