import { SimBug } from '../../../core/result.js'
import { toElements } from '../../../net/nft/parseLookup.js'
import { parseNftRuleset } from '../../../net/nft/ruleset.js'
import type * as Kernel from '../../../net/nft/types.js'
import { printNftables } from './print.js'
import type { NftChain, NftSet, NftTable } from './types.js'

/** What came of loading a chain, set or table: the same object is loaded once. Can be rebuilt. */
const chains = new WeakMap<NftChain, Kernel.NftChain>()
const sets = new WeakMap<NftSet, Kernel.NftSet>()
const tables = new WeakMap<NftTable, Kernel.NftTable>()

/**
 * Tables as the kernel holds them: the same as reading their printed text, but without looking again at what it has seen.
 *
 * @param before what was loaded last: only where the tables differ from these is looked at.
 */
export function loadNftables(now: readonly NftTable[], before: readonly NftTable[] = []): Kernel.NftRuleset {
  return { tables: now.map((table, index) => loadTable(table, before[index])) }
}

function loadTable(table: NftTable, before: NftTable | undefined): Kernel.NftTable {
  const known = tables.get(table)
  if (known !== undefined) return known
  const old = before === undefined ? undefined : tables.get(before)
  const changedChains = difference(old === undefined ? [] : (before?.chains ?? []), table.chains)
  const changedSets = difference(old === undefined ? [] : (before?.sets ?? []), table.sets)
  readNew(table, changedChains.added, changedSets.added)
  const loaded: Kernel.NftTable = {
    family: table.family === 'IPv6' ? 'ip6' : 'ip',
    name: 'kube-proxy',
    sets: patched(old?.sets, changedSets, sets),
    chains: patched(old?.chains, changedChains, chains),
  }
  tables.set(table, loaded)
  return loaded
}

interface Difference<T> {
  readonly removed: readonly T[]
  readonly added: readonly T[]
}

/** What stands between the ends that two lists share. */
function difference<T>(before: readonly T[], after: readonly T[]): Difference<T> {
  const shorter = Math.min(before.length, after.length)
  let front = 0
  while (front < shorter && before[front] === after[front]) front++
  let back = 0
  while (back < shorter - front && before[before.length - 1 - back] === after[after.length - 1 - back]) back++
  return { removed: before.slice(front, before.length - back), added: after.slice(front, after.length - back) }
}

function patched<From extends { readonly name: string }, To>(
  old: ReadonlyMap<string, To> | undefined,
  { removed, added }: Difference<From>,
  loaded: WeakMap<From, To>,
): ReadonlyMap<string, To> {
  const map = new Map(old)
  for (const { name } of removed) map.delete(name)
  for (const each of added) map.set(each.name, loaded.get(each) ?? missing(each.name))
  return map
}

/** Reads what is new through the parser of `nft list ruleset`; large maps keep the parsed form of their elements. */
function readNew(table: NftTable, addedChains: readonly NftChain[], addedSets: readonly NftSet[]): void {
  const newChains = addedChains.filter((chain) => !chains.has(chain))
  const newSets = addedSets.filter((set) => !sets.has(set))
  if (newChains.length === 0 && newSets.length === 0) return
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
