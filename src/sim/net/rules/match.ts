import { assertNever } from '../../core/result.js'
import type { Prefix } from '../address.js'
import { addressAt, isLoopback, prefixHolds } from '../address.js'
import { setMatches } from '../ipset/lookUp.js'
import type { Kernel } from '../kernel.js'
import { isLocal, lookUpRoute } from '../routing.js'
import type { Skb } from '../skb.js'
import { connlimitMatches } from './connlimit.js'
import {
  hashlimitMatches,
  iprangeMatches,
  lengthMatches,
  limitMatches,
  ownerMatches,
  packetType,
  rpfilterMatches,
  ttlMatches,
} from './extraMatches.js'
import { icmpNumber } from './icmp.js'
import { recentMatches } from './recent.js'
import { counterKey } from './ruleset.js'
import type {
  AddrtypeCondition,
  ConntrackCondition,
  Match,
  MatchResult,
  PhysdevCondition,
  PortCondition,
  PortRange,
  Rule,
} from './types.js'

/** Whether a packet meets a condition. May choose (`statistic`), count (`nth`) and remember (`recent`), as the kernel's match does. */
export function matches(kernel: Kernel, skb: Skb, rule: Rule, match: Match): MatchResult {
  switch (match.kind) {
    case 'source':
      return holds(match.prefix, skb.packet.src) !== match.negated
    case 'destination':
      return holds(match.prefix, skb.packet.dst) !== match.negated
    case 'in-interface':
      return deviceMatches(match.pattern, skb.inDevice) !== match.negated
    case 'out-interface':
      return deviceMatches(match.pattern, skb.outDevice) !== match.negated
    case 'protocol':
      return (protocolName(skb) === match.protocol) !== match.negated
    case 'fragment':
      return match.negated
    case 'transport':
      return skb.packet.proto === match.protocol && match.conditions.every((condition) => portMatches(skb, condition))
    case 'icmp':
      return (
        protocolName(skb) === (match.module === 'icmp' ? 'icmp' : 'ipv6-icmp') &&
        icmpMatches(match, skb.packet.flags) !== match.negated
      )
    case 'comment':
    case 'nfacct':
      return true
    case 'conntrack':
      return connectionMatches(skb, match.conditions)
    case 'mark': {
      // Without a connection there is no mark to ask, whatever it should be. Source: Linux net/netfilter/xt_connmark.c connmark_mt
      const mark = match.module === 'mark' ? skb.packet.mark : skb.tracked?.entry.mark
      return mark !== undefined && ((mark & match.mask) >>> 0 === match.value) !== match.negated
    }
    case 'random': {
      const chance = match.negated ? 1 - match.probability : match.probability
      return kernel.chooser.choose({ what: 'statistic', host: skb.host, weights: [chance, 1 - chance] }) === 0
    }
    case 'nth':
      return nthMatches(kernel, skb, rule, match.every, match.packet) !== match.negated
    case 'recent':
      return recentMatches(kernel, skb, match) !== match.negated
    case 'addrtype':
      return addrtypeMatches(kernel, skb, match)
    case 'multiport':
      return multiportMatches(skb, match.side, match.ports) !== match.negated
    case 'physdev':
      return match.conditions.every((condition) => physdevMatches(skb, condition))
    case 'set': {
      const answer = setMatches(kernel, skb, match)
      return typeof answer === 'boolean' ? answer : 'not-modelled'
    }
    case 'limit':
      return limitMatches(kernel, skb, rule, match) !== match.negated
    case 'hashlimit':
      return hashlimitMatches(kernel, skb, match)
    case 'length':
      return lengthMatches(skb, match)
    case 'ttl':
      return ttlMatches(skb, match)
    case 'iprange':
      return match.conditions.every((condition) => iprangeMatches(skb, condition))
    case 'tos':
      return (((skb.packet.tos ?? 0) & match.mask) === match.value) !== match.negated
    case 'connlimit':
      return connlimitMatches(kernel, skb, rule, match)
    case 'pkttype':
      return (packetType(skb) === match.type) !== match.negated
    case 'owner':
      return ownerMatches(skb, match)
    case 'rpfilter':
      return rpfilterMatches(kernel, skb, match) !== match.inverted
    case 'socket':
      // Nobody here takes packets for addresses that are not the host's.
      return match.transparent ? false : 'not-modelled'
    case 'unknown':
      return 'not-modelled'
    default:
      return assertNever(match)
  }
}

/** A packet's protocol as rules name it: each family has an ICMP of its own. */
export function protocolName(skb: Pick<Skb, 'packet' | 'family'>): string {
  return skb.packet.proto === 'icmp' && skb.family === 6 ? 'ipv6-icmp' : skb.packet.proto
}

function holds(prefix: Prefix, address: string): boolean {
  if (prefix.length === 32 && prefix.family === 4)
    return prefix.text.length === address.length + 3 && prefix.text.startsWith(address)
  return prefixHolds(prefix, address)
}

