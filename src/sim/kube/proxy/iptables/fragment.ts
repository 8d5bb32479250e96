import type { EndpointSlice, Service } from '../../../../generated/kubeTypes.js'
import type { ObjectKey } from '../../api/resources.js'
import { keyOf } from '../../api/resources.js'
import type { IpFamily } from '../address.js'
import type { EndpointsByPort } from '../endpoints.js'
import { endpointsOf, portKey } from '../endpoints.js'
import type { ServiceAndSlices } from '../objects.js'
import type { ServicePortInfo } from '../services.js'
import { servicePortsOf, usesLocalEndpoints } from '../services.js'
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

/** What a Service's rules are made of, before it matters on which Node: the same until it or one of its slices changes. */
interface Prepared {
  readonly slices: readonly EndpointSlice[]
  readonly family: IpFamily
  readonly keys: readonly ObjectKey[]
  readonly infos: readonly ServicePortInfo[]
  readonly byPort: EndpointsByPort
  /** No rule depends on where the endpoints are. */
  readonly isSameEverywhere: boolean
  /** Fragments by all else that decides about them. */
  readonly fragments: Map<string, ServiceFragment>
}

/** The latest few states of each Service, since some Nodes know of a change before others. Can be rebuilt. */
const prepared = new WeakMap<Service, readonly Prepared[]>()
const PREPARED_MAX = 12

/** Writes one Service's rules for a Node. `settingsKey` stands for `settings` (but for the Node's address) in the cache. */
export function writeFragment(
  source: ServiceAndSlices,
  place: NodePlace,
  settings: RuleSettings,
  settingsKey: string,
): ServiceFragment {
  const known = prepare(source, settings.family)
  // Only source ranges are compared with the Node's own address.
  const ownKey = known.infos.some((info) => info.sourceRanges.length > 0) ? `${settingsKey} ${settings.nodeIP}` : settingsKey
  const choices = (): readonly PortChoice[] => choosePorts(known, place)
  if (known.isSameEverywhere) return fragmentOf(known, ownKey, settings, choices)
  const chosen = choices()
  const key = `${ownKey} ${chosen.map(({ count, choice }) => `${count}${choiceKey(choice)}`).join(' ')}`
  return fragmentOf(known, key, settings, () => chosen)
}

interface PortChoice {
  readonly info: ServicePortInfo
  readonly count: number
  readonly choice: EndpointChoice
}

function choosePorts(known: Prepared, place: NodePlace): readonly PortChoice[] {
  return known.infos.map((info) => {
    const endpoints = known.byPort.get(portKey(info.portName, info.protocol)) ?? []
    return { info, count: endpoints.length, choice: categorizeEndpoints(endpoints, info, place) }
  })
}

function fragmentOf(
  { fragments, keys }: Prepared,
  key: string,
  settings: RuleSettings,
  choose: () => readonly PortChoice[],
): ServiceFragment {
  const cached = fragments.get(key)
  if (cached !== undefined) return cached
  const choices = choose()
  const fragment: ServiceFragment = {
    slices: keys,
    endpoints: choices.reduce((sum, each) => sum + each.count, 0),
    ports: choices.map(({ info, choice }) => ({ info, rules: writeServiceRules(info, choice, settings) })),
  }
  fragments.set(key, fragment)
  return fragment
}

function prepare({ service, slices }: ServiceAndSlices, family: IpFamily): Prepared {
  const states = prepared.get(service) ?? []
  const isThis = (each: Prepared): boolean =>
    each.family === family && each.slices.length === slices.length && each.slices.every((slice, index) => slice === slices[index])
  const known = states.find(isThis)
  if (known !== undefined) return known
  const infos = states.find((each) => each.family === family)?.infos ?? servicePortsOf(service, family)
  const byPort = endpointsOf(slices, family)
  const all = [...byPort.values()].flat()
  const fresh: Prepared = {
    slices,
    family,
    keys: slices.map((slice) => keyOf({ metadata: slice.metadata ?? {} })),
    infos,
    byPort,
    isSameEverywhere: !infos.some(usesLocalEndpoints) && all.every((each) => each.nodeHints.length + each.zoneHints.length === 0),
    fragments: new Map(),
  }
  prepared.set(service, [fresh, ...states].slice(0, PREPARED_MAX))
  return fresh
}

function choiceKey(choice: EndpointChoice): string {
  const texts = (endpoints: EndpointChoice['reachable'] | undefined): string =>
    endpoints === undefined ? '' : endpoints.map((each) => each.text).join(',')
  return `|${texts(choice.cluster)}|${texts(choice.local)}|${choice.hasAny}`
}

/** How many endpoints a Service counts for, whatever their state. */
export function countEndpoints(source: ServiceAndSlices, settings: Pick<RuleSettings, 'family'>): number {
  const known = prepare(source, settings.family)
  return known.infos.reduce((sum, info) => sum + (known.byPort.get(portKey(info.portName, info.protocol))?.length ?? 0), 0)
}
