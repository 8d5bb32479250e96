import type { LabelSelector, PodDisruptionBudgetStatus } from '../../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../../core/digest.js'
import { own } from '../../../core/own.js'
import { SECOND, toTimestamp } from '../../../core/time.js'
import type { StoredOf } from '../../api/resources.js'
import { keyOf } from '../../api/resources.js'
import type { Controller, Run, StoredPod, SyncOutcome } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'
import { scaledValue, semanticEqual } from '../plain.js'
import { podCandidates } from '../podIndex.js'
import { controllerOf, isPodReady, timeOf } from '../pods.js'
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
  const scale = expectedScale(run, pods)
  const { minAvailable, maxUnavailable } = budget.spec ?? {}
  if (maxUnavailable !== undefined || typeof minAvailable === 'string') {
    if (scale.fault !== undefined) {
      const message = `Failed to calculate the number of expected pods: ${scale.fault}`
      run.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', message, 'controllermanager')
      return write(run, budget, failSafe(run, budget, scale.fault))
    }
    if (scale.unmanaged) {
      const message = `Pods selected by this PodDisruptionBudget (selector: ${selectorText(selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`
      run.event(budget, 'Warning', 'UnmanagedPods', message, 'controllermanager')
    }
  }
  for (const time of Object.values(budget.status?.disruptedPods ?? {})) {
    const until = (timeOf(time) ?? 0) + GRANT
    if (until >= run.now) run.addAfter(key, until - run.now + 1, true)
  }
  return write(run, budget, planStatus(run, budget, pods, scale.replicas))
}

function write(run: Run, budget: StoredBudget, status: PodDisruptionBudgetStatus): SyncOutcome {
  if (semanticEqual(status, budget.status)) return SETTLED
  const updated = run.api.updateStatus('poddisruptionbudgets', { ...budget, status })
  return updated.ok || updated.error.code === 404 ? SETTLED : retry(updated.error)
}

/** While nothing can be worked out nobody may go. Source: disruption.go failSafe */
function failSafe(run: Run, { status, metadata }: StoredBudget, message: string): PodDisruptionBudgetStatus {
  const before = status?.conditions?.find((each) => each.type === 'DisruptionAllowed')
  const { generation } = metadata
  return {
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
    ...status,
    disruptionsAllowed: 0,
    conditions: [
      {
        type: 'DisruptionAllowed',
        status: 'False',
        reason: 'SyncFailed',
        message,
        lastTransitionTime: before?.status === 'False' ? before.lastTransitionTime : toTimestamp(run.now),
        ...(generation === undefined || status?.observedGeneration === undefined
          ? {}
          : { observedGeneration: status.observedGeneration }),
      },
    ],
  }
}

/** Source: disruption.go trySync, getExpectedPodCount, updatePdbStatus */
function planStatus(run: Run, budget: StoredBudget, pods: readonly StoredPod[], scale: number): PodDisruptionBudgetStatus {
  const { minAvailable, maxUnavailable } = budget.spec ?? {}
  const [expected, desired] = counts(scale, pods.length, minAvailable, maxUnavailable)
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

/** Expected and desired number of Pods. Source: disruption.go getExpectedPodCount */
function counts(
  scale: number,
  pods: number,
  minAvailable: number | string | undefined,
  maxUnavailable: number | string | undefined,
): readonly [number, number] {
  if (maxUnavailable !== undefined) return [scale, Math.max(0, scale - (scaledValue(maxUnavailable, scale, true) ?? 0))]
  if (typeof minAvailable === 'string') return [scale, scaledValue(minAvailable, scale, true) ?? 0]
  return [pods, minAvailable ?? 0]
}

interface Scale {
  readonly replicas: number
  /** Some Pods have no controller: they are left out. */
  readonly unmanaged: boolean
  /** Why the wanted size of some controller cannot be told. */
  readonly fault: string | undefined
}

/** Controllers that cannot be sized. */
const UNSCALED: Readonly<Record<string, string>> = { DaemonSet: 'daemonsets.apps', Job: 'jobs.batch' }

/** Wanted size of all controllers of these Pods together. Source: disruption.go getExpectedScale */
function expectedScale(run: Run, pods: readonly StoredPod[]): Scale {
  const sizes = new Map<string, number>()
  let unmanaged = false
  for (const pod of pods) {
    const owner = controllerOf(pod)
    if (owner === undefined) {
      unmanaged = true
      continue
    }
    const size = scaleOf(run, owner.kind, `${pod.metadata.namespace ?? ''}/${owner.name}`)
    if (size === undefined) {
      const unscaled = own(UNSCALED, owner.kind)
      const fault =
        unscaled === undefined
          ? `found no controllers for pod "${pod.metadata.name}"`
          : `${unscaled} does not implement the scale subresource`
      return { replicas: 0, unmanaged, fault }
    }
    sizes.set(size.uid, size.replicas)
  }
  return { replicas: [...sizes.values()].reduce((sum, each) => sum + each, 0), unmanaged, fault: undefined }
}

/** A selector as Go prints it. Source: apimachinery pkg/apis/meta/v1/generated.pb.go LabelSelector.String */
function selectorText(selector: LabelSelector | undefined): string {
  const labels = Object.entries(selector?.matchLabels ?? {})
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([key, value]) => `${key}: ${value},`)
    .join('')
  const expressions = (selector?.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],}`,
  )
  const list = expressions.map((each) => `${each},`).join('')
  return `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:[]LabelSelectorRequirement{${list}},}`
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
