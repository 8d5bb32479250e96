import type { NodeSelector, PreferredSchedulingTerm, TopologySpreadConstraint } from '../../../generated/kubeTypes.js'

export interface ResourceWeight {
  readonly name: string
  readonly weight: number
}

/** How Nodes are scored by what is free on them. */
export interface ScoringStrategy {
  readonly type: 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio'
  readonly resources: readonly ResourceWeight[]
  /** Points of the function from use in percent to a score of 0..10, for `RequestedToCapacityRatio`. */
  readonly shape: readonly { readonly utilization: number; readonly score: number }[]
}

/** A scheduler profile as far as it is acted on. Source: kubernetes pkg/scheduler/apis/config/v1/default_plugins.go, defaults.go */
export interface SchedulerProfile {
  readonly name: string
  /** Weight of each score plugin; a plugin that is not here does not score. */
  readonly weights: Readonly<Record<string, number>>
  /** Filters in the order in which they run. */
  readonly filters: readonly string[]
  readonly scoringStrategy: ScoringStrategy
  readonly balancedResources: readonly ResourceWeight[]
  readonly ignoredResources: readonly string[]
  readonly ignoredResourceGroups: readonly string[]
  readonly addedAffinity: {
    readonly required?: NodeSelector
    readonly preferred?: readonly PreferredSchedulingTerm[]
  }
  readonly hardPodAffinityWeight: number
  readonly ignorePreferredTermsOfExistingPods: boolean
  readonly defaultSpread: 'System' | 'List'
  readonly defaultConstraints: readonly TopologySpreadConstraint[]
  readonly percentageOfNodesToScore: number
  readonly initialBackoffSeconds: number
  readonly maxBackoffSeconds: number
}

const CPU_AND_MEMORY: readonly ResourceWeight[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
]

export const FILTERS = [
  'NodeUnschedulable',
  'NodeName',
  'TaintToleration',
  'NodeAffinity',
  'NodePorts',
  'NodeResourcesFit',
  'VolumeBinding',
  'PodTopologySpread',
  'InterPodAffinity',
] as const

export const DEFAULT_PROFILE: SchedulerProfile = {
  name: 'default-scheduler',
  weights: {
    TaintToleration: 3,
    NodeAffinity: 2,
    NodeResourcesFit: 1,
    PodTopologySpread: 2,
    InterPodAffinity: 2,
    DynamicResources: 2,
    NodeResourcesBalancedAllocation: 1,
    ImageLocality: 1,
  },
  filters: FILTERS,
  scoringStrategy: { type: 'LeastAllocated', resources: CPU_AND_MEMORY, shape: [] },
  balancedResources: CPU_AND_MEMORY,
  ignoredResources: [],
  ignoredResourceGroups: [],
  addedAffinity: {},
  hardPodAffinityWeight: 1,
  ignorePreferredTermsOfExistingPods: false,
  defaultSpread: 'System',
  defaultConstraints: [],
  percentageOfNodesToScore: 0,
  initialBackoffSeconds: 1,
  maxBackoffSeconds: 10,
}
