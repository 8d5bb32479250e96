import { byCodeUnit } from '../../../core/digest.js'
import type { IpFamily } from '../address.js'
import type { ProxyConfiguration } from '../configuration.js'
import { localDetectorOf, masqueradeMark, servesLocalhost } from '../configuration.js'
import type { ProxyNode } from '../node.js'
import { nodePortAddressesOf } from '../nodePortAddresses.js'
import type { ServiceAndSlices } from '../objects.js'
import type { Chains, FixedSettings, TableName } from './fixedRules.js'
import { BUILTIN_CHAINS, fixedFilterChains, fixedNatChains, mangleChains, nodePortJumps } from './fixedRules.js'
import type { ServiceFragment } from './fragment.js'
import { countEndpoints, writeFragment } from './fragment.js'
import type { RuleSettings, SharedChain } from './serviceRules.js'
import { patchSorted } from './sortedMap.js'

/** What one Node's rules for one family are made of. Immutable. */
export interface IptablesState {
  readonly family: IpFamily
  /** Each Service's share, by `namespace/name`, sorted. */
  readonly services: ReadonlyMap<string, ServiceFragment>
  readonly settings: RuleSettings
  readonly fixed: FixedSettings
  /** Endpoints of all Services together. */
  readonly endpoints: number
  /** Chains of `nat` that nobody leads to any more but that are still there. */
  readonly stale: ReadonlySet<string>
}

/** `-A …` lines by table and chain; tables and chains in the order in which iptables-save prints them. */
export type RuleTables = ReadonlyMap<TableName, Chains>

/** What kube-proxy wants one Node's kernel to hold for one family. */
export interface IptablesRules extends IptablesState {
  readonly tables: RuleTables
}

/** All about a Node's proxy but the Services. */
export interface ProxySituation {
  readonly family: IpFamily
  readonly node: ProxyNode
  readonly configuration: ProxyConfiguration
}

export interface IptablesInput extends ProxySituation {
  readonly services: readonly ServiceAndSlices[]
}

const NO_STALE: ReadonlySet<string> = new Set()

/** Chains that differ, by table; `undefined` where a chain is gone. */
export type RulesPatch = ReadonlyMap<TableName, ReadonlyMap<string, readonly string[] | undefined>>

/** More endpoints than this, and kube-proxy leaves comments out. Source: pkg/proxy/iptables/proxier.go largeClusterEndpointsThreshold */
const LARGE_CLUSTER_ENDPOINTS = 1_000

/** Whether the Services of a family have so many endpoints that kube-proxy spares itself what it can. */
export function isLargeCluster(services: readonly ServiceAndSlices[], family: IpFamily): boolean {
  return services.reduce((sum, each) => sum + countEndpoints(each, { family }), 0) > LARGE_CLUSTER_ENDPOINTS
}

/**
 * All rules of one Node for one family.
 *
 * Source: kubernetes pkg/proxy/iptables/proxier.go syncProxyRules
 */
export function writeIptables(input: IptablesInput): IptablesRules {
  const endpoints = input.services.reduce((sum, each) => sum + countEndpoints(each, input), 0)
  const settings = ruleSettingsOf(input, endpoints)
  const settingsKey = settingsKeyOf(settings)
  const ordered = input.services.toSorted((a, b) => byCodeUnit(a.key, b.key))
  const fixed = fixedSettingsOf(input)
  const own = new Map(ordered.map((each) => [each.key, writeFragment(each, input.node, settings, settingsKey)]))
  const { services, tables } = assembleOnce(input.configuration, own, fixed)
  return { family: input.family, tables, services, settings, fixed, endpoints, stale: NO_STALE }
}

/** What `nodeIP` decides is in the key of the fragments that it decides about. */
function settingsKeyOf(settings: RuleSettings): string {
  return JSON.stringify({ ...settings, nodeIP: '' })
}

interface Assembled {
  readonly services: ReadonlyMap<string, ServiceFragment>
  readonly tables: RuleTables
  readonly fixedKey: string
}

/** The latest tables of proxies with one configuration: a Node whose Services have equal rules shares them. Can be rebuilt. */
const assembled = new WeakMap<ProxyConfiguration, readonly Assembled[]>()
const ASSEMBLED_MAX = 4

function assembleOnce(
  configuration: ProxyConfiguration,
  services: ReadonlyMap<string, ServiceFragment>,
  fixed: FixedSettings,
): Assembled {
  const fixedKey = JSON.stringify(fixed)
  const latest = assembled.get(configuration) ?? []
  const known = latest.find((each) => each.fixedKey === fixedKey && sameEntries(each.services, services))
  if (known !== undefined) return known
  const fresh = { services, tables: assemble(services, fixed), fixedKey }
  assembled.set(configuration, [fresh, ...latest].slice(0, ASSEMBLED_MAX))
  return fresh
}

function sameEntries<T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>): boolean {
  if (a.size !== b.size) return false
  for (const [key, value] of a) if (b.get(key) !== value) return false
  return true
}

