import { own } from '../../core/own.js'
import type { ConfigDocument } from '../bootstrap/clusterSpec.js'
import { DEFAULT_PROFILE, type ResourceWeight, type SchedulerProfile, type ScoringStrategy } from './profile.js'

/**
 * The first profile of a `KubeSchedulerConfiguration`, with defaults for what it does not say; what is malformed counts as not said.
 *
 * Source: kubernetes staging kube-scheduler config/v1/types.go, types_pluginargs.go
 */
export function profileFrom(document: ConfigDocument | undefined): SchedulerProfile {
  if (document === undefined) return DEFAULT_PROFILE
  const first = listAt(document, 'profiles').find(isRecord) ?? {}
  const base: SchedulerProfile = {
    ...DEFAULT_PROFILE,
    name: typeof first['schedulerName'] === 'string' ? first['schedulerName'] : DEFAULT_PROFILE.name,
    percentageOfNodesToScore: numberAt(first, 'percentageOfNodesToScore') ?? numberAt(document, 'percentageOfNodesToScore') ?? 0,
    initialBackoffSeconds: numberAt(document, 'podInitialBackoffSeconds') ?? DEFAULT_PROFILE.initialBackoffSeconds,
    maxBackoffSeconds: numberAt(document, 'podMaxBackoffSeconds') ?? DEFAULT_PROFILE.maxBackoffSeconds,
  }
  let profile = withPlugins(base, recordAt(first, 'plugins'))
  for (const entry of listAt(first, 'pluginConfig').filter(isRecord)) {
    profile = withArguments(profile, String(entry['name'] ?? ''), recordAt(entry, 'args'))
  }
  return profile
}

/** Enabled and disabled plugins; `*` disables all of an extension point. */
function withPlugins(profile: SchedulerProfile, plugins: ConfigDocument): SchedulerProfile {
  const weights: Record<string, number> = { ...profile.weights }
  let filters: readonly string[] = profile.filters
  for (const point of ['multiPoint', 'score', 'filter']) {
    const set = recordAt(plugins, point)
    const disabled = names(listAt(set, 'disabled'))
    if (point !== 'filter') for (const name of Object.keys(weights)) if (isDisabled(disabled, name)) delete weights[name]
    if (point !== 'score') filters = filters.filter((name) => !isDisabled(disabled, name))
    for (const entry of listAt(set, 'enabled').filter(isRecord)) {
      const name = String(entry['name'] ?? '')
      if (point !== 'filter' && own(DEFAULT_PROFILE.weights, name) !== undefined) {
        const weight = numberAt(entry, 'weight') ?? 0
        weights[name] = weight > 0 ? weight : (DEFAULT_PROFILE.weights[name] ?? 1)
      }
      if (point !== 'score' && DEFAULT_PROFILE.filters.includes(name) && !filters.includes(name)) filters = [...filters, name]
    }
  }
  return { ...profile, weights, filters }
}

function isDisabled(disabled: readonly string[], name: string): boolean {
  return disabled.includes('*') || disabled.includes(name)
}

function names(list: readonly unknown[]): readonly string[] {
  return list.filter(isRecord).map((each) => String(each['name'] ?? ''))
}

function withArguments(profile: SchedulerProfile, plugin: string, args: ConfigDocument): SchedulerProfile {
  switch (plugin) {
    case 'NodeResourcesFit':
      return {
        ...profile,
        scoringStrategy: strategyFrom(recordAt(args, 'scoringStrategy')) ?? profile.scoringStrategy,
        ignoredResources: listAt(args, 'ignoredResources').map(String),
        ignoredResourceGroups: listAt(args, 'ignoredResourceGroups').map(String),
      }
    case 'NodeResourcesBalancedAllocation':
      return { ...profile, balancedResources: resourcesFrom(args, profile.balancedResources) }
    case 'InterPodAffinity':
      return {
        ...profile,
        hardPodAffinityWeight: numberAt(args, 'hardPodAffinityWeight') ?? profile.hardPodAffinityWeight,
        ignorePreferredTermsOfExistingPods: args['ignorePreferredTermsOfExistingPods'] === true,
      }
    case 'NodeAffinity': {
      const added = recordAt(args, 'addedAffinity')
      const required = added['requiredDuringSchedulingIgnoredDuringExecution']
      const preferred = added['preferredDuringSchedulingIgnoredDuringExecution']
      return {
        ...profile,
        // Shapes of the API; the scheduler reads them field by field and takes what is missing as empty.
        addedAffinity: {
          ...(isRecord(required)
            ? { required: required as unknown as NonNullable<SchedulerProfile['addedAffinity']['required']> }
            : {}),
          ...(Array.isArray(preferred)
            ? { preferred: preferred as NonNullable<SchedulerProfile['addedAffinity']['preferred']> }
            : {}),
        },
      }
    }
    case 'PodTopologySpread':
      return {
        ...profile,
        defaultSpread: args['defaultingType'] === 'List' ? 'List' : 'System',
        defaultConstraints: listAt(args, 'defaultConstraints') as SchedulerProfile['defaultConstraints'],
      }
    default:
      return profile
  }
}

function strategyFrom(strategy: ConfigDocument): ScoringStrategy | undefined {
  const type = strategy['type']
  if (type !== 'LeastAllocated' && type !== 'MostAllocated' && type !== 'RequestedToCapacityRatio') return undefined
  const shape = listAt(recordAt(strategy, 'requestedToCapacityRatio'), 'shape')
    .filter(isRecord)
    .map((point) => ({ utilization: numberAt(point, 'utilization') ?? 0, score: numberAt(point, 'score') ?? 0 }))
  return { type, resources: resourcesFrom(strategy, DEFAULT_PROFILE.scoringStrategy.resources), shape }
}

function resourcesFrom(holder: ConfigDocument, otherwise: readonly ResourceWeight[]): readonly ResourceWeight[] {
  const list = listAt(holder, 'resources').filter(isRecord)
  if (list.length === 0) return otherwise
  return list.map((each) => ({ name: String(each['name'] ?? ''), weight: numberAt(each, 'weight') ?? 1 }))
}

function isRecord(value: unknown): value is ConfigDocument {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function recordAt(holder: ConfigDocument, field: string): ConfigDocument {
  const value = holder[field]
  return isRecord(value) ? value : {}
}

function listAt(holder: ConfigDocument, field: string): readonly unknown[] {
  const value = holder[field]
  return Array.isArray(value) ? value : []
}

function numberAt(holder: ConfigDocument, field: string): number | undefined {
  const value = holder[field]
  return typeof value === 'number' ? value : undefined
}
