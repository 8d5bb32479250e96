import type { PacketView } from '../core/vocabulary.js'

export type Protocol = PacketView['proto']

/** Both ends of a packet or of one direction of a connection. Ports are 0 for ICMP. */
export interface Tuple {
  readonly proto: Protocol
  readonly src: string
  readonly sport: number
  readonly dst: string
  readonly dport: number
}

/**
 * A packet on its way: the header that steps show, and, in an ICMP error, the header of the packet that it is about.
 * Immutable: every rewrite makes a new one, through the functions of this file, so that all packets have one shape.
 */
export interface Packet extends PacketView {
  readonly inner?: Tuple | undefined
  /** What a tunnel's packet carries. */
  readonly carried?: Packet | undefined
  /** The field of service: IPv4's TOS, IPv6's traffic class. 0 when absent. */
  readonly tos?: number | undefined
}

export type Header = Pick<Packet, 'ttl' | 'mark' | 'flags' | 'inner' | 'carried' | 'tos'>

/** A packet from one end to another. */
export function packetOf({ proto, src, sport, dst, dport }: Tuple, { ttl, mark, flags, inner, carried, tos }: Header): Packet {
  return { proto, src, sport, dst, dport, ttl, mark, flags, inner, carried, tos }
}

export function withMark(packet: Packet, mark: number): Packet {
  const { proto, src, sport, dst, dport, ttl, flags, inner, carried, tos } = packet
  return mark === packet.mark ? packet : { proto, src, sport, dst, dport, ttl, mark, flags, inner, carried, tos }
}

export function withTtl({ proto, src, sport, dst, dport, mark, flags, inner, carried, tos }: Packet, ttl: number): Packet {
  return { proto, src, sport, dst, dport, ttl, mark, flags, inner, carried, tos }
}

export function withTos({ proto, src, sport, dst, dport, ttl, mark, flags, inner, carried }: Packet, tos: number): Packet {
  return { proto, src, sport, dst, dport, ttl, mark, flags, inner, carried, tos }
}

/** The packet from another source; an error is about a packet to there. */
export function withSource(
  { proto, dst, dport, ttl, mark, flags, inner, carried, tos, sport: own }: Packet,
  src: string,
  port: number,
): Packet {
  const sport = inner === undefined ? port : own
  const about = inner === undefined ? undefined : { ...inner, dst: src, dport: port }
  return { proto, src, sport, dst, dport, ttl, mark, flags, inner: about, carried, tos }
}

/** The packet to another destination; an error is about a packet from there. */
export function withDestination(
  { proto, src, sport, ttl, mark, flags, inner, carried, tos, dport: own }: Packet,
  dst: string,
  port: number,
): Packet {
  const dport = inner === undefined ? port : own
  const about = inner === undefined ? undefined : { ...inner, src: dst, sport: port }
  return { proto, src, sport, dst, dport, ttl, mark, flags, inner: about, carried, tos }
}

/** The packet that a person sent: what a tunnel carries, or the packet itself. */
export function payloadOf(packet: Packet): Packet {
  return packet.carried ?? packet
}

export function tupleOf({ proto, src, sport, dst, dport }: PacketView): Tuple {
  return { proto, src, sport, dst, dport }
}

export function invert(tuple: Tuple): Tuple {
  return { proto: tuple.proto, src: tuple.dst, sport: tuple.dport, dst: tuple.src, dport: tuple.sport }
}

export function sameTuple(a: Tuple, b: Tuple): boolean {
  return a.sport === b.sport && a.dport === b.dport && a.src === b.src && a.dst === b.dst && a.proto === b.proto
}

/** `tcp 203.0.113.7:40000 > 172.18.0.11:30080`: how a packet is written. */
export function tupleText(tuple: Tuple): string {
  if (tuple.proto === 'icmp') return `icmp ${tuple.src} > ${tuple.dst}`
  return `${tuple.proto} ${endpointText(tuple.src, tuple.sport)} > ${endpointText(tuple.dst, tuple.dport)}`
}

/** A protocol's port as one number; protocols that begin alike share it. */
export function portKey(protocol: string, port: number): number {
  return protocol.charCodeAt(0) * 65_536 + port
}

export function endpointText(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}
