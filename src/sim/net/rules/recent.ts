import { assertNever } from '../../core/result.js'
import { networkOf, parseIPv4 } from '../address.js'
import type { Kernel } from '../kernel.js'
import type { Skb } from '../skb.js'
import type { RecentEntry } from '../state.js'
import type { RecentMatch } from './types.js'

/** Stamps kept per address: the next power of two after twenty. Source: Linux net/netfilter/xt_recent.c ip_pkt_list_tot, nstamps_max_mask */
const MOST_STAMPS = 32
const US_PER_SECOND = 1_000_000

/** Source: Linux net/netfilter/xt_recent.c recent_mt */
export function recentMatches(kernel: Kernel, skb: Skb, match: RecentMatch): boolean {
  const address = match.side === 'rsource' ? skb.packet.src : skb.packet.dst
  const key = `${match.name} ${maskAddress(address, match.mask)}`
  const held = readRecent(kernel, skb.host, key)
  // As it was before this host forwards it.
  const ttl = skb.outDevice !== '' && skb.inDevice !== '' ? skb.packet.ttl + 1 : skb.packet.ttl
  const entry = match.rttl && held?.ttl !== ttl ? undefined : held
  switch (match.operation) {
    case 'set':
      writeRecent(kernel, skb.host, key, { stamps: [...(entry?.stamps ?? []), kernel.now].slice(-MOST_STAMPS), ttl })
      return true
    case 'remove':
      if (entry === undefined) return false
      writeRecent(kernel, skb.host, key, undefined)
      return true
    case 'rcheck':
    case 'update': {
      if (entry === undefined) return false
      const since = match.seconds === 0 ? Number.NEGATIVE_INFINITY : kernel.now - match.seconds * US_PER_SECOND
      const recent = entry.stamps.filter((stamp) => stamp >= since)
      const met = recent.length >= Math.max(match.hitcount, 1)
      // What the whole condition says, not alone what the list does, decides whether the address is seen anew.
      const isSeen = match.operation === 'update' && met !== match.negated
      if (match.reap && recent.length === 0 && !isSeen) writeRecent(kernel, skb.host, key, undefined)
      if (isSeen) writeRecent(kernel, skb.host, key, { ttl, stamps: [...entry.stamps, kernel.now].slice(-MOST_STAMPS) })
      return met
    }
    default:
      return assertNever(match.operation)
  }
}

function maskAddress(address: string, mask: string): string {
  if (mask === '255.255.255.255' || mask === 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff') return address
  const bits = parseIPv4(mask)
  if (bits === undefined || parseIPv4(address) === undefined) return address
  return networkOf(address, bits.toString(2).replaceAll('0', '').length)
}

/** A remembered entry of a list: of `recent`, or of an nftables set that rules change. */
export function readRecent(kernel: Kernel, host: string, key: string): RecentEntry | undefined {
  const tried = kernel.scratch?.recent.get(host)
  return tried?.has(key) === true ? tried.get(key) : kernel.net.recent.get(host)?.get(key)
}

export function writeRecent(kernel: Kernel, host: string, key: string, entry: RecentEntry | undefined): void {
  if (kernel.scratch !== undefined && kernel.counts !== true) {
    const tried = kernel.scratch.recent.get(host) ?? new Map<string, RecentEntry | undefined>()
    tried.set(key, entry)
    kernel.scratch.recent.set(host, tried)
    return
  }
  const table = kernel.net.recent.get(host) ?? new Map<string, RecentEntry>()
  if (entry === undefined) table.delete(key)
  else table.set(key, entry)
  kernel.net.recent.set(host, table)
}
