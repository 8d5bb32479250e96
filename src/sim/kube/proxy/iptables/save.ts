import type { Chains, TableName } from './fixedRules.js'
import { BUILTIN_CHAINS } from './fixedRules.js'
import type { IptablesRules } from './ruleset.js'

/** One table as `iptables-save` prints it, counters at zero and without the lines that tell version and time. */
export function printTable(table: TableName, chains: Chains): string {
  const builtin = BUILTIN_CHAINS[table]
  const declared = [...chains.keys()].map((name) => `:${name} ${builtin.includes(name) ? 'ACCEPT' : '-'} [0:0]`)
  const rules = [...chains.values()].flat()
  return `${[`*${table}`, ...declared, ...rules, 'COMMIT'].join('\n')}\n`
}

/** The whole `iptables-save` text: mangle, filter, nat. */
export function printIptables(rules: IptablesRules): string {
  return [...rules.tables].map(([table, chains]) => printTable(table, chains)).join('')
}
