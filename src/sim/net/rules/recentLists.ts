import type { HostName, NetState } from '../state.js'
import type { Chain, Ruleset } from './types.js'

/**
 * Lists of `recent` live as long as a rule of either family names them: what is remembered on one that no rule names any more is gone.
 *
 * Source: Linux net/netfilter/xt_recent.c recent_mt_destroy
 */
export function forgetLists(net: NetState, host: HostName, before: Ruleset, after: readonly Ruleset[]): void {
  const remembered = net.recent.get(host)
  if (remembered === undefined || remembered.size === 0) return
  const [changed] = after
  const unsure = new Set<string>()
  // Only chains that are others than before can have lost a rule.
  for (const [name, table] of before.tables) {
    const now = changed?.tables.get(name)?.chains
    for (const chain of table.chains.values()) if (now?.get(chain.name) !== chain) addLists(chain, unsure)
  }
  if (unsure.size === 0) return
  const named = new Set<string>()
  for (const ruleset of after)
    for (const table of ruleset.tables.values()) for (const chain of table.chains.values()) addLists(chain, named)
  for (const key of [...remembered.keys()]) {
    const list = key.slice(0, key.lastIndexOf(' '))
    if (unsure.has(list) && !named.has(list)) remembered.delete(key)
  }
}

function addLists(chain: Chain, lists: Set<string>): void {
  for (const rule of chain.rules) for (const match of rule.matches) if (match.kind === 'recent') lists.add(match.name)
}
