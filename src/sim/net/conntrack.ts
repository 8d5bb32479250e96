import { SECOND } from '../core/time.js'
import type { Family } from './address.js'
import type { CtState, Kernel, Tracked } from './kernel.js'
import type { Packet, Tuple } from './packet.js'
import { invert, tupleOf, tupleText } from './packet.js'
import type { HostName, NetState } from './state.js'

/** A line of the connection table, held under the keys of both its directions. Immutable: replaced at each change. */
export interface ConntrackEntry {
  readonly original: Tuple
  readonly reply: Tuple
  /** A packet of the other direction was seen. */
  readonly replied: boolean
  readonly assured: boolean
  readonly dnat: boolean
  readonly snat: boolean
  readonly mark: number
  /** TCP's state as `conntrack -L` names it; empty for others. */
  readonly state: string
  /** Virtual time at which it is forgotten. */
  readonly expires: number
}

/** Seconds until an entry is forgotten. Source: Linux net/netfilter/nf_conntrack_proto_{tcp,udp,sctp,icmp}.c */
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

/** Whether a host's kernel follows connections of a family: conntrack starts working with the first rule that needs it. */
export function isTracking(net: NetState, host: HostName, family: Family): boolean {
  return (family === 4 ? net.rulesets : net.rulesets6).has(host) || net.nftables.has(host)
}

function read(kernel: Kernel, host: HostName, key: string): ConntrackEntry | undefined {
  const tried = kernel.scratch?.conntrack.get(host)
  const entry = tried?.has(key) === true ? tried.get(key) : kernel.net.conntrack.get(host)?.get(key)
  return entry === undefined || entry.expires <= kernel.now ? undefined : entry
}

function write(kernel: Kernel, host: HostName, key: string, entry: ConntrackEntry | undefined): void {
  if (kernel.scratch !== undefined) {
    const tried = kernel.scratch.conntrack.get(host) ?? new Map<string, ConntrackEntry | undefined>()
    tried.set(key, entry)
    kernel.scratch.conntrack.set(host, tried)
    return
  }
  const table = kernel.net.conntrack.get(host) ?? new Map<string, ConntrackEntry>()
  if (entry === undefined) table.delete(key)
  else table.set(key, entry)
  kernel.net.conntrack.set(host, table)
}

/** Entries beyond which an insert first forgets what has expired. */
const SWEEP_AT = 2_048

function store(kernel: Kernel, host: HostName, entry: ConntrackEntry): void {
  const table = kernel.net.conntrack.get(host)
  if (kernel.scratch === undefined && table !== undefined && table.size >= SWEEP_AT && table.size % SWEEP_AT < 2) {
    for (const [key, each] of [...table]) if (each.expires <= kernel.now) table.delete(key)
  }
  write(kernel, host, tupleText(entry.original), entry)
  write(kernel, host, tupleText(entry.reply), entry)
}

function forget(kernel: Kernel, host: HostName, entry: ConntrackEntry): void {
  write(kernel, host, tupleText(entry.original), undefined)
  write(kernel, host, tupleText(entry.reply), undefined)
}

/** Whether a reply tuple is taken by another connection: then its source port must change. */
export function isTaken(kernel: Kernel, host: HostName, reply: Tuple): boolean {
  return read(kernel, host, tupleText(reply)) !== undefined
}

/**
 * Finds or begins the connection of a packet, as the kernel does at PREROUTING and OUTPUT before everything but `raw`.
 * A new one is in no table until `confirm`.
 *
 * Source: Linux net/netfilter/nf_conntrack_core.c nf_conntrack_in, resolve_normal_ct; nf_conntrack_proto_tcp.c tcp_new
 */
export function track(
  kernel: Kernel,
  host: HostName,
  packet: Packet,
): { readonly state: CtState; readonly tracked: Tracked | undefined } {
  if (packet.inner !== undefined) return trackError(kernel, host, packet, packet.inner)
  const tuple = tupleOf(packet)
  const key = tupleText(tuple)
  const entry = read(kernel, host, key)
  if (entry === undefined) {
    if (packet.proto === 'tcp' && packet.flags !== 'SYN' && packet.flags !== 'ACK' && packet.flags !== 'DATA')
      return { state: 'INVALID', tracked: undefined }
    return { state: 'NEW', tracked: begin(kernel, tuple, packet) }
  }
  const direction = tupleText(entry.original) === key ? 'original' : 'reply'
  const next = advance(kernel, entry, direction, packet)
  if (next === undefined) forget(kernel, host, entry)
  else if (next !== entry) store(kernel, host, next)
  const tracked = { entry: next ?? entry, direction, confirmed: true, destinationDone: true, sourceDone: true } as const
  return { state: direction === 'reply' || tracked.entry.replied ? 'ESTABLISHED' : 'NEW', tracked: { ...tracked } }
}

