import { cacheOf } from '../api/informer.js'
import type { Ctx, World } from '../context.js'
import type { IpFamily } from './address.js'
import { ipFamilyOf } from './address.js'
import type { ProxyConfiguration } from './configuration.js'
import { servesLocalhost } from './configuration.js'
import type { ProxyNode } from './node.js'
import { proxyNodeOf } from './node.js'
import { nodePortSettings } from './nodePortAddresses.js'
import { configurationOf } from './part.js'
import { splitHostPort } from './validateConfiguration.js'

/** What the kube-proxy of a Node of this world has to say about its configuration. */
export function proxyWarnings(world: World, node: string): readonly string[] {
  // Only the world is read, so a context of any event would do.
  const process = world.parts.proxy.processes.get(node)
  const name = process?.nodeName ?? node
  const object = cacheOf({ world } as Ctx, 'kube-proxy', node).get('nodes', name) ?? { metadata: { name } }
  const configuration = configurationOf(world.parts.proxy, process)
  return warningsOf(configuration, proxyNodeOf(object, undefined, configuration.bindAddress))
}

/**
 * What a Node's kube-proxy writes to its log about its configuration although it works with it.
 *
 * Source: kubernetes cmd/kube-proxy/app/server.go checkBadConfig, checkBadIPConfig; server_linux.go createProxier, getLocalDetectors;
 * pkg/proxy/iptables/proxier.go syncProxyRules and pkg/proxy/nftables/proxier.go setupNFTables (the loops over NodePort addresses)
 */
export function warningsOf(configuration: ProxyConfiguration, node: ProxyNode): readonly string[] {
  const primary = primaryFamily(configuration, node)
  return [
    ...(configuration.mode === 'ipvs' ? [IPVS_WARNING] : []),
    ...nodePortWarnings(configuration, node, primary),
    ...familyWarnings(configuration, node, primary),
    ...loopbackWarnings(configuration),
    ...detectorWarnings(configuration, node, primary),
  ]
}

const IPVS_WARNING = "The ipvs proxier is now deprecated and may be removed in a future release. Please use 'nftables' instead."

function other(family: IpFamily): IpFamily {
  return family === 'IPv4' ? 'IPv6' : 'IPv4'
}

function isUnspecified(address: string): boolean {
  return address === '' || address === '0.0.0.0' || address === '::'
}

/** Of the address that it was told to take, else of the Node's first. Source: cmd/kube-proxy/app/server.go detectNodeIPs */
function primaryFamily({ bindAddress }: ProxyConfiguration, node: ProxyNode): IpFamily {
  if (!isUnspecified(bindAddress)) return ipFamilyOf(bindAddress)
  return node.primary.IPv4 === '127.0.0.1' && node.primary.IPv6 !== '::1' ? 'IPv6' : 'IPv4'
}

function isDual(blocks: readonly string[]): boolean {
  return blocks.length === 2 && new Set(blocks.map(ipFamilyOf)).size === 2
}

function isOnly(blocks: readonly string[], family: IpFamily): boolean {
  return blocks.length > 0 && blocks.every((block) => ipFamilyOf(block) === family)
}

function nodePortWarnings(configuration: ProxyConfiguration, node: ProxyNode, primary: IpFamily): readonly string[] {
  const asked = nodePortSettings(configuration).nodePortAddresses
  const blocks = asked.flatMap((block) => (block === 'primary' ? primaryBlocks(node) : [block]))
  if (blocks.length === 0) {
    return [
      'nodePortAddresses is unset; NodePort connections will be accepted on all local IPs. Consider using `--nodeport-addresses primary`',
    ]
  }
  const isDualCluster = [configuration.clusterCIDRs, blocks, node.podCIDRs].some(isDual)
  const end = (family: IpFamily): string => `NodePort connections will be accepted on all local ${family} IPs`
  if (isDualCluster && isOnly(blocks, primary))
    return [`cluster appears to be dual-stack but nodePortAddresses contains only ${primary} addresses; ${end(other(primary))}`]
  if (!isOnly(blocks, other(primary))) return []
  return [
    `cluster appears to be ${primary}-primary but nodePortAddresses contains only ${other(primary)} addresses; ${end(primary)}`,
  ]
}

function primaryBlocks({ primary }: ProxyNode): readonly string[] {
  return [
    ...(primary.IPv4 === '127.0.0.1' ? [] : [`${primary.IPv4}/32`]),
    ...(primary.IPv6 === '::1' ? [] : [`${primary.IPv6}/128`]),
  ]
}

function familyWarnings(configuration: ProxyConfiguration, node: ProxyNode, primary: IpFamily): readonly string[] {
  const bad = other(primary)
  const cluster = `cluster is ${primary}-primary but`
  const addressOf = (text: string): string => splitHostPort(text)?.host ?? ''
  const isBad = (text: string): boolean => !isUnspecified(addressOf(text)) && ipFamilyOf(addressOf(text)) === bad
  return [
    ...(isOnly(configuration.clusterCIDRs, bad) ? [`${cluster} clusterCIDRs contains only ${bad} addresses`] : []),
    ...(isOnly(node.podCIDRs, bad) ? [`${cluster} node.spec.podCIDRs contains only ${bad} addresses`] : []),
    ...(isBad(configuration.healthzBindAddress) ? [`${cluster} healthzBindAddress is ${bad}`] : []),
    ...(isBad(configuration.metricsBindAddress) ? [`${cluster} metricsBindAddress is ${bad}`] : []),
  ]
}

/** NodePorts on loopback that the configuration asks for but nobody serves. */
function loopbackWarnings(configuration: ProxyConfiguration): readonly string[] {
  const blocks = configuration.nodePortAddresses
  const asksIPv4 = blocks.some((block) => block.startsWith('127.'))
  const asksIPv6 = blocks.some((block) => /^(::1|0*:.*:0*1)\//.test(block))
  const start = '--nodeport-addresses includes localhost but'
  if (configuration.mode === 'nftables') return asksIPv4 || asksIPv6 ? [`${start} localhost NodePorts are not supported`] : []
  return [
    ...(asksIPv4 && !servesLocalhost(configuration) ? [`${start} --iptables-localhost-nodeports=false was passed`] : []),
    ...(asksIPv6 ? [`${start} localhost NodePorts are not supported on IPv6`] : []),
  ]
}

function detectorWarnings(configuration: ProxyConfiguration, node: ProxyNode, primary: IpFamily): readonly string[] {
  const lacks = (blocks: readonly string[]): boolean => !blocks.some((block) => ipFamilyOf(block) === primary)
  switch (configuration.detectLocalMode) {
    case 'ClusterCIDR':
      return lacks(configuration.clusterCIDRs)
        ? [`Detect-local-mode set to ClusterCIDR, but no cluster CIDR specified for primary IP family ${primary}`]
        : []
    case 'NodeCIDR':
      return lacks(node.podCIDRs)
        ? [`Detect-local-mode set to NodeCIDR, but no PodCIDR defined at node for primary IP family ${primary}`]
        : []
    case 'BridgeInterface':
    case 'InterfaceNamePrefix':
      return []
  }
}
