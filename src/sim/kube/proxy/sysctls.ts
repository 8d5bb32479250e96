import { SECOND } from '../../core/time.js'
import type { NetState, Sysctls } from '../../net/state.js'
import { setSysctls } from '../../net/topology.js'
import type { ProxyConfiguration } from './configuration.js'
import { servesLocalhost } from './configuration.js'

/**
 * What a kube-proxy sets in its Node's kernel when it starts. Nothing is ever set back: what an earlier one asked for stays until the
 * machine is switched off.
 *
 * Simplified: the size of the connection table has no limit, and no connection waits half closed.
 *
 * @param isFirst no kube-proxy has run here yet; NodePorts on 127.0.0.1, which leave through a real device, are closed until one asks.
 * Source: kubernetes pkg/proxy/conntrack/sysctls.go setSysctls; pkg/proxy/iptables/proxier.go NewProxier (route_localnet)
 */
export function setNodeSysctls(net: NetState, node: string, configuration: ProxyConfiguration, isFirst: boolean): void {
  const present = net.hosts.get(node)?.sysctls
  if (present === undefined) return
  const timeouts = { ...present.conntrackTimeouts, ...timeoutsOf(configuration) }
  setSysctls(net, node, {
    routeLocalnet: servesLocalhost(configuration) || (present.routeLocalnet && !isFirst),
    ...(Object.keys(timeouts).length === 0 ? {} : { conntrackTimeouts: timeouts }),
    ...(configuration.conntrackTcpBeLiberal ? { conntrackTcpBeLiberal: true } : {}),
  })
}

function timeoutsOf({
  conntrackTimeouts: { tcpEstablished, udp, udpStream },
}: ProxyConfiguration): Readonly<Record<string, number>> {
  const wanted = { ESTABLISHED: tcpEstablished, 'udp new': udp, 'udp replied': udpStream }
  const set = Object.entries(wanted).filter(([, micros]) => micros > 0)
  return Object.fromEntries(set.map(([name, micros]) => [name, Math.trunc(micros / SECOND)]))
}

/** What of all this a machine knows when it has booted. */
export const BOOTED: Partial<Sysctls> = { routeLocalnet: false, conntrackTimeouts: {}, conntrackTcpBeLiberal: false }
