import { SimBug } from '../../core/result.js'
import { parseNftRuleset, setNftRuleset } from '../../net/nft/ruleset.js'
import { EMPTY_RULESET, rulesetsOf, setRuleset } from '../../net/rules/ruleset.js'
import type { InformerCache } from '../api/informer.js'
import type { Ctx } from '../context.js'
import { IP_FAMILIES } from './address.js'
import { printNftables } from './nftables/print.js'
import { writeNftables } from './nftables/table.js'
import type { NftTable } from './nftables/types.js'
import { joinServices } from './objects.js'
import type { NodeSituation } from './syncIptables.js'
import type { SyncResult } from './tell.js'

/** Writes the tables `kube-proxy` of both families, and takes away what the other proxy left behind, as kube-proxy does at its start. */
export function syncNftables(ctx: Ctx, situation: NodeSituation, cache: InformerCache): SyncResult {
  const { net, proxy } = ctx.world.parts
  const node = ctx.self.instance
  const services = joinServices(cache.list('services'), cache.list('endpointslices'))
  const before = proxy.nftables.get(node) ?? []
  const after = IP_FAMILIES.map((family) => writeNftables({ ...situation, family, services, serviceCIDRs: proxy.serviceCIDRs }))
  proxy.nftables.set(node, after)
  const loaded = parseNftRuleset(printNftables(after), net.nftables.get(node))
  if (!loaded.ok) throw new SimBug('unreadable-proxy-rule', { ...loaded.error })
  setNftRuleset(net, node, loaded.value)
  for (const family of [4, 6] as const) if (rulesetsOf(net, family).has(node)) setRuleset(net, node, EMPTY_RULESET, family)
  const old = chainsOf(before)
  const now = chainsOf(after)
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter((name) => old.get(name) !== now.get(name))
  const count = (tables: readonly NftTable[]): number =>
    tables.flatMap((table) => table.chains).reduce((sum, chain) => sum + chain.rules.length, 0)
  return {
    any: changed.length > 0 || elementsOf(before) !== elementsOf(after),
    added: changed.filter((name) => !old.has(name)),
    removed: changed.filter((name) => !now.has(name)),
    rules: count(after) - count(before),
    rulesBefore: count(before),
    services: [...new Set(changed.flatMap((name) => serviceOf(name) ?? []))],
  }
}

/** Text of each chain of the IPv4 table (the IPv6 one differs where it does, too, or not at all). */
function chainsOf(tables: readonly NftTable[]): ReadonlyMap<string, string> {
  return new Map(tables.flatMap((table) => table.chains.map((chain) => [chain.name, chain.rules.join('\n')])))
}

function elementsOf(tables: readonly NftTable[]): string {
  return JSON.stringify(tables.map((table) => table.sets.map((set) => [...set.elements])))
}

/** `namespace/name` out of a Service chain's name: `service-PFISGYVC-default/web/tcp/`. */
function serviceOf(chain: string): string | undefined {
  return /^[a-z]+-[A-Z2-7]{8}-([^/]+\/[^/]+)\//.exec(chain)?.[1]
}
