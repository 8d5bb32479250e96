import type { Kernel } from './kernel.js'
import type { Packet } from './packet.js'
import { tupleOf } from './packet.js'
import { isLocal, sourceFor } from './routing.js'
import type { HostName } from './state.js'

export const FIRST_TTL = 64

/** An ICMP error that a host sends about a packet, to the packet's sender; undefined when it has no address to send it from. */
export function icmpAbout(kernel: Kernel, host: HostName, packet: Packet, type: string): Packet | undefined {
  const src = isLocal(kernel.net, host, packet.dst) ? packet.dst : sourceFor(kernel, host, packet.src)
  if (src === undefined) return undefined
  return { proto: 'icmp', src, sport: 0, dst: packet.src, dport: 0, ttl: FIRST_TTL, mark: 0, flags: type, inner: tupleOf(packet) }
}

/** The TCP reset that answers a packet. */
export function resetFor(packet: Packet): Packet {
  return back(packet, 'RST')
}

/** A packet the other way: from where this one went to whence it came. */
export function back(packet: Packet, flags: string): Packet {
  return {
    proto: packet.proto,
    src: packet.dst,
    sport: packet.dport,
    dst: packet.src,
    dport: packet.sport,
    ttl: FIRST_TTL,
    mark: 0,
    flags,
  }
}
