import type { Family } from './address.js'
import { familyOf } from './address.js'
import type { Kernel } from './kernel.js'
import type { Packet, Tuple } from './packet.js'
import { invert, packetOf, tupleOf, withTos } from './packet.js'
import { isLocal, sourceFor } from './routing.js'
import type { HostName } from './state.js'

export const FIRST_TTL = 64

/** ICMPv6's counterparts. Source: Linux net/ipv6/netfilter/ip6t_REJECT.c, net/netfilter/nft_reject.c icmp_code_v6 */
const ICMP6: Readonly<Record<string, string>> = {
  'icmp-port-unreachable': 'icmp6-port-unreachable',
  'icmp-host-unreachable': 'icmp6-addr-unreachable',
  'icmp-addr-unreachable': 'icmp6-addr-unreachable',
  'icmp-net-unreachable': 'icmp6-no-route',
  'icmp-no-route': 'icmp6-no-route',
  'icmp-admin-prohibited': 'icmp6-adm-prohibited',
  'icmp-policy-fail': 'icmp6-policy-fail',
  'icmp-reject-route': 'icmp6-reject-route',
  'icmp-time-exceeded': 'icmp6-time-exceeded',
}

/** An ICMP error as it is called in a family. */
export function errorName(type: string, family: Family): string {
  return family === 6 ? (ICMP6[type] ?? type) : type
}

/** An ICMP error that a host sends about a packet, to the packet's sender; undefined when it has no address to send it from. */
export function icmpAbout(kernel: Kernel, host: HostName, packet: Packet, kind: string): Packet | undefined {
  const src = isLocal(kernel.net, host, packet.dst) ? packet.dst : sourceFor(kernel, host, packet.src)
  if (src === undefined) return undefined
  const type = errorName(kind, familyOf(packet.dst))
  const ends: Tuple = { proto: 'icmp', src, sport: 0, dst: packet.src, dport: 0 }
  return packetOf(ends, { ttl: FIRST_TTL, mark: 0, flags: type, inner: tupleOf(packet), tos: tosOfError(packet) })
}

/** IPv4's errors go before others, and keep what else the packet asked for. Source: Linux net/ipv4/icmp.c __icmp_send */
function tosOfError({ dst, tos = 0 }: Packet): number | undefined {
  return familyOf(dst) === 4 ? 0xc0 | (tos & 0x1e) : undefined
}

/** The TCP reset that answers a packet. */
export function resetFor(packet: Packet): Packet {
  return back(packet, 'RST')
}

/** The same of a host where nobody listens: it keeps the field of service. Source: Linux net/ipv4/tcp_ipv4.c tcp_v4_send_reset */
export function resetOfHost(packet: Packet): Packet {
  const reset = resetFor(packet)
  if (packet.tos === undefined) return reset
  return withTos(reset, familyOf(packet.dst) === 4 ? packet.tos : packet.tos & ~3)
}

/** A packet the other way: from where this one went to whence it came. */
export function back(packet: Packet, flags: string): Packet {
  return packetOf(invert(packet), { ttl: FIRST_TTL, mark: 0, flags })
}
