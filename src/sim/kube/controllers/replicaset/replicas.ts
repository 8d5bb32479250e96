import type { LabelSelector, PodTemplateSpec, ReplicaSetCondition, ReplicaSetStatus } from '../../../../generated/kubeTypes.js'
import type { SimTime } from '../../../core/time.js'
import { toTimestamp } from '../../../core/time.js'
import type { StoredPod } from '../framework.js'
import { isPodAvailable, isPodReady } from '../pods.js'
import { hasLabels } from '../selectors.js'
import { podsToDelete } from './ranking.js'

/** Most Pods created or deleted in one sync. Source: kubernetes pkg/controller/replicaset/replica_set.go BurstReplicas */
const BURST = 500

/** What a ReplicaSet and a ReplicationController have in common. */
export interface ReplicaSpec {
  readonly replicas: number
  readonly minReadySeconds: number
  readonly selector: LabelSelector
  readonly template: PodTemplateSpec
}

export type ReplicaPlan =
  | { readonly kind: 'in-balance' }
  | { readonly kind: 'create'; readonly count: number; readonly batches: readonly number[] }
  | { readonly kind: 'delete'; readonly victims: readonly StoredPod[] }

/**
 * The whole decision: how many Pods to create, or which to delete.
 *
 * @param active the owner's Pods that are neither finished nor being deleted.
 * @param related active Pods of all owners with the same owner above, for spreading over Nodes; asked for only when some must go.
 * Source: kubernetes pkg/controller/replicaset/replica_set.go manageReplicas
 */
export function planReplicas(
  wanted: number,
  active: readonly StoredPod[],
  related: () => readonly StoredPod[],
  now: SimTime,
): ReplicaPlan {
  const missing = wanted - active.length
  if (missing === 0) return { kind: 'in-balance' }
  if (missing > 0) {
    const count = Math.min(missing, BURST)
    return { kind: 'create', count, batches: slowStart(count) }
  }
  return { kind: 'delete', victims: podsToDelete(active, related(), Math.min(-missing, BURST), now) }
}

/** Sizes of batches: 1, 2, 4 ... so that a failure common to all is met few times. Source: replica_set.go slowStartBatch */
export function slowStart(count: number): readonly number[] {
  const batches: number[] = []
  for (let rest = count, size = Math.min(1, count); size > 0; size = Math.min(2 * size, rest)) {
    batches.push(size)
    rest -= size
  }
  return batches
}

/** What went wrong with Pods in this sync. */
export interface ReplicaFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete'
  readonly message: string
}

/** Source: kubernetes pkg/controller/replicaset/replica_set_utils.go calculateStatus */
export function replicaStatus(input: {
  readonly spec: ReplicaSpec
  readonly before: ReplicaSetStatus | undefined
  readonly generation: number
  readonly active: readonly StoredPod[]
  /** Undefined where the kind has no such field. */
  readonly terminating: number | undefined
  readonly failure: ReplicaFailure | undefined
  readonly now: SimTime
}): ReplicaSetStatus {
  const { spec, active, now } = input
  const templateLabels = spec.template.metadata?.labels ?? {}
  const fullyLabeled = active.filter((pod) => hasLabels(templateLabels, pod.metadata.labels)).length
  const ready = active.filter(isPodReady).length
  const available = active.filter((pod) => isPodAvailable(pod, spec.minReadySeconds, now)).length
  const conditions = nextConditions(input.before?.conditions ?? [], input.failure, now)
  return {
    replicas: active.length,
    ...(fullyLabeled === 0 ? {} : { fullyLabeledReplicas: fullyLabeled }),
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    ...(available === 0 ? {} : { availableReplicas: available }),
    ...(input.terminating === undefined ? {} : { terminatingReplicas: input.terminating }),
    ...(input.generation === 0 ? {} : { observedGeneration: input.generation }),
    ...(conditions.length === 0 ? {} : { conditions }),
  }
}

function nextConditions(
  before: readonly ReplicaSetCondition[],
  failure: ReplicaFailure | undefined,
  now: SimTime,
): readonly ReplicaSetCondition[] {
  const has = before.some((each) => each.type === 'ReplicaFailure')
  if (failure === undefined) return has ? before.filter((each) => each.type !== 'ReplicaFailure') : before
  if (has) return before
  return [...before, { type: 'ReplicaFailure', status: 'True', lastTransitionTime: toTimestamp(now), ...failure }]
}
