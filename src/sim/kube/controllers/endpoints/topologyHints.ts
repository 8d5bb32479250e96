import type { Endpoint } from '../../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../../core/digest.js'
import { assertNever } from '../../../core/result.js'
import { nanosOf } from '../../api/quantity.js'
import type { StoredNode } from '../pods.js'
import type { StoredService } from './endpoint.js'
import type { TopologyMemory, ZoneCounts } from './topologyMemory.js'

/** Slices of one family before they are written. `T` is what a caller knows its slice by. */
export interface Hinted<T> {
  readonly slice: T
  readonly endpoints: readonly Endpoint[]
}

/** Why an allocation is refused, in the words of the event. */
export type NoHints =
  | { readonly kind: 'no-node-info' }
  | { readonly kind: 'too-few-endpoints'; readonly endpoints: number; readonly zones: number }
  | { readonly kind: 'overload'; readonly endpoints: number; readonly zones: number }
  | { readonly kind: 'no-zone' }
  | { readonly kind: 'nothing-to-hint' }

export interface TopologyPlan<T> {
  readonly changing: readonly Hinted<T>[]
  /** Slices that were to stay as they are and now change for their hints. */
  readonly woken: readonly Hinted<T>[]
  readonly counts: ZoneCounts | undefined
  readonly refusal: NoHints | undefined
}

/** How much more than its share one endpoint may have to bear. Source: topologycache.go overloadThreshold */
const OVERLOAD = 0.2

interface Allocation {
  readonly maximum: number
  readonly desired: number
}

/** Source: kubernetes staging/src/k8s.io/endpointslice/utils.go hintsEnabled */
export function wantsTopologyHints(service: StoredService): boolean {
  const { annotations } = service.metadata
  const mode = annotations?.['service.kubernetes.io/topology-aware-hints'] ?? annotations?.['service.kubernetes.io/topology-mode']
  return mode === 'Auto' || mode === 'auto'
}

/**
 * Each zone's share of the CPU that ready workers offer; undefined when a Node says too little or there are fewer than two zones.
 * Source: kubernetes staging/src/k8s.io/endpointslice/topologycache/topologycache.go SetNodes
 */
export function zoneRatios(nodes: readonly StoredNode[]): ZoneCounts | undefined {
  const byZone = new Map<string, number>()
  for (const { metadata, status } of nodes) {
    const labels = metadata.labels ?? {}
    if ('node-role.kubernetes.io/control-plane' in labels || 'node-role.kubernetes.io/master' in labels) continue
    if (!(status?.conditions ?? []).some((each) => each.type === 'Ready' && each.status === 'True')) continue
    const zone = labels['topology.kubernetes.io/zone'] ?? ''
    // Milli-CPU are far below 2^53.
    const milli = Number(nanosOf(status?.allocatable?.['cpu']) / 1_000_000n)
    if (zone === '' || milli === 0) return undefined
    byZone.set(zone, (byZone.get(zone) ?? 0) + milli)
  }
  if (byZone.size < 2) return undefined
  const total = [...byZone.values()].reduce((sum, each) => sum + each, 0)
  return Object.fromEntries([...byZone].map(([zone, milli]) => [zone, milli / total]))
}

/**
 * Gives every ready endpoint of one family a zone such that zones get endpoints in proportion to their CPU; none at all where that cannot be.
 *
 * @param changing endpoints of slices that are written in any case, without hints.
 * @param unchanged slices that would stay; one whose hints no longer fit is woken.
 * Source: kubernetes staging/src/k8s.io/endpointslice/topologycache/topologycache.go AddHints, sliceinfo.go
 */
