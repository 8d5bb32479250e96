import { assertNever, SimBug } from '../../core/result.js'
import type { Chance, RuleRef } from '../../core/vocabulary.js'
import { familyOf, parseIPv4, parseIPv6, parsePrefix, prefixHolds } from '../address.js'
import { setConnectionMark } from '../conntrack.js'
import type { Kernel } from '../kernel.js'
import { withMark } from '../packet.js'
import { limitAllows, packetType } from '../rules/extraMatches.js'
import { icmpNumber } from '../rules/icmp.js'
import { addressType, tcpFlags } from '../rules/match.js'
import { readRecent, writeRecent } from '../rules/recent.js'
import { counterKey } from '../rules/ruleset.js'
import type { TableVerdict } from '../rules/walkTable.js'
import type { Skb } from '../skb.js'
import { verdictOf } from './parseRule.js'
import type { NftBaseChain } from './ruleset.js'
import type {
  MarkOwner,
  NftChain,
  NftElements,
  NftField,
  NftLookup,
  NftRule,
  NftStatement,
  NftTable,
  NftVerdict,
} from './types.js'

const ACCEPTED: TableVerdict = { kind: 'accept' }
const MAX_DEPTH = 64

type Decision = TableVerdict | undefined

interface Walk {
  readonly kernel: Kernel
  readonly skb: Skb
  readonly table: NftTable
}

/**
 * Walks a base chain of nftables for a packet; records every rule that matched, and the policy if it decided.
 * Source: Linux net/netfilter/nf_tables_core.c nft_do_chain
 */
export function walkBaseChain(kernel: Kernel, skb: Skb, { table, chain, base }: NftBaseChain): TableVerdict {
  const family = familyOf(skb.packet.dst) === 4 ? 'ip' : 'ip6'
  if (table.family !== 'inet' && table.family !== family) return ACCEPTED
  const decision = walkChain({ kernel, skb, table }, chain, 0)
  if (decision !== undefined) return decision
  if (chain.rules.length > 0 || base.policy === 'DROP') {
    const { packet, direction, host, hook } = skb
    kernel.trace({
      kind: 'policy',
      packet,
      direction,
      host,
      hook,
      table: tableName(table),
      chain: chain.name,
      policy: base.policy,
    })
  }
  return base.policy === 'DROP' ? { kind: 'drop', rule: undefined } : ACCEPTED
}

function tableName(table: NftTable): string {
  return `${table.family} ${table.name}`
}

function walkChain(walk: Walk, chain: NftChain, depth: number): Decision {
  if (depth > MAX_DEPTH) throw new SimBug('jump-too-deep', { chain: chain.name })
  for (const rule of chain.rules) {
    const result = runRule(walk, chain, rule)
    if (result === 'broken' || result === undefined) continue
    if (result.kind === 'return') return undefined
    if (isCall(result)) {
      const next = walk.table.chains.get(result.chain)
      if (next === undefined) throw new SimBug('unknown-chain', { chain: result.chain })
      const decision = walkChain(walk, next, depth + 1)
      if (decision !== undefined || result.kind === 'goto') return decision
      continue
    }
    return result
  }
  return undefined
}

interface Call {
  readonly kind: 'jump' | 'goto'
  readonly chain: string
}

function isCall(result: TableVerdict | Call): result is Call {
  return result.kind === 'jump' || result.kind === 'goto'
}

type RuleResult = TableVerdict | Call | { readonly kind: 'return' } | undefined

/** Runs a rule's statements in order; `broken` when one does not fit, so that the next rule follows. */
function runRule(walk: Walk, chain: NftChain, rule: NftRule): RuleResult | 'broken' {
  const { kernel, skb } = walk
  const before = skb.packet
  const ref: RuleRef = {
    host: skb.host,
    hook: skb.hook,
    table: tableName(walk.table),
    chain: chain.name,
    rule: rule.position,
    text: rule.text,
  }
  let action = 'continue'
  let chance: Chance | undefined
  let result: RuleResult
  for (const statement of rule.statements) {
    if (statement.kind === 'unknown') return { kind: 'not-modelled', what: statement.text, rule: ref }
    const done = runStatement(walk, statement, ref)
    if (done === 'broken') return 'broken'
    action = done.action ?? action
    chance = done.chance ?? chance
    if (done.result !== undefined) {
      result = done.result
      break
    }
  }
  const { table, text } = ref
  const face = { table, chain: chain.name, position: rule.position, text, action, chance }
  kernel.trace({ kind: 'rule', packet: before, direction: skb.direction, host: skb.host, hook: skb.hook, rule: face })
  return result
}

