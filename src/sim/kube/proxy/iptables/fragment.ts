import type { Service } from '../../../../generated/kubeTypes.js'
import type { ObjectKey } from '../../api/resources.js'
import { keyOf } from '../../api/resources.js'
import { endpointsOf, portKey } from '../endpoints.js'
import type { ServiceAndSlices } from '../objects.js'
import type { ServicePortInfo } from '../services.js'
import { servicePortsOf } from '../services.js'
import type { EndpointChoice, NodePlace } from '../topology.js'
import { categorizeEndpoints } from '../topology.js'
import type { RuleSettings, ServiceRules } from './serviceRules.js'
import { writeServiceRules } from './serviceRules.js'

/** One Service's rules, port by port, and how many endpoints it counts for. Immutable, and the same object on every Node where they are equal. */
export interface ServiceFragment {
  /** Keys of the slices that it was made of. */
  readonly slices: readonly ObjectKey[]
  readonly endpoints: number
  readonly ports: readonly { readonly info: ServicePortInfo; readonly rules: ServiceRules }[]
}

/** Fragments by Service object, then by all else that decides about them. Can be rebuilt. */
const cache = new WeakMap<Service, Map<string, ServiceFragment>>()

/** Writes one Service's rules for a Node. `settingsKey` stands for `settings` in the cache. */
export function writeFragment(
  source: ServiceAndSlices,
  place: NodePlace,
  settings: RuleSettings,
  settingsKey: string,
): ServiceFragment {
  const byPort = endpointsOf(source.slices, settings.family, place.name)
  const infos = servicePortsOf(source.service, settings.family)
  const choices = infos.map((info) => {
    const endpoints = byPort.get(portKey(info.portName, info.protocol)) ?? []
    return { info, count: endpoints.length, choice: categorizeEndpoints(endpoints, info, place) }
  })
  const slices = source.slices.map((slice) => keyOf({ metadata: slice.metadata ?? {} }))
  const key = `${settingsKey} ${slices.join(' ')} ${choices.map(({ count, choice }) => `${count}${choiceKey(choice)}`).join(' ')}`
  const known = cache.get(source.service) ?? new Map<string, ServiceFragment>()
  cache.set(source.service, known)
  const cached = known.get(key)
  if (cached !== undefined) return cached
  const fragment: ServiceFragment = {
    slices,
    endpoints: choices.reduce((sum, each) => sum + each.count, 0),
    ports: choices.map(({ info, choice }) => ({ info, rules: writeServiceRules(info, choice, settings) })),
  }
  known.set(key, fragment)
  return fragment
}

function choiceKey(choice: EndpointChoice): string {
  const texts = (endpoints: EndpointChoice['reachable'] | undefined): string =>
    endpoints === undefined ? '' : endpoints.map((each) => each.text).join(',')
  return `|${texts(choice.cluster)}|${texts(choice.local)}|${choice.hasAny}`
}

/** How many endpoints a Service counts for, whatever their state. */
export function countEndpoints(source: ServiceAndSlices, place: NodePlace, settings: Pick<RuleSettings, 'family'>): number {
  const infos = servicePortsOf(source.service, settings.family)
  if (infos.length === 0) return 0
  const byPort = endpointsOf(source.slices, settings.family, place.name)
  return infos.reduce((sum, info) => sum + (byPort.get(portKey(info.portName, info.protocol))?.length ?? 0), 0)
}
