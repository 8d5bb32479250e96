import type { EndpointSlice } from '../../../generated/kubeTypes.js'
import { EMPTY_NFT, setNftRuleset } from '../../net/nft/ruleset.js'
import { getRuleset, setRuleset } from '../../net/rules/ruleset.js'
import type { Ruleset } from '../../net/rules/types.js'
import type { InformerCache } from '../api/informer.js'
import type { ObjectKey } from '../api/resources.js'
import type { Ctx } from '../context.js'
import { familyNumber, IP_FAMILIES } from './address.js'
import { parseTables, patchRuleset } from './install.js'
import type { ServiceFragment } from './iptables/fragment.js'
import type { IptablesState, ProxySituation, RulesPatch, RuleTables } from './iptables/ruleset.js'
import { updateIptables, writeIptables } from './iptables/ruleset.js'
import type { ServiceAndSlices } from './objects.js'
import { joinServices, serviceKeyOfSlice } from './objects.js'
import type { PendingChange, ProxyProcess } from './part.js'
import { linesByService } from './ruleOwners.js'
import type { Difference, SyncResult } from './tell.js'

interface Origin {
  readonly node: string
  readonly state: IptablesState
  /** Rules in all tables. */
  readonly rules: number
}

/** What a kernel's rules were made of. Can be rebuilt: a missing entry only makes the next sync write everything anew. */
const origins = new WeakMap<Ruleset, Origin>()

/** All about a Node's proxy but the family and the Services. */
export type NodeSituation = Omit<ProxySituation, 'family'>

/** Writes the rules of both families into a Node's kernel: those of the pending Services alone where that is enough. */
export function syncIptables(ctx: Ctx, process: ProxyProcess, situation: NodeSituation, cache: InformerCache): SyncResult {
  // What kube-proxy wrote in nftables mode before it was restarted is taken away.
  setNftRuleset(ctx.world.parts.net, ctx.self.instance, EMPTY_NFT)
  return IP_FAMILIES.map((family) => syncFamily(ctx, process, { ...situation, family }, cache)).reduce(joinResults)
}

function joinResults(a: SyncResult, b: SyncResult): SyncResult {
  const union = (x: readonly string[], y: readonly string[]): readonly string[] =>
    y.length === 0 ? x : [...new Set([...x, ...y])]
  return {
    any: a.any || b.any,
    added: union(a.added, b.added),
    removed: union(a.removed, b.removed),
    rules: a.rules + b.rules,
    rulesBefore: a.rulesBefore + b.rulesBefore,
    services: union(a.services, b.services),
    cleanedAt: { ...a.cleanedAt, ...b.cleanedAt },
  }
}

function syncFamily(ctx: Ctx, process: ProxyProcess, situation: ProxySituation, cache: InformerCache): SyncResult {
  const { net } = ctx.world.parts
  const node = ctx.self.instance
  const family = familyNumber(situation.family)
  const before = getRuleset(net, node, family)
  const known = origins.get(before)
  const mayLeave = ctx.now - (process.cleanedAt?.[situation.family] ?? 0) <= situation.configuration.syncPeriod
  const partial = process.needsFullSync ? undefined : writeTouched(cache, process, situation, before, mayLeave)
  const { ruleset, state, touched } = partial ?? writeAll(cache, situation, before)
  // A ruleset stands for one state for good: an earlier world that holds it must find that state again.
  const after = ruleset === before && known?.state !== state ? { tables: before.tables } : ruleset
  if (after !== before) setRuleset(net, node, after, family)
  const difference = partial === undefined ? compareRulesets(before, after) : differenceOf(before, partial.patch)
  const rulesBefore = known?.rules ?? countRules(before)
  origins.set(after, { node: situation.node.name, state, rules: rulesBefore + difference.rules })
  const asked = process.needsFullSync ? undefined : [...new Set(process.pending.map((change) => change.service))]
  const services =
    known === undefined && before.tables.size > 0
      ? changedByText(before, after, touched ?? asked)
      : changedServices(known?.state, state, touched ?? asked)
  // A small cluster looks for chains out of use at every sync.
  const isCleaned = !mayLeave || !state.settings.isLargeCluster
  const cleanedAt = isCleaned ? ctx.now : process.cleanedAt?.[situation.family]
  return {
    ...difference,
    rulesBefore,
    services,
    ...(cleanedAt === undefined ? {} : { cleanedAt: { [situation.family]: cleanedAt } }),
  }
}

/** The same from the rules alone, where it is not known any more what they were made of. */
function changedByText(before: Ruleset, after: Ruleset, asked: readonly string[] | undefined): readonly string[] {
  const old = linesByService(before)
  const now = linesByService(after)
  const all = asked === undefined || asked.includes('')
  const keys = all ? [...new Set([...old.keys(), ...now.keys()])].sort() : asked
  return keys.filter((key) => old.get(key) !== now.get(key))
}

interface Written {
  readonly ruleset: Ruleset
  readonly state: IptablesState
  /** Services that may have changed; all of them when absent. */
  readonly touched: readonly string[] | undefined
}

/** Rewrites the touched Services alone; undefined when that is not enough. */
function writeTouched(
  cache: InformerCache,
  process: ProxyProcess,
  situation: ProxySituation,
  before: Ruleset,
  mayLeaveChains: boolean,
): (Written & { readonly patch: RulesPatch }) | undefined {
  const known = origins.get(before)
  if (known?.node !== situation.node.name || process.pending.some((change) => change.service === '')) return undefined
  const touched = touchedServices(cache, process.pending, (service) => known.state.services.get(service)?.slices)
  const update = updateIptables(known.state, situation, touched, mayLeaveChains)
  if (update === undefined) return undefined
  const ruleset = update.patch.size === 0 ? before : patchRuleset(before, update.patch)
  return { ruleset, state: update.state, touched: [...touched.keys()], patch: update.patch }
}