interface Done {
  readonly result?: RuleResult
  readonly action?: string
  readonly chance?: Chance
}

const FITS: Done = {}

function runStatement(walk: Walk, statement: Exclude<NftStatement, { kind: 'unknown' }>, ref: RuleRef): Done | 'broken' {
  const { skb } = walk
  switch (statement.kind) {
    case 'match': {
      // What has no connection has nothing to compare, whichever way it is asked.
      if (skb.tracked === undefined && statement.fields.some(isOfConnection)) return 'broken'
      const found =
        statement.fields.length === 1 && isList(statement.fields[0])
          ? listFits(walk, statement.fields[0], statement.among)
          : lookUp(walk, statement.among, statement.fields) !== undefined
      return found !== statement.negated ? FITS : 'broken'
    }
    case 'mark-match':
      if (statement.of === 'ct' && skb.tracked === undefined) return 'broken'
      return ((markOf(skb, statement.of) & statement.mask) >>> 0 === statement.value) !== statement.negated ? FITS : 'broken'
    case 'tcp-flags':
      return tcpFlagsFit(skb, statement) ? FITS : 'broken'
    case 'random': {
      const { probability } = statement
      const weights = [probability, 1 - probability]
      const isMet = walk.kernel.chooser.choose({ what: 'statistic', host: skb.host, weights }) === 0
      return isMet ? { chance: { probability } } : 'broken'
    }
    case 'limit': {
      const key = `limit ${counterKey(`${ref.table} ${ref.chain} ${ref.rule}`, skb.family)}`
      return limitAllows(walk.kernel, skb, key, statement.rate, statement.burst) !== statement.over ? FITS : 'broken'
    }
    case 'notrack':
      if (skb.tracked === undefined) skb.state = 'UNTRACKED'
      return { action: 'notrack' }
    case 'pass':
      return { action: statement.name }
    case 'mark-set': {
      const { of, from, and, xor } = statement
      if (from === 'ct' && and !== 0 && skb.tracked === undefined) return 'broken'
      const next = ((markOf(skb, from) & and) ^ xor) >>> 0
      if (of === 'meta') skb.packet = withMark(skb.packet, next)
      else if (skb.tracked !== undefined) setConnectionMark(walk.kernel, skb, skb.tracked, next)
      return { action: `${of} mark set` }
    }
    case 'vmap': {
      const found = lookUp(walk, statement.map, statement.fields)
      return found === undefined ? 'broken' : decide(verdictOf(found), ref)
    }
    case 'numgen-vmap': {
      const { index, chance } = draw(walk, statement.options.length)
      const verdict = statement.options[index]
      return verdict === undefined ? 'broken' : { ...decide(verdict, ref), ...chance }
    }
    case 'dnat':
    case 'snat': {
      const { index, chance } = draw(walk, statement.options.length)
      const chosen = statement.options[index]
      if (chosen === undefined) return 'broken'
      const result = { kind: 'nat', action: { kind: statement.kind, range: chosen }, rule: ref } as const
      return { result, action: statement.kind.toUpperCase(), ...chance }
    }
    case 'masquerade':
    case 'redirect': {
      const { kind, range } = statement
      return { result: { kind: 'nat', action: { kind, range }, rule: ref }, action: kind.toUpperCase() }
    }
    case 'update': {
      const key = `${statement.set} ${read(walk, statement.field)}`
      writeRecent(walk.kernel, skb.host, key, { stamps: [walk.kernel.now] })
      return { action: 'update' }
    }
    case 'verdict':
      return decide(statement.verdict, ref)
    default:
      return assertNever(statement)
  }
}

function draw(walk: Walk, count: number): { readonly index: number; readonly chance: { readonly chance?: Chance } } {
  if (count <= 1) return { index: 0, chance: {} }
  const probability = 1 / count
  const weights = Array<number>(count).fill(probability)
  const index = walk.kernel.chooser.choose({ what: 'statistic', host: walk.skb.host, weights })
  return { index, chance: { chance: { probability, share: `1/${count}` } } }
}

