import type { Node } from '../../../generated/kubeTypes.js'
import type { IpFamily } from './address.js'
import { canonicalAddress, ipFamilyOf } from './address.js'
import type { NodePlace } from './topology.js'

/** What kube-proxy knows of the Node that it runs on. */
export interface ProxyNode extends NodePlace {
  /** Main address of each family, where the Node has one. */
  readonly primary: Readonly<Partial<Record<IpFamily, string>>>
  /** Every address of its devices, loopback included: where NodePorts may be asked for. */
  readonly addresses: readonly string[]
  readonly podCIDRs: readonly string[]
}

/**
 * A Node's place, addresses and Pod blocks from its object. `deviceAddresses` are those of its kernel's devices; without them
 * the object's own addresses and loopback are taken.
 *
 * Source: kubernetes pkg/util/node/node.go GetNodeHostIPs
 */
export function proxyNodeOf(node: Node, deviceAddresses?: readonly string[]): ProxyNode {
  const addresses = node.status?.addresses ?? []
  const ofType = (type: string): readonly string[] =>
    addresses.filter((each) => each.type === type).map((each) => canonicalAddress(each.address))
  const hostIPs = [...ofType('InternalIP'), ...ofType('ExternalIP')]
  const first = (family: IpFamily): string | undefined => hostIPs.find((ip) => ipFamilyOf(ip) === family)
  const primary: Partial<Record<IpFamily, string>> = {}
  const v4 = first('IPv4')
  const v6 = first('IPv6')
  if (v4 !== undefined) primary.IPv4 = v4
  if (v6 !== undefined) primary.IPv6 = v6
  const podCIDRs = node.spec?.podCIDRs ?? (node.spec?.podCIDR === undefined ? [] : [node.spec.podCIDR])
  return {
    name: node.metadata?.name ?? '',
    zone: node.metadata?.labels?.['topology.kubernetes.io/zone'] ?? '',
    primary,
    addresses: deviceAddresses ?? ['127.0.0.1', '::1', ...ofType('InternalIP')],
    podCIDRs,
  }
}
