import { SECOND } from '../core/time.js'
import type { ConntrackEntry } from './connections.js'
import type { Kernel, Tracked } from './kernel.js'
import type { Ledger } from './ledger.js'
import { changed, find, forget, openLedger, remappedLike, store } from './ledger.js'
import type { Machine } from './machine.js'
import { machineOf } from './machine.js'
import type { Packet, Tuple } from './packet.js'
import { invert, sameTuple, tupleOf } from './packet.js'
import type { Skb } from './skb.js'
import type { HostName } from './state.js'

/** Seconds until an entry is forgotten, where no sysctl says otherwise. Source: Linux net/netfilter/nf_conntrack_proto_{tcp,udp,sctp,icmp}.c */
const TIMEOUTS: Readonly<Record<string, number>> = {
  SYN_SENT: 120,
  SYN_RECV: 60,
  ESTABLISHED: 432_000,
  TIME_WAIT: 120,
  CLOSE: 10,
  'udp new': 30,
  'udp replied': 120,
  'sctp new': 3,
  'sctp replied': 210,
  icmp: 30,
}

/** Datagrams that go both ways for longer are a stream, and are remembered longer. Source: nf_conntrack_proto_udp.c nf_conntrack_udp_packet */
const STREAM_AFTER = 2 * SECOND

/** Connections of a packet's own socket that were given another source port. */
export function remappedOf(kernel: Kernel, skb: Skb, original: Tuple): readonly ConntrackEntry[] {
  return remappedLike(ledgerOf(kernel, skb), original)
}

/** Whether a reply tuple is taken by another connection: then its source port must change. */
export function isTaken(kernel: Kernel, skb: Skb, reply: Tuple): boolean {
  return find(ledgerOf(kernel, skb), reply) !== undefined
}

/**
 * Finds or begins the connection of a packet, as the kernel does at PREROUTING and OUTPUT before everything but `raw`, and notes it on
 * the packet. A new one is in no table until `confirm`.
 *
 * Source: Linux net/netfilter/nf_conntrack_core.c nf_conntrack_in, resolve_normal_ct; nf_conntrack_proto_tcp.c tcp_new
 */
export function track(kernel: Kernel, skb: Skb): void {
  const { packet } = skb
  const ledger = ledgerOf(kernel, skb)
  if (packet.inner !== undefined) {
    trackError(ledger, skb, packet.inner)
    return
  }
  const entry = reopened(ledger, find(ledger, packet), packet)
  if (entry === undefined) {
    const isOdd = packet.proto === 'tcp' && packet.flags !== 'SYN' && packet.flags !== 'ACK' && packet.flags !== 'DATA'
    skb.state = isOdd ? 'INVALID' : 'NEW'
    skb.tracked = isOdd ? undefined : begin(kernel, skb.machine, packet)
    return
  }
  const direction = sameTuple(entry.original, packet) ? 'original' : 'reply'
  const next = advance(kernel, skb.machine, entry, direction, packet)
  if (next === undefined) forget(ledger, entry)
  else if (next !== entry) store(ledger, next)
  // What ends a connection is still an answer of it to the rules.
  skb.tracked = known(next ?? { ...entry, replied: entry.replied || direction === 'reply' }, direction)
  skb.state = direction === 'reply' || skb.tracked.entry.replied ? 'ESTABLISHED' : 'NEW'
}

/**
 * A SYN to a connection that is over begins a new one, which forgets the old one's NAT.
 * Source: Linux net/netfilter/nf_conntrack_proto_tcp.c nf_conntrack_tcp_packet, tcp_conntracks
 */
function reopened(ledger: Ledger, entry: ConntrackEntry | undefined, packet: Packet): ConntrackEntry | undefined {
  if (entry === undefined || packet.flags !== 'SYN') return entry
  const isOver = entry.state === 'TIME_WAIT' || (entry.state === 'CLOSE' && sameTuple(entry.original, packet))
  if (!isOver) return entry
  forget(ledger, entry)
  return undefined
}

/** An ICMP error belongs to the connection of the packet that it is about. Source: nf_conntrack_proto_icmp.c nf_conntrack_inet_error */
function trackError(ledger: Ledger, skb: Skb, inner: Tuple): void {
  const wanted = invert(inner)
  const entry = find(ledger, wanted)
  const isKnown = entry !== undefined && wanted.dst === skb.packet.dst
  skb.state = isKnown ? 'RELATED' : 'INVALID'
  skb.tracked = isKnown ? known(entry, sameTuple(entry.original, wanted) ? 'original' : 'reply') : undefined
}

