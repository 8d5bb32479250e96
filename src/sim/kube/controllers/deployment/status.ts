import type { Deployment, DeploymentCondition, DeploymentStatus } from '../../../../generated/kubeTypes.js'
import type { SimTime } from '../../../core/time.js'
import { SECOND, toTimestamp } from '../../../core/time.js'
import type { StoredDeployment, StoredReplicaSet } from '../framework.js'
import { timeOf } from '../pods.js'
import { availableOf, sizeOf, unavailableOf, wantedReplicas } from './arithmetic.js'

/** A deadline of so many seconds means none. */
const NO_DEADLINE = 2_147_483_647

export function hasProgressDeadline(deployment: Deployment): boolean {
  const seconds = deployment.spec?.progressDeadlineSeconds
  return seconds !== undefined && seconds !== NO_DEADLINE
}

export function conditionOf(status: DeploymentStatus | undefined, type: string): DeploymentCondition | undefined {
  return status?.conditions?.find((each) => each.type === type)
}

export function makeCondition(type: string, status: string, reason: string, message: string, now: SimTime): DeploymentCondition {
  const time = toTimestamp(now)
  return { type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message }
}

/**
 * Puts a condition last, unless one of its type has this status and reason already; the time of transition stays while the status does.
 * Source: kubernetes pkg/controller/deployment/util/deployment_util.go SetDeploymentCondition
 */
export function withCondition(status: DeploymentStatus, condition: DeploymentCondition): DeploymentStatus {
  const before = conditionOf(status, condition.type)
  if (before !== undefined && before.status === condition.status && before.reason === condition.reason) return status
  const transition = before?.status === condition.status ? before.lastTransitionTime : condition.lastTransitionTime
  const next = transition === undefined ? condition : { ...condition, lastTransitionTime: transition }
  return { ...status, conditions: [...others(status, condition.type), next] }
}

export function withoutCondition(status: DeploymentStatus, type: string): DeploymentStatus {
  return conditionOf(status, type) === undefined ? status : { ...status, conditions: others(status, type) }
}

function others(status: DeploymentStatus, type: string): readonly DeploymentCondition[] {
  return (status.conditions ?? []).filter((each) => each.type !== type)
}

/** Counts and availability. Source: kubernetes pkg/controller/deployment/sync.go calculateStatus */
export function calculateStatus(
  deployment: StoredDeployment,
  all: readonly StoredReplicaSet[],
  newRs: StoredReplicaSet | undefined,
  now: SimTime,
): DeploymentStatus {
  const sum = (count: (rs: StoredReplicaSet) => number): number => all.reduce((total, rs) => total + count(rs), 0)
  const available = sum(availableOf)
  const counts = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: sum((rs) => rs.status?.replicas ?? 0),
    updatedReplicas: newRs?.status?.replicas ?? 0,
    readyReplicas: sum((rs) => rs.status?.readyReplicas ?? 0),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sizeOf(all) - available),
  }
  const terminating = terminatingOf(all)
  const { collisionCount, conditions } = deployment.status ?? {}
  const status: DeploymentStatus = {
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)),
    ...(terminating === undefined ? {} : { terminatingReplicas: terminating }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions === undefined ? {} : { conditions }),
  }
  const enough = available >= wantedReplicas(deployment) - unavailableOf(deployment)
  return withCondition(
    status,
    enough
      ? makeCondition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
      : makeCondition('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.', now),
  )
}

/** Unknown while a ReplicaSet that has been synced does not tell. */
function terminatingOf(all: readonly StoredReplicaSet[]): number | undefined {
  let total = 0
  for (const { status } of all) {
    if (status?.terminatingReplicas !== undefined) total += status.terminatingReplicas
    else if ((status?.observedGeneration ?? 0) !== 0) return undefined
  }
  return total
}

