import type { Pod, PodDisruptionBudget } from '../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../core/digest.js'
import { own } from '../../core/own.js'
import { type Findings, histogram, prepareFilters } from './evaluate.js'
import { type NodeInfo, podKey, withPod } from './nodeInfo.js'
import type { Cycle } from './plugin.js'
import { matchesSelector } from './selectors.js'

export interface PreemptionPlan {
  readonly node: string
  readonly victims: readonly Pod[]
  /** Victims whose going breaks a disruption budget. */
  readonly violations: number
}

export type PreemptionOutcome =
  | { readonly kind: 'plan'; readonly plan: PreemptionPlan }
  /** What the Pod's message says after the reasons. */
  | { readonly kind: 'no'; readonly message: string }

export function priorityOf(pod: Pod): number {
  return pod.spec?.priority ?? 0
}

/**
 * Looks for a Node on which the Pod would fit if Pods of lower priority went, and picks the cheapest such eviction.
 *
 * Simplified: terminating victims of an earlier attempt count as gone soon only through `isWaiting`.
 * Source: kubernetes pkg/scheduler/framework/preemption/preemption.go Evaluator.Preempt;
 * pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go SelectVictimsOnNode
 */
export function preempt(cycle: Cycle, findings: Findings): PreemptionOutcome {
  const { pod } = cycle
  if (pod.spec?.preemptionPolicy === 'Never') {
    return { kind: 'no', message: no('not eligible due to preemptionPolicy=Never.') }
  }
  if (isWaiting(cycle)) {
    return { kind: 'no', message: no('not eligible due to a terminating pod on the nominated node.') }
  }
  const reasons: string[][] = []
  const plans: PreemptionPlan[] = []
  for (const info of cycle.nodes) {
    const refusal = findings.refusals.get(info.name)
    if (findings.preFilterMessage !== undefined || refusal === undefined || refusal.status.unresolvable) {
      reasons.push(['Preemption is not helpful for scheduling'])
      continue
    }
    const found = victimsOn(cycle, info)
    if (found.kind === 'victims') plans.push({ node: info.name, victims: found.victims, violations: found.violations })
    else reasons.push([...found.reasons])
  }
  const best = plans.sort(cheaper)[0]
  if (best !== undefined) return { kind: 'plan', plan: best }
  return { kind: 'no', message: no(`0/${cycle.nodes.length} nodes are available: ${histogram(reasons)}.`) }
}

/** Two plugins look for a way after the filters; the first, for devices, never has anything to give up here. */
function no(preemption: string): string {
  return `no new claims to deallocate, preemption: ${preemption}`
}

/** Pods of lower priority are already ending on the Node that this Pod was promised. */
function isWaiting({ pod, nodes }: Cycle): boolean {
  const nominated = pod.status?.nominatedNodeName ?? ''
  if (nominated === '') return false
  const info = nodes.find((each) => each.name === nominated)
  return [...(info?.pods.values() ?? [])].some(
    (other) => other.metadata?.deletionTimestamp !== undefined && priorityOf(other) < priorityOf(pod),
  )
}

type Victims =
  | { readonly kind: 'victims'; readonly victims: readonly Pod[]; readonly violations: number }
  | { readonly kind: 'none'; readonly reasons: readonly string[] }

/** All of lower priority go in thought; then as many as possible come back: those with a budget first, then the most important. */
function victimsOn(cycle: Cycle, info: NodeInfo): Victims {
  const lower = [...info.pods.values()].filter((other) => priorityOf(other) < priorityOf(cycle.pod))
  if (lower.length === 0) return { kind: 'none', reasons: ['No preemption victims found for incoming pod'] }
  let trial = info
  for (const other of lower) trial = withPod(trial, other, -1)
  const first = judge(cycle, trial)
  if (first.length > 0) return { kind: 'none', reasons: first }
  const victims: Pod[] = []
  const guarded = guardedBy(cycle, lower.sort(moreImportant))
  let violations = 0
  for (const other of [...lower.filter((each) => guarded.has(each)), ...lower.filter((each) => !guarded.has(each))]) {
    const back = withPod(trial, other, 1)
    if (judge(cycle, back).length === 0) {
      trial = back
      continue
    }
    victims.push(other)
    if (guarded.has(other)) violations++
  }
  return { kind: 'victims', victims: victims.sort(moreImportant), violations }
}

/** Pods that may not go without breaking a budget. Source: default_preemption.go filterPodsWithPDBViolation */
function guardedBy({ lookups }: Cycle, pods: readonly Pod[]): ReadonlySet<Pod> {
  const left = new Map<PodDisruptionBudget, number>()
  const guarded = new Set<Pod>()
  for (const pod of pods) {
    // A Pod without labels has no budget.
    if (Object.keys(pod.metadata?.labels ?? {}).length === 0) continue
    for (const budget of lookups.budgets(pod.metadata?.namespace ?? 'default')) {
      const { selector } = budget.spec ?? {}
      const isAll = Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions ?? []).length === 0
      if (isAll || !matchesSelector(selector, pod.metadata?.labels)) continue
      // The API server has let it go already.
      if (own(budget.status?.disruptedPods, pod.metadata?.name ?? '') !== undefined) continue
      const allowed = (left.get(budget) ?? budget.status?.disruptionsAllowed ?? 0) - 1
      left.set(budget, allowed)
      if (allowed < 0) guarded.add(pod)
    }
  }
  return guarded
}

/** The refusal of the first filter for this Node as it would be, empty when the Pod fits. */
function judge(cycle: Cycle, trial: NodeInfo): readonly string[] {
  const nodes = cycle.nodes.map((each) => (each.name === trial.name ? trial : each))
  for (const { filter } of prepareFilters({ ...cycle, nodes })) {
    const status = filter(trial)
    if (!status.ok) return status.reasons
  }
  return []
}

function startOf(pod: Pod): string {
  return pod.status?.startTime ?? pod.metadata?.creationTimestamp ?? ''
}

/** Higher priority first, then the one that has run longer. Source: kubernetes pkg/scheduler/util/utils.go MoreImportantPod */
function moreImportant(a: Pod, b: Pod): number {
  return priorityOf(b) - priorityOf(a) || byCodeUnit(startOf(a), startOf(b)) || byCodeUnit(podKey(a), podKey(b))
}

/**
 * Fewest broken budgets, then the lowest highest victim, then the lowest sum of priorities (each counted from the lowest there is, so
 * that fewer victims weigh less), then fewest victims, then the latest start of the most important victim.
 *
 * Source: kubernetes pkg/scheduler/framework/preemption/preemption.go pickOneNodeForPreemption
 */
const LOWEST = 2 ** 31

function cheaper(a: PreemptionPlan, b: PreemptionPlan): number {
  const highest = (plan: PreemptionPlan): number => Math.max(...plan.victims.map(priorityOf))
  const sum = (plan: PreemptionPlan): number => plan.victims.reduce((total, each) => total + priorityOf(each) + LOWEST, 0)
  const earliest = (plan: PreemptionPlan): string => {
    const top = highest(plan)
    return (
      plan.victims
        .filter((each) => priorityOf(each) === top)
        .map(startOf)
        .sort(byCodeUnit)[0] ?? ''
    )
  }
  return (
    a.violations - b.violations ||
    highest(a) - highest(b) ||
    sum(a) - sum(b) ||
    a.victims.length - b.victims.length ||
    byCodeUnit(earliest(b), earliest(a))
  )
}
