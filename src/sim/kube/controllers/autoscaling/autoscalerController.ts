import type { Container, V2HorizontalPodAutoscalerCondition, V2MetricStatus } from '../../../../generated/kubeTypes.js'
import { MINUTE, SECOND, toTimestamp } from '../../../core/time.js'
import type { ApiError } from '../../api/apiError.js'
import { nanosOf } from '../../api/quantity.js'
import type { StoredOf } from '../../api/resources.js'
import type { Controller, Run, StoredPod, SyncOutcome } from '../framework.js'
import { retry, SETTLED } from '../framework.js'
import { semanticEqual } from '../plain.js'
import { podCandidates } from '../podIndex.js'
import { keyOfPod, podCondition, timeOf } from '../pods.js'
import { selects } from '../selectors.js'
import { limitByRules, memoryOf, stabilizeByRules } from './behavior.js'
import type { MeasuredPod } from './replicas.js'
import { calculateReplicas } from './replicas.js'

type Autoscaler = StoredOf<'horizontalpodautoscalers'>

const COMPONENT = 'horizontal-pod-autoscaler'
const TOLERANCE = 0.1
const SETTINGS = { cpuInitializationPeriod: 5 * MINUTE, initialReadinessDelay: 30 * SECOND }
/** A lower recommendation waits until no higher one is as recent as this. */
const STABILIZATION = 5 * MINUTE

/**
 * Sizes Deployments, ReplicaSets and StatefulSets after the use of their Pods, as far as something measures it.
 * Simplified: resource metrics of Pods alone.
 *
 * Source: kubernetes pkg/controller/podautoscaler/horizontal.go
 */
export const autoscalerController: Controller = {
  name: 'horizontal-pod-autoscaler-controller',
  watches: ['horizontalpodautoscalers', 'pods', 'deployments', 'replicasets', 'statefulsets'],
  changed(run, change) {
    if (change.resource === 'horizontalpodautoscalers' && change.type === 'ADDED') again(run, change.key)
  },
  sync,
}

/** Each autoscaler is looked at once in a period, for the first time when one has passed. */
function again(run: Run, key: string): void {
  run.addAfter(key, run.part.settings.hpaSyncPeriod, true)
}

type Status = NonNullable<Autoscaler['status']>

interface Sync {
  readonly run: Run
  readonly key: string
  readonly hpa: Autoscaler
  conditions: readonly V2HorizontalPodAutoscalerCondition[]
}

const TARGETS = { Deployment: 'deployments', ReplicaSet: 'replicasets', StatefulSet: 'statefulsets' } as const

function sync(run: Run, key: string): SyncOutcome {
  const hpa = run.cache.get('horizontalpodautoscalers', key)
  if (hpa === undefined) {
    run.part.recommendations.delete(key)
    run.part.scaleEvents.delete(key)
    return SETTLED
  }
  again(run, key)
  const error = reconcile({ run, key, hpa, conditions: hpa.status?.conditions ?? [] })
  return error === undefined ? SETTLED : retry(error)
}

function setCondition(state: Sync, type: string, isTrue: boolean, reason: string, message: string): void {
  const status = isTrue ? 'True' : 'False'
  const before = state.conditions.find((each) => each.type === type)
  const time = before?.status === status ? before.lastTransitionTime : toTimestamp(state.run.now)
  const next = { type, status, ...(time === undefined ? {} : { lastTransitionTime: time }), reason, message }
  state.conditions =
    before === undefined ? [...state.conditions, next] : state.conditions.map((each) => (each === before ? next : each))
}

