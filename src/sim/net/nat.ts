import type { Prefix } from './address.js'
import { addressAt, familyOf, moveTo, parsePrefix } from './address.js'
import { isTaken, remappedOf } from './conntrack.js'
import type { Kernel, Tracked } from './kernel.js'
import { changed } from './ledger.js'
import type { Packet, Tuple } from './packet.js'
import { withDestination, withSource } from './packet.js'
import type { NatRange, PortRange } from './rules/types.js'
import type { Skb } from './skb.js'
import type { DeviceName } from './state.js'

/** What a rule of the `nat` table asks for. */
export type NatAction =
  | { readonly kind: 'dnat' | 'snat'; readonly range: NatRange }
  | { readonly kind: 'masquerade' | 'redirect'; readonly range: NatRange }

/**
 * Settles the destination of a new connection; without an action it stays.
 * Source: Linux net/netfilter/nf_nat_core.c nf_nat_setup_info, nf_nat_redirect.c
 */
export function settleDestination(kernel: Kernel, skb: Skb, tracked: Tracked, action: NatAction | undefined): void {
  tracked.destinationDone = true
  if (action === undefined) return
  const { entry } = tracked
  const { range } = action
  const address = action.kind === 'redirect' ? redirectAddress(skb) : pickAddress(range, entry.original)
  const before = entry.reply
  const reply: Tuple = {
    proto: before.proto,
    src: address ?? before.src,
    sport: range.ports === undefined ? before.sport : pickPort(kernel, skb, range.ports, before, 'sport', range),
    dst: before.dst,
    dport: before.dport,
  }
  const isOther = reply.src !== before.src || reply.sport !== before.sport
  tracked.entry = changed(entry, { reply, dnat: entry.dnat || isOther })
}

/** Settles the source of a new connection; it keeps its own unless an action says otherwise or its reply would be mistaken for another's. */
export function settleSource(kernel: Kernel, skb: Skb, tracked: Tracked, action: NatAction | undefined): void {
  tracked.sourceDone = true
  const { entry } = tracked
  const before = entry.reply
  const address = action === undefined ? undefined : sourceOf(skb, entry.original, action)
  const range = action?.range
  let reply = address === undefined || address === before.dst ? before : withDst(before, address, before.dport)
  const kept =
    range === undefined || range.randomFully || reply === before
      ? undefined
      : keptMapping(kernel, skb, entry.original, reply, range)
  if (kept !== undefined) reply = kept
  else if (range?.randomFully === true || range?.random === true || range?.ports !== undefined || isTaken(kernel, skb, reply)) {
    const ports = range?.ports ?? freePorts(reply.dport)
    if (reply.proto !== 'icmp') reply = withDst(reply, reply.dst, pickPort(kernel, skb, ports, reply, 'dport', range))
  }
  if (reply === before) return
  const isOther = reply.dst !== before.dst || reply.dport !== before.dport
  const remapped = reply.dport !== entry.original.sport && range?.randomFully !== true
  tracked.entry = changed(entry, { reply, snat: entry.snat || isOther, remapped })
}

/**
 * The port that the same socket already has towards another destination, if it may have it here too.
 * Source: Linux net/netfilter/nf_nat_core.c find_appropriate_src
 */
function keptMapping(kernel: Kernel, skb: Skb, original: Tuple, wanted: Tuple, { ports }: NatRange): Tuple | undefined {
  for (const { reply } of remappedOf(kernel, skb, original)) {
    if (reply.dst !== wanted.dst || (ports !== undefined && (reply.dport < ports.from || reply.dport > ports.to))) continue
    const mapped = withDst(wanted, reply.dst, reply.dport)
    if (!isTaken(kernel, skb, mapped)) return mapped
  }
  return undefined
}

function sourceOf(skb: Skb, original: Tuple, action: NatAction): string | undefined {
  return action.kind === 'masquerade' ? deviceAddress(skb) : pickAddress(action.range, original)
}

function withDst({ proto, src, sport }: Tuple, dst: string, dport: number): Tuple {
  return { proto, src, sport, dst, dport }
}

function withSrc({ proto, src, dst, dport }: Tuple, sport: number): Tuple {
  return { proto, src, sport, dst, dport }
}

/** Ports that a source port may be changed to. Source: nf_nat_core.c nf_nat_l4proto_unique_tuple */
function freePorts(port: number): PortRange {
  if (port < 512) return { from: 1, to: 511 }
  return port < 1_024 ? { from: 600, to: 1_023 } : { from: 1_024, to: 65_535 }
}

