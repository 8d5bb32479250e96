import { SimBug } from '../../../core/result.js'
import { toElements } from '../../../net/nft/parseRule.js'
import { parseNftRuleset } from '../../../net/nft/ruleset.js'
import type * as Kernel from '../../../net/nft/types.js'
import { printNftables } from './print.js'
import type { NftChain, NftSet, NftTable } from './types.js'

/** What came of loading a chain or set: the same object is loaded once. Can be rebuilt. */
const chains = new WeakMap<NftChain, Kernel.NftChain>()
const sets = new WeakMap<NftSet, Kernel.NftSet>()

/** Tables as the kernel holds them: the same as reading their printed text, but without looking again at what it has seen. */
export function loadNftables(tables: readonly NftTable[]): Kernel.NftRuleset {
  return { tables: tables.map(loadTable) }
}

function loadTable(table: NftTable): Kernel.NftTable {
  readNew(table)
  const loadedSets = new Map<string, Kernel.NftSet>()
  for (const set of table.sets) loadedSets.set(set.name, sets.get(set) ?? missing(set.name))
  const loadedChains = new Map<string, Kernel.NftChain>()
  for (const chain of table.chains) loadedChains.set(chain.name, chains.get(chain) ?? missing(chain.name))
  return { family: table.family === 'IPv6' ? 'ip6' : 'ip', name: 'kube-proxy', sets: loadedSets, chains: loadedChains }
}

/** Reads what is new through the parser of `nft list ruleset`; large maps keep the parsed form of their elements. */
function readNew(table: NftTable): void {
  const newChains = table.chains.filter((chain) => !chains.has(chain))
  const newSets = table.sets.filter((set) => !sets.has(set))
  // Jumps lead to chains that are known already, so each is read with its target's name only.
  const targets = new Set(
    newChains.flatMap((chain) => chain.rules.flatMap((rule) => /(?:goto|jump) (\S+)/.exec(rule)?.[1] ?? [])),
  )
  const own = new Set(newChains.map((chain) => chain.name))
  const stubs = [...targets].filter((name) => !own.has(name)).map((name): NftChain => ({ name, rules: [] }))
  const bare = newSets.map((set): NftSet => ({ ...set, elements: new Map() }))
  const parsed = parseNftRuleset(printNftables([{ ...table, sets: bare, chains: [...newChains, ...stubs] }]))
  if (!parsed.ok) throw new SimBug('unreadable-proxy-rule', { ...parsed.error })
  const [read] = parsed.value.tables
  for (const chain of newChains) chains.set(chain, read?.chains.get(chain.name) ?? missing(chain.name))
  for (const set of newSets) {
    const empty = read?.sets.get(set.name) ?? missing(set.name)
    sets.set(set, { ...empty, elements: toElements([...set.elements].map(([key, rest]) => [key, dataOf(rest)])) })
  }
}

/** `goto service-...` out of ` : goto service-...` or ` comment "..." : drop`. */
function dataOf(rest: string): string {
  const colon = rest.lastIndexOf(' : ')
  return colon < 0 ? '' : rest.slice(colon + 3)
}

function missing(name: string): never {
  throw new SimBug('unread-part', { name })
}
