import { parsePrefix } from '../../../net/address.js'
import { anonymousSet } from './anonymousSet.js'
import type { NftSettings, SharedSet } from './serviceElements.js'
import { detect, ipX, setMark } from './serviceElements.js'
import type { NftChain, NftSet } from './types.js'

/** What stands in the table for all Services together, and in its order. Source: kubernetes pkg/proxy/nftables/proxier.go setupNFTables */

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

/**
 * The sets and maps that all Services share.
 *
 * @param fill a set's elements, or the set itself where it is as before.
 */
export function sharedSets(
  settings: NftSettings,
  fill: (name: SharedSet) => ReadonlyMap<string, string> | NftSet,
): readonly NftSet[] {
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

/** The base chains and those that they jump to. */
export function fixedChains(settings: NftSettings): readonly NftChain[] {
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
