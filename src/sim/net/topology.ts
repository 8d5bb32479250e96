import { SimBug } from '../core/result.js'
import type { Prefix } from './address.js'
import { addressCode, familyOf, prefixKey, prefixKeyAround } from './address.js'
import type { Socket } from './sockets.js'
import { indexSockets, socketAt, socketKey } from './sockets.js'
import type { DeviceName, FabricRoute, Host, HostName, Interface, InterfaceAddress, NetState, Port, Route } from './state.js'

const PLAIN_SYSCTLS: Host['sysctls'] = { ipForward: false, routeLocalnet: false, bridgeNfCallIptables: false }

export interface HostSpec {
  readonly name: HostName
  readonly kind: Host['kind']
  readonly node?: string
  readonly sysctls?: Partial<Host['sysctls']>
  readonly onFabric?: boolean
}

/** Makes a network namespace with nothing but `lo`; one of that name is replaced. */
export function addHost(net: NetState, spec: HostSpec): void {
  if (net.hosts.has(spec.name)) removeHost(net, spec.name)
  net.hosts.set(spec.name, {
    name: spec.name,
    kind: spec.kind,
    addresses: [],
    sysctls: { ...PLAIN_SYSCTLS, ...spec.sysctls },
    onFabric: spec.onFabric ?? false,
    down: false,
    ...(spec.node === undefined ? {} : { node: spec.node }),
  })
  net.interfaces.set(spec.name, new Map())
  net.routes.set(spec.name, [])
}

/** Takes a namespace away with all that is in it: devices (and the other ends of its veths), routes, rules, connections, sockets. */
export function removeHost(net: NetState, name: HostName): void {
  for (const device of [...(net.interfaces.get(name)?.values() ?? [])]) removeInterface(net, name, device.name)
  for (const route of [...net.fabric.values()]) if (route.node === name) removeFabricRoute(net, route.prefix)
  net.hosts.delete(name)
  for (const table of [
    net.interfaces,
    net.routes,
    net.sockets,
    net.rulesets,
    net.rulesets6,
    net.nftables,
    net.conntrack,
    net.counters,
    net.recent,
    net.nth,
    net.loadBalancers,
  ])
    table.delete(name)
}

/** Sets kernel parameters of a host; the rest stay. */
export function setSysctls(net: NetState, name: HostName, sysctls: Partial<Host['sysctls']>): void {
  const host = hostOf(net, name)
  net.hosts.set(name, { ...host, sysctls: { ...host.sysctls, ...sysctls } })
}

/** Switches a host off (or on again): while off it neither answers nor forwards. */
export function setHostDown(net: NetState, name: HostName, down: boolean): void {
  net.hosts.set(name, { ...hostOf(net, name), down })
}

/** Adds a device to a host and makes its addresses known on its link. */
export function addInterface(net: NetState, host: HostName, device: Interface): void {
  devicesOf(net, host).set(device.name, device)
  refreshAddresses(net, host)
}

export function removeInterface(net: NetState, host: HostName, name: DeviceName): void {
  const devices = net.interfaces.get(host)
  const device = devices?.get(name)
  if (devices === undefined || device === undefined) return
  devices.delete(name)
  if (device.master !== undefined) net.bridgePorts.get(`${host}/${device.master}`)?.delete(name)
  forgetNeighbours(net, host, device.segment, net.hosts.get(host)?.addresses ?? [])
  if (device.peer !== undefined) {
    const other = net.interfaces.get(device.peer.host)?.get(device.peer.device)
    if (other?.peer?.host === host && other.peer.device === name) removeInterface(net, device.peer.host, device.peer.device)
  }
  net.routes.set(
    host,
    (net.routes.get(host) ?? []).filter((route) => route.device !== name),
  )
  if (net.hosts.has(host)) refreshAddresses(net, host)
}

/** Sets a device up or down. */
export function setLinkUp(net: NetState, host: HostName, device: DeviceName, up: boolean): void {
  const found = devicesOf(net, host).get(device)
  if (found === undefined) throw new SimBug('unknown-device', { host, device })
  devicesOf(net, host).set(device, { ...found, up })
}