/** `eth+` matches every name that begins so. */
function deviceMatches(pattern: string, device: string): boolean {
  return pattern.endsWith('+') ? device.startsWith(pattern.slice(0, -1)) : device === pattern
}

function inRange(range: PortRange, port: number): boolean {
  return port >= range.from && port <= range.to
}

export function portMatches(skb: Skb, condition: PortCondition): boolean {
  switch (condition.kind) {
    case 'sport':
      return inRange(condition.range, skb.packet.sport) !== condition.negated
    case 'dport':
      return inRange(condition.range, skb.packet.dport) !== condition.negated
    case 'flags': {
      const flags = tcpFlags(skb.packet.flags)
      const seen = condition.mask.filter((flag) => flags.includes(flag))
      return (seen.length === condition.set.length && condition.set.every((flag) => seen.includes(flag))) !== condition.negated
    }
    default:
      return assertNever(condition)
  }
}

/** The flags that a packet of this kind carries: a reset that answers a SYN acknowledges it, data comes with PSH and ACK. */
export function tcpFlags(flags: string): readonly string[] {
  if (flags === 'DATA') return ['PSH', 'ACK']
  if (flags === 'RST') return ['RST', 'ACK']
  return flags.split('+')
}

function icmpMatches({ type: wanted, module }: Extract<Match, { kind: 'icmp' }>, flags: string): boolean {
  if (wanted === 'any' || wanted === '255') return true
  const seen = icmpNumber(flags, module === 'icmp' ? 4 : 6) ?? flags
  return wanted === seen || (!wanted.includes('/') && seen.split('/')[0] === wanted)
}

/** What has no connection is asked for its state alone, and fits no rule that does not ask for one. Source: Linux net/netfilter/xt_conntrack.c conntrack_mt */
function connectionMatches(skb: Skb, conditions: readonly ConntrackCondition[]): boolean {
  if (skb.tracked !== undefined) return conditions.every((condition) => conntrackMatches(skb, condition))
  const states = conditions.filter((condition) => condition.kind === 'ctstate')
  return states.length > 0 && states.every((condition) => conntrackMatches(skb, condition))
}

export function conntrackMatches(skb: Skb, condition: ConntrackCondition): boolean {
  const entry = skb.tracked?.entry
  switch (condition.kind) {
    case 'ctstate': {
      const met = condition.states.some((state) =>
        state === 'DNAT' ? entry?.dnat === true : state === 'SNAT' ? entry?.snat === true : state === skb.state,
      )
      return met !== condition.negated
    }
    case 'ctproto':
      return entry !== undefined && (entry.original.proto === condition.protocol) !== condition.negated
    case 'ctorigsrc':
      return entry !== undefined && holds(condition.prefix, entry.original.src) !== condition.negated
    case 'ctorigdst':
      return entry !== undefined && holds(condition.prefix, entry.original.dst) !== condition.negated
    case 'ctreplsrc':
      return entry !== undefined && holds(condition.prefix, entry.reply.src) !== condition.negated
    case 'ctrepldst':
      return entry !== undefined && holds(condition.prefix, entry.reply.dst) !== condition.negated
    case 'ctorigsrcport':
      return entry !== undefined && inRange(condition.range, entry.original.sport) !== condition.negated
    case 'ctorigdstport':
      return entry !== undefined && inRange(condition.range, entry.original.dport) !== condition.negated
    case 'ctreplsrcport':
      return entry !== undefined && inRange(condition.range, entry.reply.sport) !== condition.negated
    case 'ctrepldstport':
      return entry !== undefined && inRange(condition.range, entry.reply.dport) !== condition.negated
    case 'ctstatus': {
      const seen = statuses(skb)
      return condition.statuses.some((status) => seen.includes(status)) !== condition.negated
    }
    case 'ctdir':
      return (skb.tracked?.direction === 'reply' ? 'REPLY' : 'ORIGINAL') === condition.direction
    default:
      return assertNever(condition)
  }
}

/** `NONE` is no bit of the status, so nothing ever has it. */
function statuses(skb: Skb): readonly string[] {
  if (skb.tracked === undefined) return []
  const { entry, confirmed } = skb.tracked
  return [...(entry.replied ? ['SEEN_REPLY'] : []), ...(entry.assured ? ['ASSURED'] : []), ...(confirmed ? ['CONFIRMED'] : [])]
}

/** Counts packets per rule; the chosen one of every `every` matches. Source: Linux net/netfilter/xt_statistic.c */
function nthMatches(kernel: Kernel, skb: Skb, rule: Rule, every: number, packet: number): boolean {
  const scratch = kernel.counts === true ? undefined : kernel.scratch
  const key = counterKey(rule.id, skb.family)
  const tried = scratch?.nth.get(skb.host)?.get(key)
  const count = tried ?? kernel.net.nth.get(skb.host)?.get(key) ?? every - 1 - packet
  const matched = count === every - 1
  const tables = scratch?.nth ?? kernel.net.nth
  const table = tables.get(skb.host) ?? new Map<string, number>()
  table.set(key, matched ? 0 : count + 1)
  tables.set(skb.host, table)
  return matched
}

