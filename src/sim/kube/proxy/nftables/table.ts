import { byCodeUnit } from '../../../core/digest.js'
import type { SimTime } from '../../../core/time.js'
import { SECOND } from '../../../core/time.js'
import { parsePrefix } from '../../../net/address.js'
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
import { anonymousSet } from './anonymousSet.js'
import type { NftServiceRules, NftSettings, SharedSet } from './serviceElements.js'
import { detect, ipX, setMark, writeNftService } from './serviceElements.js'
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
  const active = new Set([...shares.values()].flatMap((share) => share.chains.map((chain) => chain.name)))
  const present = left.table?.chains.map((chain) => chain.name).filter(isServiceChain) ?? []
  return assemble(settings, shares, staleAfter(left, present, active), undefined)
}

/** What the kernel holds from an earlier sync. */
export interface Leftovers {
  readonly table: NftTable | undefined
  readonly now: SimTime
}

const NOTHING_LEFT: Leftovers = { table: undefined, now: 0 }

/** Chains of Services have a slash in their names, those that stand for all of them (`service-endpoints-check`) have none. */
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
  active: ReadonlySet<string>,
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
  const namesOf = (share: NftShare | undefined): readonly string[] => (share?.chains ?? []).map((chain) => chain.name)
  const old = [...fresh.keys()].flatMap((key) => namesOf(known.shares.get(key)))
  const active = new Set([...fresh.values()].flatMap(namesOf))
  const stale = staleAfter({ table: before, now }, old, active)
  return assemble(settings, patchSorted(known.shares, fresh), stale, { table: before, known, fresh })
}

function plainShare(share: NftShare | undefined): unknown {
  return share === undefined ? undefined : { ...share, elements: [...share.elements] }
}

