import type { Endpoint, EndpointSlice, Service, ServiceSpec } from '../../generated/kubeTypes.js'
import type { IpFamily } from '../../sim/kube/proxy/address.js'
import { familyNumber, IP_FAMILIES } from '../../sim/kube/proxy/address.js'
import type { ProxyConfiguration } from '../../sim/kube/proxy/configuration.js'
import { DEFAULT_PROXY_CONFIGURATION, servesLocalhost } from '../../sim/kube/proxy/configuration.js'
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
import { listen, setSysctls } from '../../sim/net/topology.js'
import type { Dice } from './dice.js'
import { diceFrom } from './dice.js'
import { inFamily, NODES, pod } from './samples.js'
import type { Probe } from './simulate.js'

/** A cluster of random Services under a random configuration of kube-proxy, and connections in it from anywhere to anything. */
export interface RandomCluster {
  readonly configuration: ProxyConfiguration
  readonly services: readonly ServiceAndSlices[]
  readonly probes: readonly Probe[]
}

const CLIENTS = ['203.0.113.7', '198.51.100.9'] as const
const PODS = {
  a1: { node: 'node1', ip: '10.244.1.2' },
  b1: { node: 'node1', ip: '10.244.1.3' },
  a2: { node: 'node2', ip: '10.244.2.2' },
  b2: { node: 'node2', ip: '10.244.2.3' },
  a3: { node: 'node3', ip: '10.244.3.2' },
} as const
const NODE_IP = { node1: '172.18.0.11', node2: '172.18.0.12', node3: '172.18.0.13' } as const
/** Where something may be behind a Service: Pods of the cluster, and of the network of a Node. */
const BACKENDS = [...Object.values(PODS), { node: 'node2', ip: NODE_IP.node2 }, { node: 'node3', ip: NODE_IP.node3 }] as const
const ZONES: Readonly<Record<string, string>> = { node1: 'a', node2: 'b', node3: 'b' }

const both = (ipv4: string): readonly string[] => IP_FAMILIES.map((family) => inFamily(family, ipv4))

const PORTS = [
  { name: 'web', port: 80, targetPort: 8_080, protocol: 'TCP' },
  { name: 'dns', port: 53, targetPort: 5_353, protocol: 'UDP' },
  { name: 'shut', port: 81, targetPort: 9_999, protocol: 'TCP' },
  { name: 'both', port: 53, targetPort: 8_080, protocol: 'TCP' },
] as const

function randomSpec(dice: Dice, index: number): ServiceSpec {
  const type = dice.one(['ClusterIP', 'NodePort', 'NodePort', 'LoadBalancer', 'LoadBalancer'])
  const isExternal = type !== 'ClusterIP'
  const isBalanced = type === 'LoadBalancer'
  const chosen = dice.some(PORTS, 0.45)
  const ports = chosen.length === 0 ? [PORTS[0]] : chosen
  const ranges = dice.some(['203.0.113.0/28', '198.51.100.0/24', '10.244.0.0/16', '172.18.0.11'], 0.4)
  const takesNodePort = isExternal && !(isBalanced && dice.chance(0.2))
  return {
    type,
    clusterIP: `10.96.0.${10 + index}`,
    clusterIPs: both(`10.96.0.${10 + index}`),
    ipFamilies: IP_FAMILIES,
    ports: ports.map((port, at) => ({ ...port, ...(takesNodePort ? { nodePort: 30_000 + index * 10 + at } : {}) })),
    internalTrafficPolicy: dice.chance(0.25) ? 'Local' : 'Cluster',
    ...(isExternal || dice.chance(0.5) ? { externalTrafficPolicy: dice.chance(0.4) ? 'Local' : 'Cluster' } : {}),
    ...(dice.chance(0.3) ? { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } } } : {}),
    ...(dice.chance(0.3) ? { externalIPs: both(`192.0.2.${100 + index}`) } : {}),
    ...(isBalanced && dice.chance(0.5)
      ? { loadBalancerSourceRanges: ranges.flatMap((range) => (range.includes('/') ? both(range) : both(range).map(single))) }
      : {}),
    ...(dice.chance(0.2) ? { trafficDistribution: 'PreferClose' } : {}),
  }
}

const single = (ip: string): string => `${ip}/${ip.includes(':') ? 128 : 32}`

