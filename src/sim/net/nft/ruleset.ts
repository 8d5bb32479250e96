import { own } from '../../core/own.js'
import type { Result } from '../../core/result.js'
import { fail, ok } from '../../core/result.js'
import type { Hook } from '../../core/vocabulary.js'
import type { RuleFault } from '../rules/ruleset.js'
import type { HostName, NetState } from '../state.js'
import { checkNftTable, type NftFault } from './checkJumps.js'
import { toElements } from './parseLookup.js'
import { parseNftRule } from './parseRule.js'
import { forgetElements } from './setElements.js'
import type { NftBase, NftChain, NftRule, NftRuleset, NftSet, NftTable } from './types.js'

export const EMPTY_NFT: NftRuleset = { tables: [] }

/** Priorities by name. Source: nftables src/rule.c prio_info */
const PRIORITIES: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
}

const HOOKS: Readonly<Record<string, Hook>> = {
  prerouting: 'PREROUTING',
  input: 'INPUT',
  forward: 'FORWARD',
  output: 'OUTPUT',
  postrouting: 'POSTROUTING',
}

/**
 * Reads the text of `nft list ruleset`: tables of families ip, ip6 and inet with sets, maps and chains.
 *
 * @param previous rules of equal text are taken from there.
 * @returns the ruleset, or the first line that cannot be read, counted from 1.
 */
