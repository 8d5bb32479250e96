import { byCodeUnit } from '../../../core/digest.js'
import type { SimTime } from '../../../core/time.js'
import { SECOND } from '../../../core/time.js'
import type { ObjectKey } from '../../api/resources.js'
import { keyOf } from '../../api/resources.js'
import { ipFamilyOf } from '../address.js'
import { localDetectorOf } from '../configuration.js'
import { endpointsOf, portKey } from '../endpoints.js'
import type { IptablesInput } from '../iptables/ruleset.js'
import { patchSorted } from '../iptables/sortedMap.js'
import { nodePortAddressesOf, nodePortSettings } from '../nodePortAddresses.js'
import type { ServiceAndSlices } from '../objects.js'
import { servicePortsOf } from '../services.js'
import { categorizeEndpoints } from '../topology.js'
import { fixedChains, sharedSets } from './fixedParts.js'
import type { NftServiceRules, NftSettings, SharedSet } from './serviceElements.js'
import { writeNftService } from './serviceElements.js'
import type { NftChain, NftSet, NftTable } from './types.js'

export interface NftablesInput extends IptablesInput {
  /** Ranges of cluster IPs (ServiceCIDR objects), of both families. */
  readonly serviceCIDRs: readonly string[]
}

/** One Service's share of a table. Immutable. */
export interface NftShare {
  /** Keys of the slices that it was made of. */
  readonly slices: readonly ObjectKey[]
  readonly chains: readonly NftChain[]
  readonly sets: readonly NftSet[]
  /** Elements of sets and maps that all share: key and rest. */
  readonly elements: ReadonlyMap<SharedSet, readonly (readonly [string, string])[]>
}

/** What a table was made of. Can be rebuilt: without it the next sync writes everything anew. */
export interface NftState {
  readonly settings: string
  /** By `namespace/name`, sorted. */
  readonly shares: ReadonlyMap<string, NftShare>
  /** Chains that stand before those of Services. */
  readonly fixed: readonly NftChain[]
  /** Shared sets in which no two Services hold the same element. */
  readonly unique: ReadonlySet<SharedSet>
  /** Chains that nobody leads to any more, and when they were emptied. */
  readonly stale: ReadonlyMap<string, SimTime>
}

const states = new WeakMap<NftTable, NftState>()

export function nftStateOf(table: NftTable): NftState | undefined {
  return states.get(table)
}

/**
 * The whole table `kube-proxy` of one family on one Node.
 *
 * Source: kubernetes pkg/proxy/nftables/proxier.go setupNFTables, syncProxyRules
 */
export function writeNftables(input: NftablesInput, left: Leftovers = NOTHING_LEFT): NftTable {
  const settings = settingsOf(input)
  const ordered = input.services.toSorted((a, b) => byCodeUnit(a.key, b.key))
  const shares = new Map(ordered.map((source) => [source.key, shareOf(source, input, settings)]))
  const all = [...shares.values()]
  const chains = byName(all.flatMap((share) => share.chains))
  const present = (left.table?.chains ?? []).filter(({ name }) => isServiceChain(name))
  const stale = staleAfter(
    left,
    present.map(({ name }) => name),
    chains,
  )
  const fixed = fixedChains(settings)
  const ownSets = (left.table?.sets ?? []).filter(({ name }) => isServiceChain(name))
  return assemble(settings, shares, undefined, {
    stale,
    fixed,
    chains: inPlace(fixed, present, 0, chains, (chain) => (stale.has(chain.name) ? emptied(chain) : undefined)),
    sets: inPlace([], ownSets, 0, byName(all.flatMap((share) => share.sets)), () => undefined),
  })
}

function byName<T extends { readonly name: string }>(all: readonly T[]): ReadonlyMap<string, T> {
  return new Map(all.map((each) => [each.name, each]))
}

/**
 * Chains or sets as the kernel lists them: what was there before keeps its place, what is new comes last.
 *
 * @param front what stands before all others.
 * @param from where in `before` those that may change begin.
 * @param rest what becomes of one that is not among those of now; undefined when it is deleted.
 * @param touched names of which something may have changed; all when absent.
 * Source: Linux net/netfilter/nf_tables_api.c nf_tables_addchain, nf_tables_newset (list_add_tail_rcu)
 */