function decide(verdict: NftVerdict, ref: RuleRef): Done {
  switch (verdict.kind) {
    case 'accept':
      return { result: ACCEPTED, action: 'accept' }
    case 'drop':
      return { result: { kind: 'drop', rule: ref }, action: 'drop' }
    case 'return':
      return { result: { kind: 'return' }, action: 'return' }
    case 'jump':
    case 'goto':
      return { result: { kind: verdict.kind, chain: verdict.chain }, action: `${verdict.kind} ${verdict.chain}` }
    case 'reject':
      return { result: { kind: 'reject', with: verdict.with, rule: ref }, action: `REJECT ${verdict.with}` }
    default:
      return assertNever(verdict)
  }
}

function isOfConnection(field: NftField): boolean {
  return field.startsWith('ct ') && field !== 'ct state'
}

/** Fields that hold several values at once: one of those asked for is enough. */
function isList(field: NftField | undefined): field is 'ct status' {
  return field === 'ct status'
}

function listFits(walk: Walk, _field: 'ct status', among: NftLookup): boolean {
  const entry = walk.skb.tracked?.entry
  const seen = [
    ...(entry?.dnat === true ? ['dnat'] : []),
    ...(entry?.snat === true ? ['snat'] : []),
    ...(entry?.replied === true ? ['seen-reply'] : []),
    ...(entry?.assured === true ? ['assured'] : []),
    ...(walk.skb.tracked?.confirmed === true ? ['confirmed'] : []),
  ]
  return among.kind === 'inline' && seen.some((each) => among.elements.exact.has(each))
}

/** The data of the element that fits; undefined when none does. */
function lookUp(walk: Walk, where: NftLookup, fields: readonly NftField[]): string | undefined {
  const values = fields.map((field) => read(walk, field))
  const key = values.join(' . ')
  if (where.kind === 'inline') return find(where.elements, key)
  const set = walk.table.sets.get(where.name)
  if (set === undefined) throw new SimBug('unknown-set', { set: where.name })
  if (set.timeoutUs !== undefined) {
    const stamp = readRecent(walk.kernel, walk.skb.host, `${set.name} ${key}`)?.stamps[0]
    if (stamp !== undefined && (set.timeoutUs === 0 || stamp + set.timeoutUs > walk.kernel.now)) return ''
  }
  return find(set.elements, key)
}

function find(elements: NftElements, key: string): string | undefined {
  const exact = elements.exact.get(key)
  if (exact !== undefined) return exact
  const prefix = elements.prefixes.find((each) => prefixHolds(each.prefix, key))
  if (prefix !== undefined || elements.patterns === undefined) return prefix?.data
  const values = key.split(' . ')
  return elements.patterns.find(({ parts }) => parts.every((part, at) => partFits(part, values[at] ?? '')))?.data
}

/** Whether a value lies in a part of an element: a range, a block, a wildcard, or the value itself. */
function partFits(part: string, value: string): boolean {
  if (part === value) return true
  if (part.endsWith('*')) return value.startsWith(part.slice(0, -1))
  if (part.includes('/')) {
    const prefix = parsePrefix(part)
    return prefix !== undefined && prefixHolds(prefix, value)
  }
  const [from, to] = part.split('-')
  const [low, high, seen] = [from, to, value].map(orderOf)
  if (low === undefined || high === undefined || seen === undefined || typeof seen !== typeof low) return false
  return seen >= low && seen <= high
}

/** A port or an address as something that can be compared. */
function orderOf(text: string | undefined): number | bigint | undefined {
  if (text === undefined || text === '') return undefined
  return /^\d+$/.test(text) ? Number(text) : (parseIPv4(text) ?? parseIPv6(text))
}

function markOf(skb: Skb, of: MarkOwner): number {
  return of === 'meta' ? skb.packet.mark : (skb.tracked?.entry.mark ?? 0)
}

function tcpFlagsFit(skb: Skb, { mask, set, negated }: Extract<NftStatement, { kind: 'tcp-flags' }>): boolean {
  const flags = tcpFlags(skb.packet.flags)
  const seen = mask.filter((flag) => flags.includes(flag))
  const fits = set === undefined ? seen.length > 0 : seen.length === set.length && set.every((flag) => seen.includes(flag))
  return fits !== negated
}