/** Adds a bridge device; Pods on it find each other and the host by ARP on the link `host/name`. */
export function addBridge(net: NetState, host: HostName, name: DeviceName, addresses: readonly InterfaceAddress[]): void {
  addInterface(net, host, { name, kind: 'bridge', addresses, segment: `${host}/${name}`, up: true })
  if (!net.bridgePorts.has(`${host}/${name}`)) net.bridgePorts.set(`${host}/${name}`, new Map())
}

export interface VethSpec {
  readonly pod: HostName
  readonly podDevice: DeviceName
  readonly podAddresses: readonly InterfaceAddress[]
  readonly node: HostName
  readonly nodeDevice: DeviceName
  readonly bridge: DeviceName
  readonly hairpin: boolean
}

/** Joins a Pod to a Node's bridge by a veth pair. */
export function attachVeth(net: NetState, spec: VethSpec): void {
  const segment = `${spec.node}/${spec.bridge}`
  addInterface(net, spec.node, {
    name: spec.nodeDevice,
    kind: 'veth',
    addresses: [],
    segment,
    up: true,
    master: spec.bridge,
    hairpin: spec.hairpin,
    peer: { host: spec.pod, device: spec.podDevice },
  })
  addInterface(net, spec.pod, {
    name: spec.podDevice,
    kind: 'veth',
    addresses: spec.podAddresses,
    segment,
    up: true,
    peer: { host: spec.node, device: spec.nodeDevice },
  })
  const ports = net.bridgePorts.get(segment) ?? new Map<DeviceName, Port>()
  ports.set(spec.nodeDevice, { host: spec.pod, device: spec.podDevice })
  net.bridgePorts.set(segment, ports)
}

/** Replaces a host's own routes; the longest prefix wins, among equals the first. */
export function setRoutes(net: NetState, host: HostName, routes: readonly Route[]): void {
  net.routes.set(host, [...routes].sort(byLongestPrefix))
}

/** Adds routes to a host's own; one for the same prefix is replaced. */
export function addRoutes(net: NetState, host: HostName, routes: readonly Route[]): void {
  const added = new Set(routes.map((route) => route.prefix.text))
  setRoutes(net, host, [...(net.routes.get(host) ?? []).filter((route) => !added.has(route.prefix.text)), ...routes])
}

export function removeRoutes(net: NetState, host: HostName, prefixes: readonly string[]): void {
  const gone = new Set(prefixes)
  net.routes.set(
    host,
    (net.routes.get(host) ?? []).filter((route) => !gone.has(route.prefix.text)),
  )
}

function byLongestPrefix(a: Route, b: Route): number {
  return b.prefix.length - a.prefix.length
}

/**
 * Gives every host with `onFabric` a route to addresses behind a Node: what a network plugin does on each Node.
 *
 * @param tunnel the device of a tunnel, and the other end's address on it: hosts that have the device go that way, the others by host route.
 */
export function addFabricRoute(
  net: NetState,
  node: HostName,
  prefix: Prefix,
  via: string,
  tunnel?: { readonly device: DeviceName; readonly via: string },
): void {
  const key = prefixKey(prefix)
  if (!net.fabric.has(key)) net.fabricLengths.set(prefix.length, (net.fabricLengths.get(prefix.length) ?? 0) + 1)
  const plain: Route = { prefix, device: 'eth0', via }
  net.fabric.set(key, tunnel === undefined ? { ...plain, node } : { prefix, ...tunnel, onlink: true, node, plain })
}

/** The route of the fabric as a host with these devices has it. */
export function routeOn(route: FabricRoute, devices: ReadonlyMap<DeviceName, Interface> | undefined): Route {
  return route.plain === undefined || devices?.has(route.device) === true ? route : route.plain
}

