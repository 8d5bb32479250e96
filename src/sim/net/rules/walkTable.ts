import { assertNever, SimBug } from '../../core/result.js'
import type { RuleRef } from '../../core/vocabulary.js'
import { setConnectionMark } from '../conntrack.js'
import { applySet, setMatches } from '../ipset/lookUp.js'
import type { Kernel } from '../kernel.js'
import type { NatAction } from '../nat.js'
import { netmapAction } from '../nat.js'
import { withMark, withTos, withTtl } from '../packet.js'
import type { Skb } from '../skb.js'
import { candidates } from './chainIndex.js'
import type { LinkedChain } from './linkedChain.js'
import { chainCalledBy } from './linkedChain.js'
import { matches } from './match.js'
import { printMatch, printTarget } from './printRule.js'
import { counterKey, policyId } from './ruleset.js'
import type { Match, MatchResult, Rule, Target } from './types.js'

/** What a table decided of a packet at one hook. */
export type TableVerdict =
  | { readonly kind: 'accept' }
  | { readonly kind: 'drop'; readonly rule: RuleRef | undefined }
  | { readonly kind: 'reject'; readonly with: string; readonly rule: RuleRef }
  | { readonly kind: 'nat'; readonly action: NatAction; readonly rule: RuleRef }
  | { readonly kind: 'not-modelled'; readonly what: string; readonly rule: RuleRef }

/** A chain's answer to its caller; `undefined`: it ended without deciding. */
type Decision = TableVerdict | undefined

export const ACCEPTED: TableVerdict = { kind: 'accept' }
const DROPPED: TableVerdict = { kind: 'drop', rule: undefined }

/** Engine's guard only: a table that loops is refused when it is loaded. */
const MAX_DEPTH = 64

/**
 * Walks a table's chain for a hook; records every rule that matched, and the policy if it decided.
 * Changes the packet's mark and the connection's where rules say so; NAT is left to the caller.
 *
 * Source: Linux net/ipv4/netfilter/ip_tables.c ipt_do_table
 */
export function walkTable(kernel: Kernel, skb: Skb, base: LinkedChain): TableVerdict {
  const { table, chain } = base
  const decision = chain.rules.length === 0 ? undefined : walkChain(kernel, skb, base, 0)
  if (decision !== undefined) return decision
  const { policy = 'ACCEPT' } = chain
  if (kernel.counts && chain.policy !== undefined) count(kernel, skb, policyId(table.name, chain.name))
  if (chain.rules.length > 0 || policy === 'DROP') {
    const { packet, direction, host, hook } = skb
    kernel.trace({ kind: 'policy', packet, direction, host, hook, table: table.name, chain: chain.name, policy })
  }
  return policy === 'DROP' ? DROPPED : ACCEPTED
}

function walkChain(kernel: Kernel, skb: Skb, link: LinkedChain, depth: number): Decision {
  const { chain, index } = link
  if (depth > MAX_DEPTH) throw new SimBug('jump-too-deep', { chain: chain.name })
  for (const rule of index === undefined ? chain.rules : candidates(index, skb.packet)) {
    const taken = isTakenBy(kernel, skb, rule)
    if (taken === 'not-modelled') return notModelled(skb, rule, unmodelledMatch(kernel, skb, rule))
    if (!taken) continue
    const { step } = rule
    if (step === 'unknown') return notModelled(skb, rule, printTarget(rule.target))
    record(kernel, skb, rule)
    if (step === 'return') return undefined
    const decision =
      step === 'act' ? applyTarget(kernel, skb, rule) : walkChain(kernel, skb, chainCalledBy(link, rule), depth + 1)
    if (decision !== undefined) return decision
    // After a goto the caller's own caller goes on.
    if (step === 'goto') return undefined
  }
  return undefined
}

/** Whether a rule takes a packet. The flat conditions come first: they change nothing, the others may draw or remember. */
function isTakenBy(kernel: Kernel, skb: Skb, rule: Rule): MatchResult {
  const { test } = rule
  if (test.isOpen) return true
  const { packet } = skb
  if (test.proto !== undefined && test.proto !== packet.proto) return false
  if (test.dport >= 0 && test.dport !== packet.dport) return false
  if (test.dst !== undefined && test.dst !== packet.dst) return false
  if (test.src !== undefined && test.src !== packet.src) return false
  if (test.states !== undefined && !test.states.includes(skb.state)) return false
  if (test.markMask !== 0 && ((packet.mark & test.markMask) >>> 0 === test.markValue) === test.markNegated) return false
  for (const match of test.rest) {
    const result = matches(kernel, skb, rule, match)
    if (result !== true) return result
  }
  return true
}

/** The condition that could not be asked, as the rule states it, and what is missing where that can be given. */
function unmodelledMatch(kernel: Kernel, skb: Skb, rule: Rule): string {
  const match = rule.matches.find((each) => isUnmodelled(kernel, skb, rule, each))
  if (match === undefined) return rule.text
  const answer = match.kind === 'set' ? setMatches(kernel, skb, match) : undefined
  return typeof answer === 'object' ? `${printMatch(match)}: ${answer.notModelled}` : printMatch(match)
}