function addrtypeMatches(kernel: Kernel, skb: Skb, match: Extract<Match, { kind: 'addrtype' }>): boolean {
  return match.conditions.every((condition) => {
    const address = condition.kind === 'src-type' ? skb.packet.src : skb.packet.dst
    const device = match.limitIn ? skb.inDevice : match.limitOut ? skb.outDevice : undefined
    const { types, negated } = condition
    if (skb.family === 6) return isOfTypes6(kernel, skb.host, address, types, device) !== negated
    return types.some((type) => isOfType(kernel, skb.host, address, type, device)) !== negated
  })
}

/**
 * IPv6 joins the kinds that an address itself tells by "and"; among those that depend on the host one is enough.
 * Source: Linux net/netfilter/xt_addrtype.c match_type6
 */
function isOfTypes6(
  kernel: Kernel,
  host: string,
  address: string,
  types: readonly string[],
  device: string | undefined,
): boolean {
  const isMulticast = address.startsWith('ff')
  if (types.includes('MULTICAST') && !isMulticast) return false
  if (types.includes('UNICAST') && (isMulticast || address === '::')) return false
  if (types.includes('UNSPEC') && address !== '::') return false
  const asked = types.filter((type) => type === 'LOCAL' || type === 'UNREACHABLE' || type === 'ANYCAST')
  if (asked.length === 0) return true
  if (lookUpRoute(kernel, host, address).kind === 'unreachable') return asked.includes('UNREACHABLE')
  return asked.includes('LOCAL') && isLocalTo(kernel, host, address, device)
}

/** Whether an address is local can be said without asking for more. */
function isOfType(kernel: Kernel, host: string, address: string, type: string, device: string | undefined): boolean {
  if (type === 'LOCAL') return isLocalTo(kernel, host, address, device)
  return addressType(kernel, host, address, device) === type
}

/** A host's own address; asked of a device, only that device's are. */
function isLocalTo(kernel: Kernel, host: string, address: string, device: string | undefined): boolean {
  if (!isLocal(kernel.net, host, address)) return false
  if (device === undefined) return true
  if (isLoopback(address)) return device === 'lo'
  return (
    kernel.net.interfaces
      .get(host)
      ?.get(device)
      ?.addresses.some((each) => each.ip === address) === true
  )
}

/**
 * The kernel's type of an address as this host sees it. Only IPv6 asks for routes: IPv4 looks among the host's own addresses.
 * Source: Linux net/netfilter/xt_addrtype.c, net/ipv4/fib_frontend.c __inet_dev_addr_type
 */
export function addressType(kernel: Kernel, host: string, address: string, device?: string): AddrtypeCondition['types'][number] {
  if (isLocalTo(kernel, host, address, device)) return 'LOCAL'
  if (/^2(2[4-9]|3\d)\./.test(address) || /^ff[0-9a-f]{2}:/.test(address)) return 'MULTICAST'
  if (address.includes(':')) return lookUpRoute(kernel, host, address).kind === 'unreachable' ? 'UNREACHABLE' : 'UNICAST'
  if (address === '255.255.255.255' || address.startsWith('0.')) return 'BROADCAST'
  for (const each of kernel.net.interfaces.get(host)?.values() ?? []) {
    if (device !== undefined && device !== each.name) continue
    if (each.addresses.some(({ prefix }) => isBroadcast(prefix, address))) return 'BROADCAST'
  }
  return 'UNICAST'
}

/** The last address of a network of more than two. */
function isBroadcast(prefix: Prefix, address: string): boolean {
  return prefix.length < 31 && prefixHolds(prefix, address) && addressAt(prefix, 2 ** (32 - prefix.length) - 1) === address
}

function multiportMatches(skb: Skb, side: 'sports' | 'dports' | 'ports', ports: readonly PortRange[]): boolean {
  const { proto, sport, dport } = skb.packet
  if (proto === 'icmp') return false
  const any = (port: number): boolean => ports.some((range) => inRange(range, port))
  switch (side) {
    case 'sports':
      return any(sport)
    case 'dports':
      return any(dport)
    case 'ports':
      return any(sport) || any(dport)
    default:
      return assertNever(side)
  }
}

export function physdevMatches(skb: Skb, condition: PhysdevCondition): boolean {
  switch (condition.kind) {
    case 'in':
      return (skb.physIn !== '' && deviceMatches(condition.pattern, skb.physIn)) !== condition.negated
    case 'out':
      return (skb.physOut !== '' && deviceMatches(condition.pattern, skb.physOut)) !== condition.negated
    case 'is-in':
      return (skb.physIn !== '') !== condition.negated
    case 'is-out':
      return (skb.physOut !== '') !== condition.negated
    case 'is-bridged':
      return skb.bridged !== condition.negated
    default:
      return assertNever(condition.kind)
  }
}
