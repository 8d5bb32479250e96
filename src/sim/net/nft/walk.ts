import { assertNever, SimBug } from '../../core/result.js'
import type { Chance, RuleRef } from '../../core/vocabulary.js'
import { familyOf, prefixHolds } from '../address.js'
import type { Kernel } from '../kernel.js'
import { withMark } from '../packet.js'
import { addressType } from '../rules/match.js'
import { readRecent, writeRecent } from '../rules/recent.js'
import type { NatRange } from '../rules/types.js'
import type { TableVerdict } from '../rules/walkTable.js'
import type { Skb } from '../skb.js'
import { verdictOf } from './parseRule.js'
import type { NftBaseChain } from './ruleset.js'
import type { NftChain, NftElements, NftField, NftLookup, NftRule, NftStatement, NftTable, NftVerdict } from './types.js'

const ACCEPTED: TableVerdict = { kind: 'accept' }
const MAX_DEPTH = 64
const PLAIN: NatRange = { address: undefined, ports: undefined, random: false, randomFully: false, persistent: false }

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
      const found =
        statement.fields.length === 1 && isList(statement.fields[0])
          ? listFits(walk, statement.fields[0], statement.among)
          : lookUp(walk, statement.among, statement.fields) !== undefined
      return found !== statement.negated ? FITS : 'broken'
    }
    case 'mark-match':
      return ((skb.packet.mark & statement.mask) >>> 0 === statement.value) !== statement.negated ? FITS : 'broken'
    case 'mark-set': {
      const { mark } = skb.packet
      const { operator, value } = statement
      const next = operator === '|' ? mark | value : operator === '^' ? mark ^ value : operator === '&' ? mark & value : value
      skb.packet = withMark(skb.packet, next >>> 0)
      return { action: 'meta mark set' }
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
      const range: NatRange = {
        ...PLAIN,
        address: { from: chosen.ip, to: chosen.ip },
        ports: chosen.port === undefined ? undefined : { from: chosen.port, to: chosen.port },
      }
      const result = { kind: 'nat', action: { kind: statement.kind, range }, rule: ref } as const
      return { result, action: statement.kind.toUpperCase(), ...chance }
    }
    case 'masquerade': {
      const range: NatRange = { ...PLAIN, randomFully: statement.random }
      return { result: { kind: 'nat', action: { kind: 'masquerade', range }, rule: ref }, action: 'MASQUERADE' }
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
  return elements.prefixes.find(({ prefix }) => prefixHolds(prefix, key))?.data
}

function read({ kernel, skb }: Walk, field: NftField): string {
  const { packet } = skb
  switch (field) {
    case 'saddr':
      return packet.src
    case 'daddr':
      return packet.dst
    case 'l4proto':
      return packet.proto
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
    case 'fib saddr type':
      return addressType(kernel, skb.host, packet.src)?.toLowerCase() ?? ''
    case 'fib daddr type':
      return addressType(kernel, skb.host, packet.dst)?.toLowerCase() ?? ''
    default:
      return assertNever(field)
  }
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
        if (((skb.packet.mark & statement.mask) >>> 0 === statement.value) !== statement.negated) break
        return {
          wanted: `meta mark & 0x${statement.mask.toString(16)} ${statement.negated ? '!=' : '=='} 0x${statement.value.toString(16)}`,
          saw: `0x${skb.packet.mark.toString(16)}`,
        }
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
  const { exact, prefixes } = lookup.elements
  const all = [...exact.keys(), ...prefixes.map(({ prefix }) => prefix.text)]
  return all.length === 1 ? (all[0] ?? '') : `{ ${all.join(', ')} }`
}