/** Source: horizontal.go reconcileAutoscaler */
function reconcile(state: Sync): ApiError | undefined {
  const { run, key, hpa } = state
  const { kind, name } = hpa.spec?.scaleTargetRef ?? { kind: '', name: '' }
  const resource = TARGETS[kind as keyof typeof TARGETS]
  const found = resource === undefined ? undefined : run.api.get(resource, `${hpa.metadata.namespace ?? ''}/${name}`)
  const target = found?.ok === true ? found.value : undefined
  if (target === undefined || resource === undefined) {
    const message = `${resource ?? kind.toLowerCase()}.apps "${name}" not found`
    run.event(hpa, 'Warning', 'FailedGetScale', message, COMPONENT)
    setCondition(
      state,
      'AbleToScale',
      false,
      'FailedGetScale',
      `the HPA controller was unable to get the target's current scale: ${message}`,
    )
    return write(state, hpa.status?.currentReplicas ?? 0, hpa.status?.desiredReplicas ?? 0, hpa.status?.currentMetrics, false)
  }
  setCondition(state, 'AbleToScale', true, 'SucceededGetScale', "the HPA controller was able to get the target's current scale")
  const current = target.spec?.replicas ?? 1
  const least = hpa.spec?.minReplicas ?? 1
  const most = hpa.spec?.maxReplicas ?? 1
  remember(run, key, current, true)
  if (current === 0 && least !== 0) {
    setCondition(
      state,
      'ScalingActive',
      false,
      'ScalingDisabled',
      'scaling is disabled since the replica count of the target is zero',
    )
    return write(state, 0, 0, undefined, false)
  }
  let desired = current
  let reason = ''
  let metrics = hpa.status?.currentMetrics
  if (current > most) {
    desired = most
    reason = 'Current number of replicas above Spec.MaxReplicas'
  } else if (current < least) {
    desired = least
    reason = 'Current number of replicas below Spec.MinReplicas'
  } else {
    const pods = podsOf(run, hpa.metadata.namespace ?? '', target.spec?.selector)
    const computed = compute(state, current, pods)
    if (computed === undefined) return write(state, current, hpa.status?.desiredReplicas ?? 0, [{ type: '' }], false)
    metrics = computed.metrics
    desired = settle(state, current, computed.replicas, least, most)
    reason = desired > current ? `${computed.name} above target` : 'All metrics below target'
  }
  if (desired === current) return write(state, current, current, metrics, false)
  run.decide(hpa, 'rescale', { from: current, to: desired, reason })
  const scaled = run.api.patch(resource, `${hpa.metadata.namespace ?? ''}/${name}`, 'merge', { spec: { replicas: desired } })
  if (!scaled.ok) {
    run.event(
      hpa,
      'Warning',
      'FailedRescale',
      `New size: ${desired}; reason: ${reason}; error: ${scaled.error.message}`,
      COMPONENT,
    )
    const message = `the HPA controller was unable to update the target scale: ${scaled.error.message}`
    setCondition(state, 'AbleToScale', false, 'FailedUpdateScale', message)
    return write(state, current, hpa.status?.desiredReplicas ?? 0, metrics, false) ?? scaled.error
  }
  if (hpa.spec?.behavior !== undefined) {
    const before = (run.part.scaleEvents.get(key) ?? []).filter((each) => each.at > run.now - memoryOf(hpa.spec?.behavior ?? {}))
    run.part.scaleEvents.set(key, [...before, { at: run.now, change: desired - current }])
  }
  setCondition(
    state,
    'AbleToScale',
    true,
    'SucceededRescale',
    `the HPA controller was able to update the target scale to ${desired}`,
  )
  run.event(hpa, 'Normal', 'SuccessfulRescale', `New size: ${desired}; reason: ${reason}`, COMPONENT)
  return write(state, current, desired, metrics, true)
}

function podsOf(run: Run, namespace: string, selector: Parameters<typeof selects>[0]): readonly StoredPod[] {
  return podCandidates(run.part, run.cache, namespace, selector?.matchLabels ?? {}).filter((pod) =>
    selects(selector, pod.metadata.labels),
  )
}

interface Computed {
  readonly replicas: number
  readonly name: string
  readonly metrics: readonly V2MetricStatus[]
}

