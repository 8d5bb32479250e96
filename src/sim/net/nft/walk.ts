import { assertNever, SimBug } from '../../core/result.js'
import type { Chance, RuleRef } from '../../core/vocabulary.js'
import { familyOf } from '../address.js'
import { setConnectionMark } from '../conntrack.js'
import type { Kernel } from '../kernel.js'
import { withMark } from '../packet.js'
import { limitAllows } from '../rules/extraMatches.js'
import { counterKey } from '../rules/ruleset.js'
import type { TableVerdict } from '../rules/walkTable.js'
import type { Skb } from '../skb.js'
import { isList, listFits, lookUp, putElement } from './lookUp.js'
import { natOption } from './parseNat.js'
import { verdictOf } from './parseVerdict.js'
import type { Walk } from './readPacket.js'
import { isOfConnection, markOf, readField, tcpFlagsFit } from './readPacket.js'
import type { NftBaseChain } from './ruleset.js'
import type { NftChain, NftRule, NftStatement, NftTable, NftVerdict } from './types.js'

const ACCEPTED: TableVerdict = { kind: 'accept' }
const MAX_DEPTH = 64

type Decision = TableVerdict | undefined

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
      if (isOther(skb, statement.family)) return 'broken'
      const found =
        statement.fields.length === 1 && isList(statement.fields[0])
          ? listFits(walk, statement.among)
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
      if (isOther(skb, statement.family)) return 'broken'
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
      if (isOther(skb, statement.family)) return 'broken'
      const { index, chance } = draw(walk, statement.options.length)
      const chosen = statement.options[index]
      if (chosen === undefined) return 'broken'
      const result = { kind: 'nat', action: { kind: statement.kind, range: chosen }, rule: ref } as const
      return { result, action: statement.kind.toUpperCase(), ...chance }
    }
    case 'nat-map': {
      if (isOther(skb, statement.family)) return 'broken'
      const found = lookUp(walk, statement.map, statement.fields)
      if (found === undefined) return 'broken'
      const range = { ...natOption(found), ...statement.flags }
      return { result: { kind: 'nat', action: { kind: statement.nat, range }, rule: ref }, action: statement.nat.toUpperCase() }
    }
    case 'masquerade':
    case 'redirect': {
      const { kind, range } = statement
      return { result: { kind: 'nat', action: { kind, range }, rule: ref }, action: kind.toUpperCase() }
    }
    case 'update':
      putElement(walk, statement.set, readField(walk, statement.field), statement.refreshes)
      return { action: statement.refreshes ? 'update' : 'add' }
    case 'verdict':
      return decide(statement.verdict, ref)
    default:
      return assertNever(statement)
  }
}

/** Whether a packet is of another family than a rule asks for: in a table of both it fits neither way. */
function isOther(skb: Skb, family: Skb['family'] | undefined): boolean {
  return family !== undefined && family !== skb.family
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
    case 'continue':
      return { action: 'continue' }
    case 'jump':
    case 'goto':
      return { result: { kind: verdict.kind, chain: verdict.chain }, action: `${verdict.kind} ${verdict.chain}` }
    case 'reject':
      return { result: { kind: 'reject', with: verdict.with, rule: ref }, action: `REJECT ${verdict.with}` }
    default:
      return assertNever(verdict)
  }
}
