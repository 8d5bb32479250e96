import { flushConnections } from '../../net/conntrack.js'
import type { NetState } from '../../net/state.js'
import type { IpFamily } from './address.js'
import { joinHostPort } from './address.js'
import { endpointsOf, portKey } from './endpoints.js'
import type { ServiceAndSlices } from './objects.js'
import { servicePortsOf } from './services.js'

/**
 * Forgets UDP connections through Services to endpoints that no longer serve: UDP has no end of its own, so they would go on
 * to where nobody is.
 *
 * @returns how many were forgotten.
 * Source: kubernetes pkg/proxy/conntrack/cleanup.go CleanStaleEntries
 */
export function forgetStaleUdp(net: NetState, node: string, services: readonly ServiceAndSlices[], family: IpFamily): number {
  const serving = new Map<string, ReadonlySet<string>>()
  for (const source of services) {
    const ports = servicePortsOf(source.service, family).filter((port) => port.protocol === 'UDP')
    if (ports.length === 0) continue
    const byPort = endpointsOf(source.slices, family, node)
    for (const port of ports) {
      const endpoints = (byPort.get(portKey(port.portName, port.protocol)) ?? []).filter((each) => each.serving)
      const texts = new Set(endpoints.map((each) => each.text))
      for (const ip of [port.clusterIP, ...port.externalIPs, ...port.loadBalancerVIPs])
        serving.set(joinHostPort(ip, port.port), texts)
      if (port.nodePort !== 0) serving.set(`:${port.nodePort}`, texts)
    }
  }
  if (serving.size === 0) return 0
  return flushConnections(net, node, ({ original, reply }) => {
    if (original.proto !== 'udp') return false
    const endpoints = serving.get(joinHostPort(original.dst, original.dport)) ?? serving.get(`:${original.dport}`)
    return endpoints !== undefined && !endpoints.has(joinHostPort(reply.src, reply.sport))
  })
}
