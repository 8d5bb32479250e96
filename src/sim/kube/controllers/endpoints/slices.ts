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
  readonly update: readonly PlannedUpdate[]
  readonly remove: readonly StoredSlice[]
  /** Slices that stay, with what is wanted in them: at most the hints differ. */
  readonly keep: readonly PlannedUpdate[]
}

export interface PlannedUpdate {
  readonly slice: StoredSlice
  readonly content: SliceContent
}

/**
 * Places wanted endpoints into slices of one address family with as few changes as may be: what is there stays where it is,
 * slices that change anyway are filled up first. Hints are not looked at: they are given afterwards.
 *
 * @param changedLabels true for a slice whose labels must be written in any case.
 * @param isOurs whether a slice belongs to this very Service; one of another of the same name goes.
 * Source: kubernetes staging/src/k8s.io/endpointslice/reconciler.go reconcileByAddressType, reconcileByPortMapping
 */
export function planSlices(
  existing: readonly StoredSlice[],
  desired: readonly DesiredGroup[],
  changedLabels: (slice: StoredSlice) => boolean,
  isOurs: (slice: StoredSlice) => boolean,
): SlicePlan {
  const create: SliceContent[] = []
  const update: PlannedUpdate[] = []
  const remove: StoredSlice[] = []
  const keep: PlannedUpdate[] = []
  const byPorts = new Map<string, StoredSlice[]>()
  for (const slice of existing) {
    if (!isOurs(slice)) {
      remove.push(slice)
      continue
    }
    const id = portsId(slice.ports ?? [])
    byPorts.set(id, [...(byPorts.get(id) ?? []), slice])
  }
  for (const group of desired) {
    const id = portsId(group.ports)
    placeGroup(byPorts.get(id) ?? [], group, changedLabels, { create, update, remove, keep })
    byPorts.delete(id)
  }
  for (const left of byPorts.values()) remove.push(...left)
  if (existing.length === remove.length && create.length === 0) {
    const only = remove[0]
    if (remove.length === 1 && only !== undefined && isPlaceholder(only) && isOurs(only) && !changedLabels(only))
      remove.length = 0
    else create.push({ ports: [], endpoints: [] })
  }
  return { create, update, remove, keep }
}

/** A slice that would go becomes one that would come, where it is the Service's own. Source: reconciler.go finalize */
export function reuseSlices(plan: SlicePlan, isOurs: (slice: StoredSlice) => boolean): SlicePlan {
  const create = [...plan.create]
  const update = [...plan.update]
  const remove = plan.remove.filter((slice) => {
    const content = isOurs(slice) ? create.pop() : undefined
    if (content !== undefined) update.push({ slice, content })
    return content === undefined
  })
  return { ...plan, create, update, remove }
}

interface Draft {
  readonly create: SliceContent[]
  readonly update: PlannedUpdate[]
  readonly remove: StoredSlice[]
  readonly keep: PlannedUpdate[]
}

/** A Service without endpoints has one empty slice. */
function isPlaceholder(slice: StoredSlice): boolean {
  return (slice.ports ?? []).length === 0 && (slice.endpoints ?? []).length === 0
}

function placeGroup(
  slices: readonly StoredSlice[],
  group: DesiredGroup,
  changedLabels: (slice: StoredSlice) => boolean,
  draft: Draft,
): void {
  const waiting = new Map(group.endpoints.map((endpoint) => [endpointId(endpoint), endpoint]))
  const changed: { slice: StoredSlice; endpoints: Endpoint[] }[] = []
  const unchanged: { slice: StoredSlice; endpoints: readonly Endpoint[] }[] = []
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
    else unchanged.push({ slice, endpoints: kept })
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
      draft.update.push({ slice: roomy.slice, content })
    }
  }
  draft.keep.push(...unchanged.map(({ slice, endpoints }) => ({ slice, content: { ports: group.ports, endpoints } })))
}

function fill(endpoints: Endpoint[], waiting: Map<string, Endpoint>): void {
  for (const [id, endpoint] of waiting) {
    if (endpoints.length >= MAX_PER_SLICE) return
    endpoints.push(endpoint)
    waiting.delete(id)
  }
}

/** The fullest slice that has room for all of them. Source: reconciler.go getSliceToFill */
function sliceToFill<T extends { readonly endpoints: readonly Endpoint[] }>(slices: readonly T[], count: number): T | undefined {
  let best: T | undefined
  for (const slice of slices) {
    const size = slice.endpoints.length
    if (size + count <= MAX_PER_SLICE && (best === undefined || size > best.endpoints.length)) best = slice
  }
  return best
}

/** For each endpoint of a slice the wanted one that it was last found equal to. Can be rebuilt. */
const equals = new WeakMap<Endpoint, Endpoint>()

/** Source: endpointslice util/controller_utils.go EndpointsEqualBeyondHash */
function sameEndpoint(wanted: Endpoint, endpoint: Endpoint): boolean {
  if (equals.get(endpoint) === wanted) return true
  const isEqual =
    wanted.nodeName === endpoint.nodeName &&
    wanted.zone === endpoint.zone &&
    semanticEqual(wanted.conditions, endpoint.conditions) &&
    semanticEqual(wanted.targetRef, endpoint.targetRef)
  if (!isEqual) return false
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