export function parseNftRuleset(text: string, previous: NftRuleset = EMPTY_NFT): Result<NftRuleset, RuleFault> {
  const tables: NftTable[] = []
  const lines = text.split('\n')
  let at = 0
  const known = knownRules(previous)
  /** Lines of a block up to its closing brace. */
  const block = (): string[] | undefined => {
    const body: string[] = []
    for (let depth = 1; at < lines.length; ) {
      const line = (lines[at++] ?? '').trim()
      if (line.endsWith('{') && !line.includes('}')) depth++
      else if (line === '}') depth--
      if (depth === 0) return body
      body.push(line)
    }
    return undefined
  }
  while (at < lines.length) {
    const line = (lines[at++] ?? '').trim()
    if (line === '' || line.startsWith('#')) continue
    const other = /^table (bridge|arp|netdev) (\S+) \{(?: # .*)?$/.exec(line)
    if (other !== null) {
      const first = at
      // Frames and devices are not asked: a table of them may be there as long as it says nothing.
      const index = block()?.findIndex((each) => !NO_RULE.test(each))
      if (index === undefined) return fail({ line: first, message: `table ${other[2]} is not closed` })
      if (index >= 0) return fail({ line: first + index + 1, message: `rules of table ${other[1]} ${other[2]} are not modelled` })
      continue
    }
    const head = /^table (ip|ip6|inet) (\S+) \{(?: # .*)?$/.exec(line)
    if (head === null) return fail({ line: at, message: `expected a table, saw "${line}"` })
    const start = at
    const body = block()
    if (body === undefined) return fail({ line: start, message: `table ${head[2]} is not closed` })
    const family = head[1] === 'ip6' || head[1] === 'inet' ? head[1] : 'ip'
    const table = parseTable(family, head[2] ?? '', body, start, known)
    if (!table.ok) return table
    tables.push(table.value)
  }
  return ok({ tables })
}

/** Lines that frame rules, and hold none. */
const NO_RULE = /^(|\}|#.*|comment ".*"|(chain|set|map) \S+ \{.*|type .*|flags .*|size .*|timeout .*|elements .*)$/

function knownRules(ruleset: NftRuleset): ReadonlyMap<string, NftRule> {
  const known = new Map<string, NftRule>()
  for (const table of ruleset.tables)
    for (const chain of table.chains.values()) for (const rule of chain.rules) known.set(rule.text, rule)
  return known
}

function parseTable(
  family: NftTable['family'],
  name: string,
  body: readonly string[],
  firstLine: number,
  known: ReadonlyMap<string, NftRule>,
): Result<NftTable, RuleFault> {
  const sets = new Map<string, NftSet>()
  const chains = new Map<string, NftChain>()
  for (let at = 0; at < body.length; at++) {
    const line = body[at] ?? ''
    if (line === '' || line.startsWith('#') || line.startsWith('comment ') || line.startsWith('flags ')) continue
    // Objects that rules name: a rule that does is not modelled, the object alone says nothing.
    if (/^(counter|quota|limit|ct helper|ct timeout|ct expectation|secmark|synproxy|flowtable) \S+ \{/.test(line)) {
      while (at < body.length && body[at] !== '}' && !(body[at] ?? '').endsWith('}')) at++
      continue
    }
    const head = /^(set|map|chain) (\S+) \{(?: # .*)?$/.exec(line)
    if (head === null) return fail({ line: firstLine + at + 1, message: `"${line}" is not modelled` })
    const end = body.indexOf('}', at)
    const inside = body.slice(at + 1, end < 0 ? body.length : end)
    if (head[1] === 'chain') chains.set(head[2] ?? '', parseChain(head[2] ?? '', inside, known))
    else sets.set(head[2] ?? '', parseSet(head[2] ?? '', inside))
    at = end < 0 ? body.length : end
  }
  const fault = checkNftTable(name, chains, sets)
  if (fault !== undefined) return fail({ line: firstLine + 1 + lineOf(body, fault), message: fault.message })
  return ok({ family, name, sets, chains })
}

/** Where in a table's block a fault stands, from 0. */
function lineOf(body: readonly string[], { rule, name }: NftFault): number {
  const at = body.findIndex((line) =>
    rule === undefined ? /^(?:set|map|chain) (\S+) \{/.exec(line)?.[1] === name : line.replace(/ # handle \d+$/, '') === rule,
  )
  return Math.max(0, at)
}

function parseSet(name: string, lines: readonly string[]): NftSet {
  const text = lines.join(' ')
  const timeout = /(?:^|\s)timeout (\S+)/.exec(text)?.[1]
  const isDynamic = /(?:^|\s)flags [^ ]*dynamic/.test(text)
  const elements = (/elements = \{ (.*) \}/.exec(text)?.[1] ?? '').replace(
    / comment "[^"]*"| (?:timeout|expires) \S+(?=[ ,}]|$)| counter packets \d+ bytes \d+/g,
    '',
  )
  const entries = elements
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((each): readonly [string, string] => {
      const colon = each.indexOf(' : ')
      return colon < 0 ? [each, ''] : [each.slice(0, colon), each.slice(colon + 3).trim()]
    })
  return { name, elements: toElements(entries), timeoutUs: isDynamic ? durationUs(timeout ?? '') : undefined }
}

/** `3h20m`, `10m`, `30s`; 0 is for ever. */
function durationUs(text: string): number {
  const units: Readonly<Record<string, number>> = { d: 86_400, h: 3_600, m: 60, s: 1 }
  let seconds = 0
  for (const [, amount, unit] of text.matchAll(/(\d+)([dhms])/g)) seconds += Number(amount) * (own(units, unit ?? '') ?? 0)
  return seconds * 1_000_000
}

function parseChain(name: string, lines: readonly string[], known: ReadonlyMap<string, NftRule>): NftChain {
  let base: NftBase | undefined
  const rules: NftRule[] = []
  for (const line of lines) {
    if (line === '' || line.startsWith('#') || /^comment "/.test(line)) continue
    const head = /^type (filter|nat|route) hook (\w+) (?:device \S+ )?priority ([^;]+);(?: policy (\w+);)?$/.exec(line)
    if (head !== null) {
      const hook = own(HOOKS, head[2] ?? '')
      const type = head[1] === 'nat' || head[1] === 'route' ? head[1] : 'filter'
      if (hook !== undefined)
        base = { type, hook, priority: priorityOf(head[3] ?? ''), policy: head[4] === 'drop' ? 'DROP' : 'ACCEPT' }
      continue
    }
    const text = line.replace(/ # handle \d+$/, '')
    const statements = known.get(text)?.statements ?? parseNftRule(text)
    rules.push({ text, statements, position: rules.length + 1 })
  }
  return { name, base, rules }
}

function priorityOf(text: string): number {
  const parts = /^(-?\d+|[a-z]+)(?: ([+-]) (\d+))?$/.exec(text.trim())
  if (parts === null) return 0
  const base = own(PRIORITIES, parts[1] ?? '') ?? Number(parts[1])
  return base + (parts[2] === undefined ? 0 : Number(`${parts[2]}${parts[3]}`))
}

/** Loads what nftables holds on a host. Sets that stay keep what rules put into them. */
export function setNftRuleset(net: NetState, host: HostName, ruleset: NftRuleset): void {
  forgetElements(net, host, ruleset)
  if (ruleset.tables.length === 0) net.nftables.delete(host)
  else net.nftables.set(host, ruleset)
}

export interface NftBaseChain {
  readonly table: NftTable
  readonly chain: NftChain
  readonly base: NftBase
}

/** Built from immutable rulesets; can be rebuilt. */
const basesByRuleset = new WeakMap<NftRuleset, ReadonlyMap<Hook, readonly NftBaseChain[]>>()

/** Base chains at a hook in the order of their priorities. */
export function baseChainsAt(ruleset: NftRuleset, hook: Hook): readonly NftBaseChain[] {
  let bases = basesByRuleset.get(ruleset)
  if (bases === undefined) {
    const made = new Map<Hook, NftBaseChain[]>()
    for (const table of ruleset.tables) {
      for (const chain of table.chains.values()) {
        if (chain.base === undefined) continue
        const at = made.get(chain.base.hook) ?? []
        at.push({ table, chain, base: chain.base })
        made.set(chain.base.hook, at)
      }
    }
    for (const each of made.values()) each.sort((a, b) => a.base.priority - b.base.priority)
    bases = made
    basesByRuleset.set(ruleset, bases)
  }
  return bases.get(hook) ?? []
}