function inPlace<T extends { readonly name: string }>(
  front: readonly T[],
  before: readonly T[],
  from: number,
  now: ReadonlyMap<string, T>,
  rest: (each: T) => T | undefined,
  touched?: ReadonlySet<string>,
): readonly T[] {
  const placed = front.slice()
  let known = 0
  for (let at = from; at < before.length; at++) {
    const each = before[at]
    if (each === undefined) continue
    const isTouched = touched === undefined || touched.has(each.name)
    const next = isTouched ? now.get(each.name) : undefined
    if (next !== undefined) known++
    const left = isTouched ? (next ?? rest(each)) : each
    if (left !== undefined) placed.push(left)
  }
  if (known === now.size) return placed
  const there = known === 0 ? undefined : new Set(placed.map(({ name }) => name))
  for (const each of now.values()) if (there?.has(each.name) !== true) placed.push(each)
  return placed
}

/** Where sets of single Services begin. */
function firstOwn(sets: readonly NftSet[]): number {
  const at = sets.findIndex(({ name }) => isServiceChain(name))
  return at < 0 ? sets.length : at
}

function emptied(chain: NftChain): NftChain {
  return chain.rules.length === 0 ? chain : { name: chain.name, rules: [] }
}

/** What the kernel holds from an earlier sync. */
export interface Leftovers {
  readonly table: NftTable | undefined
  readonly now: SimTime
}

const NOTHING_LEFT: Leftovers = { table: undefined, now: 0 }

/** Chains and sets of Services have a slash in their names, those that stand for all of them (`service-endpoints-check`) have none. */
function isServiceChain(name: string): boolean {
  return name.includes('/')
}

/**
 * A chain that is not used any more is emptied at once, but deleted only by a sync more than a second later: older kernels take a while
 * to notice that no map leads to it.
 *
 * @param present chains that may have become unused.
 * Source: kubernetes pkg/proxy/nftables/proxier.go syncProxyRules (staleChains)
 */
function staleAfter(
  { table, now }: Leftovers,
  present: Iterable<string>,
  active: ReadonlyMap<string, NftChain>,
): ReadonlyMap<string, SimTime> {
  const before = (table === undefined ? undefined : states.get(table))?.stale ?? NO_STALE
  const stale = new Map<string, SimTime>()
  for (const name of [...before.keys(), ...present]) {
    const since = before.get(name)
    if (!active.has(name) && (since === undefined || now - since <= STALE_TIME)) stale.set(name, now)
  }
  return stale
}

const STALE_TIME = SECOND
const NO_STALE: ReadonlyMap<string, SimTime> = new Map()

/**
 * The table after some Services changed: everything else is the same objects as before.
 *
 * @param touched Services by `namespace/name`; `undefined` where one is gone.
 * @returns undefined when all must be written anew: what it was made of is not known, or the situation has changed.
 */
export function updateNftables(
  before: NftTable,
  situation: Omit<NftablesInput, 'services'>,
  touched: ReadonlyMap<string, ServiceAndSlices | undefined>,
  now: SimTime = 0,
): NftTable | undefined {
  const known = states.get(before)
  const settings = settingsOf({ ...situation, services: [] })
  if (known === undefined || known.settings !== JSON.stringify(settings)) return undefined
  const fresh = new Map<string, NftShare | undefined>()
  for (const [key, source] of touched) {
    const share = source === undefined ? undefined : shareOf(source, situation, settings)
    if (JSON.stringify(plainShare(share)) !== JSON.stringify(plainShare(known.shares.get(key)))) fresh.set(key, share)
  }
  if (fresh.size === 0 && known.stale.size === 0) return before
  const old = [...fresh.keys()].flatMap((key) => known.shares.get(key) ?? [])
  const present = [...fresh.values()].filter((share) => share !== undefined)
  const chains = byName(present.flatMap((share) => share.chains))
  const oldChains = old.flatMap((share) => share.chains.map(({ name }) => name))
  const oldSets = old.flatMap((share) => share.sets.map(({ name }) => name))
  const stale = staleAfter({ table: before, now }, oldChains, chains)
  const sets = byName(present.flatMap((share) => share.sets))
  const touchedSets = new Set([...oldSets, ...sets.keys()])
  const touchedChains = new Set([...oldChains, ...known.stale.keys(), ...chains.keys()])
  const leave = (chain: NftChain): NftChain | undefined => (stale.has(chain.name) ? emptied(chain) : undefined)
  const { fixed } = known
  return assemble(
    settings,
    patchSorted(known.shares, fresh),
    { table: before, known, fresh },
    {
      stale,
      fixed,
      chains: inPlace(fixed, before.chains, fixed.length, chains, leave, touchedChains),
      sets: inPlace([], before.sets, firstOwn(before.sets), sets, () => undefined, touchedSets),
    },
  )
}

