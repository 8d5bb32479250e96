import { SimBug } from '../core/result.js'
import type { Prefix } from './address.js'
import { addressAt, familyOf, parsePrefix, prefixHolds, prefixKey } from './address.js'
import type { LoadBalancer } from './loadBalancer.js'
import type { HostName, InterfaceAddress, NetState, Route } from './state.js'
import {
  addBridge,
  addFabricRoute,
  addHost,
  addInterface,
  addRoutes,
  attachVeth,
  listen,
  removeFabricRoute,
  removeHost,
  removeRoutes,
} from './topology.js'

/** The link that Nodes, load balancers and the gateway share, and the one behind the gateway. */
export const UNDERLAY = 'underlay'
export const INTERNET = 'internet'
export const ROUTER = 'router'
/** Where the underlay is unless Nodes say otherwise, and its gateway. */
export const UNDERLAY_PREFIX = prefix('172.18.0.0/16')
export const GATEWAY = '172.18.0.1'
/** The same for IPv6, as kind lays it. */
export const UNDERLAY6_PREFIX = prefix('fc00:f853:ccd:e793::/64')
export const GATEWAY6 = 'fc00:f853:ccd:e793::1'
/** The gateway as IPv6 clients behind it know it. */
const GATEWAY6_OUTSIDE = 'fe80::1'
export const BRIDGE = 'cni0'

export const hostName = {
  node: (name: string): HostName => name,
  pod: (namespace: string, name: string): HostName => `pod/${namespace}/${name}`,
  client: (ip: string): HostName => `client/${ip}`,
  loadBalancer: (namespace: string, name: string): HostName => `lb/${namespace}/${name}`,
} as const

/** The underlay's gateway, a router without NAT: knows Nodes, load balancers and clients, and no Pod or Service range. */
export function layRouter(net: NetState): void {
  if (net.hosts.has(ROUTER)) return
  addHost(net, { name: ROUTER, kind: 'router', sysctls: { ipForward: true } })
  addInterface(net, ROUTER, {
    name: 'eth0',
    kind: 'ethernet',
    addresses: [
      { ip: GATEWAY, prefix: UNDERLAY_PREFIX },
      { ip: GATEWAY6, prefix: UNDERLAY6_PREFIX },
    ],
    segment: UNDERLAY,
    up: true,
  })
  addInterface(net, ROUTER, {
    name: 'eth1',
    kind: 'ethernet',
    addresses: [{ ip: GATEWAY6_OUTSIDE, prefix: prefix('fe80::/64') }],
    segment: INTERNET,
    up: true,
  })
  addRoutes(net, ROUTER, [
    { prefix: UNDERLAY_PREFIX, device: 'eth0' },
    { prefix: UNDERLAY6_PREFIX, device: 'eth0' },
  ])
}

export interface NodeLayout {
  readonly name: string
  /** The Node's own addresses, InternalIP first. */
  readonly addresses: readonly string[]
  /** Ranges of its Pods' addresses, one per family; may be missing. */
  readonly podCIDRs: readonly string[]
  readonly bridgeNfCallIptables?: boolean
  /** What kube-proxy in iptables mode sets for NodePorts on 127.0.0.1. */
  readonly routeLocalnet?: boolean
  readonly overlay?: Overlay
}

/** How Pods reach those of other Nodes: by routes between the hosts, or through VXLAN. */
export type Overlay = 'host-gw' | 'vxlan'

/** flannel's number, and the UDP port that Linux' VXLAN devices use unless told otherwise. */
const VNI = 1
const VXLAN_PORT = 8_472

/** Lays a Node: eth0 on the underlay, the bridge with the first address of each Pod range, routes, and the way to its Pods on every other Node. */
export function layNode(net: NetState, node: NodeLayout): void {
  layRouter(net)
  addHost(net, {
    name: node.name,
    kind: 'node',
    onFabric: true,
    sysctls: {
      ipForward: true,
      routeLocalnet: node.routeLocalnet ?? true,
      bridgeNfCallIptables: node.bridgeNfCallIptables ?? true,
    },
  })
  const addresses = node.addresses.map(underlayAddress)
  addInterface(net, node.name, { name: 'eth0', kind: 'ethernet', addresses, segment: UNDERLAY, up: true })
  addRoutes(net, node.name, underlayRoutes(addresses))
  reachOnUnderlay(net, addresses)
  for (const { ip } of addresses) if (!isOnUnderlay(ip)) addFabricRoute(net, node.name, hostPrefix(ip), ip)
  layPodRanges(net, node.name, node.podCIDRs, node.overlay ?? 'host-gw')
}

/** Gives a Node its Pod ranges: the bridge takes the first address of each, and every other Node learns the way. */
export function layPodRanges(net: NetState, node: string, podCIDRs: readonly string[], overlay: Overlay): void {
  const own = net.hosts.get(node)?.addresses ?? []
  const ranges = podCIDRs.flatMap((text) => parsePrefix(text) ?? [])
  addBridge(
    net,
    node,
    BRIDGE,
    ranges.map((range) => ({ ip: addressAt(range, 1), prefix: range })),
  )
  addRoutes(
    net,
    node,
    ranges.map((range) => ({ prefix: range, device: BRIDGE })),
  )
  for (const range of ranges) {
    const via = own.find((ip) => familyOf(ip) === range.family)
    if (via === undefined) continue
    const tunnel = overlay === 'vxlan' ? layVxlan(net, node, range, via) : undefined
    addFabricRoute(net, node, range, via, tunnel)
  }
}