function writeAll(cache: InformerCache, situation: ProxySituation, before: Ruleset): Written {
  const services = joinServices(cache.list('services'), cache.list('endpointslices'))
  const { tables, ...state } = writeIptables({ ...situation, services })
  return { ruleset: parseTables(withFirewall(tables, before), before), state, touched: undefined }
}

/**
 * `KUBE-FIREWALL` is the kubelet's as well: a kube-proxy that does not need its rule leaves in place what stands there.
 *
 * Source: kubernetes pkg/proxy/iptables/proxier.go syncProxyRules (the chain is only written with localhostNodePorts)
 */
function withFirewall(tables: RuleTables, before: Ruleset): RuleTables {
  const present = before.tables.get('filter')?.chains.get(FIREWALL)?.rules ?? []
  const filter = tables.get('filter')
  if (present.length === 0 || filter === undefined || (filter.get(FIREWALL) ?? []).length > 0) return tables
  const lines = present.map((rule) => rule.text)
  return new Map([...tables, ['filter', new Map([...filter, [FIREWALL, lines] as const])] as const])
}

const FIREWALL = 'KUBE-FIREWALL'

/** The Services of these changes as the cache has them now; `undefined` for those that are gone. */
export function touchedServices(
  cache: InformerCache,
  pending: readonly PendingChange[],
  slicesBefore: (service: string) => readonly ObjectKey[] | undefined,
): ReadonlyMap<string, ServiceAndSlices | undefined> {
  const touched = new Map<string, ServiceAndSlices | undefined>()
  for (const key of new Set(pending.map((change) => change.service))) {
    const service = cache.get('services', key)
    touched.set(
      key,
      service === undefined ? undefined : { key, service, slices: slicesOf(cache, key, pending, slicesBefore(key)) },
    )
  }
  return touched
}

/** A Service's slices: those that its rules were made of and those that have changed since. Of a new Service nothing is known yet. */
function slicesOf(
  cache: InformerCache,
  service: string,
  pending: readonly PendingChange[],
  known: readonly ObjectKey[] | undefined,
): readonly EndpointSlice[] {
  const isOwn = (slice: EndpointSlice): boolean => serviceKeyOfSlice(slice) === service
  if (known === undefined) return cache.list('endpointslices', service.slice(0, service.indexOf('/'))).filter(isOwn)
  const changed = pending.flatMap((change) => (change.service === service && change.slice !== undefined ? [change.slice] : []))
  const keys = changed.length === 0 ? known : new Set([...known, ...changed])
  const slices: EndpointSlice[] = []
  for (const key of keys) {
    const slice = cache.get('endpointslices', key)
    if (slice !== undefined && isOwn(slice)) slices.push(slice)
  }
  return slices
}

/** Services whose rules differ; of those in question, or of all when none are named or the Node itself changed. */
function changedServices(
  before: IptablesState | undefined,
  after: IptablesState,
  asked: readonly string[] | undefined,
): readonly string[] {
  const all = asked === undefined || asked.includes('')
  const keys = all ? [...new Set([...(before?.services.keys() ?? []), ...after.services.keys()])] : asked
  return keys.filter((key) => !sameRules(before?.services.get(key), after.services.get(key)))
}

/** What comparing two fragments said; many Nodes ask for the same two. Can be rebuilt. */
const compared = new WeakMap<ServiceFragment, WeakMap<ServiceFragment, boolean>>()

/** Services without rules of their own count as absent. */
function sameRules(a: ServiceFragment | undefined, b: ServiceFragment | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined) return linesOf(a) === linesOf(b)
  const results = compared.get(a) ?? new WeakMap<ServiceFragment, boolean>()
  compared.set(a, results)
  const known = results.get(b)
  if (known !== undefined) return known
  const isSame = linesOf(a) === linesOf(b)
  results.set(b, isSame)
  return isSame
}

function linesOf(fragment: ServiceFragment | undefined): string {
  const texts = (fragment?.ports ?? []).map(({ rules }) => [...rules.shared.values(), ...rules.chains.values()].flat().join('\n'))
  return texts.join('\n')
}

/** The same as `compareRulesets` of before and after, without looking at what did not change. */
function differenceOf(before: Ruleset, patch: RulesPatch): Difference {
  const added: string[] = []
  const removed: string[] = []
  let rules = 0
  for (const [name, chains] of patch) {
    for (const [chain, lines] of chains) {
      const known = before.tables.get(name)?.chains.get(chain)
      if (known === undefined) added.push(chain)
      if (lines === undefined) removed.push(chain)
      rules += (lines?.length ?? 0) - (known?.rules.length ?? 0)
    }
  }
  return { any: patch.size > 0, added, removed, rules }
}

function compareRulesets(before: Ruleset, after: Ruleset): Difference {
  const added: string[] = []
  const removed: string[] = []
  let rules = 0
  let any = false
  for (const [name, table] of after.tables) {
    const old = before.tables.get(name)
    if (old === table) continue
    for (const [chain, now] of table.chains) {
      const known = old?.chains.get(chain)
      if (known === now) continue
      any = true
      if (known === undefined) added.push(chain)
      rules += now.rules.length - (known?.rules.length ?? 0)
    }
    for (const [chain, known] of old?.chains ?? []) {
      if (table.chains.has(chain)) continue
      any = true
      removed.push(chain)
      rules -= known.rules.length
    }
  }
  return { any, added, removed, rules }
}

function countRules(ruleset: Ruleset): number {
  return compareRulesets({ tables: new Map() }, ruleset).rules
}