function read({ kernel, skb }: Walk, field: NftField): string {
  const { packet } = skb
  switch (field) {
    case 'saddr':
      return packet.src
    case 'daddr':
      return packet.dst
    case 'l4proto':
      return packet.proto === 'icmp' && skb.family === 6 ? 'ipv6-icmp' : packet.proto
    case 'sport':
      return String(packet.sport)
    case 'dport':
      return String(packet.dport)
    case 'iifname':
      return skb.inDevice
    case 'oifname':
      return skb.outDevice
    case 'mark':
      return String(packet.mark)
    case 'ct state':
      return skb.state.toLowerCase()
    case 'ct status':
      return ''
    case 'ct direction':
      return skb.tracked?.direction ?? ''
    case 'ct original saddr':
      return skb.tracked?.entry.original.src ?? ''
    case 'ct original daddr':
      return skb.tracked?.entry.original.dst ?? ''
    case 'ct original proto-src':
      return portText(skb.tracked?.entry.original.sport)
    case 'ct original proto-dst':
      return portText(skb.tracked?.entry.original.dport)
    case 'ct reply saddr':
      return skb.tracked?.entry.reply.src ?? ''
    case 'ct reply daddr':
      return skb.tracked?.entry.reply.dst ?? ''
    case 'ct reply proto-src':
      return portText(skb.tracked?.entry.reply.sport)
    case 'ct reply proto-dst':
      return portText(skb.tracked?.entry.reply.dport)
    case 'icmp type':
    case 'icmp code': {
      const [type = '', code = '0'] =
        (packet.proto === 'icmp' ? icmpNumber(packet.flags, skb.family) : undefined)?.split('/') ?? []
      return field === 'icmp type' ? type : code
    }
    case 'ttl':
      return String(packet.ttl)
    case 'pkttype':
      return packetType(skb) === 'unicast' ? 'host' : packetType(skb)
    case 'nfproto':
      return skb.family === 4 ? 'ipv4' : 'ipv6'
    case 'fib saddr type':
      return addressType(kernel, skb.host, packet.src)?.toLowerCase() ?? ''
    case 'fib daddr type':
      return addressType(kernel, skb.host, packet.dst)?.toLowerCase() ?? ''
    default:
      return assertNever(field)
  }
}

function portText(port: number | undefined): string {
  return port === undefined ? '' : String(port)
}

/** Says which condition of a rule a packet fails, as the rule states it and as the packet has it; undefined when it fits. */
export function failureOf(
  kernel: Kernel,
  skb: Skb,
  table: NftTable,
  rule: NftRule,
): { readonly wanted: string; readonly saw: string } | undefined {
  const walk = { kernel, skb, table }
  for (const statement of rule.statements) {
    switch (statement.kind) {
      case 'match': {
        const isStatus = statement.fields.length === 1 && isList(statement.fields[0])
        const found = isStatus
          ? listFits(walk, 'ct status', statement.among)
          : lookUp(walk, statement.among, statement.fields) !== undefined
        if (found !== statement.negated) break
        const wanted = `${statement.fields.join(' . ')} ${statement.negated ? '!= ' : ''}${lookupText(statement.among)}`
        return { wanted, saw: isStatus ? 'none of these' : sawText(walk, statement.fields) }
      }
      case 'vmap':
        if (lookUp(walk, statement.map, statement.fields) !== undefined) break
        return {
          wanted: `${statement.fields.join(' . ')} vmap ${lookupText(statement.map)}`,
          saw: sawText(walk, statement.fields),
        }
      case 'mark-match':
        if (((markOf(skb, statement.of) & statement.mask) >>> 0 === statement.value) !== statement.negated) break
        return {
          wanted: `${statement.of} mark & 0x${statement.mask.toString(16)} ${statement.negated ? '!=' : '=='} 0x${statement.value.toString(16)}`,
          saw: `0x${markOf(skb, statement.of).toString(16)}`,
        }
      case 'tcp-flags':
        if (tcpFlagsFit(skb, statement)) break
        return { wanted: `tcp flags ${(statement.set ?? statement.mask).join(',').toLowerCase()}`, saw: skb.packet.flags }
      case 'random':
        return { wanted: 'meta random', saw: 'a draw that was too high' }
      case 'limit':
        return { wanted: 'limit rate', saw: statement.over ? 'a packet within the rate' : 'one packet too many' }
      default:
        // What follows acts and has no condition of its own.
        return undefined
    }
  }
  return undefined
}

function sawText(walk: Walk, fields: readonly NftField[]): string {
  return fields.map((field) => read(walk, field)).join(' . ')
}

function lookupText(lookup: NftLookup): string {
  if (lookup.kind === 'named') return `@${lookup.name}`
  const { exact, prefixes, patterns = [] } = lookup.elements
  const all = [...exact.keys(), ...prefixes.map(({ prefix }) => prefix.text), ...patterns.map(({ parts }) => parts.join(' . '))]
  return all.length === 1 ? (all[0] ?? '') : `{ ${all.join(', ')} }`
}
