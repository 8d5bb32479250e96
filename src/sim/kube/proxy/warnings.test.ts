import { describe, expect, it } from 'vitest'
import type { ProxyNode } from './node.js'
import { readProxyConfiguration } from './readConfiguration.js'
import { warningsOf } from './warnings.js'

const V4: ProxyNode = {
  name: 'node1',
  zone: '',
  primary: { IPv4: '172.18.0.11', IPv6: '::1' },
  addresses: [],
  podCIDRs: ['10.244.1.0/24'],
}
const DUAL: ProxyNode = { ...V4, primary: { IPv4: '172.18.0.11', IPv6: 'fc00::11' }, podCIDRs: ['10.244.1.0/24', 'fd00:1::/64'] }
const V6: ProxyNode = { ...V4, primary: { IPv4: '127.0.0.1', IPv6: 'fc00::11' }, podCIDRs: ['fd00:1::/64'] }
const CIDR = { clusterCIDR: '10.244.0.0/16' }
const UNSET =
  'nodePortAddresses is unset; NodePort connections will be accepted on all local IPs. Consider using `--nodeport-addresses primary`'

describe('what kube-proxy warns of', () => {
  it.each<[string, ProxyNode, Readonly<Record<string, unknown>>, readonly string[]]>([
    ['the default', V4, CIDR, [UNSET]],
    ['primary', V4, { ...CIDR, nodePortAddresses: ['primary'] }, []],
    ['nftables, which takes the main address by itself', V4, { ...CIDR, mode: 'nftables' }, []],
    ['primary of both', DUAL, { clusterCIDR: '10.244.0.0/16,fd00::/48', nodePortAddresses: ['primary'] }, []],
    [
      'one family of two',
      DUAL,
      { ...CIDR, nodePortAddresses: ['172.18.0.0/16'] },
      [
        'cluster appears to be dual-stack but nodePortAddresses contains only IPv4 addresses; NodePort connections will be accepted on all local IPv6 IPs',
      ],
    ],
    [
      'the other family',
      V4,
      { ...CIDR, nodePortAddresses: ['fc00::/16'] },
      [
        'cluster appears to be IPv4-primary but nodePortAddresses contains only IPv6 addresses; NodePort connections will be accepted on all local IPv4 IPs',
      ],
    ],
    [
      'a cluster CIDR of the other family',
      V6,
      { ...CIDR, bindAddress: '::', healthzBindAddress: '127.0.0.1:10256', nodePortAddresses: ['fc00::/16'] },
      [
        'cluster is IPv6-primary but clusterCIDRs contains only IPv4 addresses',
        'cluster is IPv6-primary but healthzBindAddress is IPv4',
        'Detect-local-mode set to ClusterCIDR, but no cluster CIDR specified for primary IP family IPv6',
      ],
    ],
    [
      'no cluster CIDR',
      V4,
      { nodePortAddresses: ['primary'] },
      ['Detect-local-mode set to ClusterCIDR, but no cluster CIDR specified for primary IP family IPv4'],
    ],
    [
      'loopback that is switched off',
      V4,
      { ...CIDR, nodePortAddresses: ['127.0.0.0/8', '172.18.0.0/16'], iptables: { localhostNodePorts: false } },
      ['--nodeport-addresses includes localhost but --iptables-localhost-nodeports=false was passed'],
    ],
    ['loopback that is on', V4, { ...CIDR, nodePortAddresses: ['127.0.0.0/8'] }, []],
    [
      'loopback of IPv6',
      DUAL,
      { ...CIDR, nodePortAddresses: ['172.18.0.0/16', '::1/128'] },
      ['--nodeport-addresses includes localhost but localhost NodePorts are not supported on IPv6'],
    ],
    [
      'loopback in nftables mode',
      V4,
      { ...CIDR, mode: 'nftables', nodePortAddresses: ['127.0.0.0/8'] },
      ['--nodeport-addresses includes localhost but localhost NodePorts are not supported'],
    ],
    [
      'NodeCIDR without blocks',
      { ...V4, podCIDRs: [] },
      { detectLocalMode: 'NodeCIDR', nodePortAddresses: ['primary'] },
      ['Detect-local-mode set to NodeCIDR, but no PodCIDR defined at node for primary IP family IPv4'],
    ],
    [
      'ipvs',
      V4,
      { ...CIDR, mode: 'ipvs', nodePortAddresses: ['primary'] },
      ["The ipvs proxier is now deprecated and may be removed in a future release. Please use 'nftables' instead."],
    ],
  ])('[PW1] %s', (_name, node, document, warnings) => {
    expect(warningsOf(readProxyConfiguration(document).configuration, node)).toEqual(warnings)
  })
})
