import type { StoredDeployment, StoredReplicaSet } from '../framework.js'
import type { SizeChange } from './arithmetic.js'
import { availableOf, countIn, DESIRED, planProportional, replicasOf, wantedReplicas } from './arithmetic.js'
import { findActiveOrLatest, isActiveSet } from './revisions.js'

export interface ScalePlan {
  readonly changes: readonly SizeChange[]
  readonly decision: 'scale' | 'scale-proportionally'
}

/**
 * Sizes after the Deployment itself was scaled: the only active ReplicaSet follows; with a finished rollout old ones go to zero; in the
 * middle of a rollout all change in proportion.
 *
 * Source: kubernetes pkg/controller/deployment/sync.go scale
 */
export function planScale(
  deployment: StoredDeployment,
  newRs: StoredReplicaSet | undefined,
  old: readonly StoredReplicaSet[],
): ScalePlan {
  const wanted = wantedReplicas(deployment)
  const only = findActiveOrLatest(newRs, old)
  if (only !== undefined) {
    const changes = replicasOf(only) === wanted ? [] : [{ rs: only, to: wanted }]
    return { changes, decision: 'scale' }
  }
  if (isSaturated(newRs, wanted)) return { changes: old.filter(isActiveSet).map((rs) => ({ rs, to: 0 })), decision: 'scale' }
  if (deployment.spec?.strategy?.type === 'Recreate') return { changes: [], decision: 'scale' }
  const active = [...old, ...(newRs === undefined ? [] : [newRs])].filter(isActiveSet)
  return { changes: planProportional(deployment, active), decision: 'scale-proportionally' }
}

/** The new ReplicaSet has the whole size, was scaled for it, and is available. */
function isSaturated(newRs: StoredReplicaSet | undefined, wanted: number): boolean {
  return (
    newRs !== undefined && replicasOf(newRs) === wanted && countIn(newRs, DESIRED) === wanted && availableOf(newRs) === wanted
  )
}
