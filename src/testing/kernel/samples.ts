import type { EndpointSlice, Service, ServiceSpec } from '../../generated/kubeTypes.js'
import { IP_FAMILIES } from '../../sim/kube/proxy/address.js'
import { DEFAULT_PROXY_CONFIGURATION } from '../../sim/kube/proxy/configuration.js'
import { parseTables } from '../../sim/kube/proxy/install.js'
import { writeIptables } from '../../sim/kube/proxy/iptables/ruleset.js'
import { printNftables } from '../../sim/kube/proxy/nftables/print.js'
import { writeNftables } from '../../sim/kube/proxy/nftables/table.js'
import type { ProxyNode } from '../../sim/kube/proxy/node.js'
import { joinServices } from '../../sim/kube/proxy/objects.js'
import { layClient, layNode, layPod } from '../../sim/net/layout.js'
import { EMPTY_RULESET, setRuleset } from '../../sim/net/rules/ruleset.js'
import type { NetState } from '../../sim/net/state.js'
import { createNetState } from '../../sim/net/state.js'
import { listen } from '../../sim/net/topology.js'
import type { Probe } from './simulate.js'

export const CLIENT = 'client/203.0.113.7'
export const NODES = ['node1', 'node2', 'node3'] as const

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
    spec: { type: 'LoadBalancer', loadBalancerSourceRanges: ['203.0.113.0/28', '10.244.0.0/16'] },
    ip: '192.0.2.6',
    pods: ['a2'],
  },
  {
    name: 'barred',
    spec: { type: 'LoadBalancer', loadBalancerSourceRanges: ['198.51.100.0/24'] },
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
  { name: 'external', spec: { externalIPs: ['192.0.2.11'] }, pods: ['a2'] },
]

const clusterIP = (name: string): string => `10.96.0.${10 + SAMPLES.findIndex((each) => each.name === name)}`
const nodePort = (name: string): number => 30_000 + SAMPLES.findIndex((each) => each.name === name)

function objectsOf(sample: Sample): { readonly service: Service; readonly slice: EndpointSlice } {
  const { port, target, protocol } = sample.port ?? WEB
  const isExternal = sample.spec.type === 'NodePort' || sample.spec.type === 'LoadBalancer'
  const metadata = { name: sample.name, namespace: 'default' }
  return {
    service: {
      metadata,
      spec: {
        type: 'ClusterIP',
        ...sample.spec,
        clusterIP: clusterIP(sample.name),
        ports: [{ port, targetPort: target, protocol, ...(isExternal ? { nodePort: nodePort(sample.name) } : {}) }],
      },
      ...(sample.ip === undefined ? {} : { status: { loadBalancer: { ingress: [{ ip: sample.ip, ipMode: 'VIP' }] } } }),
    },
    slice: {
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': sample.name } },
      addressType: 'IPv4',
      ports: [{ name: '', port: target, protocol }],
      endpoints: sample.pods.map((pod) => ({ addresses: [POD_IP[pod]?.ip ?? ''], nodeName: POD_IP[pod]?.node ?? '' })),
    },
  }
}

const SERVICES = joinServices(
  SAMPLES.map((sample) => objectsOf(sample).service),
  SAMPLES.map((sample) => objectsOf(sample).slice),
)

const nodeAddress = (name: string): string => `172.18.0.${10 + Number(name.slice(4))}`

function proxyNode(name: string): ProxyNode {
  const address = nodeAddress(name)
  return { name, zone: '', primary: { IPv4: address }, addresses: ['127.0.0.1', address], podCIDRs: [] }
}

/** Three Nodes with three Pods and a client, without rules. */
export function layCluster(): NetState {
  const net = createNetState()
  const response = { status: 200, body: '', latencyUs: 0, servedBy: '' }
  for (const name of NODES) layNode(net, { name, addresses: [nodeAddress(name)], podCIDRs: [`10.244.${name.slice(4)}.0/24`] })
  for (const [name, { node, ip }] of Object.entries(POD_IP)) {
    layPod(net, { node, namespace: 'default', name, ips: [ip] })
    listen(net, pod(name), { proto: 'tcp', port: 8080, owner: name, response })
    listen(net, pod(name), { proto: 'udp', port: 5353, owner: name, response })
  }
  layClient(net, CLIENT.slice('client/'.length))
  // kube-proxy answers load balancers here.
  for (const name of NODES) listen(net, name, { proto: 'tcp', port: 32_000, owner: 'kube-proxy', response })
  return net
}

/** Gives every Node the rules of all samples. */
export function addIptables(net: NetState): void {
  for (const name of NODES) {
    const configuration = DEFAULT_PROXY_CONFIGURATION
    const rules = writeIptables({ family: 'IPv4', node: proxyNode(name), configuration, services: SERVICES })
    setRuleset(net, name, parseTables(rules.tables, EMPTY_RULESET))
  }
}

/** The same in nftables, as text for one Node. */
export function nftablesOf(name: string): string {
  const configuration = { ...DEFAULT_PROXY_CONFIGURATION, mode: 'nftables' as const }
  const input = { node: proxyNode(name), configuration, services: SERVICES, serviceCIDRs: ['10.96.0.0/16'] }
  return printNftables(IP_FAMILIES.map((family) => writeNftables({ ...input, family })))
}

