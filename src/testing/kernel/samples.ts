import type { EndpointSlice, Service, ServiceSpec } from '../../generated/kubeTypes.js'
import type { IpFamily } from '../../sim/kube/proxy/address.js'
import { familyNumber, IP_FAMILIES } from '../../sim/kube/proxy/address.js'
import { DEFAULT_PROXY_CONFIGURATION } from '../../sim/kube/proxy/configuration.js'
import { parseTables } from '../../sim/kube/proxy/install.js'
import { writeIptables } from '../../sim/kube/proxy/iptables/ruleset.js'
import { printNftables } from '../../sim/kube/proxy/nftables/print.js'
import { writeNftables } from '../../sim/kube/proxy/nftables/table.js'
import type { ProxyNode } from '../../sim/kube/proxy/node.js'
import type { ServiceAndSlices } from '../../sim/kube/proxy/objects.js'
import { joinServices } from '../../sim/kube/proxy/objects.js'
import { layClient, layNode, layPod } from '../../sim/net/layout.js'
import { parseNftRuleset, setNftRuleset } from '../../sim/net/nft/ruleset.js'
import { EMPTY_RULESET, setRuleset } from '../../sim/net/rules/ruleset.js'
import type { NetState } from '../../sim/net/state.js'
import { createNetState } from '../../sim/net/state.js'
import { listen } from '../../sim/net/topology.js'
import type { Probe } from './simulate.js'

export const NODES = ['node1', 'node2', 'node3'] as const

/** IPv6 counterparts of the networks that the samples use; the last part of an address stays. */
const NETWORKS: readonly (readonly [RegExp, string])[] = [
  [/^10\.96\.0\.(\d+)/, 'fd00:10:96::$1'],
  [/^10\.244\.0\.0\/16/, 'fd00:10:244::/56'],
  [/^10\.244\.(\d+)\.0\/24/, 'fd00:10:244:$1::/64'],
  [/^10\.244\.(\d+)\.(\d+)/, 'fd00:10:244:$1::$2'],
  [/^172\.18\.0\.(\d+)/, 'fc00:f853:ccd:e793::$1'],
  [/^203\.0\.113\.0\/28/, '2001:db8::/124'],
  [/^203\.0\.113\.(\d+)/, '2001:db8::$1'],
  [/^198\.51\.100\.0\/24/, '2001:db8:198::/64'],
  [/^198\.51\.100\.(\d+)/, '2001:db8:198::$1'],
  [/^192\.0\.2\.(\d+)/, '2001:db8:2::$1'],
  [/^127\.0\.0\.1/, '::1'],
]

/** An address or block of the samples in a family. */
export function inFamily(family: IpFamily, ipv4: string): string {
  if (family === 'IPv4') return ipv4
  const network = NETWORKS.find(([pattern]) => pattern.test(ipv4))
  if (network === undefined) throw new Error(`no IPv6 counterpart of ${ipv4}`)
  return ipv4.replace(network[0], network[1])
}

const both = (ipv4: string): readonly string[] => IP_FAMILIES.map((family) => inFamily(family, ipv4))

export const client = (family: IpFamily): string => `client/${inFamily(family, '203.0.113.7')}`

interface Sample {
  readonly name: string
  readonly spec: ServiceSpec
  readonly ip?: string
  /** Pods behind it. */
  readonly pods: readonly string[]
  readonly port?: { readonly port: number; readonly target: number; readonly protocol: 'TCP' | 'UDP' }
}

const POD_IP: Readonly<Record<string, { readonly node: string; readonly ip: string }>> = {
  a1: { node: 'node1', ip: '10.244.1.2' },
  b1: { node: 'node1', ip: '10.244.1.3' },
  a2: { node: 'node2', ip: '10.244.2.2' },
  a3: { node: 'node3', ip: '10.244.3.2' },
}

const WEB = { port: 80, target: 8080, protocol: 'TCP' } as const

const SAMPLES: readonly Sample[] = [
  { name: 'web', spec: { type: 'NodePort' }, pods: ['a1', 'a2'] },
  { name: 'one', spec: { type: 'NodePort' }, pods: ['a1'] },
  {
    name: 'local',
    spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 32_000 },
    ip: '192.0.2.3',
    pods: ['a1'],
  },
  { name: 'inside', spec: { internalTrafficPolicy: 'Local' }, pods: ['a1'] },
  { name: 'none', spec: { type: 'NodePort' }, pods: [] },
  {
    name: 'guarded',
    spec: { type: 'LoadBalancer', loadBalancerSourceRanges: [...both('203.0.113.0/28'), ...both('10.244.0.0/16')] },
    ip: '192.0.2.6',
    pods: ['a2'],
  },
  {
    name: 'barred',
    spec: { type: 'LoadBalancer', loadBalancerSourceRanges: both('198.51.100.0/24') },
    ip: '192.0.2.7',
    pods: ['a2'],
  },
  { name: 'plain', spec: { type: 'LoadBalancer' }, ip: '192.0.2.8', pods: ['a1', 'a2'] },
  { name: 'dns', spec: { type: 'NodePort' }, pods: ['a1'], port: { port: 53, target: 5353, protocol: 'UDP' } },
  { name: 'closed', spec: {}, pods: ['a1'], port: { port: 80, target: 9999, protocol: 'TCP' } },
  {
    name: 'sticky',
    spec: { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 2 } } },
    pods: ['a1', 'a2'],
  },
  { name: 'external', spec: { externalIPs: both('192.0.2.11') }, pods: ['a2'] },
  { name: 'three', spec: {}, pods: ['a1', 'a2', 'a3'] },
]

