import { setNftRuleset } from '../../net/nft/ruleset.js'
import { EMPTY_RULESET, rulesetsOf, setRuleset } from '../../net/rules/ruleset.js'
import type { InformerCache } from '../api/informer.js'
import type { Ctx } from '../context.js'
import { IP_FAMILIES } from './address.js'
import { loadNftables } from './nftables/load.js'
import { nftStateOf, updateNftables, writeNftables } from './nftables/table.js'
import type { NftChain, NftTable } from './nftables/types.js'
import { joinServices } from './objects.js'
import type { ProxyProcess } from './part.js'
import type { NodeSituation } from './syncIptables.js'
import { touchedServices } from './syncIptables.js'
import type { SyncResult } from './tell.js'

/**
 * Writes the tables `kube-proxy` of both families, and takes away what the other proxy left behind, as kube-proxy does at its start.
 *
 * Simplified: chain KUBE-FIREWALL goes, too; on a real Node it stays, for the kubelet writes the same.
 *
 * Source: kubernetes cmd/kube-proxy/app/server_linux.go platformCleanup; pkg/proxy/iptables/cleanup.go CleanupLeftovers
 */
export function syncNftables(ctx: Ctx, process: ProxyProcess, situation: NodeSituation, cache: InformerCache): SyncResult {
  const { net, proxy } = ctx.world.parts
  const node = ctx.self.instance
  const before = proxy.nftables.get(node) ?? []
  const partial = process.needsFullSync ? undefined : writeTouched(ctx, process, situation, cache, before)
  const after = partial?.tables ?? writeAll(ctx, situation, cache, before)
  proxy.nftables.set(node, after)
  setNftRuleset(net, node, loadNftables(after, before))
  for (const family of [4, 6] as const) if (rulesetsOf(net, family).has(node)) setRuleset(net, node, EMPTY_RULESET, family)
  return compare(before, after, partial?.touched)
}

function writeAll(ctx: Ctx, situation: NodeSituation, cache: InformerCache, before: readonly NftTable[]): readonly NftTable[] {
  const services = joinServices(cache.list('services'), cache.list('endpointslices'))
  const { serviceCIDRs } = ctx.world.parts.proxy
  return IP_FAMILIES.map((family) => {
    const table = before.find((each) => each.family === family)
    return writeNftables({ ...situation, family, services, serviceCIDRs }, { table, now: ctx.now })
  })
}

interface Written {
  readonly tables: readonly NftTable[]
  /** Services that may differ. */
  readonly touched: readonly string[]
}

/** Rewrites the touched Services alone; undefined when that is not enough. */
function writeTouched(
  ctx: Ctx,
  process: ProxyProcess,
  situation: NodeSituation,
  cache: InformerCache,
  before: readonly NftTable[],
): Written | undefined {
  if (before.length === 0 || process.pending.some((change) => change.service === '')) return undefined
  const known = before.map(nftStateOf)
  const slicesOf = (service: string) => known[0]?.shares.get(service)?.slices
  const touched = touchedServices(cache, process.pending, slicesOf)
  const { serviceCIDRs } = ctx.world.parts.proxy
  const tables = before.flatMap(
    (table) => updateNftables(table, { ...situation, family: table.family, serviceCIDRs }, touched, ctx.now) ?? [],
  )
  return tables.length === before.length ? { tables, touched: [...touched.keys()].sort() } : undefined
}

