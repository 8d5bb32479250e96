import type { Result } from '../../core/result.js'
import { fail, ok } from '../../core/result.js'
import type { Hook, NetTable } from '../../core/vocabulary.js'
import type { Family } from '../address.js'
import type { HostName, NetState } from '../state.js'
import { actionText, chanceOf, compileTest, stepOfTarget } from './compile.js'
import { findJumpFault } from './jumps.js'
import { parseRule } from './parseRule.js'
import { forgetLists } from './recentLists.js'
import type { Chain, Policy, Rule, RuleBody, Ruleset, Table } from './types.js'

/** Built-in chains of each table, in the order in which `iptables-save` prints them. */
export const BUILT_IN: Readonly<Record<NetTable, readonly Hook[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
}

export const EMPTY_RULESET: Ruleset = { tables: new Map() }

export interface RuleFault {
  /** Counts from 1; within the chain's lines for text per chain, within the dump for a dump. */
  readonly line: number
  readonly message: string
}

/** Rules as kube-proxy hands them over: table -> chain -> its `-A ...` lines in order. */
export type RuleText = ReadonlyMap<NetTable, ReadonlyMap<string, readonly string[]>>

/** Chains by the lines they were read from; lines that never change are read once, for all Nodes. Can be rebuilt. */
const readChains = new WeakMap<readonly string[], Chain>()

/**
 * Makes a ruleset from text per chain. What is equal in `previous` is shared with it, so that counters of untouched chains go on.
 *
 * @param policies of built-in chains by `table chain`: `filter FORWARD`; ACCEPT where absent.
 * @returns the ruleset, or the first line that is no rule.
 */
export function rulesetFromText(
  text: RuleText,
  policies: ReadonlyMap<string, Policy> = new Map(),
  previous: Ruleset = EMPTY_RULESET,
): Result<Ruleset, RuleFault> {
  const tables = new Map<NetTable, Table>()
  for (const [name, chains] of text) {
    const before = previous.tables.get(name)
    const built: string[] = BUILT_IN[name].filter((chain) => chains.has(chain) || name !== 'raw')
    const own = [...chains.keys()].filter((chain) => !built.includes(chain)).sort()
    const made = new Map<string, Chain>()
    for (const chain of [...built, ...own]) {
      const policy = built.includes(chain) ? (policies.get(`${name} ${chain}`) ?? 'ACCEPT') : undefined
      const chainBefore = before?.chains.get(chain)
      const read = readChain(name, chain, chains.get(chain) ?? [], policy, chainBefore)
      if (!read.ok) return read
      made.set(chain, sameChain(chainBefore, read.value) ?? read.value)
    }
    tables.set(name, { name, chains: made })
  }
  return checkJumps({ tables })
}

function readChain(
  table: NetTable,
  name: string,
  lines: readonly string[],
  policy: Policy | undefined,
  before: Chain | undefined,
): Result<Chain, RuleFault> {
  const known = readChains.get(lines)
  if (known !== undefined && known.table === table && known.name === name && known.policy === policy) return ok(known)
  const bodies: RuleBody[] = []
  for (const [index, line] of lines.entries()) {
    const same = before?.rules[index]
    if (same !== undefined && same.text === line) {
      bodies.push(same)
      continue
    }
    const parsed = parseRule(line)
    if (!parsed.ok) return fail({ line: index + 1, message: `${name}: ${parsed.error}` })
    if (parsed.value.chain !== name) return fail({ line: index + 1, message: `rule of ${parsed.value.chain} in chain ${name}` })
    bodies.push(parsed.value)
  }
  const chain = placeRules(table, name, bodies, policy)
  readChains.set(lines, chain)
  return ok(chain)
}

function sameChain(before: Chain | undefined, now: Chain): Chain | undefined {
  if (before === undefined || before.policy !== now.policy || before.rules.length !== now.rules.length) return undefined
  return before.rules.every((rule, index) => rule.text === now.rules[index]?.text) ? before : undefined
}

/** Puts rules in their places in a chain. */
export function placeRules(table: NetTable, name: string, bodies: readonly RuleBody[], policy: Policy | undefined): Chain {
  const rules = bodies.map(
    (body, index): Rule => ({
      chain: name,
      matches: body.matches,
      target: body.target,
      text: body.text,
      table,
      position: index + 1,
      id: `${table} ${name} ${index + 1}`,
      test: compileTest(body.matches),
      step: stepOfTarget(body.target),
      action: actionText(body.target),
      chance: chanceOf(body.matches),
    }),
  )
  return { name, table, policy, rules }
}

/** A kernel refuses jumps to chains that do not exist, tables that loop, and jumps that go too deep. */
export function checkJumps(ruleset: Ruleset): Result<Ruleset, RuleFault> {
  for (const { name, chains } of ruleset.tables.values()) {
    const calls = new Map<string, string[]>()
    for (const chain of chains.values()) {
      const called: string[] = []
      for (const { target, position, text } of chain.rules) {
        if (target.kind !== 'jump') continue
        if (!chains.has(target.chain)) return fail({ line: position, message: `Chain '${target.chain}' does not exist: ${text}` })
        called.push(target.chain)
      }
      calls.set(chain.name, called)
    }
    const fault = findJumpFault(
      chains.keys(),
      (chain) => calls.get(chain) ?? [],
      (chain) => chains.get(chain)?.policy !== undefined,
    )
    if (fault === undefined) continue
    const what = fault.kind === 'loop' ? 'leads back to itself' : 'jumps too deep (Too many links)'
    return fail({ line: 0, message: `chain ${fault.chain} of table ${name} ${what}` })
  }
  return ok(ruleset)
}

/** The rules of a family by host. */
export function rulesetsOf(net: NetState, family: Family): Map<HostName, Ruleset> {
  return family === 4 ? net.rulesets : net.rulesets6
}

/** Loads a ruleset into a host's kernel. Counters of chains that changed begin at zero, as after `iptables-restore`; lists that no rule names are gone. */
export function setRuleset(net: NetState, host: HostName, ruleset: Ruleset, family: Family = 4): void {
  const rulesets = rulesetsOf(net, family)
  const before = rulesets.get(host)
  rulesets.set(host, ruleset)
  if (before !== undefined) forgetLists(net, host, before, [ruleset, getRuleset(net, host, family === 4 ? 6 : 4)])
  const counters = net.counters.get(host)
  if (before === undefined || counters === undefined || counters.size === 0) return
  const kept = new Set<string>()
  for (const [name, table] of ruleset.tables) {
    for (const chain of table.chains.values()) {
      if (before.tables.get(name)?.chains.get(chain.name) !== chain && chain.policy === undefined) continue
      if (chain.policy !== undefined) kept.add(counterKey(policyId(name, chain.name), family))
      if (before.tables.get(name)?.chains.get(chain.name) === chain)
        for (const rule of chain.rules) kept.add(counterKey(rule.id, family))
    }
  }
  for (const key of [...counters.keys()]) if (key.startsWith(IP6) === (family === 6) && !kept.has(key)) counters.delete(key)
}

export function getRuleset(net: NetState, host: HostName, family: Family = 4): Ruleset {
  return rulesetsOf(net, family).get(host) ?? EMPTY_RULESET
}

const IP6 = 'ip6 '

/** Key of a rule's or policy's counter among a host's: both families' rules may have the same places. */
export function counterKey(id: string, family: Family): string {
  return family === 4 ? id : `${IP6}${id}`
}

/** Key of the counter of a built-in chain's policy. */
export function policyId(table: NetTable, chain: string): string {
  return `${table} ${chain} policy`
}