const clusterIP = (name: string): string => `10.96.0.${10 + SAMPLES.findIndex((each) => each.name === name)}`
const nodePort = (name: string): number => 30_000 + SAMPLES.findIndex((each) => each.name === name)

function serviceOf(sample: Sample): Service {
  const { port, target, protocol } = sample.port ?? WEB
  const isExternal = sample.spec.type === 'NodePort' || sample.spec.type === 'LoadBalancer'
  const ingress = sample.ip === undefined ? [] : both(sample.ip).map((ip) => ({ ip, ipMode: 'VIP' }))
  return {
    metadata: { name: sample.name, namespace: 'default' },
    spec: {
      type: 'ClusterIP',
      ...sample.spec,
      clusterIP: clusterIP(sample.name),
      clusterIPs: both(clusterIP(sample.name)),
      ipFamilies: IP_FAMILIES,
      ports: [{ port, targetPort: target, protocol, ...(isExternal ? { nodePort: nodePort(sample.name) } : {}) }],
    },
    ...(ingress.length === 0 ? {} : { status: { loadBalancer: { ingress } } }),
  }
}

function sliceOf(sample: Sample, family: IpFamily): EndpointSlice {
  const { target, protocol } = sample.port ?? WEB
  const name = `${sample.name}-${family.toLowerCase()}`
  return {
    metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': sample.name } },
    addressType: family,
    ports: [{ name: '', port: target, protocol }],
    endpoints: sample.pods.map((pod) => ({
      addresses: [inFamily(family, POD_IP[pod]?.ip ?? '')],
      nodeName: POD_IP[pod]?.node ?? '',
    })),
  }
}

const SERVICES = joinServices(
  SAMPLES.map(serviceOf),
  SAMPLES.flatMap((sample) => IP_FAMILIES.map((family) => sliceOf(sample, family))),
)

const nodeAddress = (name: string): string => `172.18.0.${10 + Number(name.slice(4))}`

function proxyNode(name: string): ProxyNode {
  const [ipv4 = '', ipv6 = ''] = both(nodeAddress(name))
  return { name, zone: '', primary: { IPv4: ipv4, IPv6: ipv6 }, addresses: ['127.0.0.1', '::1', ipv4, ipv6], podCIDRs: [] }
}

/** Three Nodes with four Pods and a client of each family, without rules. */
export function layCluster(): NetState {
  const net = createNetState()
  const response = { status: 200, body: '', latencyUs: 0, servedBy: '' }
  for (const name of NODES)
    layNode(net, { name, addresses: both(nodeAddress(name)), podCIDRs: both(`10.244.${name.slice(4)}.0/24`) })
  for (const [name, { node, ip }] of Object.entries(POD_IP)) {
    layPod(net, { node, namespace: 'default', name, ips: both(ip) })
    listen(net, pod(name), { proto: 'tcp', port: 8080, owner: name, response })
    listen(net, pod(name), { proto: 'udp', port: 5353, owner: name, response })
  }
  for (const family of IP_FAMILIES) layClient(net, client(family).slice('client/'.length))
  // kube-proxy answers load balancers here.
  for (const name of NODES) listen(net, name, { proto: 'tcp', port: 32_000, owner: 'kube-proxy', response })
  return net
}

const CONFIGURATION = { ...DEFAULT_PROXY_CONFIGURATION, clusterCIDRs: both('10.244.0.0/16') }

/** Gives every Node the rules of all samples, and of what else there is. */
export function addIptables(net: NetState, more: readonly ServiceAndSlices[] = []): void {
  for (const name of NODES) {
    for (const family of IP_FAMILIES) {
      const rules = writeIptables({
        family,
        node: proxyNode(name),
        configuration: CONFIGURATION,
        services: [...SERVICES, ...more],
      })
      setRuleset(net, name, parseTables(rules.tables, EMPTY_RULESET), familyNumber(family))
    }
  }
}

/** The same in nftables, as text for one Node. */
export function nftablesOf(name: string, more: readonly ServiceAndSlices[] = []): string {
  const configuration = { ...CONFIGURATION, mode: 'nftables' as const }
  const input = {
    node: proxyNode(name),
    configuration,
    services: [...SERVICES, ...more],
    serviceCIDRs: ['10.96.0.0/16', 'fd00:10:96::/112'],
  }
  return printNftables(IP_FAMILIES.map((family) => writeNftables({ ...input, family })))
}

