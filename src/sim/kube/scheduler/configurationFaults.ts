import type { ConfigDocument } from '../bootstrap/clusterSpec.js'

/** What of a `KubeSchedulerConfiguration` the real scheduler would refuse to start with. */
export interface ConfigurationFault {
  /** As in the document: `profiles[0].pluginConfig[0].args.scoringStrategy.type`. */
  readonly path: string
  readonly message: string
}

const STRATEGIES = ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio']

/**
 * Checks what decides scores and filters here.
 * Source: kubernetes pkg/scheduler/apis/config/validation/validation.go, validation_pluginargs.go
 */
export function schedulerFaults(document: ConfigDocument): readonly ConfigurationFault[] {
  return itemsOf(document['profiles']).flatMap((profile, at) =>
    itemsOf(recordOf(profile)['pluginConfig']).flatMap((entry, index) => {
      const { name, args } = recordOf(entry)
      return argumentFaults(String(name ?? ''), recordOf(args), `profiles[${at}].pluginConfig[${index}].args`)
    }),
  )
}

function argumentFaults(plugin: string, args: ConfigDocument, path: string): readonly ConfigurationFault[] {
  switch (plugin) {
    case 'NodeResourcesFit':
      return args['scoringStrategy'] === undefined
        ? []
        : strategyFaults(recordOf(args['scoringStrategy']), `${path}.scoringStrategy`)
    case 'NodeResourcesBalancedAllocation':
      return weightFaults(args['resources'], `${path}.resources`, 1)
    case 'InterPodAffinity':
      return rangeFaults(args['hardPodAffinityWeight'], `${path}.hardPodAffinityWeight`, 0, 100)
    case 'PodTopologySpread':
      return choiceFaults(args['defaultingType'], `${path}.defaultingType`, ['System', 'List'])
    default:
      return []
  }
}

function strategyFaults(strategy: ConfigDocument, path: string): readonly ConfigurationFault[] {
  const shape = itemsOf(recordOf(strategy['requestedToCapacityRatio'])['shape'])
  const shapePath = `${path}.requestedToCapacityRatio.shape`
  return [
    ...choiceFaults(strategy['type'] ?? '', `${path}.type`, STRATEGIES),
    ...weightFaults(strategy['resources'], `${path}.resources`, 100),
    ...(strategy['type'] === 'RequestedToCapacityRatio' && shape.length === 0
      ? [{ path: shapePath, message: 'Required value: at least one point must be specified' }]
      : []),
    ...shape.flatMap((point, index) => [
      ...rangeFaults(recordOf(point)['utilization'], `${shapePath}[${index}].utilization`, 0, 100),
      ...rangeFaults(recordOf(point)['score'], `${shapePath}[${index}].score`, 0, 10),
    ]),
  ]
}

function weightFaults(list: unknown, path: string, most: number): readonly ConfigurationFault[] {
  return itemsOf(list).flatMap((each, index) => {
    const { name, weight } = recordOf(each)
    // Zero is as good as nothing said: the default, 1.
    if (weight === undefined || weight === null || isWithin(weight, 0, most)) return []
    const wanted = most === 1 ? 'must be 1' : `resource weight of ${String(name)} not in valid range (0, ${most}]`
    return [{ path: `${path}[${index}].weight`, message: `Invalid value: ${JSON.stringify(weight)}: ${wanted}` }]
  })
}

function rangeFaults(value: unknown, path: string, least: number, most: number): readonly ConfigurationFault[] {
  if (value === undefined || value === null || isWithin(value, least, most)) return []
  return [{ path, message: `Invalid value: ${JSON.stringify(value)}: not in valid range [${least}, ${most}]` }]
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
}

function choiceFaults(value: unknown, path: string, choices: readonly string[]): readonly ConfigurationFault[] {
  if (value === undefined || value === null || choices.some((each) => each === value)) return []
  const supported = choices.map((each) => `"${each}"`).join(', ')
  return [{ path, message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}` }]
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function recordOf(value: unknown): ConfigDocument {
  // A mapping of outside data; its fields are looked at one by one.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ConfigDocument) : {}
}