/** An ICMP error belongs to the connection of the packet that it is about. Source: nf_conntrack_proto_icmp.c nf_conntrack_inet_error */
function trackError(
  kernel: Kernel,
  host: HostName,
  packet: Packet,
  inner: Tuple,
): { readonly state: CtState; readonly tracked: Tracked | undefined } {
  const wanted = invert(inner)
  const key = tupleText(wanted)
  const entry = read(kernel, host, key)
  if (entry === undefined || wanted.dst !== packet.dst) return { state: 'INVALID', tracked: undefined }
  const direction = tupleText(entry.original) === key ? 'original' : 'reply'
  return { state: 'RELATED', tracked: { entry, direction, confirmed: true, destinationDone: true, sourceDone: true } }
}

function begin(kernel: Kernel, tuple: Tuple, packet: Packet): Tracked {
  const state = tuple.proto === 'tcp' ? (packet.flags === 'SYN' ? 'SYN_SENT' : 'ESTABLISHED') : ''
  return {
    entry: {
      original: tuple,
      reply: invert(tuple),
      replied: false,
      assured: false,
      dnat: false,
      snat: false,
      mark: 0,
      state,
      expires: kernel.now + timeoutOf(tuple.proto, state, false),
    },
    direction: 'original',
    confirmed: false,
    destinationDone: false,
    sourceDone: false,
  }
}

function timeoutOf(proto: string, state: string, replied: boolean): number {
  const name = state !== '' ? state : proto === 'icmp' ? 'icmp' : `${proto} ${replied ? 'replied' : 'new'}`
  return (TIMEOUTS[name] ?? 600) * SECOND
}

/** The entry after one more packet; undefined when the packet ends the connection at once (a reset that answers the first packet). */
function advance(
  kernel: Kernel,
  entry: ConntrackEntry,
  direction: 'original' | 'reply',
  packet: Packet,
): ConntrackEntry | undefined {
  const replied = entry.replied || direction === 'reply'
  if (entry.original.proto !== 'tcp') {
    return { ...entry, replied, expires: kernel.now + timeoutOf(entry.original.proto, '', replied) }
  }
  if (packet.flags.includes('RST')) {
    if (!entry.replied) return undefined
    return { ...entry, replied, state: 'CLOSE', expires: kernel.now + timeoutOf('tcp', 'CLOSE', true) }
  }
  const state = packet.flags === 'SYN+ACK' ? 'SYN_RECV' : packet.flags === 'SYN' ? entry.state : 'ESTABLISHED'
  return {
    ...entry,
    replied,
    assured: entry.assured || (replied && state === 'ESTABLISHED'),
    state,
    expires: kernel.now + timeoutOf('tcp', state, replied),
  }
}

/** Puts a new connection into the table, with both directions as NAT has left them. Source: nf_conntrack_core.c __nf_conntrack_confirm */
export function confirm(kernel: Kernel, host: HostName, tracked: Tracked): void {
  tracked.confirmed = true
  store(kernel, host, tracked.entry)
}

/** Rewrites the mark of a connection, wherever it is held. */
export function setConnectionMark(kernel: Kernel, host: HostName, tracked: Tracked, mark: number): void {
  tracked.entry = { ...tracked.entry, mark }
  if (tracked.confirmed) store(kernel, host, tracked.entry)
}

/**
 * Leaves a host's entry of a finished exchange as it would be: of a connection kept open, or of one that was closed in order.
 *
 * @param key either direction's tuple as text.
 */
export function settleConnection(kernel: Kernel, host: HostName, key: string, closed: boolean): void {
  const entry = read(kernel, host, key)
  if (entry === undefined || !entry.replied) return
  if (entry.original.proto !== 'tcp') return
  const state = closed ? 'TIME_WAIT' : 'ESTABLISHED'
  store(kernel, host, { ...entry, assured: true, state, expires: kernel.now + timeoutOf('tcp', state, true) })
}

/** A host's connections, each once, those that have expired left out, in the order in which they began. */
export function listConnections(net: NetState, host: HostName, now: number): readonly ConntrackEntry[] {
  return [...new Set(net.conntrack.get(host)?.values() ?? [])].filter((entry) => entry.expires > now)
}

/** Forgets connections: all of a host's, or those to one destination, as kube-proxy does for UDP when an endpoint goes. */
export function flushConnections(
  net: NetState,
  host: HostName,
  matches: (entry: ConntrackEntry) => boolean = () => true,
): number {
  const table = net.conntrack.get(host)
  if (table === undefined) return 0
  let gone = 0
  for (const [key, entry] of [...table]) {
    if (!matches(entry)) continue
    table.delete(key)
    gone++
  }
  return gone / 2
}
