import type { Node } from '../../../generated/kubeTypes.js'
import type { IpFamily } from './address.js'
import { canonicalAddress, ipFamilyOf } from './address.js'
import type { NodePlace } from './topology.js'

/** What kube-proxy knows of the Node that it runs on. */
export interface ProxyNode extends NodePlace {
  /** Main address of each family; loopback where the Node has none. */
  readonly primary: Readonly<Record<IpFamily, string>>
  /** Every address of its devices, loopback included: where NodePorts may be asked for. */
  readonly addresses: readonly string[]
  readonly podCIDRs: readonly string[]
}

const UNSPECIFIED = ['', '0.0.0.0', '::']

/**
 * A Node's place, addresses and Pod blocks from its object. `deviceAddresses` are those of its kernel's devices; without them
 * the object's own addresses and loopback are taken.
 *
 * @param bindAddress of the configuration: unless unspecified, it stands in for the main address of its family.
 * Source: kubernetes pkg/util/node/node.go GetNodeHostIPs; cmd/kube-proxy/app/server.go detectNodeIPs
 */
export function proxyNodeOf(node: Node, deviceAddresses?: readonly string[], bindAddress = '0.0.0.0'): ProxyNode {
  const addresses = node.status?.addresses ?? []
  const ofType = (type: string): readonly string[] =>
    addresses.filter((each) => each.type === type).map((each) => canonicalAddress(each.address))
  const hostIPs = [...ofType('InternalIP'), ...ofType('ExternalIP')]
  const bound = UNSPECIFIED.includes(bindAddress) ? [] : [canonicalAddress(bindAddress)]
  const first = (family: IpFamily): string | undefined => [...bound, ...hostIPs].find((ip) => ipFamilyOf(ip) === family)
  const podCIDRs = node.spec?.podCIDRs ?? (node.spec?.podCIDR === undefined ? [] : [node.spec.podCIDR])
  return {
    name: node.metadata?.name ?? '',
    zone: node.metadata?.labels?.['topology.kubernetes.io/zone'] ?? '',
    primary: { IPv4: first('IPv4') ?? '127.0.0.1', IPv6: first('IPv6') ?? '::1' },
    addresses: deviceAddresses ?? ['127.0.0.1', '::1', ...ofType('InternalIP')],
    podCIDRs,
  }
}
