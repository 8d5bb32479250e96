import type { SimTime } from '../../../core/time.js'
import type { StoredPod } from '../framework.js'
import { isPodReady, readySince, timeOf } from '../pods.js'

/** A Pod that might go, with the number of related Pods on its Node. */
export interface Ranked {
  readonly pod: StoredPod
  /** How many active Pods of the same Deployment (or other owner's owner) share its Node; 0 where that is not asked. */
  readonly crowd: number
}

const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }

/**
 * Which Pods go first when there are too many: unassigned before assigned, Pending before Running, not ready before ready, cheaper by
 * annotation, on more crowded Nodes, ready more recently, restarted more often, created more recently.
 *
 * Times count by powers of two, so that Pods of about one age are equal; those are told apart by their uid.
 * Source: kubernetes pkg/controller/controller_utils.go ActivePodsWithRanks.Less
 */
export function compareForDeletion(now: SimTime): (a: Ranked, b: Ranked) => number {
  return (a, b) => {
    const byNode = Number(isAssigned(a.pod)) - Number(isAssigned(b.pod))
    if (byNode !== 0) return byNode
    const byPhase = phaseRank(a.pod) - phaseRank(b.pod)
    if (byPhase !== 0) return byPhase
    const byReady = Number(isPodReady(a.pod)) - Number(isPodReady(b.pod))
    if (byReady !== 0) return byReady
    const byCost = deletionCost(a.pod) - deletionCost(b.pod)
    if (byCost !== 0) return byCost
    if (a.crowd !== b.crowd) return b.crowd - a.crowd
    const byReadyTime = isPodReady(a.pod) && isPodReady(b.pod) ? compareTimes(readySince(a.pod), readySince(b.pod), a, b, now) : 0
    if (byReadyTime !== 0) return byReadyTime
    const byRestarts = compareRestarts(a.pod, b.pod)
    if (byRestarts !== 0) return byRestarts
    return compareTimes(timeOf(a.pod.metadata.creationTimestamp), timeOf(b.pod.metadata.creationTimestamp), a, b, now)
  }
}

/** The Pods to delete when this many are too many. Source: kubernetes pkg/controller/replicaset/replica_set.go getPodsToDelete */
export function podsToDelete(
  pods: readonly StoredPod[],
  related: readonly StoredPod[],
  count: number,
  now: SimTime,
): readonly StoredPod[] {
  if (count >= pods.length) return pods.slice(0, count)
  const onNode = new Map<string, number>()
  for (const { spec } of related) onNode.set(spec?.nodeName ?? '', (onNode.get(spec?.nodeName ?? '') ?? 0) + 1)
  return pods
    .map((pod) => ({ pod, crowd: onNode.get(pod.spec?.nodeName ?? '') ?? 0 }))
    .sort(compareForDeletion(now))
    .slice(0, count)
    .map((each) => each.pod)
}

/** More recent first; an unknown time counts as most recent. */
function compareTimes(a: SimTime | undefined, b: SimTime | undefined, left: Ranked, right: Ranked, now: SimTime): number {
  if (a === b) return 0
  if (a === undefined) return -1
  if (b === undefined) return 1
  const rank = bucket(now - a) - bucket(now - b)
  if (rank !== 0) return rank
  return left.pod.metadata.uid < right.pod.metadata.uid ? -1 : 1
}

/** Power of two of an age in nanoseconds. Source: logarithmicRankDiff */
function bucket(age: SimTime): number {
  return age > 0 ? Math.trunc(Math.log2(age * 1000)) : -1
}

function compareRestarts(a: StoredPod, b: StoredPod): number {
  const [regularA, sidecarA] = maxRestarts(a)
  const [regularB, sidecarB] = maxRestarts(b)
  return regularA === regularB ? sidecarB - sidecarA : regularB - regularA
}

/** Most restarts of any container, and of any sidecar (restartable init container). */
function maxRestarts(pod: StoredPod): readonly [number, number] {
  const most = (counts: readonly number[]): number => counts.reduce((max, each) => Math.max(max, each), 0)
  const sidecars = new Set(
    (pod.spec?.initContainers ?? []).filter((each) => each.restartPolicy === 'Always').map((each) => each.name),
  )
  return [
    most((pod.status?.containerStatuses ?? []).map((each) => each.restartCount)),
    most((pod.status?.initContainerStatuses ?? []).filter((each) => sidecars.has(each.name)).map((each) => each.restartCount)),
  ]
}

function isAssigned(pod: StoredPod): boolean {
  return (pod.spec?.nodeName ?? '') !== ''
}

function phaseRank(pod: StoredPod): number {
  return PHASES[pod.status?.phase ?? ''] ?? 0
}

/** Annotation `controller.kubernetes.io/pod-deletion-cost`; what is not an int32 counts as 0. */
function deletionCost(pod: StoredPod): number {
  const text = pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost']
  if (text === undefined || !/^(0|-?[1-9]\d*)$/.test(text)) return 0
  const cost = Number(text)
  return cost >= -2_147_483_648 && cost <= 2_147_483_647 ? cost : 0
}