function randomEndpoints(dice: Dice): readonly Endpoint[] {
  const hinted = dice.chance(0.2)
  return dice.some(BACKENDS, dice.one([0, 0.25, 0.5, 0.8])).map(({ ip, node }) => {
    const terminating = dice.chance(0.25)
    const serving = dice.chance(0.8)
    return {
      addresses: [ip],
      ...(dice.chance(0.95) ? { nodeName: node } : {}),
      conditions: { ready: serving && !terminating, serving, terminating },
      ...(hinted ? { hints: { forZones: [{ name: ZONES[node] ?? '' }] } } : {}),
    }
  })
}

function randomService(dice: Dice, index: number): { readonly service: Service; readonly slices: readonly EndpointSlice[] } {
  const name = `svc-${index}`
  const spec = randomSpec(dice, index)
  const ipMode = dice.chance(0.15) ? 'Proxy' : 'VIP'
  const ingress = spec.type === 'LoadBalancer' ? both(`192.0.2.${10 + index}`).map((ip) => ({ ip, ipMode })) : []
  const endpoints = randomEndpoints(dice)
  const slices = IP_FAMILIES.map(
    (family): EndpointSlice => ({
      metadata: { name: `${name}-${family.toLowerCase()}`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
      addressType: family,
      ports: (spec.ports ?? []).map(({ name: port, targetPort, protocol }) => ({
        name: port ?? '',
        port: Number(targetPort),
        protocol: protocol ?? 'TCP',
      })),
      endpoints: endpoints.map((each) => ({ ...each, addresses: each.addresses.map((ip) => inFamily(family, ip)) })),
    }),
  )
  const service: Service = { metadata: { name, namespace: 'default' }, spec, status: { loadBalancer: { ingress } } }
  return { service, slices }
}

function randomConfiguration(dice: Dice): ProxyConfiguration {
  const isPlain = dice.chance(0.4)
  if (isPlain) return { ...DEFAULT_PROXY_CONFIGURATION, clusterCIDRs: both('10.244.0.0/16') }
  return {
    ...DEFAULT_PROXY_CONFIGURATION,
    clusterCIDRs: dice.chance(0.3) ? [] : both('10.244.0.0/16'),
    detectLocalMode: dice.one(['ClusterCIDR', 'ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix']),
    bridgeInterface: 'cni0',
    interfaceNamePrefix: dice.one(['cni', 'veth']),
    masqueradeAll: dice.chance(0.3),
    masqueradeBit: dice.one([14, 15, 0, 31]),
    localhostNodePorts: dice.chance(0.6),
    nodePortAddresses: dice.one<readonly string[]>([
      [],
      [],
      ['primary'],
      ['172.18.0.0/24', 'fc00:f853:ccd:e793::/64'],
      ['127.0.0.0/8', '::1/128'],
      ['10.244.0.0/16'],
    ]),
  }
}

function randomProbe(dice: Dice, services: readonly ServiceAndSlices[], family: IpFamily): Probe | undefined {
  const ip = (text: string): string => inFamily(family, text)
  const own = dice.one(['node1', 'node2', 'node3'] as const)
  const pods = ['a1', 'b1', 'a2', 'b2', 'a3'] as const
  const from = dice.one<string>([
    `client/${ip(dice.one(CLIENTS))}`,
    `client/${ip(dice.one(CLIENTS))}`,
    own,
    pod(dice.one(pods)),
    pod(dice.one(pods)),
  ])
  const { service } = services[Math.floor(services.length * dice.one([0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9]))] ?? {}
  const port = dice.one((service?.spec?.ports ?? []) as unknown as readonly [NonNullable<ServiceSpec['ports']>[number]])
  const cluster = ip(service?.spec?.clusterIP ?? '')
  const proto = port.protocol === 'UDP' ? 'udp' : 'tcp'
  const deliverTo = dice.one(['node1', 'node2', 'node3'] as const)
  const what = dice.one(['cluster', 'cluster', 'node', 'node', 'balancer', 'external', 'pod', 'wrong', 'loopback', 'bridge'])
  const probe = (to: string, at: number | undefined, delivered = false): Probe | undefined =>
    at === undefined
      ? undefined
      : {
          name: `${family}: ${from} > ${to} ${at}/${proto} (${what} of ${service?.metadata?.name}${delivered ? `, at ${deliverTo}` : ''})`,
          from,
          proto,
          ip: to,
          port: at,
          ...(delivered ? { deliverTo } : {}),
        }
  switch (what) {
    case 'cluster':
      return probe(cluster, port.port, true)
    case 'node':
      return probe(ip(NODE_IP[dice.one(['node1', 'node2', 'node3'] as const)]), port.nodePort)
    case 'balancer': {
      const ingress = service?.status?.loadBalancer?.ingress?.map((each) => each.ip ?? '') ?? []
      const address = ingress.find((each) => each.includes(':') === (family === 'IPv6'))
      return address === undefined ? undefined : probe(address, dice.chance(0.9) ? port.port : 82, true)
    }
    case 'external': {
      const address = service?.spec?.externalIPs?.find((each) => each.includes(':') === (family === 'IPv6'))
      return address === undefined ? undefined : probe(address, dice.chance(0.9) ? port.port : 82, true)
    }
    case 'pod':
      return probe(ip(PODS[dice.one(pods)].ip), Number(port.targetPort))
    case 'wrong':
      return probe(cluster, 82, true)
    case 'loopback':
      return from === own ? probe(ip('127.0.0.1'), port.nodePort) : undefined
    default:
      return probe(ip(`10.244.${dice.one([1, 2, 3])}.1`), port.nodePort)
  }
}

/** The cluster of a seed, with this many connections. */
export function randomCluster(seed: number, count: number): RandomCluster {
  const dice = diceFrom(seed)
  const made = Array.from({ length: 7 }, (_, index) => randomService(dice, index))
  const services = joinServices(
    made.map(({ service }) => service),
    made.flatMap(({ slices }) => slices),
  )
  const configuration = randomConfiguration(dice)
  const probes: Probe[] = []
  while (probes.length < count) {
    const probe = randomProbe(dice, services, dice.one(['IPv4', 'IPv4', 'IPv6']))
    if (probe !== undefined) probes.push(probe)
  }
  return { configuration, services, probes }
}

function proxyNode(name: (typeof NODES)[number]): ProxyNode {
  const [ipv4 = '', ipv6 = ''] = both(NODE_IP[name])
  const number = name.slice(4)
  return {
    name,
    zone: ZONES[name] ?? '',
    primary: { IPv4: ipv4, IPv6: ipv6 },
    addresses: ['127.0.0.1', '::1', ipv4, ipv6, ...both(`10.244.${number}.1`)],
    podCIDRs: both(`10.244.${number}.0/24`),
  }
}

/** The network of such a cluster with the rules of one proxy, and the nftables text of each Node. */
export function layRandomCluster(
  { configuration, services }: RandomCluster,
  proxy: 'iptables' | 'nftables',
): { readonly net: NetState; readonly nftables: ReadonlyMap<string, string> } {
  const net = createNetState()
  const response = { status: 200, body: '', latencyUs: 0, servedBy: '' }
  const chosen = { ...configuration, mode: proxy }
  const serve = (host: string): void => {
    listen(net, host, { proto: 'tcp', port: 8_080, owner: host, response })
    listen(net, host, { proto: 'udp', port: 5_353, owner: host, response })
  }
  for (const name of NODES) layNode(net, { name, addresses: both(NODE_IP[name]), podCIDRs: both(`10.244.${name.slice(4)}.0/24`) })
  for (const [name, { node, ip }] of Object.entries(PODS)) {
    layPod(net, { node, namespace: 'default', name, ips: both(ip) })
    serve(pod(name))
  }
  for (const name of ['node2', 'node3']) serve(name)
  for (const each of CLIENTS) for (const family of IP_FAMILIES) layClient(net, inFamily(family, each))
  const nftables = new Map<string, string>()
  for (const name of NODES) {
    setSysctls(net, name, { routeLocalnet: servesLocalhost(chosen) })
    const input = { node: proxyNode(name), configuration: chosen, services, serviceCIDRs: ['10.96.0.0/16', 'fd00:10:96::/112'] }
    if (proxy === 'iptables')
      for (const family of IP_FAMILIES)
        setRuleset(net, name, parseTables(writeIptables({ ...input, family }).tables, EMPTY_RULESET), familyNumber(family))
    else {
      const text = printNftables(IP_FAMILIES.map((family) => writeNftables({ ...input, family })))
      const parsed = parseNftRuleset(text)
      if (!parsed.ok) throw new Error(`${name}: line ${parsed.error.line}: ${parsed.error.message}`)
      setNftRuleset(net, name, parsed.value)
      nftables.set(name, text)
    }
  }
  return { net, nftables }
}