/**
 * Lays a Node's VXLAN device with the network address of its Pod range as its own.
 * Source: flannel pkg/backend/vxlan/vxlan.go RegisterNetwork, device.go
 */
function layVxlan(net: NetState, node: string, range: Prefix, local: string): { readonly device: string; readonly via: string } {
  const ip = addressAt(range, 0)
  const device = range.family === 4 ? 'flannel.1' : 'flannel-v6.1'
  addInterface(net, node, {
    name: device,
    kind: 'vxlan',
    addresses: [{ ip, prefix: hostPrefix(ip) }],
    segment: `${device}/${VNI}`,
    up: true,
    vxlan: { vni: VNI, port: VXLAN_PORT, local },
  })
  return { device, via: ip }
}

/** Takes a Node away; its Pods' namespaces go with it. */
export function unlayNode(net: NetState, name: string): void {
  const pods = [...net.hosts.values()].filter((host) => host.kind === 'pod' && host.node === name)
  for (const pod of pods) removeHost(net, pod.name)
  const addresses = net.hosts.get(name)?.addresses ?? []
  removeHost(net, name)
  removeRoutes(
    net,
    ROUTER,
    addresses.map((ip) => hostPrefix(ip).text),
  )
}

export interface PodLayout {
  readonly node: string
  readonly namespace: string
  readonly name: string
  /** Its addresses, one per family. */
  readonly ips: readonly string[]
  /** The Node's end of the veth pair; made up from the Pod's name when absent. */
  readonly device?: string
  readonly hairpin?: boolean
}

/** Lays a Pod's namespace on its Node's bridge. An address outside the Node's range gets host routes of its own. Returns the Node's veth. */
export function layPod(net: NetState, pod: PodLayout): string {
  const name = hostName.pod(pod.namespace, pod.name)
  const device = pod.device ?? vethName(net, pod.node, `${pod.namespace}/${pod.name}`)
  addHost(net, { name, kind: 'pod', node: pod.node })
  const bridge = net.interfaces.get(pod.node)?.get(BRIDGE)
  if (bridge === undefined) throw new SimBug('no-bridge', { node: pod.node })
  const addresses = pod.ips.map((ip): InterfaceAddress => {
    const range = bridge.addresses.find((address) => prefixHolds(address.prefix, ip))
    return { ip, prefix: range?.prefix ?? hostPrefix(ip) }
  })
  attachVeth(net, {
    pod: name,
    podDevice: 'eth0',
    podAddresses: addresses,
    node: pod.node,
    nodeDevice: device,
    bridge: BRIDGE,
    hairpin: pod.hairpin ?? true,
  })
  const nodeHost = net.hosts.get(pod.node)
  for (const address of addresses) {
    const gateway = bridge.addresses.find((each) => each.prefix.family === address.prefix.family)
    const fallback = nodeHost?.addresses.find((ip) => familyOf(ip) === address.prefix.family)
    const via = gateway?.ip ?? fallback
    const inRange = bridge.addresses.some((each) => prefixHolds(each.prefix, address.ip))
    const all = prefix(address.prefix.family === 4 ? '0.0.0.0/0' : '::/0')
    addRoutes(net, name, [
      ...(inRange ? [{ prefix: address.prefix, device: 'eth0' }] : []),
      ...(via === undefined ? [] : [{ prefix: all, device: 'eth0', via }]),
    ])
    if (!inRange) {
      addRoutes(net, pod.node, [{ prefix: hostPrefix(address.ip), device: BRIDGE }])
      if (fallback !== undefined) addFabricRoute(net, pod.node, hostPrefix(address.ip), fallback)
    }
  }
  return device
}

export function unlayPod(net: NetState, namespace: string, name: string): void {
  const host = net.hosts.get(hostName.pod(namespace, name))
  if (host === undefined) return
  for (const ip of host.addresses) {
    const own = hostPrefix(ip)
    if (host.node !== undefined && net.fabric.get(prefixKey(own))?.node === host.node) {
      removeFabricRoute(net, own)
      removeRoutes(net, host.node, [own.text])
    }
  }
  removeHost(net, host.name)
}

/** Lays a client outside the cluster: behind the gateway, or on the underlay when its address is one of the underlay's. */
export function layClient(net: NetState, ip: string): HostName {
  layRouter(net)
  const name = hostName.client(ip)
  if (net.hosts.has(name)) return name
  addHost(net, { name, kind: 'client' })
  const onUnderlay = isOnUnderlay(ip)
  const address = onUnderlay ? underlayAddress(ip) : { ip, prefix: hostPrefix(ip) }
  addInterface(net, name, {
    name: 'eth0',
    kind: 'ethernet',
    addresses: [address],
    segment: onUnderlay ? UNDERLAY : INTERNET,
    up: true,
  })
  addRoutes(net, name, onUnderlay ? underlayRoutes([address]) : [defaultRoute(ip, GATEWAY6_OUTSIDE)])
  if (!onUnderlay) addRoutes(net, ROUTER, [{ prefix: hostPrefix(ip), device: 'eth1' }])
  return name
}