export function planTopologyHints<T>(
  changing: readonly Hinted<T>[],
  unchanged: readonly Hinted<T>[],
  ratios: ZoneCounts | undefined,
): TopologyPlan<T> {
  const refuse = (refusal: NoHints): TopologyPlan<T> => ({ ...withoutHints(changing, unchanged), counts: undefined, refusal })
  const ready = [...changing, ...unchanged].flatMap((each) => each.endpoints).filter(isReady).length
  const allocations = allocate(ready, ratios)
  if ('kind' in allocations) return refuse(allocations)
  const counts: Record<string, number> = {}
  const open = [...changing]
  for (const each of unchanged) {
    const given = hintsByZone(each.endpoints, counts, allocations.zones)
    if (given === undefined) open.push(each)
    else for (const [zone, count] of Object.entries(given)) counts[zone] = (counts[zone] ?? 0) + count
  }
  const hints = open.map(({ endpoints }) => endpoints.map((each) => (isReady(each) ? (each.zone ?? '') : undefined)))
  for (const zone of hints.flat()) {
    if (zone === '') return refuse({ kind: 'no-zone' })
    if (zone !== undefined) counts[zone] = (counts[zone] ?? 0) + 1
  }
  redistribute(hints, counts, allocations.zones)
  if (Object.keys(counts).length === 0) return refuse({ kind: 'nothing-to-hint' })
  const hinted = open.map(({ slice, endpoints }, at) => ({
    slice,
    endpoints: endpoints.map((each, index) => withZoneHint(each, hints[at]?.[index])),
  }))
  return {
    changing: hinted.slice(0, changing.length),
    woken: hinted.slice(changing.length),
    counts,
    refusal: undefined,
  }
}

/** All hints taken out; slices that had any are woken. Source: topologycache/utils.go RemoveHintsFromSlices */
export function withoutHints<T>(
  changing: readonly Hinted<T>[],
  unchanged: readonly Hinted<T>[],
): Pick<TopologyPlan<T>, 'changing' | 'woken'> {
  const clear = ({ slice, endpoints }: Hinted<T>): Hinted<T> => ({
    slice,
    endpoints: endpoints.map((each) => withZoneHint(each, undefined)),
  })
  return {
    changing: changing.map(clear),
    woken: unchanged.filter(({ endpoints }) => endpoints.some((each) => each.hints !== undefined)).map(clear),
  }
}

