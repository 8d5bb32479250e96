import type { EndpointInfo } from './endpoints.js'
import type { ServicePortInfo } from './services.js'
import { usesClusterEndpoints, usesLocalEndpoints } from './services.js'

/** What a Node's labels and name say about which endpoints are near. */
export interface NodePlace {
  readonly name: string
  /** `topology.kubernetes.io/zone`; empty when the Node has none. */
  readonly zone: string
}

/** Which endpoints a Node's proxy uses for a port of a Service. */
export interface EndpointChoice {
  /** For traffic under the policy `Cluster`; undefined when no traffic of this port is. */
  readonly cluster: readonly EndpointInfo[] | undefined
  /** For traffic under the policy `Local`; undefined when no traffic of this port is. */
  readonly local: readonly EndpointInfo[] | undefined
  /** All that are reached from this Node: both of the above, sorted by text. */
  readonly reachable: readonly EndpointInfo[]
  /** Some Node has a usable endpoint. */
  readonly hasAny: boolean
}

/** Why the endpoints of the policy `Cluster` are what they are. */
export type TopologyMode = 'none' | 'PreferSameZone' | 'PreferSameNode'

/**
 * Sort a port's endpoints into those for each traffic policy: the ready ones, or, when there are none, those that still
 * serve while they terminate (for each policy by itself); hints narrow the policy `Cluster`.
 *
 * Source: kubernetes pkg/proxy/topology.go CategorizeEndpoints
 */
export function categorizeEndpoints(endpoints: readonly EndpointInfo[], port: ServicePortInfo, place: NodePlace): EndpointChoice {
  const usesLocal = usesLocalEndpoints(port)
  const usesCluster = usesClusterEndpoints(port)
  if (endpoints.length === 0) return { cluster: undefined, local: undefined, reachable: [], hasAny: false }

  const isLocal = (endpoint: EndpointInfo): boolean => endpoint.nodeName === place.name && place.name !== ''
  const mode = usesCluster ? topologyMode(endpoints, place) : 'none'
  let cluster: readonly EndpointInfo[] | undefined
  if (usesCluster) {
    cluster = endpoints.filter((each) => each.ready && isNear(each, mode, place))
    if (cluster.length === 0) cluster = endpoints.filter(isFallback)
  }
  const hasCluster = (cluster ?? []).length > 0
  if (!usesLocal) return { cluster, local: undefined, reachable: cluster ?? [], hasAny: hasCluster }

  const hasAny = hasCluster || endpoints.some((each) => each.ready || isFallback(each))
  const readyHere = endpoints.filter((each) => isLocal(each) && each.ready)
  const local = readyHere.length > 0 ? readyHere : endpoints.filter((each) => isLocal(each) && isFallback(each))
  if (cluster === undefined) return { cluster, local, reachable: local, hasAny }

  const wanted = new Set([...cluster, ...local])
  return { cluster, local, reachable: endpoints.filter((each) => wanted.has(each)), hasAny }
}

/** Serves still, but is on its way out. */
function isFallback(endpoint: EndpointInfo): boolean {
  return endpoint.serving && endpoint.terminating
}

/**
 * Hints count only when every ready endpoint has one and one of them is for this Node (or its zone).
 *
 * Source: kubernetes pkg/proxy/topology.go topologyModeFromHints
 */
export function topologyMode(endpoints: readonly EndpointInfo[], place: NodePlace): TopologyMode {
  const ready = endpoints.filter((each) => each.ready)
  if (ready.length === 0) return 'none'
  if (ready.every((each) => each.nodeHints.length > 0) && ready.some((each) => each.nodeHints.includes(place.name))) {
    return 'PreferSameNode'
  }
  if (ready.every((each) => each.zoneHints.length > 0) && ready.some((each) => each.zoneHints.includes(place.zone))) {
    return 'PreferSameZone'
  }
  return 'none'
}

function isNear(endpoint: EndpointInfo, mode: TopologyMode, place: NodePlace): boolean {
  if (mode === 'PreferSameNode') return endpoint.nodeHints.includes(place.name)
  if (mode === 'PreferSameZone') return endpoint.zoneHints.includes(place.zone)
  return true
}
