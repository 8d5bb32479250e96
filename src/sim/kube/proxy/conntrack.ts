import type { EndpointSlice } from '../../../generated/kubeTypes.js'
import { familyOf } from '../../net/address.js'
import { flushConnections } from '../../net/ledger.js'
import type { NetState } from '../../net/state.js'
import type { IpFamily } from './address.js'
import { familyNumber, joinHostPort } from './address.js'
import { endpointsOf, portKey } from './endpoints.js'
import type { ServiceAndSlices } from './objects.js'
import { servicePortsOf } from './services.js'

/**
 * Forgets UDP connections through Services to endpoints that no longer serve: UDP has no end of its own, so they would go on
 * to where nobody is. Policies, hints and readiness do not matter, so that what still serves keeps its connections. Of a Service
 * without any serving endpoint nothing is forgotten: its connections wait for the next one.
 *
 * @returns how many were forgotten.
 * Source: kubernetes pkg/proxy/conntrack/cleanup.go CleanStaleEntries
 */
export function forgetStaleUdp(net: NetState, node: string, services: readonly ServiceAndSlices[], family: IpFamily): number {
  const atAddress = new Map<string, ReadonlySet<string>>()
  const atNodePort = new Map<number, ReadonlySet<string>>()
  for (const { service, slices } of services) {
    const ports = servicePortsOf(service, family).filter((port) => port.protocol === 'UDP')
    if (ports.length === 0) continue
    const byPort = endpointsOf(slices, family)
    for (const port of ports) {
      const endpoints = (byPort.get(portKey(port.portName, port.protocol)) ?? []).filter((each) => each.serving)
      if (endpoints.length === 0) continue
      const texts = new Set(endpoints.map((each) => each.text))
      for (const ip of [port.clusterIP, ...port.loadBalancerVIPs, ...port.externalIPs])
        atAddress.set(joinHostPort(ip, port.port), texts)
      if (port.nodePort !== 0) atNodePort.set(port.nodePort, texts)
    }
  }
  if (atAddress.size === 0) return 0
  return flushConnections(net, node, ({ original, reply }) => {
    if (original.proto !== 'udp' || familyOf(original.dst) !== familyNumber(family)) return false
    const answers = joinHostPort(reply.src, reply.sport)
    const wanted = [atAddress.get(joinHostPort(original.dst, original.dport)), atNodePort.get(original.dport)]
    return wanted.some((endpoints) => endpoints !== undefined && !endpoints.has(answers))
  })
}

/** Whether a slice has endpoints of a UDP port in this family. */
export function servesUdp(slice: EndpointSlice, family: IpFamily): boolean {
  if (slice.addressType !== family || (slice.endpoints ?? []).length === 0) return false
  return (slice.ports ?? []).some(({ protocol, port }) => protocol === 'UDP' && port !== undefined && port !== 0)
}