/** The largest proposal of all metrics; undefined, and told, when none can be had. Source: computeReplicasForMetrics */
function compute(state: Sync, current: number, pods: readonly StoredPod[]): Computed | undefined {
  const { run, hpa } = state
  const specs = hpa.spec?.metrics ?? []
  let best: Computed | undefined
  let firstError: readonly [string, string] | undefined
  let invalid = 0
  const metrics: V2MetricStatus[] = []
  for (const { type, resource } of specs) {
    const name = resource?.name ?? type.toLowerCase()
    const { averageUtilization, averageValue } = resource?.target ?? { type: '' }
    const perPod = averageUtilization === undefined
    const isCpu = name === 'cpu'
    const amount = perPod ? amountOf(averageValue, isCpu) : averageUtilization
    const measured = pods.map((pod) => measure(run, pod, name))
    const what = perPod ? `failed to get ${name} usage` : `failed to get ${name} utilization`
    const result = measured.every((each) => each.sample === undefined)
      ? {
          ok: false as const,
          error: `unable to get metrics for resource ${name}: no metrics returned from resource metrics API`,
        }
      : calculateReplicas(current, amount, measured, {
          isCpu,
          perPod,
          now: run.now,
          settings: { ...SETTINGS, tolerance: toleranceOf(hpa) },
          requestFault: requestFault(pods, name),
        })
    if (!result.ok) {
      invalid++
      const message = `${what}: ${result.error}`
      run.event(hpa, 'Warning', 'FailedGetResourceMetric', message, COMPONENT)
      firstError ??= [name, message]
      metrics.push({ type: '' })
      continue
    }
    const value = isCpu ? `${result.value.averageValue}m` : String(result.value.averageValue)
    const own = perPod ? { averageValue: value } : { averageValue: value, averageUtilization: result.value.utilization }
    metrics.push({ type: 'Resource', resource: { name, current: own } })
    const label = perPod ? `${name} resource` : `${name} resource utilization (percentage of request)`
    if (best === undefined || result.value.replicas > best.replicas)
      best = { replicas: result.value.replicas, name: label, metrics }
  }
  if (best === undefined || (invalid > 0 && best.replicas < current)) {
    const [name, message] = firstError ?? ['', 'no metrics']
    setCondition(
      state,
      'ScalingActive',
      false,
      'FailedGetResourceMetric',
      `the HPA was unable to compute the replica count: ${message}`,
    )
    const told = `invalid metrics (${invalid} invalid out of ${specs.length}), first error is: failed to get ${name} resource metric value: ${message}`
    run.event(hpa, 'Warning', 'FailedComputeMetricsReplicas', told, COMPONENT)
    return undefined
  }
  const message = `the HPA was able to successfully calculate a replica count from ${best.name}`
  setCondition(state, 'ScalingActive', true, 'ValidMetricFound', message)
  return { ...best, metrics }
}

/** Source: horizontal.go tolerancesForHpa */
function toleranceOf({ spec }: Autoscaler): { readonly up: number; readonly down: number } {
  const share = (text: string | undefined): number => (text === undefined ? TOLERANCE : Number(nanosOf(text)) / 1e9)
  return { up: share(spec?.behavior?.scaleUp?.tolerance), down: share(spec?.behavior?.scaleDown?.tolerance) }
}

/** Containers that run beside each other. */
function running({ spec }: StoredPod): readonly Container[] {
  return [...(spec?.containers ?? []), ...(spec?.initContainers ?? []).filter((each) => each.restartPolicy === 'Always')]
}

/** Source: replica_calculator.go calculatePodRequests */
function requestFault(pods: readonly StoredPod[], name: string): string | undefined {
  for (const pod of pods) {
    const container = running(pod).find((each) => each.resources?.requests?.[name] === undefined)
    if (container !== undefined) return `missing request for ${name} in container ${container.name} of Pod ${pod.metadata.name}`
  }
  return undefined
}

function amountOf(text: string | undefined, isCpu: boolean): number {
  return Number(nanosOf(text) / (isCpu ? 1_000_000n : 1_000_000_000n))
}

function measure(run: Run, pod: StoredPod, name: string): MeasuredPod {
  const usage = run.part.podUsage.get(keyOfPod(pod))
  const ready = podCondition(pod, 'Ready')
  const isCpu = name === 'cpu'
  const request = running(pod).reduce((sum, each) => sum + amountOf(each.resources?.requests?.[name], isCpu), 0)
  return {
    phase: pod.status?.phase ?? 'Pending',
    isDeleting: pod.metadata.deletionTimestamp !== undefined,
    ready: ready === undefined ? undefined : { status: ready.status, since: timeOf(ready.lastTransitionTime) ?? 0 },
    startedAt: timeOf(pod.status?.startTime),
    request,
    sample:
      usage === undefined ? undefined : { value: isCpu ? usage.cpuMilli : usage.memoryBytes, at: usage.at, window: usage.window },
  }
}