/** Words of the event that tells why there are no hints. Source: topologycache/event.go */
export function refusalText(refusal: NoHints): string {
  switch (refusal.kind) {
    case 'no-node-info':
      return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes'
    case 'too-few-endpoints':
      return `Insufficient number of endpoints (${refusal.endpoints} endpoints, ${refusal.zones} zones)`
    case 'overload':
      return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (${refusal.endpoints} endpoints, ${refusal.zones} zones)`
    case 'no-zone':
      return 'One or more endpoints do not have a zone specified'
    case 'nothing-to-hint':
      return 'No hints allocated for zones'
    default:
      return assertNever(refusal)
  }
}

/** A zone has fewer endpoints than its Nodes need: the Service is to be looked at again. Source: topologycache/utils.go serviceOverloaded */
export function isOverloaded(memory: TopologyMemory, ratios: ZoneCounts | undefined): boolean {
  return Object.values(memory.zones).some((counts) => {
    if (Object.keys(counts).length === 0) return false
    if (ratios === undefined) return true
    const total = Object.values(counts).reduce((sum, each) => sum + each, 0)
    return Object.entries(ratios).some(([zone, ratio]) => {
      const own = counts[zone]
      return own === undefined || own < Math.ceil(total * ratio * (1 / (1 + OVERLOAD)))
    })
  })
}

function isReady(endpoint: Endpoint): boolean {
  return endpoint.conditions?.ready === true
}

function withZoneHint(endpoint: Endpoint, zone: string | undefined): Endpoint {
  const { hints: _before, ...rest } = endpoint
  return zone === undefined ? rest : { ...rest, hints: { forZones: [{ name: zone }] } }
}

/** Source: topologycache.go getAllocations */
function allocate(
  endpoints: number,
  ratios: ZoneCounts | undefined,
): NoHints | { readonly zones: ReadonlyMap<string, Allocation> } {
  if (ratios === undefined) return { kind: 'no-node-info' }
  const zones = Object.keys(ratios).length
  if (zones > endpoints) return { kind: 'too-few-endpoints', endpoints, zones }
  const shares = Object.entries(ratios).map(([zone, ratio]) => {
    const desired = ratio * endpoints
    const minimum = Math.ceil(desired * (1 / (1 + OVERLOAD)))
    return { zone, minimum, desired: Math.max(desired, minimum) }
  })
  const spare = endpoints - shares.reduce((sum, each) => sum + each.minimum, 0)
  if (spare < 0) return { kind: 'overload', endpoints, zones }
  return { zones: new Map(shares.map(({ zone, minimum, desired }) => [zone, { maximum: minimum + spare, desired }])) }
}

/** Hints of a slice by zone; undefined when they no longer fit. Source: topologycache/utils.go getHintsByZone */
export function hintsByZone(
  endpoints: readonly Endpoint[],
  taken: ZoneCounts,
  allocations: ReadonlyMap<string, { readonly maximum: number }>,
): ZoneCounts | undefined {
  const counts: Record<string, number> = {}
  for (const endpoint of endpoints) {
    if (!isReady(endpoint)) continue
    const zones = endpoint.hints?.forZones ?? []
    if (zones.length === 0 || zones.some(({ name }) => !allocations.has(name))) return undefined
    for (const { name } of zones) counts[name] = (counts[name] ?? 0) + 1
  }
  const fits = Object.entries(counts).every(
    ([zone, count]) => count + (taken[zone] ?? 0) <= (allocations.get(zone)?.maximum ?? -1),
  )
  return fits ? counts : undefined
}

/** Moves hints, in the order of the endpoints, from zones with too many to those with too few. Source: topologycache/utils.go redistributeHints */
function redistribute(
  hints: (string | undefined)[][],
  counts: Record<string, number>,
  allocations: ReadonlyMap<string, Allocation>,
): void {
  const { giving, receiving } = givingAndReceiving(counts, allocations)
  for (const slice of hints) {
    for (const [index, zone] of slice.entries()) {
      if (zone === undefined || (giving.get(zone) ?? 0) === 0) continue
      const to = [...receiving.keys()].sort(byCodeUnit).find((each) => (receiving.get(each) ?? 0) > 0)
      if (to === undefined) return
      slice[index] = to
      giving.set(zone, (giving.get(zone) ?? 0) - 1)
      receiving.set(to, (receiving.get(to) ?? 0) - 1)
      counts[zone] = (counts[zone] ?? 0) - 1
      counts[to] = (counts[to] ?? 0) + 1
    }
  }
}

/** Whole endpoints that zones give away and get. Source: topologycache/utils.go getGivingAndReceivingZones */
export function givingAndReceiving(
  counts: ZoneCounts,
  allocations: ReadonlyMap<string, { readonly desired: number }>,
): { readonly giving: Map<string, number>; readonly receiving: Map<string, number> } {
  const surplus = new Map<string, number>()
  const lack = new Map<string, number>()
  for (const [zone, { desired }] of allocations) {
    const own = counts[zone] ?? 0
    if (own > desired) surplus.set(zone, own - desired)
    else if (own < desired) lack.set(zone, desired - own)
  }
  const giving = new Map<string, number>()
  const receiving = new Map<string, number>()
  for (;;) {
    const [from, more] = most(surplus)
    const [to, less] = most(lack)
    if (from === '' || to === '' || (more < 1 && less < 1) || more < 0.5 || less < 0.5) return { giving, receiving }
    giving.set(from, (giving.get(from) ?? 0) + 1)
    surplus.set(from, more - 1)
    receiving.set(to, (receiving.get(to) ?? 0) + 1)
    lack.set(to, less - 1)
  }
}

/** The zone with most; of equal ones the first by name, where upstream takes any. */
function most(zones: ReadonlyMap<string, number>): readonly [string, number] {
  let best: readonly [string, number] = ['', 0]
  for (const zone of [...zones.keys()].sort(byCodeUnit)) {
    const amount = zones.get(zone) ?? 0
    if (amount > best[1]) best = [zone, amount]
  }
  return best
}
