import type { Prefix } from '../../../net/address.js'
import { parsePrefix, prefixHolds } from '../../../net/address.js'
import type { IpFamily } from '../address.js'
import type { LocalDetector } from '../configuration.js'
import type { EndpointInfo } from '../endpoints.js'
import type { ServicePortInfo } from '../services.js'
import { isPortExternallyAccessible } from '../services.js'
import type { EndpointChoice } from '../topology.js'
import { anonymousSet } from './anonymousSet.js'
import { formatDuration } from './duration.js'
import { nftEndpointNames, nftServiceChains } from './names.js'
import type { NftChain, NftSet } from './types.js'

export interface NftSettings {
  readonly family: IpFamily
  readonly node: string
  readonly localDetector: LocalDetector
  readonly masqueradeAll: boolean
  /** `0x00004000` */
  readonly mark: string
  readonly nodeIP: string
  /** Addresses that take NodePorts; undefined when every local one does. */
  readonly nodePortIPs: readonly string[] | undefined
  readonly serviceCIDRs: readonly string[]
}

/** Sets and maps that all Services share. */
export type SharedSet =
  | 'hairpin-connections'
  | 'cluster-ips'
  | 'no-endpoint-services'
  | 'no-endpoint-nodeports'
  | 'firewall-ips'
  | 'service-ips'
  | 'service-nodeports'

/** What stands in the table because of one port of one Service. */
export interface NftServiceRules {
  /** Set, key, rest of the element. */
  readonly elements: readonly (readonly [SharedSet, string, string])[]
  readonly chains: readonly NftChain[]
  readonly sets: readonly NftSet[]
}

/**
 * Elements, chains and affinity sets of one port of one Service.
 *
 * Source: kubernetes pkg/proxy/nftables/proxier.go syncProxyRules (the part for each Service), writeServiceToEndpointRules
 */
export function writeNftService(port: ServicePortInfo, choice: EndpointChoice, settings: NftSettings): NftServiceRules {
  const names = nftServiceChains(port)
  const protocol = port.protocol.toLowerCase()
  const local = choice.local ?? []
  const hasInternal = choice.hasAny && (!port.internalPolicyLocal || local.length > 0)
  const hasExternal = choice.hasAny && (!port.externalPolicyLocal || local.length > 0)
  const usesFirewall = port.loadBalancerVIPs.length > 0 && port.sourceRanges.length > 0
  const refusal = ` comment "${port.nameString}" : ${choice.hasAny ? 'drop' : 'goto reject-chain'}`
  const elements: (readonly [SharedSet, string, string])[] = []
  const at = (ip: string): string => `${ip} . ${protocol} . ${port.port}`

  elements.push(['cluster-ips', port.clusterIP, ''])
  if (hasInternal) {
    elements.push(['service-ips', at(port.clusterIP), ` : goto ${port.internalPolicyLocal ? names.local : names.cluster}`])
  } else elements.push(['no-endpoint-services', at(port.clusterIP), refusal])
  for (const ip of [...port.externalIPs, ...port.loadBalancerVIPs]) {
    if (choice.hasAny) elements.push(['service-ips', at(ip), ` : goto ${names.external}`])
    if (!hasExternal) elements.push(['no-endpoint-services', at(ip), refusal])
  }
  if (usesFirewall) for (const ip of port.loadBalancerVIPs) elements.push(['firewall-ips', at(ip), ` : goto ${names.firewall}`])
  if (port.nodePort !== 0) {
    const key = `${protocol} . ${port.nodePort}`
    if (choice.hasAny) elements.push(['service-nodeports', key, ` : goto ${names.external}`])
    if (!hasExternal) elements.push(['no-endpoint-nodeports', key, refusal])
  }
  for (const { ip, port: target } of choice.reachable.filter((each) => each.nodeName === settings.node)) {
    elements.push(['hairpin-connections', `${ip} . ${ip} . ${protocol} . ${target}`, ''])
  }
  const hasAffinity = port.affinitySeconds > 0
  const endpoints = hasAffinity ? choice.reachable : []
  const chains: NftChain[] = endpoints.map((endpoint) => endpointChain(port, endpoint, settings))
  const sets = endpoints.map((endpoint) => affinitySet(port, endpoint, settings))
  if ((choice.cluster ?? []).length > 0) chains.push(choiceChain(names.cluster, port, choice.cluster ?? [], settings))
  if (local.length > 0) chains.push(choiceChain(names.local, port, local, settings))
  if (choice.hasAny && isPortExternallyAccessible(port)) {
    const policy = port.externalPolicyLocal ? names.local : names.cluster
    chains.push({ name: names.external, rules: externalRules(port, names.cluster, hasExternal ? policy : undefined, settings) })
  }
  if (usesFirewall) chains.push({ name: names.firewall, rules: [firewallRule(port, settings)] })
  return { elements, chains, sets }
}