export function removeFabricRoute(net: NetState, prefix: Prefix): void {
  const key = prefixKey(prefix)
  const route = net.fabric.get(key)
  if (route === undefined) return
  net.fabric.delete(key)
  const left = (net.fabricLengths.get(route.prefix.length) ?? 1) - 1
  if (left > 0) net.fabricLengths.set(route.prefix.length, left)
  else net.fabricLengths.delete(route.prefix.length)
}

/** Starts to listen; a socket on the same protocol, address and port is replaced. */
export function listen(net: NetState, host: HostName, socket: Socket): void {
  const sockets = net.sockets.get(host) ?? new Map<string, Socket>()
  sockets.set(socketKey(socket), socket)
  net.sockets.set(host, sockets)
}

export function unlisten(net: NetState, host: HostName, socket: Pick<Socket, 'proto' | 'port' | 'address' | 'family'>): void {
  net.sockets.get(host)?.delete(socketKey(socket))
}

/** The socket that a packet to this address and port reaches on a host, or undefined when nobody listens. */
export function socketFor(
  net: NetState,
  host: HostName,
  proto: Socket['proto'],
  address: string,
  port: number,
): Socket | undefined {
  return socketAt(indexSockets(net.sockets.get(host)), proto, address, port)
}

/** All of a host's routes as `ip route` would list them, those of the fabric included. */
export function listRoutes(net: NetState, host: HostName): readonly Route[] {
  const own = net.routes.get(host) ?? []
  if (net.hosts.get(host)?.onFabric !== true) return own
  const devices = net.interfaces.get(host)
  const others = [...net.fabric.values()].filter((route) => route.node !== host)
  return [...own, ...others.map((route) => routeOn(route, devices))]
}

/** The fabric's route for an address, by longest prefix. */
export function fabricRoute(net: NetState, address: string, code: number = addressCode(address)): FabricRoute | undefined {
  let best: FabricRoute | undefined
  for (const length of net.fabricLengths.keys()) {
    if (best !== undefined && best.prefix.length >= length) continue
    best = net.fabric.get(prefixKeyAround(address, code, length)) ?? best
  }
  return best
}

function hostOf(net: NetState, name: HostName): Host {
  const host = net.hosts.get(name)
  if (host === undefined) throw new SimBug('unknown-host', { name })
  return host
}

function devicesOf(net: NetState, host: HostName): Map<DeviceName, Interface> {
  const devices = net.interfaces.get(host)
  if (devices === undefined) throw new SimBug('unknown-host', { name: host })
  return devices
}

/** A host is known on a link by addresses of its own alone, so that these are all there is to look at: a link may have thousands. */
function forgetNeighbours(net: NetState, host: HostName, segment: string, addresses: readonly string[]): void {
  const link = net.neighbours.get(segment)
  if (link === undefined) return
  for (const ip of addresses) if (link.get(ip)?.host === host) link.delete(ip)
  if (link.size === 0) net.neighbours.delete(segment)
}

/**
 * A host answers ARP for any of its addresses on any of its links (`arp_ignore` 0), and neighbour solicitations for a device's own
 * addresses on that device alone. Source: Linux net/ipv4/arp.c arp_ignore, net/ipv6/ndisc.c ndisc_recv_ns
 */
function refreshAddresses(net: NetState, name: HostName): void {
  const host = hostOf(net, name)
  const devices = [...devicesOf(net, name).values()].filter((device) => device.master === undefined)
  const addresses = [...new Set(devices.flatMap((device) => device.addresses.map((address) => address.ip)))]
  for (const ip of host.addresses) if (!addresses.includes(ip) && net.owners.get(ip) === name) net.owners.delete(ip)
  for (const ip of addresses) net.owners.set(ip, name)
  net.hosts.set(name, { ...host, addresses })
  for (const device of devices) {
    forgetNeighbours(net, name, device.segment, host.addresses)
    const link = net.neighbours.get(device.segment) ?? new Map<string, Port>()
    const own = device.addresses.map((address) => address.ip)
    for (const ip of addresses) if (familyOf(ip) === 4 || own.includes(ip)) link.set(ip, { host: name, device: device.name })
    if (link.size > 0) net.neighbours.set(device.segment, link)
  }
}