function remember(run: Run, key: string, replicas: number, onlyFirst: boolean): void {
  const before = run.part.recommendations.get(key) ?? []
  if (onlyFirst && before.length > 0) return
  const memory = memoryOf(run.cache.get('horizontalpodautoscalers', key)?.spec?.behavior ?? {})
  const recent = before.filter((each) => each.at > run.now - memory)
  run.part.recommendations.set(key, [...recent, { at: run.now, replicas }])
}

/** What becomes of a proposal: by the autoscaler's own rules, or by those that hold without any. Source: horizontal.go normalizeDesiredReplicas */
function settle(state: Sync, current: number, proposed: number, least: number, most: number): number {
  const { run, key, hpa } = state
  const rules = hpa.spec?.behavior
  if (rules === undefined) return limit(state, current, stabilize(state, proposed), least, most)
  const held = stabilizeByRules(rules, run.part.recommendations.get(key) ?? [], current, proposed, run.now)
  remember(run, key, proposed, false)
  if (held.isLimited) setCondition(state, 'AbleToScale', true, held.reason, held.message)
  else setCondition(state, 'AbleToScale', true, 'ReadyForNewScale', 'recommended size matches current size')
  const sizes = { current, desired: held.replicas, least, most }
  const limited = limitByRules(rules, run.part.scaleEvents.get(key) ?? [], sizes, run.now)
  setCondition(state, 'ScalingLimited', limited.isLimited, limited.reason, limited.message)
  return limited.replicas
}

/** Going down waits for the highest of the recent recommendations. Source: stabilizeRecommendation */
function stabilize(state: Sync, proposed: number): number {
  const { run, key } = state
  const recent = (run.part.recommendations.get(key) ?? []).filter((each) => each.at > run.now - STABILIZATION)
  const highest = recent.reduce((most, each) => Math.max(most, each.replicas), proposed)
  remember(run, key, proposed, false)
  if (highest === proposed) setCondition(state, 'AbleToScale', true, 'ReadyForNewScale', 'recommended size matches current size')
  else {
    const message = 'recent recommendations were higher than current one, applying the highest recent recommendation'
    setCondition(state, 'AbleToScale', true, 'ScaleDownStabilized', message)
  }
  return highest
}

/** Source: horizontal.go convertDesiredReplicasWithRules */
function limit(state: Sync, current: number, desired: number, least: number, most: number): number {
  const fastest = Math.max(2 * current, 4)
  if (desired < least) {
    const message = 'the desired replica count is less than the minimum replica count'
    setCondition(state, 'ScalingLimited', true, 'TooFewReplicas', message)
    return least
  }
  if (desired > Math.min(fastest, most)) {
    if (most > fastest) {
      const message = 'the desired replica count is increasing faster than the maximum scale rate'
      setCondition(state, 'ScalingLimited', true, 'ScaleUpLimit', message)
      return fastest
    }
    setCondition(
      state,
      'ScalingLimited',
      true,
      'TooManyReplicas',
      'the desired replica count is more than the maximum replica count',
    )
    return most
  }
  setCondition(state, 'ScalingLimited', false, 'DesiredWithinRange', 'the desired count is within the acceptable range')
  return desired
}

function write(
  state: Sync,
  current: number,
  desired: number,
  metrics: readonly V2MetricStatus[] | undefined,
  scaled: boolean,
): ApiError | undefined {
  const { run, hpa, conditions } = state
  const lastScaleTime = scaled ? toTimestamp(run.now) : hpa.status?.lastScaleTime
  const status: Status = {
    ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
    ...(current === 0 ? {} : { currentReplicas: current }),
    desiredReplicas: desired,
    ...(metrics === undefined ? {} : { currentMetrics: metrics }),
    conditions,
  }
  if (semanticEqual(status, hpa.status)) return undefined
  const updated = run.api.updateStatus('horizontalpodautoscalers', { ...hpa, status })
  return updated.ok || updated.error.code === 404 ? undefined : updated.error
}
