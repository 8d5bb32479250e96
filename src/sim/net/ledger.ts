import type { ConntrackEntry, ConntrackTable } from './connections.js'
import type { Kernel } from './kernel.js'
import type { NetView } from './machine.js'
import { codeOf, openView } from './machine.js'
import type { Tuple } from './packet.js'
import { sameTuple } from './packet.js'
import type { HostName, NetState } from './state.js'

/** The entry with some fields changed; written out, so that all entries have one shape. */
export function changed(entry: ConntrackEntry, to: Partial<ConntrackEntry>): ConntrackEntry {
  return {
    original: entry.original,
    reply: to.reply ?? entry.reply,
    replied: to.replied ?? entry.replied,
    assured: to.assured ?? entry.assured,
    dnat: to.dnat ?? entry.dnat,
    snat: to.snat ?? entry.snat,
    mark: to.mark ?? entry.mark,
    state: to.state ?? entry.state,
    expires: to.expires ?? entry.expires,
    since: entry.since,
    remapped: to.remapped ?? entry.remapped,
  }
}

/** 30 bits, so that engines keep it as a small integer. */
function hashOf(view: NetView, { proto, src, sport, dst, dport }: Tuple): number {
  let hash = Math.imul(codeOf(view, src), 0x85eb_ca6b) ^ ((sport << 16) | dport)
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2_ae35) ^ codeOf(view, dst)
  hash = Math.imul(hash ^ (hash >>> 13), 0x27d4_eb2f) + proto.length + proto.charCodeAt(0)
  return (hash ^ (hash >>> 16)) >>> 2
}

/** A host's connections as a kernel sees them: what it tries out covers what the state holds. */
export interface Ledger {
  readonly kernel: Kernel
  readonly host: HostName
  readonly tried: ConntrackTable | undefined
  readonly held: ConntrackTable | undefined
}

/** A host's ledger, where no packet is in hand. */
export function openLedger(kernel: Kernel, host: HostName): Ledger {
  const { net, scratch } = kernel
  if (scratch === undefined) return { kernel, host, tried: undefined, held: tableOf(net.conntrack, host) }
  return { kernel, host, tried: tableOf(scratch.conntrack, host), held: net.conntrack.get(host) }
}

function tableOf(tables: Map<HostName, ConntrackTable>, host: HostName): ConntrackTable {
  let table = tables.get(host)
  if (table === undefined) {
    table = new Map()
    tables.set(host, table)
  }
  return table
}

const NO_ENTRIES: readonly ConntrackEntry[] = []

function bucketAt({ tried, held }: Ledger, hash: number): readonly ConntrackEntry[] {
  return tried?.get(hash) ?? held?.get(hash) ?? NO_ENTRIES
}

function setBucket({ tried, held }: Ledger, hash: number, bucket: readonly ConntrackEntry[]): void {
  if (tried !== undefined) tried.set(hash, bucket)
  else if (bucket.length === 0) held?.delete(hash)
  else held?.set(hash, bucket)
}

/** The entry that a packet with these ends belongs to, unless it has expired. */
export function find(ledger: Ledger, tuple: Tuple): ConntrackEntry | undefined {
  const { kernel } = ledger
  for (const entry of bucketAt(ledger, hashOf(kernel.view, tuple))) {
    if (entry.expires > kernel.now && (sameTuple(entry.original, tuple) || sameTuple(entry.reply, tuple))) return entry
  }
  return undefined
}

/** Entries beyond which an insert first forgets what has expired. */
const SWEEP_AT = 2_048

/** Puts an entry under both its directions, in place of what stands there for the same connection. */
export function store(ledger: Ledger, entry: ConntrackEntry): void {
  sweep(ledger)
  put(ledger, entry.original, entry)
  put(ledger, entry.reply, entry)
  if (entry.remapped === true) put(ledger, senderOf(entry.original), entry)
}

/** What stands for a socket, whatever it speaks to. */
function senderOf({ proto, src, sport }: Tuple): Tuple {
  return { proto, src, sport, dst: '', dport: 0 }
}

/** Connections of the same socket that were given another source port. */
export function remappedLike(ledger: Ledger, tuple: Tuple): readonly ConntrackEntry[] {
  const { kernel } = ledger
  const { proto, src, sport } = tuple
  return bucketAt(ledger, hashOf(kernel.view, senderOf(tuple))).filter(
    ({ original, expires }) =>
      expires > kernel.now && original.proto === proto && original.src === src && original.sport === sport,
  )
}

function put(ledger: Ledger, tuple: Tuple, entry: ConntrackEntry): void {
  const hash = hashOf(ledger.kernel.view, tuple)
  const bucket = bucketAt(ledger, hash)
  const only = bucket[0]
  const isAlone = only === undefined || (bucket.length === 1 && isSame(only, entry))
  setBucket(ledger, hash, isAlone ? [entry] : [...bucket.filter((each) => !isSame(each, entry)), entry])
}

/** Takes an entry out under both its directions. */
export function forget(ledger: Ledger, entry: ConntrackEntry): void {
  const places = [entry.original, entry.reply]
  if (entry.remapped === true) places.push(senderOf(entry.original))
  for (const tuple of places) {
    const hash = hashOf(ledger.kernel.view, tuple)
    const bucket = bucketAt(ledger, hash)
    const left = bucket.filter((each) => !isSame(each, entry))
    if (left.length < bucket.length) setBucket(ledger, hash, left)
  }
}

/** Whether two entries are of one connection: no other may have either of its directions. */
function isSame(a: ConntrackEntry, b: ConntrackEntry): boolean {
  return sameTuple(a.original, b.original) || sameTuple(a.reply, b.reply)
}

function sweep({ kernel, host, tried, held }: Ledger): void {
  if (tried !== undefined || held === undefined || held.size < SWEEP_AT || held.size % SWEEP_AT >= 2) return
  flushConnections(kernel.net, host, (entry) => entry.expires <= kernel.now)
}

/** A host's connections, each once, those that have expired left out, in the order in which they began. */
export function listConnections(net: NetState, host: HostName, now: number): readonly ConntrackEntry[] {
  const entries = [...(net.conntrack.get(host)?.values() ?? [])].flat()
  return [...new Set(entries)].filter((entry) => entry.expires > now)
}

/** Enters a connection as if its packets had passed. */
export function holdConnection(net: NetState, host: HostName, entry: ConntrackEntry): void {
  const view = openView(net)
  const table: ConntrackTable = net.conntrack.get(host) ?? new Map()
  for (const tuple of [entry.original, entry.reply]) {
    const hash = hashOf(view, tuple)
    table.set(hash, [...(table.get(hash) ?? []), entry])
  }
  net.conntrack.set(host, table)
}

/** Forgets connections: all of a host's, or those to one destination, as kube-proxy does for UDP when an endpoint goes. */
export function flushConnections(
  net: NetState,
  host: HostName,
  matches: (entry: ConntrackEntry) => boolean = () => true,
): number {
  const table = net.conntrack.get(host)
  if (table === undefined) return 0
  const gone = new Set<ConntrackEntry>()
  for (const [hash, bucket] of [...table]) {
    const left = bucket.filter((entry) => !matches(entry))
    if (left.length === bucket.length) continue
    for (const entry of bucket) if (!left.includes(entry)) gone.add(entry)
    if (left.length === 0) table.delete(hash)
    else table.set(hash, left)
  }
  return gone.size
}