/** How tables differ. Only the touched Services are looked at where they are known. */
function compare(before: readonly NftTable[], after: readonly NftTable[], touched: readonly string[] | undefined): SyncResult {
  const added = new Set<string>()
  const removed = new Set<string>()
  const services = new Set<string>()
  let any = before.length !== after.length
  for (const [index, table] of after.entries()) {
    const old = before[index]
    if (old === table) continue
    const chainsBefore = byName(chainsOf(old, touched))
    const chainsAfter = byName(chainsOf(table, touched))
    const note = (name: string): void => {
      any = true
      const service = serviceOf(name)
      if (service !== undefined) services.add(service)
    }
    for (const [name, chain] of chainsBefore) {
      const now = chainsAfter.get(name)
      if (now === undefined) removed.add(name)
      if (now === undefined || !sameRules(chain, now)) note(name)
    }
    for (const name of chainsAfter.keys()) {
      if (chainsBefore.has(name)) continue
      added.add(name)
      note(name)
    }
    any ||= !sameElements(old, table)
    // Of a Service without endpoints only elements stand in the kernel: no chain of its own tells of it.
    for (const service of withOtherElements(old, table, touched)) services.add(service)
  }
  const rulesBefore = countRules(before)
  return {
    any,
    added: [...added],
    removed: [...removed],
    rules: countRules(after) - rulesBefore,
    rulesBefore,
    services: [...services].sort(),
  }
}

function chainsOf(table: NftTable | undefined, touched: readonly string[] | undefined): readonly NftChain[] {
  const shares = table === undefined ? undefined : nftStateOf(table)?.shares
  if (touched === undefined || shares === undefined) return table?.chains ?? []
  return touched.flatMap((key) => shares.get(key)?.chains ?? [])
}

/** Services whose elements in the sets and maps of all Services differ. Where it is not known whose they are, the elements say so. */
function withOtherElements(
  old: NftTable | undefined,
  table: NftTable,
  touched: readonly string[] | undefined,
): readonly string[] {
  const before = old === undefined ? undefined : nftStateOf(old)?.shares
  const after = nftStateOf(table)?.shares
  if (before === undefined || after === undefined) return ownersOfDifferent(old, table)
  const keys = touched ?? [...new Set([...before.keys(), ...after.keys()])]
  return keys.filter((key) => {
    const [was, is] = [before.get(key), after.get(key)]
    return was !== is && JSON.stringify([...(was?.elements ?? [])]) !== JSON.stringify([...(is?.elements ?? [])])
  })
}

/** Whose the elements are that only one of two tables has, by the comment or the chain that they name. */
function ownersOfDifferent(old: NftTable | undefined, table: NftTable): readonly string[] {
  const owners = new Set<string>()
  for (const set of table.sets) {
    const was = old?.sets.find(({ name }) => name === set.name)?.elements ?? new Map<string, string>()
    const noteMissing = (elements: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): void => {
      for (const [key, rest] of elements) {
        if (other.get(key) === rest) continue
        const owner = / comment "([^/"]+\/[^:"]+)/.exec(rest)?.[1] ?? serviceOf(/ goto (\S+)$/.exec(rest)?.[1] ?? '')
        if (owner !== undefined) owners.add(owner)
      }
    }
    noteMissing(set.elements, was)
    noteMissing(was, set.elements)
  }
  return [...owners]
}

function byName(chains: readonly NftChain[]): ReadonlyMap<string, NftChain> {
  return new Map(chains.map((chain) => [chain.name, chain]))
}

function sameRules(a: NftChain, b: NftChain): boolean {
  return a === b || (a.rules.length === b.rules.length && a.rules.every((rule, index) => rule === b.rules[index]))
}

function sameElements(a: NftTable | undefined, b: NftTable): boolean {
  if (a?.sets.length !== b.sets.length) return false
  return b.sets.every((set, index) => {
    const old = a.sets[index]
    if (old === set) return true
    if (old?.name !== set.name || old.elements.size !== set.elements.size) return false
    for (const [key, rest] of set.elements) if (old.elements.get(key) !== rest) return false
    return true
  })
}

function countRules(tables: readonly NftTable[]): number {
  let rules = 0
  for (const table of tables) for (const chain of table.chains) rules += chain.rules.length
  return rules
}

/** `namespace/name` out of a Service chain's name: `service-PFISGYVC-default/web/tcp/`. */
function serviceOf(chain: string): string | undefined {
  return /^[a-z]+-[A-Z2-7]{8}-([^/]+\/[^/]+)\//.exec(chain)?.[1]
}
