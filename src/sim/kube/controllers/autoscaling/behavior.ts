import type { V2HPAScalingPolicy, V2HPAScalingRules } from '../../../../generated/kubeTypes.js'
import type { SimTime } from '../../../core/time.js'
import { SECOND } from '../../../core/time.js'
import type { Recommendation, ScaleEvent } from '../part.js'

/** What the rules of an autoscaler make of a proposal, and the words of the condition that tells it. */
export interface Settled {
  readonly replicas: number
  readonly isLimited: boolean
  readonly reason: string
  readonly message: string
}

/** How long a rule holds a recommendation back, where it does not say: only going down waits. */
const DOWN_WINDOW = 300

/**
 * Between the lowest recent recommendation, when growing, and the highest, when shrinking.
 * Source: kubernetes pkg/controller/podautoscaler/horizontal.go stabilizeRecommendationWithBehaviors
 */
export function stabilizeByRules(
  rules: { readonly scaleUp?: V2HPAScalingRules; readonly scaleDown?: V2HPAScalingRules },
  recent: readonly Recommendation[],
  current: number,
  proposed: number,
  now: SimTime,
): Settled {
  const within = (seconds: number): readonly number[] =>
    recent.filter((each) => each.at > now - seconds * SECOND).map((each) => each.replicas)
  const lowest = Math.min(proposed, ...within(rules.scaleUp?.stabilizationWindowSeconds ?? 0))
  const highest = Math.max(proposed, ...within(rules.scaleDown?.stabilizationWindowSeconds ?? DOWN_WINDOW))
  const replicas = Math.min(Math.max(current, lowest), highest)
  const grows = proposed >= current
  return {
    replicas,
    isLimited: replicas !== proposed,
    reason: grows ? 'ScaleUpStabilized' : 'ScaleDownStabilized',
    message: grows
      ? 'recent recommendations were lower than current one, applying the lowest recent recommendation'
      : 'recent recommendations were higher than current one, applying the highest recent recommendation',
  }
}

/** No faster than the policies allow, and within the bounds. Source: horizontal.go convertDesiredReplicasWithBehaviorRate */
export function limitByRules(
  rules: { readonly scaleUp?: V2HPAScalingRules; readonly scaleDown?: V2HPAScalingRules },
  events: readonly ScaleEvent[],
  sizes: { readonly current: number; readonly desired: number; readonly least: number; readonly most: number },
  now: SimTime,
): Settled {
  const { current, desired, least, most } = sizes
  const limited = (replicas: number, reason: string, message: string): Settled => ({
    replicas,
    isLimited: true,
    reason,
    message: `the desired replica count is ${message}`,
  })
  if (desired > current) {
    const rate = Math.max(current, furthest(rules.scaleUp, events, current, now, 1))
    if (desired > Math.min(most, rate)) {
      return most > rate
        ? limited(rate, 'ScaleUpLimit', 'increasing faster than the maximum scale rate')
        : limited(most, 'TooManyReplicas', 'more than the maximum replica count')
    }
  } else if (desired < current) {
    const rate = Math.min(current, furthest(rules.scaleDown, events, current, now, -1))
    if (desired < Math.max(least, rate)) {
      return least < rate
        ? limited(rate, 'ScaleDownLimit', 'decreasing faster than the maximum scale rate')
        : limited(least, 'TooFewReplicas', 'less than the minimum replica count')
    }
  }
  const message = 'the desired count is within the acceptable range'
  return { replicas: desired, isLimited: false, reason: 'DesiredWithinRange', message }
}

/**
 * How far policies let the size go, each from what it was when its period began.
 * Source: horizontal.go calculateScaleUpLimitWithScalingRules, calculateScaleDownLimitWithBehaviors
 */
function furthest(
  rules: V2HPAScalingRules | undefined,
  events: readonly ScaleEvent[],
  current: number,
  now: SimTime,
  sign: 1 | -1,
): number {
  if (rules?.selectPolicy === 'Disabled') return current
  const reached = (rules?.policies ?? []).map((policy) => {
    const recent = events.filter((each) => each.at > now - policy.periodSeconds * SECOND)
    return reach(policy, current - recent.reduce((sum, each) => sum + each.change, 0), sign)
  })
  // The least change is the nearest size, whichever the direction.
  const takesFar = rules?.selectPolicy !== 'Min'
  return takesFar === (sign === 1) ? Math.max(...reached) : Math.min(...reached)
}

function reach({ type, value }: V2HPAScalingPolicy, start: number, sign: 1 | -1): number {
  if (type === 'Pods') return start + sign * value
  const size = start * (1 + (sign * value) / 100)
  // Rounded so that a small share still moves something.
  return sign === 1 ? Math.ceil(size) : Math.trunc(size)
}

/** The longest that anything here looks back. */
export function memoryOf(rules: { readonly scaleUp?: V2HPAScalingRules; readonly scaleDown?: V2HPAScalingRules }): SimTime {
  const both = [rules.scaleUp, rules.scaleDown]
  const periods = both.flatMap((each) => (each?.policies ?? []).map((policy) => policy.periodSeconds))
  const windows = both.map((each) => each?.stabilizationWindowSeconds ?? DOWN_WINDOW)
  return Math.max(DOWN_WINDOW, ...periods, ...windows) * SECOND
}
