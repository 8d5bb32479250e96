import type { DiscoveryV1EndpointPort, Endpoint, EndpointSlice } from '../../../../generated/kubeTypes.js'
import type { StoredOf } from '../../api/resources.js'
import { sortedJson } from '../../podTemplateHash/podTemplateHash.js'
import { semanticEqual } from '../plain.js'

export type StoredSlice = StoredOf<'endpointslices'>

/** Most endpoints in one slice: `--max-endpoints-per-slice`. */
const MAX_PER_SLICE = 100

/** Endpoints that share their ports. */
export interface DesiredGroup {
  readonly ports: readonly DiscoveryV1EndpointPort[]
  readonly endpoints: readonly Endpoint[]
}

/** What a slice is to become. New ones have no name yet. */
export interface SliceContent {
  readonly ports: readonly DiscoveryV1EndpointPort[]
  readonly endpoints: readonly Endpoint[]
}

export interface SlicePlan {
  readonly create: readonly SliceContent[]
  readonly update: readonly { readonly slice: StoredSlice; readonly content: SliceContent }[]
  readonly remove: readonly StoredSlice[]
}

/**
 * Places wanted endpoints into slices of one address family with as few changes as may be: what is there stays where it is,
 * slices that change anyway are filled up first, and a slice that would go is used again for one that would come.
 *
 * @param changedLabels true for a slice whose labels or owner must be written in any case.
 * @param mayReuse whether a slice that would be deleted may become another.
 * Source: kubernetes staging/src/k8s.io/endpointslice/reconciler.go reconcileByAddressType, reconcileByPortMapping, finalize
 */
export function planSlices(
  existing: readonly StoredSlice[],
  desired: readonly DesiredGroup[],
  changedLabels: (slice: StoredSlice) => boolean,
  mayReuse: (slice: StoredSlice) => boolean,
): SlicePlan {
  const create: SliceContent[] = []
  const update: { slice: StoredSlice; content: SliceContent }[] = []
  const remove: StoredSlice[] = []
  const byPorts = new Map<string, StoredSlice[]>()
  for (const slice of existing) {
    const id = portsId(slice.ports ?? [])
    byPorts.set(id, [...(byPorts.get(id) ?? []), slice])
  }
  for (const group of desired) {
    const id = portsId(group.ports)
    placeGroup(byPorts.get(id) ?? [], group, changedLabels, { create, update, remove })
    byPorts.delete(id)
  }
  for (const left of byPorts.values()) remove.push(...left)
  if (existing.length === remove.length && create.length === 0) keepPlaceholder(remove, create, changedLabels)
  for (const slice of [...remove]) {
    const content = create.at(-1)
    if (content === undefined) break
    if (!mayReuse(slice)) continue
    create.pop()
    remove.splice(remove.indexOf(slice), 1)
    update.push({ slice, content })
  }
  return { create, update, remove }
}

interface Draft {
  readonly create: SliceContent[]
  readonly update: { slice: StoredSlice; content: SliceContent }[]
  readonly remove: StoredSlice[]
}

/** A Service without endpoints has one empty slice. */
function keepPlaceholder(remove: StoredSlice[], create: SliceContent[], changedLabels: (slice: StoredSlice) => boolean): void {
  const only = remove[0]
  const isPlaceholder =
    remove.length === 1 && only !== undefined && (only.ports ?? []).length === 0 && (only.endpoints ?? []).length === 0
  if (isPlaceholder && !changedLabels(only)) remove.length = 0
  else create.push({ ports: [], endpoints: [] })
}

function placeGroup(
  slices: readonly StoredSlice[],
  group: DesiredGroup,
  changedLabels: (slice: StoredSlice) => boolean,
  draft: Draft,
): void {
  const waiting = new Map(group.endpoints.map((endpoint) => [endpointId(endpoint), endpoint]))
  const changed: { slice: StoredSlice; endpoints: Endpoint[] }[] = []
  const unchanged: StoredSlice[] = []
  for (const slice of slices) {
    const before = slice.endpoints ?? []
    const kept: Endpoint[] = []
    let isUpdated = false
    for (const endpoint of before) {
      const id = endpointId(endpoint)
      const wanted = waiting.get(id)
      if (wanted === undefined) continue
      kept.push(wanted)
      waiting.delete(id)
      if (!sameEndpoint(wanted, endpoint)) isUpdated = true
    }
    if (isUpdated || kept.length !== before.length) {
      if (kept.length === 0) draft.remove.push(slice)
      else changed.push({ slice, endpoints: kept })
    } else if (changedLabels(slice)) changed.push({ slice, endpoints: kept })
    else unchanged.push(slice)
  }
  for (const each of [...changed].sort((a, b) => b.endpoints.length - a.endpoints.length)) fill(each.endpoints, waiting)
  draft.update.push(...changed.map(({ slice, endpoints }) => ({ slice, content: { ports: group.ports, endpoints } })))
  while (waiting.size > 0) {
    const roomy = waiting.size < MAX_PER_SLICE ? sliceToFill(unchanged, waiting.size) : undefined
    const endpoints = [...(roomy?.endpoints ?? [])]
    fill(endpoints, waiting)
    const content = { ports: group.ports, endpoints }
    if (roomy === undefined) draft.create.push(content)
    else {
      unchanged.splice(unchanged.indexOf(roomy), 1)
      draft.update.push({ slice: roomy, content })
    }
  }
}

function fill(endpoints: Endpoint[], waiting: Map<string, Endpoint>): void {
  for (const [id, endpoint] of waiting) {
    if (endpoints.length >= MAX_PER_SLICE) return
    endpoints.push(endpoint)
    waiting.delete(id)
  }
}

/** The fullest slice that has room for all of them. Source: reconciler.go getSliceToFill */
function sliceToFill(slices: readonly StoredSlice[], count: number): StoredSlice | undefined {
  let best: StoredSlice | undefined
  for (const slice of slices) {
    const size = (slice.endpoints ?? []).length
    if (size + count <= MAX_PER_SLICE && (best === undefined || size > (best.endpoints ?? []).length)) best = slice
  }
  return best
}

/** For each endpoint of a slice the wanted one that it was last found equal to. Can be rebuilt. */
const equals = new WeakMap<Endpoint, Endpoint>()

function sameEndpoint(wanted: Endpoint, endpoint: Endpoint): boolean {
  if (equals.get(endpoint) === wanted) return true
  if (!semanticEqual(wanted, endpoint)) return false
  equals.set(endpoint, wanted)
  return true
}

/** Ids of endpoints that were asked for before. Can be rebuilt. */
const ids = new WeakMap<Endpoint, string>()

/** What makes an endpoint the same one after a change of its conditions. */
function endpointId(endpoint: Endpoint): string {
  const known = ids.get(endpoint)
  if (known !== undefined) return known
  const { namespace = '', name = '' } = endpoint.targetRef ?? {}
  const id = `${[...endpoint.addresses].sort().join()}|${endpoint.hostname ?? ''}|${namespace}/${name}`
  ids.set(endpoint, id)
  return id
}

/** Endpoints with equal ports, in whatever order, share slices. */
export function portsId(ports: NonNullable<EndpointSlice['ports']>): string {
  return ports.map(sortedJson).sort().join()
}
