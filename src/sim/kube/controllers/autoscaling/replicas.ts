import type { SimTime } from '../../../core/time.js'

/** One Pod as the calculation sees it. Times in microseconds; amounts in thousandths (CPU) or bytes. */
export interface MeasuredPod {
  readonly phase: string
  readonly isDeleting: boolean
  /** Ready condition: status and since when; undefined when there is none. */
  readonly ready: { readonly status: string; readonly since: SimTime } | undefined
  readonly startedAt: SimTime | undefined
  readonly request: number
  readonly sample: { readonly value: number; readonly at: SimTime; readonly window: SimTime } | undefined
}

export interface CalculatorSettings {
  /** By how much the use may differ from the target: a share of it, upwards and downwards. */
  readonly tolerance: { readonly up: number; readonly down: number }
  readonly cpuInitializationPeriod: SimTime
  readonly initialReadinessDelay: SimTime
}

export interface Proposal {
  readonly replicas: number
  /** Percent of the requests, of the Pods that counted at first. */
  readonly utilization: number
  readonly averageValue: number
}

export type Calculated = { readonly ok: true; readonly value: Proposal } | { readonly ok: false; readonly error: string }

export interface CalculatorOptions {
  readonly isCpu: boolean
  readonly perPod: boolean
  readonly now: SimTime
  readonly settings: CalculatorSettings
  /** Why a share of the requests cannot be told: a container that has none. */
  readonly requestFault?: string | undefined
}

/**
 * Number of Pods that brings the use of a resource to its target.
 * Pods without a sample count as idle when growing and as fully used when shrinking, so that what is not known never speeds things up.
 *
 * @param target percent of the request; with `perPod`, the amount for each Pod.
 * Source: kubernetes pkg/controller/podautoscaler/replica_calculator.go GetResourceReplicas
 */
export function calculateReplicas(
  current: number,
  target: number,
  pods: readonly MeasuredPod[],
  options: CalculatorOptions,
): Calculated {
  const unready: MeasuredPod[] = []
  const missing: MeasuredPod[] = []
  const counted: { value: number; request: number }[] = []
  for (const pod of pods) {
    if (pod.isDeleting || pod.phase === 'Failed') continue
    if (pod.phase === 'Pending') unready.push(pod)
    else if (pod.sample === undefined) missing.push(pod)
    else if (options.isCpu && isUnready(pod, options.now, options.settings)) unready.push(pod)
    else counted.push({ value: pod.sample.value, request: pod.request })
  }
  const ready = counted.length
  // Samples of Pods that do not count are put aside: nothing may be left.
  if (ready === 0 && (unready.length > 0 || pods.some((pod) => pod.sample !== undefined)))
    return { ok: false, error: 'did not receive metrics for targeted pods (pods might be unready)' }
  if (options.requestFault !== undefined && !options.perPod) return { ok: false, error: options.requestFault }
  const first = ratioOf(counted, target, options.perPod)
  if (first === undefined) return { ok: false, error: 'no metrics returned matched known pods' }
  const keep: Calculated = {
    ok: true,
    value: { replicas: current, utilization: first.utilization, averageValue: first.averageValue },
  }
  const propose = (replicas: number): Calculated => ({ ok: true, value: { ...keep.value, replicas } })
  const { tolerance } = options.settings
  const isWithin = (ratio: number): boolean => 1 - tolerance.down <= ratio && ratio <= 1 + tolerance.up
  const growsPastUnready = unready.length > 0 && first.ratio > 1
  if (!growsPastUnready && missing.length === 0) {
    return isWithin(first.ratio) ? keep : propose(Math.ceil(first.ratio * ready))
  }
  const assumed = [...counted]
  for (const pod of missing) {
    const full = options.perPod ? target : (pod.request * Math.max(100, target)) / 100
    if (first.ratio < 1) assumed.push({ value: full, request: pod.request })
    else if (first.ratio > 1 || options.perPod) assumed.push({ value: 0, request: pod.request })
  }
  if (growsPastUnready) for (const pod of unready) assumed.push({ value: 0, request: pod.request })
  const ratio = ratioOf(assumed, target, options.perPod)?.ratio ?? 1
  if (isWithin(ratio) || (first.ratio < 1 && ratio > 1) || (first.ratio > 1 && ratio < 1)) return keep
  const replicas = Math.ceil(ratio * assumed.length)
  return (ratio < 1 && replicas > current) || (ratio > 1 && replicas < current) ? keep : propose(replicas)
}

function ratioOf(entries: readonly { readonly value: number; readonly request: number }[], target: number, perPod: boolean) {
  const total = entries.reduce((sum, each) => sum + each.value, 0)
  const requested = entries.reduce((sum, each) => sum + each.request, 0)
  if (entries.length === 0 || (requested === 0 && !perPod)) return undefined
  const averageValue = Math.trunc(total / entries.length)
  const utilization = requested === 0 ? 0 : Math.trunc((total * 100) / requested)
  return { ratio: (perPod ? averageValue : utilization) / target, utilization, averageValue }
}

/** A Pod that is just starting uses CPU that says nothing. Source: replica_calculator.go groupPods */
function isUnready(pod: MeasuredPod, now: SimTime, settings: CalculatorSettings): boolean {
  const { ready, startedAt, sample } = pod
  if (ready === undefined || startedAt === undefined) return true
  if (startedAt + settings.cpuInitializationPeriod > now) {
    return ready.status === 'False' || (sample !== undefined && sample.at < ready.since + sample.window)
  }
  return ready.status === 'False' && startedAt + settings.initialReadinessDelay > ready.since
}
