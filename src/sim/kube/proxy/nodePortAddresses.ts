import { parsePrefix, prefixHolds } from '../../net/address.js'
import type { IpFamily } from './address.js'
import { ipFamilyOf } from './address.js'
import type { ProxyConfiguration } from './configuration.js'
import { servesLocalhost } from './configuration.js'
import type { ProxyNode } from './node.js'

/**
 * The configuration as NodePorts of its mode see it: nftables takes the Node's main addresses alone unless told otherwise, and never
 * loopback.
 *
 * Source: kubernetes cmd/kube-proxy/app/server_linux.go platformApplyDefaults
 */
export function nodePortSettings(configuration: ProxyConfiguration): ProxyConfiguration {
  if (configuration.mode !== 'nftables') return configuration
  const asked = configuration.nodePortAddresses
  return { ...configuration, nodePortAddresses: asked.length === 0 ? ['primary'] : asked, localhostNodePorts: false }
}

const LOOPBACKS = ['127.0.0.1', '::1']

/**
 * The Node's addresses of a family that take NodePorts; undefined when every local address does.
 *
 * Source: kubernetes pkg/proxy/util/nodeport_addresses.go NewNodePortAddresses, GetNodeIPs; cmd/kube-proxy/app/server.go newProxyServer;
 * the loop over them in pkg/proxy/iptables/proxier.go
 */
export function nodePortAddressesOf(
  configuration: ProxyConfiguration,
  family: IpFamily,
  node: ProxyNode,
): readonly string[] | undefined {
  const prefixes = configuration.nodePortAddresses
    .map((block) => (block === 'primary' ? node.primary[family] : block))
    // A Node without an address of the family has none to restrict NodePorts to.
    .filter((block) => ipFamilyOf(block) === family && !LOOPBACKS.includes(block))
    .map((block) => parsePrefix(block))
    .filter((prefix) => prefix !== undefined)
  if (prefixes.length === 0 || prefixes.some((prefix) => prefix.length === 0)) return undefined
  const isUsable = (ip: string): boolean => {
    if (ip === '::1') return false
    return !ip.startsWith('127.') || servesLocalhost(configuration)
  }
  const local = node.addresses.filter((ip) => ipFamilyOf(ip) === family && isUsable(ip))
  return prefixes
    .flatMap((prefix) => local.filter((ip) => prefixHolds(prefix, ip)))
    .filter((ip, index, all) => all.indexOf(ip) === index)
}