function isUnmodelled(kernel: Kernel, skb: Skb, rule: Rule, match: Match): boolean {
  switch (match.kind) {
    case 'unknown':
      return true
    case 'set':
    case 'length':
    case 'owner':
    case 'socket':
      return matches(kernel, skb, rule, match) === 'not-modelled'
    default:
      return false
  }
}

function notModelled(skb: Skb, rule: Rule, what: string): TableVerdict {
  return { kind: 'not-modelled', what, rule: refOf(skb, rule) }
}

/** Does what a target does; `undefined` when the next rule follows. */
function applyTarget(kernel: Kernel, skb: Skb, rule: Rule): Decision {
  const { target } = rule
  switch (target.kind) {
    case 'none':
    case 'return':
    case 'jump':
    case 'unknown':
    case 'log':
    case 'pass':
      return undefined
    case 'accept':
      return ACCEPTED
    case 'drop':
      return { kind: 'drop', rule: refOf(skb, rule) }
    case 'reject':
      return { kind: 'reject', with: target.with, rule: refOf(skb, rule) }
    case 'mark':
      skb.packet = withMark(skb.packet, ((skb.packet.mark & ~target.mask) ^ target.value) >>> 0)
      return undefined
    case 'connmark':
      applyConnmark(kernel, skb, target)
      return undefined
    case 'notrack':
      if (skb.tracked === undefined) skb.state = 'UNTRACKED'
      return undefined
    case 'ct':
      if (target.notrack && skb.tracked === undefined) skb.state = 'UNTRACKED'
      return target.notrack ? undefined : { kind: 'not-modelled', what: printTarget(target), rule: refOf(skb, rule) }
    case 'ttl':
      skb.packet = withTtl(skb.packet, newTtl(skb.packet.ttl, target))
      return undefined
    case 'tos':
      skb.packet = withTos(skb.packet, ((skb.packet.tos ?? 0) & ~target.mask & 0xff) ^ target.value)
      return undefined
    case 'netmap':
      return { kind: 'nat', action: netmapAction(skb, target.to), rule: refOf(skb, rule) }
    case 'set': {
      const missing = applySet(kernel, skb, target)
      return missing === undefined ? undefined : notModelled(skb, rule, `${printTarget(target)}: ${missing.notModelled}`)
    }
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
      return { kind: 'nat', action: target, rule: refOf(skb, rule) }
    default:
      return assertNever(target)
  }
}

function newTtl(ttl: number, { operation, value }: Extract<Target, { kind: 'ttl' }>): number {
  const next = operation === 'set' ? value : operation === 'inc' ? ttl + value : ttl - value
  return Math.max(0, Math.min(255, next))
}

function applyConnmark(kernel: Kernel, skb: Skb, target: Extract<Target, { kind: 'connmark' }>): void {
  const { tracked, packet } = skb
  if (tracked === undefined) return
  const ctmark = tracked.entry.mark
  switch (target.operation) {
    case 'set':
      setConnectionMark(kernel, skb, tracked, ((ctmark & ~target.mask) ^ target.value) >>> 0)
      return
    case 'save':
      setConnectionMark(kernel, skb, tracked, ((ctmark & ~target.ctmask) ^ (packet.mark & target.nfmask)) >>> 0)
      return
    case 'restore':
      skb.packet = withMark(packet, ((packet.mark & ~target.nfmask) ^ (ctmark & target.ctmask)) >>> 0)
      return
    default:
      assertNever(target.operation)
  }
}

/** Where a rule stands, as steps name it. */
export function refOf(skb: Pick<Skb, 'host' | 'hook'>, rule: Rule): RuleRef {
  return { host: skb.host, hook: skb.hook, table: rule.table, chain: rule.chain, rule: rule.position, text: rule.text }
}

function record(kernel: Kernel, skb: Skb, rule: Rule): void {
  if (kernel.counts) count(kernel, skb, rule.id)
  const { packet, direction, host, hook } = skb
  kernel.trace({ kind: 'rule', packet, direction, host, hook, rule })
}

/** Counts a packet on a rule or policy. */
function count(kernel: Kernel, skb: Skb, id: string): void {
  const counters = kernel.net.counters.get(skb.host) ?? new Map<string, { packets: number; bytes: number }>()
  const key = counterKey(id, skb.family)
  const seen = counters.get(key)
  counters.set(key, { packets: (seen?.packets ?? 0) + 1, bytes: (seen?.bytes ?? 0) + bytesOf(skb) })
  kernel.net.counters.set(skb.host, counters)
}

/** Lengths of the packets that are followed: a SYN with Linux' usual options, a short datagram, an ICMP error with the header that it is about. */
function bytesOf(skb: Skb): number {
  if (skb.packet.proto === 'tcp') return skb.packet.flags === 'SYN' || skb.packet.flags === 'SYN+ACK' ? 60 : 52
  return skb.packet.proto === 'icmp' ? 88 : 60
}
