import type { Pod } from '../../../../generated/kubeTypes.js'
import { own } from '../../../core/own.js'
import type { NodeInfo } from '../nodeInfo.js'
import { perNode } from '../perNode.js'
import { type FilterPlugin, MAX_NODE_SCORE, PASS, refuse, type ScorePlugin } from '../plugin.js'
import { podRequests, podRequestsNonZero } from '../podResources.js'
import type { ResourceWeight, SchedulerProfile, ScoringStrategy } from '../profile.js'

/** The order in which shortages are told. */
const FIRST = ['cpu', 'memory', 'ephemeral-storage']

/** Source: kubernetes pkg/scheduler/framework/plugins/noderesources/fit.go fitsRequest */
export const nodeResourcesFit: FilterPlugin & ScorePlugin = {
  name: 'NodeResourcesFit',
  prepare({ pod, profile }) {
    const asked = podRequests(pod)
    const names = Object.keys(asked).filter((name) => (own(asked, name) ?? 0) > 0 && name !== 'pods')
    const ordered = [...FIRST.filter((name) => names.includes(name)), ...names.filter((name) => !FIRST.includes(name))]
    const checked = ordered.filter((name) => FIRST.includes(name) || !isIgnored(name, profile))
    return (info) => {
      const reasons: string[] = []
      let unresolvable = false
      if (info.podCount + 1 > (info.allocatable['pods'] ?? 0)) reasons.push('Too many pods')
      for (const name of checked) {
        const want = own(asked, name) ?? 0
        const have = own(info.allocatable, name) ?? 0
        if (want <= have - (own(info.requested, name) ?? 0)) continue
        reasons.push(`Insufficient ${name}`)
        if (want > have) unresolvable = true
      }
      return reasons.length === 0 ? PASS : refuse(unresolvable, ...reasons)
    }
  },
  score(cycle, feasible) {
    const { pod, profile } = cycle
    const raw = feasible.map(perNode(cycle, 'fit', (info) => fitScore(profile.scoringStrategy, pod, info)))
    return { raw, normalized: raw }
  },
}

/** Extended resources may be left to somebody else, by name or by group. */
function isIgnored(resource: string, profile: SchedulerProfile): boolean {
  if (!resource.includes('/')) return false
  const group = resource.slice(0, resource.indexOf('/'))
  return profile.ignoredResources.includes(resource) || profile.ignoredResourceGroups.includes(group)
}

interface Usage {
  readonly weight: number
  readonly allocatable: number
  /** With the Pod. */
  readonly requested: number
  /** Without it. */
  readonly before: number
}

/** What is used of each weighed resource. Source: kubernetes pkg/scheduler/framework/plugins/noderesources/resource_allocation.go calculateResourceAllocatableRequest */
function usages(resources: readonly ResourceWeight[], pod: Pod, info: NodeInfo, useRequested: boolean): readonly Usage[] {
  const asked = useRequested ? podRequests(pod) : podRequestsNonZero(pod)
  return resources.map(({ name, weight }) => {
    const want = own(asked, name) ?? 0
    // Devices and huge pages count only for Pods that ask for them.
    if (want === 0 && !FIRST.includes(name)) return { weight, allocatable: 0, requested: 0, before: 0 }
    const nonZero = !useRequested && (name === 'cpu' || name === 'memory')
    const before = own(nonZero ? info.nonZeroRequested : info.requested, name) ?? 0
    return { weight, allocatable: own(info.allocatable, name) ?? 0, requested: before + want, before }
  })
}

function fitScore(strategy: ScoringStrategy, pod: Pod, info: NodeInfo): number {
  let sum = 0
  let weights = 0
  for (const { weight, allocatable, requested } of usages(strategy.resources, pod, info, false)) {
    if (allocatable === 0) continue
    const score = resourceScore(strategy, requested, allocatable)
    if (strategy.type === 'RequestedToCapacityRatio' && score <= 0) continue
    sum += score * weight
    weights += weight
  }
  if (weights === 0) return 0
  return strategy.type === 'RequestedToCapacityRatio' ? Math.round(sum / weights) : Math.trunc(sum / weights)
}

/** Source: kubernetes pkg/scheduler/framework/plugins/noderesources/{least_allocated,most_allocated,requested_to_capacity_ratio}.go */
function resourceScore(strategy: ScoringStrategy, requested: number, capacity: number): number {
  switch (strategy.type) {
    case 'LeastAllocated':
      return requested > capacity ? 0 : Math.trunc(((capacity - requested) * MAX_NODE_SCORE) / capacity)
    case 'MostAllocated':
      return Math.trunc((Math.min(requested, capacity) * MAX_NODE_SCORE) / capacity)
    case 'RequestedToCapacityRatio':
      return onShape(strategy.shape, requested > capacity ? 100 : Math.trunc((requested * 100) / capacity))
  }
}

/** A broken line through the points, flat beyond its ends; scores 0..10 become 0..100. */
function onShape(shape: ScoringStrategy['shape'], utilization: number): number {
  let previous: { readonly utilization: number; readonly score: number } | undefined
  for (const point of shape) {
    const score = point.score * 10
    if (utilization <= point.utilization) {
      if (previous === undefined) return score
      const rise = (score - previous.score) * (utilization - previous.utilization)
      return previous.score + Math.trunc(rise / (point.utilization - previous.utilization))
    }
    previous = { utilization: point.utilization, score }
  }
  return previous?.score ?? 0
}

/**
 * Prefers Nodes that the Pod brings nearer to even use of their resources: 75 changes nothing, 50 is the worst, 100 the best.
 *
 * Source: kubernetes pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go (since 1.36 by the change that the Pod makes)
 */
export const balancedAllocation: ScorePlugin = {
  name: 'NodeResourcesBalancedAllocation',
  score(cycle, feasible) {
    const { pod, profile } = cycle
    const asked = podRequests(pod)
    if (profile.balancedResources.every(({ name }) => (own(asked, name) ?? 0) === 0)) return undefined
    const balance = perNode(cycle, 'balance', (info) => {
      const used = usages(profile.balancedResources, pod, info, true)
      const after = evenness(used.map((each) => [each.requested, each.allocatable]))
      const before = evenness(used.map((each) => [each.before, each.allocatable]))
      return MAX_NODE_SCORE / 2 + Math.trunc((MAX_NODE_SCORE / 2 + after - before) / 2)
    })
    const raw = feasible.map(balance)
    return { raw, normalized: raw }
  },
}

/** 100 where all resources are used to the same share, less by the standard deviation of the shares. */
function evenness(pairs: readonly (readonly [number, number])[]): number {
  const shares = pairs
    .filter(([, allocatable]) => allocatable !== 0)
    .map(([used, allocatable]) => Math.min(1, used / allocatable))
  if (shares.length < 2) return MAX_NODE_SCORE
  const [a = 0, b = 0] = shares
  if (shares.length === 2) return Math.trunc((1 - Math.abs((a - b) / 2)) * MAX_NODE_SCORE)
  const mean = shares.reduce((sum, each) => sum + each, 0) / shares.length
  const variance = shares.reduce((sum, each) => sum + (each - mean) * (each - mean), 0) / shares.length
  return Math.trunc((1 - Math.sqrt(variance)) * MAX_NODE_SCORE)
}
