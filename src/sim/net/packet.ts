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
 * Immutable: every rewrite makes a new one.
 */
export interface Packet extends PacketView {
  readonly inner?: Tuple
}

export function tupleOf(packet: PacketView): Tuple {
  return { proto: packet.proto, src: packet.src, sport: packet.sport, dst: packet.dst, dport: packet.dport }
}

export function invert(tuple: Tuple): Tuple {
  return { proto: tuple.proto, src: tuple.dst, sport: tuple.dport, dst: tuple.src, dport: tuple.sport }
}

/** `tcp 203.0.113.7:40000 > 172.18.0.11:30080`: how a packet is written, and the key of a tuple in tables. */
export function tupleText(tuple: Tuple): string {
  if (tuple.proto === 'icmp') return `icmp ${tuple.src} > ${tuple.dst}`
  return `${tuple.proto} ${endpointText(tuple.src, tuple.sport)} > ${endpointText(tuple.dst, tuple.dport)}`
}

export function endpointText(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}
