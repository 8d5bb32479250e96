import type { Endpoint, EndpointSlice } from '../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../core/digest.js'
import type { IpFamily } from './address.js'
import { canonicalAddress, joinHostPort } from './address.js'
import type { Protocol } from './services.js'
import { protocolOf } from './services.js'

/** One endpoint of one port of a Service, as kube-proxy on one Node sees it. */
export interface EndpointInfo {
  readonly ip: string
  readonly port: number
  /** `ip:port`, with brackets around IPv6. */
  readonly text: string
  readonly nodeName: string | undefined
  readonly ready: boolean
  readonly serving: boolean
  readonly terminating: boolean
  readonly zoneHints: readonly string[]
  readonly nodeHints: readonly string[]
}

/** Endpoints by `portKey`, each list sorted by text. */
export type EndpointsByPort = ReadonlyMap<string, readonly EndpointInfo[]>

/** Key of a Service's port within its Service. */
export function portKey(portName: string, protocol: Protocol): string {
  return `${portName}/${protocol}`
}

export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name'

/**
 * The endpoints of one Service from all its slices: each address and port once, sorted by text.
 * Where one is named twice, one that does not terminate wins: an address may have passed to a new Pod already.
 *
 * Source: kubernetes pkg/proxy/endpointslicecache.go endpointInfoByServicePort, addEndpoints
 */
export function endpointsOf(slices: readonly EndpointSlice[], family: IpFamily): EndpointsByPort {
  const byPort = new Map<string, Map<string, EndpointInfo>>()
  const ordered = slices
    .filter((slice) => slice.addressType === family)
    .toSorted((a, b) => byCodeUnit(a.metadata?.name ?? '', b.metadata?.name ?? ''))
  for (const slice of ordered) {
    for (const [key, endpoints] of endpointsOfSlice(slice)) {
      const known = byPort.get(key) ?? new Map<string, EndpointInfo>()
      byPort.set(key, known)
      for (const endpoint of endpoints) {
        if (!known.has(endpoint.text) || !endpoint.terminating) known.set(endpoint.text, endpoint)
      }
    }
  }
  return new Map([...byPort].map(([key, known]) => [key, [...known.values()].sort((a, b) => byCodeUnit(a.text, b.text))]))
}

/** Endpoints of each slice, which are the same for every Node. Can be rebuilt. */
const ofSlices = new WeakMap<EndpointSlice, EndpointsByPort>()

/** The endpoints that one slice names, by `portKey`, in its own order. */
export function endpointsOfSlice(slice: EndpointSlice): EndpointsByPort {
  const known = ofSlices.get(slice)
  if (known !== undefined) return known
  const byPort = new Map<string, EndpointInfo[]>()
  for (const { name = '', port, protocol } of slice.ports ?? []) {
    if (port === undefined || port === 0) continue
    const key = portKey(name, protocolOf(protocol))
    const endpoints = byPort.get(key) ?? []
    byPort.set(key, endpoints)
    for (const endpoint of slice.endpoints ?? []) {
      const address = endpoint.addresses[0]
      if (address !== undefined) endpoints.push(endpointInfo(endpoint, canonicalAddress(address), port))
    }
  }
  ofSlices.set(slice, byPort)
  return byPort
}

function endpointInfo(endpoint: Endpoint, ip: string, port: number): EndpointInfo {
  return {
    ip,
    port,
    text: joinHostPort(ip, port),
    nodeName: endpoint.nodeName,
    ready: endpoint.conditions?.ready ?? true,
    serving: endpoint.conditions?.serving ?? true,
    terminating: endpoint.conditions?.terminating ?? false,
    zoneHints: (endpoint.hints?.forZones ?? []).map((hint) => hint.name),
    nodeHints: (endpoint.hints?.forNodes ?? []).map((hint) => hint.name),
  }
}
