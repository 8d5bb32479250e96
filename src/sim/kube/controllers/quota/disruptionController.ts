import type { PodDisruptionBudgetStatus } from '../../../../generated/kubeTypes.js'
import { SECOND, toTimestamp } from '../../../core/time.js'
import type { StoredOf } from '../../api/resources.js'
import { keyOf } from '../../api/resources.js'
import type { Controller, Run, StoredPod, SyncOutcome } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'
import { scaledValue, semanticEqual } from '../plain.js'
import { podCandidates } from '../podIndex.js'
import { controllerOf, isPodReady, isPodTerminal, timeOf } from '../pods.js'
import { selects } from '../selectors.js'

type StoredBudget = StoredOf<'poddisruptionbudgets'>

/** A Pod whose eviction was granted counts as disrupted until it is seen, at most so long. */
const GRANT = 120 * SECOND

/** Keeps the status of disruption budgets, by which the API server grants evictions. Source: kubernetes pkg/controller/disruption/disruption.go */
export const disruptionController: Controller = {
  name: 'disruption-controller',
  watches: ['poddisruptionbudgets', 'pods', 'replicasets', 'deployments', 'statefulsets', 'replicationcontrollers'],
  changed(run, change) {
    if (change.resource === 'poddisruptionbudgets') {
      run.add(change.key)
      return
    }
    const budgets = run.cache.list('poddisruptionbudgets', change.object.metadata.namespace)
    for (const budget of budgets) {
      const isRelated =
        !isChangeOf(change, 'pods') ||
        selects(budget.spec?.selector, change.object.metadata.labels) ||
        selects(budget.spec?.selector, change.old?.metadata.labels)
      if (isRelated) run.add(keyOf(budget))
    }
  },
  sync,
}

function sync(run: Run, key: string): SyncOutcome {
  const budget = run.cache.get('poddisruptionbudgets', key)
  if (budget === undefined) return SETTLED
  const { selector } = budget.spec ?? {}
  const pods = podCandidates(run.part, run.cache, budget.metadata.namespace ?? '', selector?.matchLabels ?? {}).filter((pod) =>
    selects(selector, pod.metadata.labels),
  )
  run.looked(key, 3 * pods.length)
  if (pods.length === 0) run.event(budget, 'Normal', 'NoPods', 'No matching pods found', 'controllermanager')
  const status = planStatus(run, budget, pods)
  if (semanticEqual(status, budget.status)) return SETTLED
  const updated = run.api.updateStatus('poddisruptionbudgets', { ...budget, status })
  return updated.ok || updated.error.code === 404 ? SETTLED : retry(updated.error)
}

/** Source: disruption.go trySync, getExpectedPodCount, updatePdbStatus */
function planStatus(run: Run, budget: StoredBudget, pods: readonly StoredPod[]): PodDisruptionBudgetStatus {
  const { minAvailable, maxUnavailable } = budget.spec ?? {}
  const [expected, desired] = counts(run, pods, minAvailable, maxUnavailable)
  const granted = Object.entries(budget.status?.disruptedPods ?? {}).filter(([name, time]) => {
    const pod = pods.find((each) => each.metadata.name === name)
    const at = timeOf(time)
    return pod !== undefined && pod.metadata.deletionTimestamp === undefined && at !== undefined && run.now - at < GRANT
  })
  const isGranted = new Set(granted.map(([name]) => name))
  const healthy = pods.filter(
    (pod) => isPodReady(pod) && pod.metadata.deletionTimestamp === undefined && !isGranted.has(pod.metadata.name),
  ).length
  const allowed = expected === 0 || healthy < desired ? 0 : healthy - desired
  const isAllowed = allowed > 0
  const before = budget.status?.conditions?.find((each) => each.type === 'DisruptionAllowed')
  const value = isAllowed ? 'True' : 'False'
  const generation = budget.metadata.generation
  return {
    ...(isGranted.size === 0 ? {} : { disruptedPods: Object.fromEntries(granted) }),
    currentHealthy: healthy,
    desiredHealthy: desired,
    disruptionsAllowed: allowed,
    expectedPods: expected,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: [
      {
        type: 'DisruptionAllowed',
        status: value,
        reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
        message: '',
        lastTransitionTime: before?.status === value ? before.lastTransitionTime : toTimestamp(run.now),
        ...(generation === undefined ? {} : { observedGeneration: generation }),
      },
    ],
  }
}

/** Expected and desired number of Pods. */
function counts(
  run: Run,
  pods: readonly StoredPod[],
  minAvailable: number | string | undefined,
  maxUnavailable: number | string | undefined,
): readonly [number, number] {
  if (maxUnavailable !== undefined) {
    const expected = expectedScale(run, pods)
    return [expected, Math.max(0, expected - (scaledValue(maxUnavailable, expected, true) ?? 0))]
  }
  if (typeof minAvailable === 'number') return [pods.length, minAvailable]
  if (minAvailable === undefined) return [pods.length, 0]
  const expected = expectedScale(run, pods)
  return [expected, scaledValue(minAvailable, expected, true) ?? 0]
}

/** Wanted size of all controllers of these Pods together. */
function expectedScale(run: Run, pods: readonly StoredPod[]): number {
  const sizes = new Map<string, number>()
  for (const pod of pods) {
    const owner = controllerOf(pod)
    if (owner === undefined || isPodTerminal(pod)) continue
    const key = `${pod.metadata.namespace ?? ''}/${owner.name}`
    const size = scaleOf(run, owner.kind, key)
    if (size !== undefined) sizes.set(size.uid, size.replicas)
  }
  return [...sizes.values()].reduce((sum, each) => sum + each, 0)
}

function scaleOf(run: Run, kind: string, key: string): { readonly uid: string; readonly replicas: number } | undefined {
  switch (kind) {
    case 'ReplicaSet': {
      const rs = run.cache.get('replicasets', key)
      const owner = rs === undefined ? undefined : controllerOf(rs)
      if (owner?.kind === 'Deployment') {
        const deployment = run.cache.get('deployments', `${rs?.metadata.namespace ?? ''}/${owner.name}`)
        if (deployment !== undefined) return { uid: deployment.metadata.uid, replicas: deployment.spec?.replicas ?? 1 }
      }
      return rs === undefined ? undefined : { uid: rs.metadata.uid, replicas: rs.spec?.replicas ?? 1 }
    }
    case 'StatefulSet': {
      const set = run.cache.get('statefulsets', key)
      return set === undefined ? undefined : { uid: set.metadata.uid, replicas: set.spec?.replicas ?? 1 }
    }
    case 'ReplicationController': {
      const rc = run.cache.get('replicationcontrollers', key)
      return rc === undefined ? undefined : { uid: rc.metadata.uid, replicas: rc.spec?.replicas ?? 1 }
    }
    default:
      return undefined
  }
}
