import { assertNever } from '../../core/result.js'
import { isLoopback, networkOf, parseIPv4, parseIPv6 } from '../address.js'
import type { Kernel } from '../kernel.js'
import { lookUpRoute } from '../routing.js'
import type { Skb } from '../skb.js'
import { readRecent, writeRecent } from './recent.js'
import { counterKey } from './ruleset.js'
import type { HashlimitMatch, IprangeCondition, Match, MatchResult, Rate, Rule } from './types.js'

/**
 * A bucket of tokens kept as one number: the time at which it will be full again.
 *
 * @returns that time after one more packet, or undefined when there is no token left for it.
 */
function takeToken(fullAt: number, now: number, rate: Rate, burst: number): number | undefined {
  const cost = rate.perUs / rate.packets
  const next = Math.max(fullAt, now) + cost
  // Half a microsecond for what division leaves over.
  return next - now <= cost * burst + 0.5 ? next : undefined
}

/** Source: Linux net/netfilter/xt_limit.c limit_mt, nft_limit.c nft_limit_eval */
export function limitMatches(kernel: Kernel, skb: Skb, rule: Rule, match: Extract<Match, { kind: 'limit' }>): boolean {
  return limitAllows(kernel, skb, `limit ${counterKey(rule.id, skb.family)}`, match.rate, match.burst)
}

/** Asks the bucket of this name for a token. */
export function limitAllows(kernel: Kernel, skb: Skb, key: string, rate: Rate, burst: number): boolean {
  const next = takeToken(readRecent(kernel, skb.host, key)?.stamps[0] ?? 0, kernel.now, rate, burst)
  if (next !== undefined) writeRecent(kernel, skb.host, key, { stamps: [next] })
  return next !== undefined
}

/** A bucket for each value of what `--hashlimit-mode` names; all rules of one name share them. Source: Linux net/netfilter/xt_hashlimit.c hashlimit_mt_common */
export function hashlimitMatches(kernel: Kernel, skb: Skb, match: HashlimitMatch): boolean {
  const { packet } = skb
  const cut = (ip: string, mask: number | undefined): string => (mask === undefined ? ip : networkOf(ip, mask))
  const values = match.mode.map((mode) => {
    switch (mode) {
      case 'srcip':
        return cut(packet.src, match.srcMask)
      case 'dstip':
        return cut(packet.dst, match.dstMask)
      case 'srcport':
        return packet.sport
      case 'dstport':
        return packet.dport
      default:
        return assertNever(mode)
    }
  })
  const key = `hashlimit ${match.name} ${counterKey(values.join(), skb.family)}`
  const [fullAt = 0, seen = Number.NEGATIVE_INFINITY] = readRecent(kernel, skb.host, key)?.stamps ?? []
  // An address is forgotten when the table is next swept, not before. Source: xt_hashlimit.c htable_gc
  const sweptAt = Math.ceil((seen + match.expireUs) / match.sweepUs) * match.sweepUs
  const known = kernel.now < sweptAt ? fullAt : 0
  const next = takeToken(known, kernel.now, match.rate, match.burst)
  writeRecent(kernel, skb.host, key, { stamps: [next ?? known, kernel.now] })
  return (next !== undefined) !== match.above
}

/** Of TCP's packets without data, and of errors about such: what a request carries is not modelled. */
export function lengthMatches(skb: Skb, match: Extract<Match, { kind: 'length' }>): MatchResult {
  const { proto, flags, inner } = skb.packet
  const header = skb.family === 4 ? 20 : 40
  const inRange = (length: number): boolean => (length >= match.range.from && length <= match.range.to) !== match.negated
  // An error quotes the whole packet that it is about, which was the first of its connection.
  if (inner?.proto === 'tcp') return inRange(header + 8 + header + 40)
  if (proto !== 'tcp' || flags === 'DATA') return 'not-modelled'
  // A handshake has 20 bytes of options, as Linux sends it; a reset and an acknowledgement of it have none.
  const tcp = flags === 'SYN' || flags === 'SYN+ACK' ? 40 : 20
  return inRange(tcp + header)
}

export function ttlMatches(skb: Skb, match: Extract<Match, { kind: 'ttl' }>): boolean {
  const { ttl } = skb.packet
  const met = match.operator === 'eq' ? ttl === match.value : match.operator === 'lt' ? ttl < match.value : ttl > match.value
  return met !== match.negated
}

export function iprangeMatches(skb: Skb, { kind, from, to, negated }: IprangeCondition): boolean {
  const value = toNumber(kind === 'src-range' ? skb.packet.src : skb.packet.dst)
  const low = toNumber(from)
  const high = toNumber(to)
  if (value === undefined || low === undefined || high === undefined || typeof value !== typeof low) return negated
  return (value >= low && value <= high) !== negated
}

function toNumber(address: string): number | bigint | undefined {
  return parseIPv4(address) ?? parseIPv6(address)
}

export function packetType({ packet: { dst } }: Skb): 'unicast' | 'broadcast' | 'multicast' {
  if (dst === '255.255.255.255') return 'broadcast'
  return /^2(2[4-9]|3\d)\./.test(dst) || /^ff[0-9a-f]{2}:/.test(dst) ? 'multicast' : 'unicast'
}

/** What no local process sends has no owner; who owns what a process here sends is not modelled. Source: Linux net/netfilter/xt_owner.c owner_mt */
export function ownerMatches(skb: Skb, match: Extract<Match, { kind: 'owner' }>): MatchResult {
  return skb.inDevice === '' && skb.hook !== 'FORWARD' ? 'not-modelled' : match.negated
}

/** Source: Linux net/ipv4/netfilter/ipt_rpfilter.c rpfilter_mt */
export function rpfilterMatches(kernel: Kernel, skb: Skb, match: Extract<Match, { kind: 'rpfilter' }>): boolean {
  if (skb.inDevice === 'lo' || isLoopback(skb.packet.src)) return true
  const back = lookUpRoute(kernel, skb.host, skb.packet.src)
  if (back.kind === 'local') return match.acceptLocal
  return back.kind === 'forward' && (match.loose || back.route.device === skb.inDevice)
}
