import type { SimTime } from '../../core/time.js'
import { FAMILIES } from '../../net/address.js'
import { rulesetsOf, setRuleset } from '../../net/rules/ruleset.js'
import type { Ruleset } from '../../net/rules/types.js'
import type { Ctx, World } from '../context.js'
import type { ProxyConfiguration } from './configuration.js'
import type { ProxyProcess } from './part.js'
import { configurationOf } from './part.js'

/** What kube-proxy puts into the kernel only to see whether somebody takes it away; of the three, that of this table is looked at. */
const CANARY = 'KUBE-PROXY-CANARY'
const WATCHED_TABLE = 'mangle'

/**
 * Takes a Node's rules out of its kernel, as `iptables -F` and `-X` in every table do, or `nft flush ruleset`. Policies of built-in chains
 * stay, and so do connections; what rules have counted and remembered goes with them.
 *
 * @returns whether there was anything to take.
 */
export function flushRules(ctx: Ctx, node: string): boolean {
  const { net, proxy } = ctx.world.parts
  let any = false
  for (const family of FAMILIES) {
    const before = rulesetsOf(net, family).get(node)
    if (before === undefined || !hasRules(before)) continue
    any = true
    setRuleset(net, node, emptied(before), family)
  }
  if (net.nftables.has(node)) {
    any = true
    net.nftables.delete(node)
    proxy.nftables.delete(node)
  }
  if (any) for (const memory of [net.counters, net.recent, net.nth]) memory.delete(node)
  if (any) callMonitor(ctx, node)
  return any
}

/** Nothing tells kube-proxy: it finds out when it next looks, and until then nobody waits for it. */
function callMonitor(ctx: Ctx, node: string): void {
  const process = ctx.world.parts.proxy.processes.get(node)
  if (process?.running !== true) return
  const at = nextLookForCanary(process, configurationOf(ctx.world.parts.proxy, process), ctx.now)
  if (at === undefined) return
  const options = { background: true }
  ctx.send({ kind: 'kube-proxy', instance: node }, { type: 'look-for-canary', run: process.run }, at - ctx.now, options)
}

/** Whether there is a rule or a chain that could be flushed on this Node. */
export function hasRulesToFlush({ parts: { net } }: World, node: string): boolean {
  return net.nftables.has(node) || FAMILIES.some((family) => hasRules(rulesetsOf(net, family).get(node)))
}

function hasRules(ruleset: Ruleset | undefined): boolean {
  for (const table of ruleset?.tables.values() ?? [])
    for (const chain of table.chains.values()) if (chain.policy === undefined || chain.rules.length > 0) return true
  return false
}

function emptied(ruleset: Ruleset): Ruleset {
  const tables = new Map(
    [...ruleset.tables].map(([name, table]) => {
      const builtIn = [...table.chains.values()].filter((chain) => chain.policy !== undefined)
      return [name, { ...table, chains: new Map(builtIn.map((chain) => [chain.name, { ...chain, rules: [] }])) }]
    }),
  )
  return { ...ruleset, tables }
}

/**
 * Whether a kernel lacks what a kube-proxy wrote: then it cannot change a part of it any more.
 *
 * Source: kubernetes pkg/proxy/iptables/proxier.go syncProxyRules (iptables-restore refuses jumps to chains that do not exist)
 */
export function isFlushed({ parts: { net } }: World, node: string, { mode }: ProxyConfiguration): boolean {
  if (mode === 'nftables') return !net.nftables.has(node)
  return rulesetsOf(net, 4).get(node)?.tables.get(WATCHED_TABLE)?.chains.has(CANARY) !== true
}

/**
 * When a kube-proxy looks for its canary next: every `syncPeriod` from when it last wrote everything. In mode nftables it has none.
 *
 * Source: kubernetes pkg/util/iptables/iptables.go Monitor; pkg/proxy/iptables/proxier.go NewProxier
 */
function nextLookForCanary(process: ProxyProcess, configuration: ProxyConfiguration, now: SimTime): SimTime | undefined {
  const { mode, syncPeriod } = configuration
  if (mode === 'nftables' || syncPeriod <= 0 || process.fullSyncAt === undefined) return undefined
  return now + syncPeriod - ((now - process.fullSyncAt) % syncPeriod)
}