/**
 * What changes in the rules when some Services did.
 *
 * @param touched Services by `namespace/name`; `undefined` where one is gone.
 * @param mayLeaveChains a large cluster looks for chains out of use now and then only.
 * @returns undefined when all must be written anew: the situation has changed.
 * Source: kubernetes pkg/proxy/iptables/proxier.go syncProxyRules (partial sync)
 */
export function updateIptables(
  previous: IptablesState,
  situation: ProxySituation,
  touched: ReadonlyMap<string, ServiceAndSlices | undefined>,
  mayLeaveChains: boolean = false,
): { readonly state: IptablesState; readonly patch: RulesPatch } | undefined {
  const { node } = situation
  let endpoints = previous.endpoints
  for (const [key, source] of touched) {
    endpoints += (source === undefined ? 0 : countEndpoints(source, situation)) - (previous.services.get(key)?.endpoints ?? 0)
  }
  const settings = ruleSettingsOf(situation, endpoints)
  const fixed = fixedSettingsOf(situation)
  // A cluster that grows large keeps the comments of what does not change.
  const sameSize = { ...settings, isLargeCluster: previous.settings.isLargeCluster }
  if (JSON.stringify([sameSize, fixed]) !== JSON.stringify([previous.settings, previous.fixed])) return undefined
  const settingsKey = settingsKeyOf(settings)

  const fresh = new Map<string, ServiceFragment | undefined>()
  for (const [key, source] of touched) {
    const fragment = source === undefined ? undefined : writeFragment(source, node, settings, settingsKey)
    if (fragment !== previous.services.get(key)) fresh.set(key, fragment)
  }
  const isLeaving = mayLeaveChains && settings.isLargeCluster
  const state = { ...previous, settings, endpoints }
  if (isLeaving || previous.stale.size > 0) return leaveChains(state, fresh, isLeaving)
  if (fresh.size === 0) return { state, patch: EMPTY_PATCH }
  const { services, patch } = changeOnce(previous, fresh)
  return { state: { ...state, services }, patch }
}

const EMPTY_PATCH: RulesPatch = new Map()

/** The same where chains out of use are left standing for a while, or such chains are swept away. */
function leaveChains(
  before: IptablesState,
  fresh: ReadonlyMap<string, ServiceFragment | undefined>,
  isLeaving: boolean,
): { readonly state: IptablesState; readonly patch: RulesPatch } {
  const services = patchSorted(before.services, fresh)
  const patch = new Map(patchOf(before, { ...before, services }, [...fresh.keys()]))
  const nat = new Map(patch.get('nat'))
  const stale = new Set(before.stale)
  for (const [name, lines] of nat) {
    if (lines !== undefined) stale.delete(name)
    else if (isLeaving) {
      nat.delete(name)
      stale.add(name)
    }
  }
  if (!isLeaving) for (const name of stale) nat.set(name, undefined)
  if (nat.size === 0) patch.delete('nat')
  else patch.set('nat', nat)
  return { state: { ...before, services, stale: isLeaving ? stale : NO_STALE }, patch }
}

interface Changed {
  readonly fresh: ReadonlyMap<string, ServiceFragment | undefined>
  readonly fixedKey: string
  readonly services: ReadonlyMap<string, ServiceFragment>
  readonly patch: RulesPatch
}

/** The latest changes made to Services' rules: Nodes with equal rules that hear of the same changes share what comes of it. Can be rebuilt. */
const changes = new WeakMap<ReadonlyMap<string, ServiceFragment>, readonly Changed[]>()
const CHANGES_MAX = 4

function changeOnce(previous: IptablesState, fresh: Changed['fresh']): Changed {
  const fixedKey = JSON.stringify(previous.fixed)
  const latest = changes.get(previous.services) ?? []
  const known = latest.find((each) => each.fixedKey === fixedKey && sameEntries(each.fresh, fresh))
  if (known !== undefined) return known
  const services = patchSorted(previous.services, fresh)
  const patch = patchOf(previous, { ...previous, services }, [...fresh.keys()])
  const change = { fresh, fixedKey, services, patch }
  changes.set(previous.services, [change, ...latest].slice(0, CHANGES_MAX))
  return change
}

function patchOf(before: IptablesState, after: IptablesState, keys: readonly string[]): RulesPatch {
  const nat = new Map<string, readonly string[] | undefined>()
  const filter = new Map<string, readonly string[] | undefined>()
  const chainsOf = (state: IptablesState, key: string): readonly (readonly [string, readonly string[]])[] =>
    (state.services.get(key)?.ports ?? []).flatMap(({ rules }) => [...rules.chains])
  const known = new Map(keys.flatMap((key) => chainsOf(before, key)))
  for (const name of known.keys()) nat.set(name, undefined)
  for (const [name, lines] of keys.flatMap((key) => chainsOf(after, key))) {
    const old = known.get(name)
    if (old !== undefined && sameLines(old, lines)) nat.delete(name)
    else nat.set(name, lines)
  }
  for (const chain of SHARED) {
    const isSame = (key: string): boolean =>
      sameLines(sharedLines(before.services.get(key), chain), sharedLines(after.services.get(key), chain))
    if (keys.every(isSame)) continue
    const patch = chain.startsWith('nat/') ? nat : filter
    patch.set(chainName(chain), assembleShared(chain, after.services, after.fixed))
  }
  const tables: (readonly [TableName, ReadonlyMap<string, readonly string[] | undefined>])[] = [
    ['filter', filter],
    ['nat', nat],
  ]
  return new Map(tables.filter(([, patch]) => patch.size > 0))
}