function shareOf(source: ServiceAndSlices, input: Omit<NftablesInput, 'services'>, settings: NftSettings): NftShare {
  const infos = servicePortsOf(source.service, input.family)
  const byPort = infos.length === 0 ? undefined : endpointsOf(source.slices, input.family, input.node.name)
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

function assemble(
  settings: NftSettings,
  shares: ReadonlyMap<string, NftShare>,
  stale: NftState['stale'],
  earlier: Earlier | undefined,
): NftTable {
  const sets = sharedSets(settings, (name) => {
    const isSame = (key: string): boolean =>
      sameElements(earlier?.known.shares.get(key)?.elements.get(name), earlier?.fresh.get(key)?.elements.get(name))
    const before = earlier?.table.sets.find((set) => set.name === name)
    if (earlier !== undefined && before !== undefined && [...earlier.fresh.keys()].every(isSame)) return before
    const elements = new Map<string, string>()
    for (const share of shares.values()) for (const [key, rest] of share.elements.get(name) ?? []) elements.set(key, rest)
    return elements
  })
  const fixed = earlier?.known.fixed ?? fixedChains(settings)
  const chains: NftChain[] = [...fixed]
  const own: NftSet[] = []
  for (const share of shares.values()) {
    for (const chain of share.chains) chains.push(chain)
    for (const set of share.sets) own.push(set)
  }
  for (const name of stale.keys()) chains.push({ name, rules: [] })
  const table: NftTable = { family: settings.family, sets: [...sets, ...own], chains }
  states.set(table, { settings: JSON.stringify(settings), shares, fixed, stale })
  return table
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

const SHARED: readonly (readonly [SharedSet, 'set' | 'map', string, string])[] = [
  ['hairpin-connections', 'set', 'ADDR . ADDR . inet_proto . inet_service', 'service hairpin connections'],
  ['cluster-ips', 'set', 'ADDR', 'Active ClusterIPs'],
  [
    'no-endpoint-services',
    'map',
    'ADDR . inet_proto . inet_service : verdict',
    'vmap to drop or reject packets to services with no endpoints',
  ],
  [
    'no-endpoint-nodeports',
    'map',
    'inet_proto . inet_service : verdict',
    'vmap to drop or reject packets to service nodeports with no endpoints',
  ],
  [
    'firewall-ips',
    'map',
    'ADDR . inet_proto . inet_service : verdict',
    'destinations that are subject to LoadBalancerSourceRanges',
  ],
  ['service-ips', 'map', 'ADDR . inet_proto . inet_service : verdict', 'ClusterIP, ExternalIP and LoadBalancer IP traffic'],
  ['service-nodeports', 'map', 'inet_proto . inet_service : verdict', 'NodePort traffic'],
]

/** @param fill a set's elements, or the set itself where it is as before. */
function sharedSets(settings: NftSettings, fill: (name: SharedSet) => ReadonlyMap<string, string> | NftSet): readonly NftSet[] {
  const address = settings.family === 'IPv6' ? 'ipv6_addr' : 'ipv4_addr'
  const sets = SHARED.map(([name, kind, type, comment]): NftSet => {
    const filled = fill(name)
    if ('elements' in filled) return filled
    return { name, kind, type: type.replaceAll('ADDR', address), comment, elements: filled }
  })
  if (settings.nodePortIPs === undefined) return sets
  const nodePorts: NftSet = {
    name: 'nodeport-ips',
    kind: 'set',
    type: address,
    comment: 'IPs that accept NodePort traffic',
    elements: new Map(settings.nodePortIPs.map((ip) => [ip, ''])),
  }
  return [...sets.slice(0, 2), nodePorts, ...sets.slice(2)]
}

const BASE_CHAINS: readonly (readonly [string, string, readonly string[]])[] = [
  ['filter-prerouting-pre-dnat', 'type filter hook prerouting priority dstnat - 10', ['ct state new jump firewall-check']],
  ['filter-output-pre-dnat', 'type filter hook output priority -110', ['ct state new jump firewall-check']],
  [
    'filter-input',
    'type filter hook input priority filter',
    ['ct state new jump nodeport-endpoints-check', 'ct state new jump service-endpoints-check'],
  ],
  [
    'filter-forward',
    'type filter hook forward priority filter',
    ['ct state new jump service-endpoints-check', 'ct state new jump cluster-ips-check'],
  ],
  [
    'filter-output',
    'type filter hook output priority filter',
    ['ct state new jump service-endpoints-check', 'ct state new jump cluster-ips-check'],
  ],
  ['nat-prerouting', 'type nat hook prerouting priority dstnat', ['jump services']],
  ['nat-output', 'type nat hook output priority -100', ['jump services']],
  ['nat-postrouting', 'type nat hook postrouting priority srcnat', ['jump masquerading']],
]

function fixedChains(settings: NftSettings): readonly NftChain[] {
  const ip = ipX(settings.family)
  const service = `${ip} daddr . meta l4proto . th dport vmap`
  const { mark } = settings
  return [
    ...BASE_CHAINS.map(([name, base, rules]): NftChain => ({ name, base: `${base}; policy accept;`, rules })),
    {
      name: 'nodeport-endpoints-check',
      rules: [`${nodePortMatch(settings, '')}meta l4proto . th dport vmap @no-endpoint-nodeports`],
    },
    { name: 'service-endpoints-check', rules: [`${service} @no-endpoint-services`] },
    { name: 'firewall-check', rules: [`${service} @firewall-ips`] },
    {
      name: 'services',
      rules: [
        ...masqueradeClusterIPs(settings),
        `${service} @service-ips`,
        `${nodePortMatch(settings, 'fib daddr type local ')}meta l4proto . th dport vmap @service-nodeports`,
      ],
    },
    {
      name: 'masquerading',
      rules: [
        `${isMarked(mark)} meta mark set meta mark ^ ${mark} masquerade fully-random`,
        `ct status dnat ${ip} saddr . ${ip} daddr . meta l4proto . th dport @hairpin-connections masquerade fully-random`,
      ],
    },
    { name: 'cluster-ips-check', rules: clusterIPsCheck(settings) },
    { name: 'reject-chain', comment: 'helper for @no-endpoint-services / @no-endpoint-nodeports', rules: ['reject'] },
  ]
}

/** nft takes a mask of leading ones for a prefix, and prints it as one. */
function isMarked(mark: string): string {
  return mark === '0x80000000' ? 'meta mark != 0x00000000/1' : `meta mark & ${mark} != 0x00000000`
}

/** Which packets may be for a NodePort, with a blank behind. */
function nodePortMatch(settings: NftSettings, local: string): string {
  const ip = ipX(settings.family)
  if (settings.nodePortIPs !== undefined) return `${ip} daddr @nodeport-ips `
  return `${local}${ip} daddr != ${settings.family === 'IPv6' ? '::1' : '127.0.0.0/8'} `
}

function masqueradeClusterIPs(settings: NftSettings): readonly string[] {
  const toCluster = `${ipX(settings.family)} daddr @cluster-ips`
  if (settings.masqueradeAll) return [`${toCluster} ${setMark(settings)} comment "masquerade all clusterIP traffic"`]
  if (settings.localDetector === undefined) return []
  const outside = detect(settings.localDetector, settings.family, false)
  return [`${toCluster} ${outside} ${setMark(settings)} comment "masquerade clusterIP traffic from outside cluster"`]
}

function clusterIPsCheck(settings: NftSettings): readonly string[] {
  const ip = ipX(settings.family)
  const ranges = settings.serviceCIDRs.map((block) => parsePrefix(block)).filter((prefix) => prefix !== undefined)
  return [
    `${ip} daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"`,
    ...(ranges.length === 0 ? [] : [`${ip} daddr ${anonymousSet(ranges)} drop comment "Drop traffic to unallocated ClusterIPs"`]),
  ]
}