export const pod = (name: string): string => `pod/default/${name}`
export const to = (name: string): Pick<Probe, 'ip' | 'port' | 'proto'> => ({ ip: clusterIP(name), port: 80, proto: 'tcp' })
const at = (node: number, name: string): Pick<Probe, 'ip' | 'port' | 'proto'> => ({
  ip: `172.18.0.${10 + node}`,
  port: nodePort(name),
  proto: 'tcp',
})
const balanced = (name: string, node: number): Pick<Probe, 'ip' | 'port' | 'proto' | 'deliverTo'> => ({
  ip: SAMPLES.find((each) => each.name === name)?.ip ?? '192.0.2.11',
  port: 80,
  proto: 'tcp',
  deliverTo: `node${node}`,
})

/** Connections from everywhere to everything. */
export const PROBES: readonly Probe[] = [
  { name: 'Pod to ClusterIP, both Nodes', from: pod('b1'), ...to('web') },
  { name: 'Pod to ClusterIP, its own Node', from: pod('b1'), ...to('one') },
  { name: 'Pod to ClusterIP, another Node', from: pod('a2'), ...to('one') },
  { name: 'Pod to itself through its ClusterIP', from: pod('a1'), ...to('one') },
  { name: 'Node to ClusterIP, its own Pod', from: 'node1', ...to('one') },
  { name: 'Node to ClusterIP, Pod elsewhere', from: 'node3', ...to('one') },
  { name: 'client to ClusterIP on a Node', from: CLIENT, ...to('one'), deliverTo: 'node2' },
  { name: 'client to NodePort, Node without Pod', from: CLIENT, ...at(3, 'one') },
  { name: 'client to NodePort, Node with the Pod', from: CLIENT, ...at(1, 'one') },
  { name: 'client to NodePort, both Nodes', from: CLIENT, ...at(1, 'web') },
  { name: 'Pod to NodePort of another Node', from: pod('a2'), ...at(3, 'one') },
  { name: 'Node to its own NodePort', from: 'node1', ...at(1, 'one') },
  { name: 'Node to NodePort on 127.0.0.1', from: 'node1', ip: '127.0.0.1', port: nodePort('one'), proto: 'tcp' },
  { name: 'Node to another Node’s NodePort', from: 'node2', ...at(3, 'one') },
  { name: 'NodePort, policy Local, Node with the Pod', from: CLIENT, ...at(1, 'local') },
  { name: 'NodePort, policy Local, Node without', from: CLIENT, ...at(3, 'local') },
  { name: 'NodePort, policy Local, from the Node without', from: 'node3', ...at(3, 'local') },
  { name: 'NodePort, policy Local, from a Pod to its own Node', from: pod('a2'), ...at(2, 'local') },
  { name: 'load balancer, policy Local, Node with the Pod', from: CLIENT, ...balanced('local', 1) },
  { name: 'load balancer, policy Local, Node without', from: CLIENT, ...balanced('local', 3) },
  { name: 'load balancer, policy Cluster', from: CLIENT, ...balanced('plain', 3) },
  { name: 'load balancer address from a Pod', from: pod('b1'), ...balanced('plain', 3) },
  { name: 'load balancer address from a Node', from: 'node3', ...balanced('plain', 3) },
  { name: 'source range allowed', from: CLIENT, ...balanced('guarded', 1) },
  { name: 'source range barred', from: CLIENT, ...balanced('barred', 1) },
  { name: 'source range, NodePort is not guarded', from: CLIENT, ...at(1, 'barred') },
  { name: 'health check port', from: CLIENT, ip: '172.18.0.13', port: 32_000, proto: 'tcp' },
  { name: 'external IP', from: CLIENT, ...balanced('external', 1) },
  { name: 'internal policy Local, with the Pod', from: pod('b1'), ...to('inside') },
  { name: 'internal policy Local, without', from: pod('a2'), ...to('inside') },
  { name: 'no endpoints, from a Pod', from: pod('a1'), ...to('none') },
  { name: 'no endpoints, from a Node', from: 'node2', ...to('none') },
  { name: 'no endpoints, NodePort', from: CLIENT, ...at(2, 'none') },
  { name: 'nobody listens', from: pod('a2'), ...to('closed') },
  { name: 'Pod to Pod, same Node', from: pod('a1'), ip: '10.244.1.3', port: 8080, proto: 'tcp' },
  { name: 'Pod to Pod, another Node', from: pod('a1'), ip: '10.244.2.2', port: 8080, proto: 'tcp' },
  { name: 'closed NodePort', from: CLIENT, ip: '172.18.0.11', port: 31_999, proto: 'tcp' },
  { name: 'UDP: Pod to ClusterIP', from: pod('a2'), ip: clusterIP('dns'), port: 53, proto: 'udp' },
  { name: 'UDP: Pod to itself', from: pod('a1'), ip: clusterIP('dns'), port: 53, proto: 'udp' },
  { name: 'UDP: client to NodePort', from: CLIENT, ip: '172.18.0.13', port: nodePort('dns'), proto: 'udp' },
]