/** Tables with a patch applied, in the same order as if they had been written anew. */
export function applyPatch(tables: RuleTables, patch: RulesPatch): RuleTables {
  const result = new Map(tables)
  for (const [table, chains] of patch) {
    const builtin = BUILTIN_CHAINS[table]
    result.set(
      table,
      patchSorted(tables.get(table) ?? new Map(), chains, (name) => builtin.includes(name)),
    )
  }
  return result
}

const SHARED: readonly SharedChain[] = [
  'filter/KUBE-EXTERNAL-SERVICES',
  'filter/KUBE-NODEPORTS',
  'filter/KUBE-PROXY-FIREWALL',
  'filter/KUBE-SERVICES',
  'nat/KUBE-NODEPORTS',
  'nat/KUBE-SERVICES',
]

function sharedLines(fragment: ServiceFragment | undefined, chain: SharedChain): readonly string[] {
  return (fragment?.ports ?? []).flatMap(({ rules }) => rules.shared.get(chain) ?? [])
}

export function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((line, index) => line === b[index]))
}

function ruleSettingsOf(situation: ProxySituation, endpoints: number): RuleSettings {
  const { configuration, family, node } = situation
  return {
    family,
    localDetector: localDetectorOf(configuration, family, node.podCIDRs),
    masqueradeAll: configuration.masqueradeAll,
    localhostNodePorts: servesLocalhost(configuration),
    nodeIP: node.primary[family] ?? '',
    isLargeCluster: endpoints > LARGE_CLUSTER_ENDPOINTS,
  }
}

function fixedSettingsOf(situation: ProxySituation): FixedSettings {
  const { configuration, family, node } = situation
  return {
    family,
    localhostNodePorts: servesLocalhost(configuration),
    mark: masqueradeMark(configuration),
    conntrackTcpBeLiberal: configuration.conntrackTcpBeLiberal,
    nodePortIPs: nodePortAddressesOf(configuration, family, node),
  }
}

function assemble(services: ReadonlyMap<string, ServiceFragment>, fixed: FixedSettings): RuleTables {
  const filter = new Map(fixedFilterChains(fixed))
  const nat = new Map(fixedNatChains(fixed))
  for (const fragment of services.values()) {
    for (const { rules } of fragment.ports) for (const [name, lines] of rules.chains) nat.set(name, lines)
  }
  for (const chain of SHARED)
    (chain.startsWith('nat/') ? nat : filter).set(chainName(chain), assembleShared(chain, services, fixed))
  return new Map<TableName, Chains>([
    ['mangle', mangleChains()],
    ['filter', inPrintOrder('filter', filter)],
    ['nat', inPrintOrder('nat', nat)],
  ])
}

function chainName(chain: SharedChain): string {
  return chain.slice(chain.indexOf('/') + 1)
}

function assembleShared(
  chain: SharedChain,
  services: ReadonlyMap<string, ServiceFragment>,
  fixed: FixedSettings,
): readonly string[] {
  const lines: string[] = []
  for (const fragment of services.values()) {
    for (const { rules } of fragment.ports) {
      for (const line of rules.shared.get(chain) ?? []) lines.push(line)
    }
  }
  if (chain === 'nat/KUBE-SERVICES') lines.push(...nodePortJumps(fixed))
  return lines
}

/** Built-in chains first, the others by name, as iptables-save has them. */
function inPrintOrder(table: TableName, chains: Chains): Chains {
  const builtin = BUILTIN_CHAINS[table]
  // Sorting without a comparator is by code unit, and much faster where there are many.
  const own = [...chains.keys()].filter((name) => !builtin.includes(name)).sort()
  return new Map([...builtin, ...own].map((name): [string, readonly string[]] => [name, chains.get(name) ?? []]))
}

/** Chains that differ between two sets of tables. Lists of lines that are the same array are not looked into. */
export function diffTables(before: RuleTables, after: RuleTables): RulesPatch {
  const result = new Map<TableName, ReadonlyMap<string, readonly string[] | undefined>>()
  for (const [table, chains] of after) {
    const old = before.get(table) ?? new Map<string, readonly string[]>()
    const patch = new Map<string, readonly string[] | undefined>()
    for (const [name, lines] of chains) {
      const known = old.get(name)
      if (known === undefined || !sameLines(known, lines)) patch.set(name, lines)
    }
    for (const name of old.keys()) if (!chains.has(name)) patch.set(name, undefined)
    if (patch.size > 0) result.set(table, patch)
  }
  return result
}