function plainShare(share: NftShare | undefined): unknown {
  return share === undefined ? undefined : { ...share, elements: [...share.elements] }
}

function shareOf(source: ServiceAndSlices, input: Omit<NftablesInput, 'services'>, settings: NftSettings): NftShare {
  const infos = servicePortsOf(source.service, input.family)
  const byPort = infos.length === 0 ? undefined : endpointsOf(source.slices, input.family)
  const rules = infos.map((info): NftServiceRules => {
    const endpoints = byPort?.get(portKey(info.portName, info.protocol)) ?? []
    return writeNftService(info, categorizeEndpoints(endpoints, info, input.node), settings)
  })
  const elements = new Map<SharedSet, (readonly [string, string])[]>()
  for (const [name, key, rest] of rules.flatMap((each) => each.elements)) {
    const list = elements.get(name) ?? []
    elements.set(name, list)
    list.push([key, rest])
  }
  return {
    slices: source.slices.map((slice) => keyOf({ metadata: slice.metadata ?? {} })),
    chains: rules.flatMap((each) => each.chains),
    sets: rules.flatMap((each) => each.sets),
    elements,
  }
}

interface Earlier {
  readonly table: NftTable
  readonly known: NftState
  readonly fresh: ReadonlyMap<string, NftShare | undefined>
}

/** What is held now, in the kernel's order. */
interface Own {
  /** Chains that stand before those of Services. */
  readonly fixed: readonly NftChain[]
  /** All of them, the fixed ones first. */
  readonly chains: readonly NftChain[]
  /** Sets of single Services. */
  readonly sets: readonly NftSet[]
  readonly stale: NftState['stale']
}

function assemble(
  settings: NftSettings,
  shares: ReadonlyMap<string, NftShare>,
  earlier: Earlier | undefined,
  own: Own,
): NftTable {
  const unique = new Set<SharedSet>()
  const sets = sharedSets(settings, (name) => {
    const isSame = (key: string): boolean =>
      sameElements(earlier?.known.shares.get(key)?.elements.get(name), earlier?.fresh.get(key)?.elements.get(name))
    const before = earlier?.table.sets.find((set) => set.name === name)
    if (earlier !== undefined && before !== undefined && [...earlier.fresh.keys()].every(isSame)) {
      if (earlier.known.unique.has(name)) unique.add(name)
      return before
    }
    const patched = earlier === undefined || before === undefined ? undefined : patchElements(earlier, name, before.elements)
    if (patched !== undefined) {
      unique.add(name)
      return patched
    }
    const elements = new Map<string, string>()
    let count = 0
    for (const share of shares.values()) {
      for (const [key, rest] of share.elements.get(name) ?? []) {
        elements.set(key, rest)
        count++
      }
    }
    if (count === elements.size) unique.add(name)
    return elements
  })
  const table: NftTable = { family: settings.family, sets: [...sets, ...own.sets], chains: own.chains }
  states.set(table, { settings: JSON.stringify(settings), shares, fixed: own.fixed, unique, stale: own.stale })
  return table
}

/** A set's elements after some Services changed; undefined where an element may be held by several, of whom the last one counts. */
function patchElements(
  { known, fresh }: Earlier,
  name: SharedSet,
  before: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> | undefined {
  if (!known.unique.has(name)) return undefined
  const elements = new Map(before)
  for (const service of fresh.keys())
    for (const [key] of known.shares.get(service)?.elements.get(name) ?? []) elements.delete(key)
  for (const share of fresh.values()) {
    for (const [key, rest] of share?.elements.get(name) ?? []) {
      if (elements.has(key)) return undefined
      elements.set(key, rest)
    }
  }
  return elements
}

type Elements = readonly (readonly [string, string])[]

function sameElements(a: Elements = [], b: Elements = []): boolean {
  return a.length === b.length && a.every(([key, rest], index) => key === b[index]?.[0] && rest === b[index]?.[1])
}

function settingsOf(input: NftablesInput): NftSettings {
  const { configuration, family, node } = input
  return {
    family,
    node: node.name,
    localDetector: localDetectorOf(configuration, family, node.podCIDRs),
    masqueradeAll: configuration.masqueradeAll,
    mark: `0x${((1 << configuration.masqueradeBit) >>> 0).toString(16).padStart(8, '0')}`,
    nodeIP: node.primary[family] ?? '',
    nodePortIPs: nodePortAddressesOf(nodePortSettings({ ...configuration, mode: 'nftables' }), family, node),
    serviceCIDRs: input.serviceCIDRs.filter((block) => ipFamilyOf(block) === family),
  }
}