/** Gives every Node the same rules in nftables. */
export function addNftables(net: NetState, more: readonly ServiceAndSlices[] = []): void {
  for (const name of NODES) {
    const parsed = parseNftRuleset(nftablesOf(name, more))
    if (!parsed.ok) throw new Error(`${name}: line ${parsed.error.line}: ${parsed.error.message}`)
    setNftRuleset(net, name, parsed.value)
  }
}

export const pod = (name: string): string => `pod/default/${name}`

type Destination = Pick<Probe, 'ip' | 'port' | 'proto' | 'deliverTo'>

export function to(family: IpFamily, name: string): Destination {
  return { ip: inFamily(family, clusterIP(name)), port: 80, proto: 'tcp' }
}

/** Connections from everywhere to everything, over one family. */
export function probesOver(family: IpFamily): readonly Probe[] {
  const from = client(family)
  const ip = (text: string): string => inFamily(family, text)
  const at = (node: number, name: string): Destination => ({
    ip: ip(`172.18.0.${10 + node}`),
    port: nodePort(name),
    proto: 'tcp',
  })
  const balanced = (name: string, node: number): Destination => ({
    ip: ip(SAMPLES.find((each) => each.name === name)?.ip ?? '192.0.2.11'),
    port: 80,
    proto: 'tcp',
    deliverTo: `node${node}`,
  })
  const into = (name: string): Destination => to(family, name)
  const udp = (text: string, port: number): Destination => ({ ip: ip(text), port, proto: 'udp' })
  const probe = (name: string, sender: string, destination: Destination): Probe => ({
    name: `${family}: ${name}`,
    from: sender,
    ...destination,
  })
  return [
    probe('Pod to ClusterIP, both Nodes', pod('b1'), into('web')),
    probe('Pod to ClusterIP, its own Node', pod('b1'), into('one')),
    probe('Pod to ClusterIP, another Node', pod('a2'), into('one')),
    probe('Pod to itself through its ClusterIP', pod('a1'), into('one')),
    probe('Node to ClusterIP, its own Pod', 'node1', into('one')),
    probe('Node to ClusterIP, Pod elsewhere', 'node3', into('one')),
    probe('client to ClusterIP on a Node', from, { ...into('one'), deliverTo: 'node2' }),
    probe('client to NodePort, Node without Pod', from, at(3, 'one')),
    probe('client to NodePort, Node with the Pod', from, at(1, 'one')),
    probe('client to NodePort, both Nodes', from, at(1, 'web')),
    probe('Pod to NodePort of another Node', pod('a2'), at(3, 'one')),
    probe('Node to its own NodePort', 'node1', at(1, 'one')),
    probe('Node to NodePort on loopback', 'node1', { ip: ip('127.0.0.1'), port: nodePort('one'), proto: 'tcp' }),
    probe('Node to another Node’s NodePort', 'node2', at(3, 'one')),
    probe('NodePort, policy Local, Node with the Pod', from, at(1, 'local')),
    probe('NodePort, policy Local, Node without', from, at(3, 'local')),
    probe('NodePort, policy Local, from the Node without', 'node3', at(3, 'local')),
    probe('NodePort, policy Local, from a Pod to its own Node', pod('a2'), at(2, 'local')),
    probe('load balancer, policy Local, Node with the Pod', from, balanced('local', 1)),
    probe('load balancer, policy Local, Node without', from, balanced('local', 3)),
    probe('load balancer, policy Cluster', from, balanced('plain', 3)),
    probe('load balancer address from a Pod', pod('b1'), balanced('plain', 3)),
    probe('load balancer address from a Node', 'node3', balanced('plain', 3)),
    probe('source range allowed', from, balanced('guarded', 1)),
    probe('source range barred', from, balanced('barred', 1)),
    probe('source range, NodePort is not guarded', from, at(1, 'barred')),
    probe('health check port', from, { ip: ip('172.18.0.13'), port: 32_000, proto: 'tcp' }),
    probe('external IP', from, balanced('external', 1)),
    probe('internal policy Local, with the Pod', pod('b1'), into('inside')),
    probe('internal policy Local, without', pod('a2'), into('inside')),
    probe('no endpoints, from a Pod', pod('a1'), into('none')),
    probe('no endpoints, from a Node', 'node2', into('none')),
    probe('no endpoints, NodePort', from, at(2, 'none')),
    probe('a port that the Service has not', pod('a1'), { ...into('three'), port: 81 }),
    probe('nobody listens', pod('a2'), into('closed')),
    probe('Pod to Pod, same Node', pod('a1'), { ip: ip('10.244.1.3'), port: 8080, proto: 'tcp' }),
    probe('Pod to Pod, another Node', pod('a1'), { ip: ip('10.244.2.2'), port: 8080, proto: 'tcp' }),
    probe('closed NodePort', from, { ip: ip('172.18.0.11'), port: 31_999, proto: 'tcp' }),
    probe('UDP: Pod to ClusterIP', pod('a2'), udp(clusterIP('dns'), 53)),
    probe('UDP: Pod to itself', pod('a1'), udp(clusterIP('dns'), 53)),
    probe('UDP: client to NodePort', from, udp('172.18.0.13', nodePort('dns'))),
  ]
}
