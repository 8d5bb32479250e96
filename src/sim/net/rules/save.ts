import type { Result } from '../../core/result.js'
import { fail } from '../../core/result.js'
import type { NetTable } from '../../core/vocabulary.js'
import type { Family } from '../address.js'
import { createIpsetReader, isIpsetLine, printIpsets } from '../ipset/parse.js'
import type { Counter } from '../state.js'
import { parseRule } from './parseRule.js'
import type { RuleFault } from './ruleset.js'
import { BUILT_IN, checkJumps, counterKey, placeRules, policyId } from './ruleset.js'
import type { Policy, RuleBody, Ruleset, Table } from './types.js'

const TABLE_NAMES: readonly string[] = ['raw', 'mangle', 'nat', 'filter', 'security']

interface ChainDraft {
  readonly policy: Policy | undefined
  readonly bodies: RuleBody[]
}

/**
 * Reads the text of `iptables-save` (or what `iptables-restore` takes). Tables of other names are refused;
 * lines of `ipset save` may stand before and after it; comments and counters are passed over.
 *
 * @returns the ruleset, or the first line that is wrong, counted from 1, in words like those of `iptables-restore`.
 */
export function parseIptablesSave(text: string): Result<Ruleset, RuleFault> {
  const tables = new Map<NetTable, Map<string, ChainDraft>>()
  let current: Map<string, ChainDraft> | undefined
  /** Where each rule's text, and each chain's line (`nat KUBE-X`), stands first. */
  const places = new Map<string, number>()
  const note = (what: string, line: number): void => {
    if (!places.has(what)) places.set(what, line)
  }
  let tableName = ''
  const sets = createIpsetReader()
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    const fault = (message: string): Result<Ruleset, RuleFault> => fail({ line: index + 1, message })
    if (line === '' || line.startsWith('#')) continue
    if (current === undefined && isIpsetLine(line)) {
      const read = sets.read(line)
      if (!read.ok) return fault(read.error)
      continue
    }
    if (line.startsWith('*')) {
      const name = line.slice(1).trim()
      if (!isTableName(name)) return fault(`table "${name}" is not modelled`)
      current = tables.get(name) ?? new Map()
      tables.set(name, current)
      tableName = name
      continue
    }
    if (current === undefined && /^Name: \S+$/.test(line)) return fault('text of "ipset list": give that of "ipset save"')
    if (current === undefined) return fault(`line outside any table: "${line}"`)
    if (line === 'COMMIT') {
      current = undefined
      continue
    }
    if (line.startsWith(':')) {
      const match = /^:(\S+)\s+(ACCEPT|DROP|-)(?:\s+\[\d+:\d+\])?$/.exec(line)
      if (match === null) return fault(`bad chain line: "${line}"`)
      const policy = match[2] === 'ACCEPT' || match[2] === 'DROP' ? match[2] : undefined
      current.set(match[1] ?? '', { policy, bodies: [] })
      note(`${tableName} ${match[1]}`, index + 1)
      continue
    }
    const rule = line.replace(/^\[\d+:\d+\]\s*/, '')
    if (/^(-N|--new-chain)\s/.test(rule)) {
      current.set(rule.split(/\s+/)[1] ?? '', { policy: undefined, bodies: [] })
      continue
    }
    if (/^(-F|-X|-Z)(\s|$)/.test(rule)) continue
    // `-I CHAIN 2 ...` puts a rule before the second, `-I CHAIN ...` before all.
    const insert = /^(?:-I|--insert)\s+(\S+)\s+(?:(\d+)\s+)?(.*)$/.exec(rule)
    const parsed = parseRule(insert === null ? rule : `-A ${insert[1]} ${insert[3]}`)
    if (!parsed.ok) return fault(parsed.error)
    const draft = current.get(parsed.value.chain)
    if (draft === undefined) return fault(`Chain '${parsed.value.chain}' does not exist`)
    const position = insert === null ? draft.bodies.length + 1 : Number(insert[2] ?? 1)
    if (position < 1 || position > draft.bodies.length + 1) return fault('Index of insertion too big.')
    draft.bodies.splice(position - 1, 0, parsed.value)
    note(parsed.value.text, index + 1)
  }
  const made = new Map<NetTable, Table>()
  for (const [name, chains] of tables) {
    made.set(name, {
      name,
      chains: new Map([...chains].map(([chain, draft]) => [chain, placeRules(name, chain, draft.bodies, draft.policy)])),
    })
  }
  const given = sets.finish()
  const checked = checkJumps(given.size === 0 ? { tables: made } : { tables: made, sets: given })
  return checked.ok ? checked : fail(inDump(checked.error, places))
}

/** A fault told of a rule or a chain, with the line of the dump on which that stands. */
function inDump(fault: RuleFault, places: ReadonlyMap<string, number>): RuleFault {
  const rule = / does not exist: (.*)$/.exec(fault.message)?.[1]
  const loop = /^chain (\S+) of table (\S+) (?:leads back|jumps too deep)/.exec(fault.message)
  const line = rule !== undefined ? places.get(rule) : loop === null ? undefined : places.get(`${loop[2]} ${loop[1]}`)
  return { ...fault, line: line ?? fault.line }
}

function isTableName(name: string): name is NetTable {
  return TABLE_NAMES.includes(name)
}

export interface PrintOptions {
  /** Counters of the host: rules are then printed with theirs in front, as `iptables-save -c` does. */
  readonly counters?: ReadonlyMap<string, Counter>
  readonly tables?: readonly NetTable[]
  /** Whose counters: 4 unless given. */
  readonly family?: Family
}

/** Writes a ruleset, its sets before it, as `iptables-save` or `ip6tables-save` does, without time stamps; counters are `[0:0]` unless given. */
export function printIptablesSave(ruleset: Ruleset, options: PrintOptions = {}): string {
  const lines: string[] = []
  const counter = (id: string): string => {
    const seen = options.counters?.get(counterKey(id, options.family ?? 4))
    return `[${seen?.packets ?? 0}:${seen?.bytes ?? 0}]`
  }
  for (const table of ruleset.tables.values()) {
    if (options.tables !== undefined && !options.tables.includes(table.name)) continue
    lines.push(`*${table.name}`)
    for (const chain of table.chains.values()) {
      const builtIn = (BUILT_IN[table.name] as readonly string[]).includes(chain.name)
      lines.push(`:${chain.name} ${chain.policy ?? '-'} ${builtIn ? counter(policyId(table.name, chain.name)) : '[0:0]'}`)
    }
    for (const chain of table.chains.values()) {
      for (const rule of chain.rules) lines.push(options.counters === undefined ? rule.text : `${counter(rule.id)} ${rule.text}`)
    }
    lines.push('COMMIT')
  }
  const sets = options.tables === undefined && ruleset.sets !== undefined ? printIpsets(ruleset.sets) : ''
  return lines.length === 0 ? sets : `${sets}${lines.join('\n')}\n`
}