/** `ip` or `ip6`. */
export function ipX(family: IpFamily): 'ip' | 'ip6' {
  return family === 'IPv6' ? 'ip6' : 'ip'
}

/** The detector as nft prints it. Source: kubernetes pkg/proxy/util/localdetector.go */
export function detect(detector: Exclude<LocalDetector, undefined>, family: IpFamily, isLocal: boolean): string {
  const not = isLocal ? '' : '!= '
  // A block of one address is an address to nft.
  if (detector.kind === 'source')
    return `${ipX(family)} saddr ${not}${detector.block.replace(family === 'IPv6' ? /\/128$/ : /\/32$/, '')}`
  return `iifname ${not}"${detector.name.replace(/\+$/, '*')}"`
}

function endpointChain(port: ServicePortInfo, endpoint: EndpointInfo, settings: NftSettings): NftChain {
  const names = nftEndpointNames(port, endpoint)
  return {
    name: names.chain,
    rules: [
      `update @${names.affinity} { ${ipX(settings.family)} saddr }`,
      `meta l4proto ${port.protocol.toLowerCase()} dnat to ${endpoint.text}`,
    ],
  }
}

function affinitySet(port: ServicePortInfo, endpoint: EndpointInfo, settings: NftSettings): NftSet {
  return {
    name: nftEndpointNames(port, endpoint).affinity,
    kind: 'set',
    type: settings.family === 'IPv6' ? 'ipv6_addr' : 'ipv4_addr',
    properties: ['size 65535', 'flags dynamic,timeout', `timeout ${formatDuration(port.affinitySeconds * 1_000)}`],
    elements: new Map(),
  }
}

function choiceChain(name: string, port: ServicePortInfo, endpoints: readonly EndpointInfo[], settings: NftSettings): NftChain {
  const ip = ipX(settings.family)
  if (port.affinitySeconds > 0) {
    const own = endpoints.map((endpoint) => nftEndpointNames(port, endpoint))
    return {
      name,
      rules: [
        ...own.map((each) => `${ip} saddr @${each.affinity} goto ${each.chain}`),
        `numgen random mod ${own.length} vmap { ${own.map((each, index) => `${index} : goto ${each.chain}`).join(', ')} }`,
      ],
    }
  }
  const map = endpoints.map((endpoint, index) => `${index} : ${endpoint.ip} . ${endpoint.port}`).join(', ')
  const rule = `meta l4proto ${port.protocol.toLowerCase()} dnat ${ip} to numgen random mod ${endpoints.length} map { ${map} }`
  return { name, rules: [rule] }
}

/** The rule's words that ask for masquerading. */
export function setMark(settings: Pick<NftSettings, 'mark'>): string {
  return `meta mark set meta mark | ${settings.mark}`
}

function externalRules(
  port: ServicePortInfo,
  cluster: string,
  policy: string | undefined,
  settings: NftSettings,
): readonly string[] {
  const rules: string[] = []
  if (port.externalPolicyLocal) {
    if (settings.localDetector !== undefined) {
      rules.push(`${detect(settings.localDetector, settings.family, true)} goto ${cluster} comment "short-circuit pod traffic"`)
    }
    rules.push(`fib saddr type local ${setMark(settings)} comment "masquerade local traffic"`)
    rules.push(`fib saddr type local goto ${cluster} comment "short-circuit local traffic"`)
  } else rules.push(`${setMark(settings)} comment "masquerade"`)
  if (policy !== undefined) rules.push(`goto ${policy}`)
  return rules
}

function firewallRule(port: ServicePortInfo, settings: NftSettings): string {
  const allowed: Prefix[] = [...port.sourceRanges]
  if (port.sourceRanges.some((range) => prefixHolds(range, settings.nodeIP))) {
    allowed.push(...port.loadBalancerVIPs.map((ip) => parsePrefix(ip)).filter((prefix) => prefix !== undefined))
  }
  return `${ipX(settings.family)} saddr != ${anonymousSet(allowed)} drop`
}