function pickPort(
  kernel: Kernel,
  skb: Skb,
  ports: PortRange,
  reply: Tuple,
  side: 'sport' | 'dport',
  range: NatRange | undefined,
): number {
  const count = ports.to - ports.from + 1
  if (count === 1) return ports.from
  const isRandom = range?.random === true || range?.randomFully === true || range?.ports === undefined
  // The search for a source port begins anywhere, that for a destination's at the first. Source: nf_nat_l4proto_unique_tuple
  const start = isRandom || side === 'dport' ? Math.floor(kernel.random() * count) : 0
  const present = reply[side]
  if (!isRandom && present >= ports.from && present <= ports.to && !isTaken(kernel, skb, reply)) return present
  for (let tried = 0; tried < Math.min(count, 128); tried++) {
    const port = ports.from + ((start + tried) % count)
    if (!isTaken(kernel, skb, side === 'sport' ? withSrc(reply, port) : withDst(reply, reply.dst, port))) return port
  }
  return present
}

/** One address of a range, always the same for the same ends of a connection. */
function pickAddress(range: NatRange, tuple: Tuple): string | undefined {
  if (range.address === undefined) return undefined
  const { from, to } = range.address
  if (from === to) return from
  const first = parsePrefix(from)
  const last = parsePrefix(to)
  if (first === undefined || last === undefined || first.family !== last.family) return from
  // A persistent range looks at the sender alone. Source: nf_nat_core.c find_best_ips_proto
  const ends = range.persistent ? tuple.src : `${tuple.src} ${tuple.dst}`
  let hash = 2_166_136_261
  for (const char of ends) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619)
  const count = Number(BigInt(last.base) - BigInt(first.base)) + 1
  return addressAt(first, (hash >>> 0) % count)
}

/** What NETMAP asks for: the address with another network before it. Source: Linux net/netfilter/xt_NETMAP.c netmap_tg4 */
export function netmapAction({ hook, packet }: Skb, to: Prefix): NatAction {
  const isSource = hook === 'POSTROUTING' || hook === 'INPUT'
  const address = moveTo(to, isSource ? packet.src : packet.dst)
  const range = {
    address: { from: address, to: address },
    ports: undefined,
    random: false,
    randomFully: false,
    persistent: false,
  }
  return { kind: isSource ? 'snat' : 'dnat', range }
}

function redirectAddress(skb: Skb): string | undefined {
  if (skb.hook === 'OUTPUT') return loopback(skb)
  return firstAddress(skb, skb.inDevice)
}

/**
 * The address that a masquerade takes: the outgoing device's. Those of `lo` reach no other host: over it goes the first address of
 * all devices, in IPv6 the very address that is asked.
 * Source: Linux net/netfilter/nf_nat_masquerade.c; net/ipv4/devinet.c inet_select_addr; net/ipv6/addrconf.c ipv6_get_saddr_eval
 */
function deviceAddress(skb: Skb): string | undefined {
  if (skb.outDevice === 'lo' && skb.family === 6 && skb.machine.own.has(skb.packet.dst)) return skb.packet.dst
  const own = skb.outDevice === 'lo' ? undefined : firstAddress(skb, skb.outDevice)
  if (own !== undefined) return own
  for (const device of skb.machine.devices.keys()) {
    const ip = device === 'lo' ? undefined : firstAddress(skb, device)
    if (ip !== undefined) return ip
  }
  return undefined
}

/** A device's first address of the packet's family. */
function firstAddress(skb: Skb, device: DeviceName): string | undefined {
  if (device === 'lo') return loopback(skb)
  for (const { ip } of skb.machine.devices.get(device)?.addresses ?? []) if (familyOf(ip) === skb.family) return ip
  return undefined
}

function loopback(skb: Skb): string {
  return skb.family === 4 ? '127.0.0.1' : '::1'
}

/** A packet with the addresses that its connection has on the other side of this host, in the part that this hook may change. */
export function translate(packet: Packet, tracked: Tracked, part: 'destination' | 'source'): Packet {
  const { entry } = tracked
  const isOriginal = tracked.direction === 'original'
  // On the way back, what was done to the source is undone at the destination.
  if (!(isOriginal === (part === 'destination') ? entry.dnat : entry.snat)) return packet
  const other = isOriginal ? entry.reply : entry.original
  return part === 'destination' ? withDestination(packet, other.src, other.sport) : withSource(packet, other.dst, other.dport)
}
