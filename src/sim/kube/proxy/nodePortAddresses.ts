import { parsePrefix, prefixHolds } from '../../net/address.js'
import type { IpFamily } from './address.js'
import { ipFamilyOf } from './address.js'
import type { ProxyConfiguration } from './configuration.js'
import { servesLocalhost } from './configuration.js'
import type { ProxyNode } from './node.js'

/**
 * The Node's addresses of a family that take NodePorts; undefined when every local address does.
 *
 * Source: kubernetes pkg/proxy/util/nodeport_addresses.go NewNodePortAddresses, GetNodeIPs; the loop over them in pkg/proxy/iptables/proxier.go
 */
export function nodePortAddressesOf(
  configuration: ProxyConfiguration,
  family: IpFamily,
  node: ProxyNode,
): readonly string[] | undefined {
  const asked = configuration.nodePortAddresses
  if (asked.length === 1 && asked[0] === 'primary') {
    const primary = node.primary[family]
    return primary === undefined ? undefined : [primary]
  }
  const prefixes = asked
    .filter((block) => ipFamilyOf(block) === family)
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