/**
 * Lets somebody serve the API at an address of the underlay: the host that has it, or a machine of its own that the cluster does not
 * know as a Node, with routes to the Pods.
 */
export function layApiServer(net: NetState, ip: string, port: number): void {
  layRouter(net)
  let owner = net.owners.get(ip)
  if (owner === undefined) {
    owner = 'apiserver'
    const address = underlayAddress(ip)
    addHost(net, { name: owner, kind: 'client', onFabric: true })
    addInterface(net, owner, { name: 'eth0', kind: 'ethernet', addresses: [address], segment: UNDERLAY, up: true })
    addRoutes(net, owner, underlayRoutes([address]))
    reachOnUnderlay(net, [address])
  }
  const response = { status: 403, body: 'Forbidden', latencyUs: 1_000, servedBy: 'kube-apiserver' }
  listen(net, owner, { proto: 'tcp', port, owner: 'kube-apiserver', response })
}

/** Lays a Service's load balancer on the underlay, or changes what it knows; the gateway sends its addresses there. */
export function layLoadBalancer(net: NetState, balancer: LoadBalancer): HostName {
  layRouter(net)
  const name = hostName.loadBalancer(balancer.namespace, balancer.service)
  const known = net.loadBalancers.get(name)
  if (known === undefined || known.addresses.join() !== balancer.addresses.join()) {
    unlayLoadBalancer(net, balancer.namespace, balancer.service)
    addHost(net, { name, kind: 'load-balancer', onFabric: true, sysctls: { ipForward: true } })
    const addresses = balancer.addresses.map(underlayAddress)
    addInterface(net, name, { name: 'eth0', kind: 'ethernet', addresses, segment: UNDERLAY, up: true })
    addRoutes(net, name, underlayRoutes(addresses))
    reachOnUnderlay(net, addresses)
  }
  net.loadBalancers.set(name, balancer)
  return name
}

export function unlayLoadBalancer(net: NetState, namespace: string, service: string): void {
  const name = hostName.loadBalancer(namespace, service)
  const host = net.hosts.get(name)
  if (host === undefined) return
  removeRoutes(
    net,
    ROUTER,
    host.addresses.map((ip) => hostPrefix(ip).text),
  )
  removeHost(net, name)
}

/** Other ends of the underlay find addresses outside its prefix through routes of the gateway. */
function reachOnUnderlay(net: NetState, addresses: readonly InterfaceAddress[]): void {
  addRoutes(
    net,
    ROUTER,
    addresses
      .filter((address) => !isOnUnderlay(address.ip))
      .map((address) => ({ prefix: hostPrefix(address.ip), device: 'eth0' })),
  )
}

function underlayAddress(ip: string): InterfaceAddress {
  return { ip, prefix: isOnUnderlay(ip) ? underlayOf(ip) : hostPrefix(ip) }
}

function underlayOf(ip: string): Prefix {
  return familyOf(ip) === 4 ? UNDERLAY_PREFIX : UNDERLAY6_PREFIX
}

function isOnUnderlay(ip: string): boolean {
  return prefixHolds(underlayOf(ip), ip)
}

function underlayRoutes(addresses: readonly InterfaceAddress[]): readonly Route[] {
  const onLink = new Set(addresses.filter(({ ip }) => isOnUnderlay(ip)).map((address) => address.prefix))
  const defaults = new Map(addresses.map((address) => [familyOf(address.ip), defaultRoute(address.ip, GATEWAY6)]))
  return [...[...onLink].map((each) => ({ prefix: each, device: 'eth0' })), ...defaults.values()]
}

function defaultRoute(ip: string, via6: string): Route {
  if (familyOf(ip) === 6) return { prefix: prefix('::/0'), device: 'eth0', via: via6 }
  return { prefix: prefix('0.0.0.0/0'), device: 'eth0', via: GATEWAY }
}

export function hostPrefix(ip: string): Prefix {
  return prefix(`${ip}/${familyOf(ip) === 4 ? 32 : 128}`)
}

function prefix(text: string): Prefix {
  const parsed = parsePrefix(text)
  if (parsed === undefined) throw new SimBug('bad-prefix', { text })
  return parsed
}

/** `veth` and eight hexadecimal digits, as the bridge plugin names them; free on this Node. */
function vethName(net: NetState, node: string, pod: string): string {
  for (let salt = 0; ; salt++) {
    let hash = 2_166_136_261 ^ salt
    for (let i = 0; i < pod.length; i++) hash = Math.imul(hash ^ pod.charCodeAt(i), 16_777_619)
    const name = `veth${(hash >>> 0).toString(16).padStart(8, '0')}`
    if (!net.interfaces.get(node)?.has(name)) return name
  }
}