function known(entry: ConntrackEntry, direction: Tracked['direction']): Tracked {
  return { entry, direction, confirmed: true, destinationDone: true, sourceDone: true }
}

function begin(kernel: Kernel, machine: Machine, packet: Packet): Tracked {
  const { proto } = packet
  const state = proto === 'tcp' ? (packet.flags === 'SYN' ? 'SYN_SENT' : 'ESTABLISHED') : ''
  const entry: ConntrackEntry = {
    original: tupleOf(packet),
    reply: invert(packet),
    replied: false,
    assured: false,
    dnat: false,
    snat: false,
    mark: 0,
    state,
    expires: kernel.now + timeoutOf(machine, proto, state, false),
    since: kernel.now,
  }
  return { entry, direction: 'original', confirmed: false, destinationDone: false, sourceDone: false }
}

function timeoutOf({ sysctls }: Machine, proto: string, state: string, replied: boolean): number {
  const name = state !== '' ? state : proto === 'icmp' ? 'icmp' : `${proto} ${replied ? 'replied' : 'new'}`
  return (sysctls.conntrackTimeouts?.[name] ?? TIMEOUTS[name] ?? 600) * SECOND
}

/** The entry after one more packet; undefined when the packet ends the connection at once (a reset that answers the first packet). */
function advance(
  kernel: Kernel,
  machine: Machine,
  entry: ConntrackEntry,
  direction: 'original' | 'reply',
  packet: Packet,
): ConntrackEntry | undefined {
  const replied = entry.replied || direction === 'reply'
  if (entry.original.proto === 'udp') {
    const isStream = entry.replied && kernel.now > (entry.since ?? 0) + STREAM_AFTER
    const expires = kernel.now + timeoutOf(machine, 'udp', '', isStream)
    return changed(entry, { replied, assured: entry.assured || isStream, expires })
  }
  if (entry.original.proto !== 'tcp') {
    return changed(entry, { replied, expires: kernel.now + timeoutOf(machine, entry.original.proto, '', replied) })
  }
  if (packet.flags.includes('RST')) {
    if (!entry.replied) return undefined
    return changed(entry, { replied, state: 'CLOSE', expires: kernel.now + timeoutOf(machine, 'tcp', 'CLOSE', true) })
  }
  const state = packet.flags === 'SYN+ACK' ? 'SYN_RECV' : packet.flags === 'SYN' ? entry.state : 'ESTABLISHED'
  const assured = entry.assured || (replied && state === 'ESTABLISHED')
  return changed(entry, { replied, assured, state, expires: kernel.now + timeoutOf(machine, 'tcp', state, replied) })
}

/** Puts a new connection into the table, with both directions as NAT has left them. Source: nf_conntrack_core.c __nf_conntrack_confirm */
export function confirm(kernel: Kernel, skb: Skb, tracked: Tracked): void {
  tracked.confirmed = true
  store(ledgerOf(kernel, skb), tracked.entry)
}

/** Whether a host holds a connection that is not closed. Source: Linux net/netfilter/nf_conncount.c already_closed */
export function isOpen(kernel: Kernel, skb: Skb, original: Tuple): boolean {
  const entry = find(ledgerOf(kernel, skb), original)
  return entry !== undefined && entry.state !== 'TIME_WAIT' && entry.state !== 'CLOSE'
}

/** Rewrites the mark of a connection, wherever it is held. */
export function setConnectionMark(kernel: Kernel, skb: Skb, tracked: Tracked, mark: number): void {
  tracked.entry = changed(tracked.entry, { mark })
  if (tracked.confirmed) store(ledgerOf(kernel, skb), tracked.entry)
}

/**
 * Leaves a host's entry of a finished exchange as it would be: of a connection kept open, or of one that was closed in order.
 *
 * @param tuple either direction's.
 */
export function settleConnection(kernel: Kernel, host: HostName, tuple: Tuple, closed: boolean): void {
  const ledger = openLedger(kernel, host)
  const entry = find(ledger, tuple)
  if (entry === undefined || !entry.replied) return
  if (entry.original.proto !== 'tcp') return
  const state = closed ? 'TIME_WAIT' : 'ESTABLISHED'
  store(
    ledger,
    changed(entry, { assured: true, state, expires: kernel.now + timeoutOf(machineOf(kernel.view, host), 'tcp', state, true) }),
  )
}

/** The ledger of the host that has a packet in hand, opened once for it. */
function ledgerOf(kernel: Kernel, skb: Skb): Ledger {
  skb.ledger ??= openLedger(kernel, skb.host)
  return skb.ledger
}
