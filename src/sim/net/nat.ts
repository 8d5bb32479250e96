import { assertNever } from '../core/result.js'
import { addressAt, familyOf, parsePrefix } from './address.js'
import { isTaken } from './conntrack.js'
import type { Kernel, Tracked } from './kernel.js'
import type { Packet, Tuple } from './packet.js'
import { invert } from './packet.js'
import type { NatRange, PortRange } from './rules/types.js'
import type { DeviceName, HostName } from './state.js'

/** What a rule of the `nat` table asks for. */
export type NatAction =
  | { readonly kind: 'dnat' | 'snat'; readonly range: NatRange }
  | { readonly kind: 'masquerade' | 'redirect'; readonly range: NatRange }

export interface NatPlace {
  readonly host: HostName
  readonly inDevice: DeviceName
  readonly outDevice: DeviceName
  /** Next hop: the address of a device that is nearest to it is what a masquerade takes. */
  readonly nextHop: string | undefined
  readonly atOutput: boolean
}

/**
 * Settles the destination of a new connection; without an action it stays.
 * Source: Linux net/netfilter/nf_nat_core.c nf_nat_setup_info, nf_nat_redirect.c
 */
export function settleDestination(kernel: Kernel, tracked: Tracked, place: NatPlace, action: NatAction | undefined): void {
  tracked.destinationDone = true
  if (action === undefined) return
  const { entry } = tracked
  const { range } = action
  const address = action.kind === 'redirect' ? redirectAddress(kernel, place, entry.original) : pickAddress(range, entry.original)
  const reply: Tuple = {
    ...entry.reply,
    src: address ?? entry.reply.src,
    sport: range.ports === undefined ? entry.reply.sport : pickPort(kernel, place.host, range.ports, entry.reply, 'sport', range),
  }
  const changed = reply.src !== entry.reply.src || reply.sport !== entry.reply.sport
  tracked.entry = { ...entry, reply, dnat: entry.dnat || changed }
}

/** Settles the source of a new connection; it keeps its own unless an action says otherwise or its reply would be mistaken for another's. */
export function settleSource(kernel: Kernel, tracked: Tracked, place: NatPlace, action: NatAction | undefined): void {
  tracked.sourceDone = true
  const { entry } = tracked
  const address =
    action === undefined
      ? undefined
      : action.kind === 'masquerade'
        ? deviceAddress(kernel, place, entry.original)
        : pickAddress(action.range, entry.original)
  let reply: Tuple = { ...entry.reply, dst: address ?? entry.reply.dst }
  const range = action?.range
  if (range?.randomFully === true || range?.random === true || range?.ports !== undefined || isTaken(kernel, place.host, reply)) {
    const ports = range?.ports ?? freePorts(reply.dport)
    if (reply.proto !== 'icmp') reply = { ...reply, dport: pickPort(kernel, place.host, ports, reply, 'dport', range) }
  }
  const changed = reply.dst !== entry.reply.dst || reply.dport !== entry.reply.dport
  tracked.entry = { ...entry, reply, snat: entry.snat || changed }
}

/** Ports that a source port may be changed to. Source: nf_nat_core.c nf_nat_l4proto_unique_tuple */
function freePorts(port: number): PortRange {
  if (port < 512) return { from: 1, to: 511 }
  return port < 1_024 ? { from: 600, to: 1_023 } : { from: 1_024, to: 65_535 }
}

function pickPort(
  kernel: Kernel,
  host: HostName,
  ports: PortRange,
  reply: Tuple,
  side: 'sport' | 'dport',
  range: NatRange | undefined,
): number {
  const count = ports.to - ports.from + 1
  if (count === 1) return ports.from
  const isRandom = range?.random === true || range?.randomFully === true || range?.ports === undefined
  const start = isRandom ? Math.floor(kernel.random() * count) : 0
  const present = reply[side]
  if (!isRandom && present >= ports.from && present <= ports.to && !isTaken(kernel, host, reply)) return present
  for (let tried = 0; tried < Math.min(count, 128); tried++) {
    const port = ports.from + ((start + tried) % count)
    if (!isTaken(kernel, host, { ...reply, [side]: port })) return port
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
  if (typeof first?.base !== 'number' || typeof last?.base !== 'number') return from
  let hash = 2_166_136_261
  for (const char of `${tuple.src} ${tuple.dst}`) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619)
  return addressAt(first, (hash >>> 0) % (last.base - first.base + 1))
}

function redirectAddress(kernel: Kernel, place: NatPlace, tuple: Tuple): string | undefined {
  if (place.atOutput) return familyOf(tuple.dst) === 4 ? '127.0.0.1' : '::1'
  return deviceAddresses(kernel, place.host, place.inDevice, tuple)[0]
}

/** The address that a masquerade takes: the outgoing device's, on the next hop's own network if it has one there. Source: Linux inet_select_addr */
function deviceAddress(kernel: Kernel, place: NatPlace, tuple: Tuple): string | undefined {
  const own = deviceAddresses(kernel, place.host, place.outDevice, tuple)
  return own[0] ?? kernel.net.hosts.get(place.host)?.addresses.find((ip) => familyOf(ip) === familyOf(tuple.dst))
}

function deviceAddresses(kernel: Kernel, host: HostName, device: DeviceName, tuple: Tuple): readonly string[] {
  if (device === 'lo') return [familyOf(tuple.dst) === 4 ? '127.0.0.1' : '::1']
  const addresses = kernel.net.interfaces.get(host)?.get(device)?.addresses ?? []
  return addresses.map((address) => address.ip).filter((ip) => familyOf(ip) === familyOf(tuple.dst))
}

/** A packet with the addresses that its connection has on the other side of this host, in the part that this hook may change. */
export function translate(packet: Packet, tracked: Tracked, part: 'destination' | 'source'): Packet {
  const { entry } = tracked
  const translated =
    tracked.direction === 'original'
      ? part === 'destination'
        ? entry.dnat
        : entry.snat
      : part === 'destination'
        ? entry.snat
        : entry.dnat
  if (!translated) return packet
  const target = invert(tracked.direction === 'original' ? entry.reply : entry.original)
  switch (part) {
    case 'destination': {
      if (packet.inner === undefined) return { ...packet, dst: target.dst, dport: target.dport }
      return { ...packet, dst: target.dst, inner: { ...packet.inner, src: target.dst, sport: target.dport } }
    }
    case 'source': {
      if (packet.inner === undefined) return { ...packet, src: target.src, sport: target.sport }
      return { ...packet, src: target.src, inner: { ...packet.inner, dst: target.src, dport: target.sport } }
    }
    default:
      return assertNever(part)
  }
}