/** Source: deployment_util.go DeploymentComplete */
export function isComplete(deployment: StoredDeployment, status: DeploymentStatus | undefined): boolean {
  const wanted = wantedReplicas(deployment)
  return (
    (status?.updatedReplicas ?? 0) === wanted &&
    (status?.replicas ?? 0) === wanted &&
    (status?.availableReplicas ?? 0) === wanted &&
    (status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  )
}

function hasProgressed(before: DeploymentStatus | undefined, after: DeploymentStatus): boolean {
  const count = (
    status: DeploymentStatus | undefined,
    field: 'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas',
  ) => status?.[field] ?? 0
  const old = (status: DeploymentStatus | undefined): number => count(status, 'replicas') - count(status, 'updatedReplicas')
  return (
    count(after, 'updatedReplicas') > count(before, 'updatedReplicas') ||
    old(after) < old(before) ||
    count(after, 'readyReplicas') > count(before, 'readyReplicas') ||
    count(after, 'availableReplicas') > count(before, 'availableReplicas')
  )
}

/** Source: deployment_util.go DeploymentTimedOut */
function hasTimedOut(deployment: StoredDeployment, status: DeploymentStatus, now: SimTime): boolean {
  const condition = conditionOf(status, 'Progressing')
  if (!hasProgressDeadline(deployment) || condition === undefined || condition.reason === 'NewReplicaSetAvailable') return false
  if (condition.reason === 'ProgressDeadlineExceeded') return true
  const from = timeOf(condition.lastUpdateTime) ?? now
  return from + (deployment.spec?.progressDeadlineSeconds ?? 0) * SECOND < now
}

/**
 * The status of a rollout: counts, and how it goes on.
 * Source: kubernetes pkg/controller/deployment/progress.go syncRolloutStatus
 */
export function rolloutStatus(
  deployment: StoredDeployment,
  all: readonly StoredReplicaSet[],
  newRs: StoredReplicaSet | undefined,
  now: SimTime,
): DeploymentStatus {
  let status = calculateStatus(deployment, all, newRs, now)
  const deadline = hasProgressDeadline(deployment)
  if (!deadline) status = withoutCondition(status, 'Progressing')
  const current = conditionOf(deployment.status, 'Progressing')
  const done = (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable'
  const who = newRs === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${newRs.metadata.name}"`
  if (deadline && !done) {
    if (isComplete(deployment, status)) {
      const message = `${who} has successfully progressed.`
      status = withCondition(status, makeCondition('Progressing', 'True', 'NewReplicaSetAvailable', message, now))
    } else if (hasProgressed(deployment.status, status)) {
      const made = makeCondition('Progressing', 'True', 'ReplicaSetUpdated', `${who} is progressing.`, now)
      const transition = current?.status === 'True' ? current.lastTransitionTime : undefined
      const next = transition === undefined ? made : { ...made, lastTransitionTime: transition }
      status = withCondition(withoutCondition(status, 'Progressing'), next)
    } else if (hasTimedOut(deployment, status, now)) {
      const message = `${who} has timed out progressing.`
      status = withCondition(status, makeCondition('Progressing', 'False', 'ProgressDeadlineExceeded', message, now))
    }
  }
  const failure = replicaFailure(all, newRs)
  return failure === undefined ? withoutCondition(status, 'ReplicaFailure') : withCondition(status, failure)
}

/** A ReplicaSet's failure, the new one's first, as a condition of the Deployment. */
function replicaFailure(all: readonly StoredReplicaSet[], newRs: StoredReplicaSet | undefined): DeploymentCondition | undefined {
  for (const rs of newRs === undefined ? all : [newRs, ...all]) {
    const found = rs.status?.conditions?.find((each) => each.type === 'ReplicaFailure')
    if (found === undefined) continue
    const { type, status, lastTransitionTime, reason, message } = found
    return {
      type,
      status,
      ...(lastTransitionTime === undefined ? {} : { lastTransitionTime, lastUpdateTime: lastTransitionTime }),
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
    }
  }
  return undefined
}

/** Microseconds until the deadline must be looked at again; undefined when it need not. Source: progress.go requeueStuckDeployment */
export function untilDeadline(deployment: StoredDeployment, status: DeploymentStatus, now: SimTime): SimTime | undefined {
  const current = conditionOf(deployment.status, 'Progressing')
  if (!hasProgressDeadline(deployment) || current === undefined) return undefined
  if (isComplete(deployment, status) || current.reason === 'ProgressDeadlineExceeded') return undefined
  const from = timeOf(current.lastUpdateTime) ?? now
  return Math.max(0, from + (deployment.spec?.progressDeadlineSeconds ?? 0) * SECOND - now) + SECOND
}
