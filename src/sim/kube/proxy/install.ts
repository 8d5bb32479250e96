import { SimBug } from '../../core/result.js'
import type { NetTable } from '../../core/vocabulary.js'
import { parseRule } from '../../net/rules/parseRule.js'
import { EMPTY_RULESET, placeRules, rulesetFromText } from '../../net/rules/ruleset.js'
import type { Chain, RuleBody, Ruleset, Table } from '../../net/rules/types.js'
import type { RulesPatch, RuleTables } from './iptables/ruleset.js'
import { patchSorted } from './iptables/sortedMap.js'

type Tables = Ruleset['tables']

/** What came of loading the same text over the same rules, or of the same patch to them: kernels of many Nodes share it. Can be rebuilt. */
const loaded = new WeakMap<RuleTables, WeakMap<Tables, Tables>>()
const patched = new WeakMap<RulesPatch, WeakMap<Tables, Tables>>()

/** A kernel's rules from text per chain. Chains that are equal in `previous` are taken from there. */
export function parseTables(text: RuleTables, previous: Ruleset = EMPTY_RULESET): Ruleset {
  const tables = once(loaded, text, previous.tables, () => {
    const parsed = rulesetFromText(text, new Map(), previous)
    if (!parsed.ok) throw new SimBug('unreadable-proxy-rule', { ...parsed.error })
    return parsed.value.tables
  })
  return { tables }
}

/** A kernel's rules after some chains changed; all others are the same objects as before. */
export function patchRuleset({ tables }: Ruleset, patch: RulesPatch): Ruleset {
  return { tables: once(patched, patch, tables, () => patchTables(tables, patch)) }
}

function once<By extends object>(known: WeakMap<By, WeakMap<Tables, Tables>>, by: By, from: Tables, make: () => Tables): Tables {
  const results = known.get(by) ?? new WeakMap<Tables, Tables>()
  known.set(by, results)
  const found = results.get(from)
  if (found !== undefined) return found
  const made = make()
  results.set(from, made)
  return made
}

function patchTables(from: Tables, patch: RulesPatch): Tables {
  const tables = new Map<NetTable, Table>(from)
  for (const [name, chains] of patch) {
    const before = tables.get(name)
    if (before === undefined) throw new SimBug('unknown-table', { name })
    const changed = new Map<string, Chain | undefined>()
    for (const [chain, lines] of chains) {
      const old = before.chains.get(chain)
      changed.set(chain, lines === undefined ? undefined : placeRules(name, chain, parseLines(lines, old), old?.policy))
    }
    const isBuiltIn = (chain: string): boolean => before.chains.get(chain)?.policy !== undefined
    tables.set(name, { name, chains: patchSorted(before.chains, changed, isBuiltIn) })
  }
  return tables
}

/** Reads lines; those that stand at the chain's beginning or end as before are not read again. */
function parseLines(lines: readonly string[], old: Chain | undefined): readonly RuleBody[] {
  const known = old?.rules ?? []
  const shift = known.length - lines.length
  return lines.map((line, index) => {
    const same = [known[index], known[index + shift]].find((rule) => rule?.text === line)
    if (same !== undefined) return same
    const parsed = parseRule(line)
    if (!parsed.ok) throw new SimBug('unreadable-proxy-rule', { line, error: parsed.error })
    return parsed.value
  })
}
