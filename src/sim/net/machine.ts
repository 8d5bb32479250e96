import type { Hook } from '../core/vocabulary.js'
import type { Family } from './address.js'
import { addressCode } from './address.js'
import type { RouteTable } from './routeTable.js'
import { compileRoutes } from './routeTable.js'
import type { SocketIndex } from './sockets.js'
import { indexSockets } from './sockets.js'
import type { HookPlan } from './stages.js'
import type { DeviceName, Host, HostKind, HostName, Interface, NetState, Port } from './state.js'

/** One host as packets meet it: what the state says of it in several places, found once. */
export interface Machine {
  readonly name: HostName
  /** Undefined where there is no such host. */
  readonly kind: HostKind | undefined
  readonly isUp: boolean
  readonly onFabric: boolean
  readonly sysctls: Host['sysctls']
  readonly own: ReadonlySet<string>
  readonly devices: ReadonlyMap<DeviceName, Interface>
  readonly routes: RouteTable
  readonly sockets: SocketIndex
  readonly isBalancer: boolean
  /** What each hook asks, by family; undefined where the kernel follows no connections, and so asks nothing. Filled when first met. */
  readonly plans4: Map<Hook, HookPlan> | undefined
  readonly plans6: Map<Hook, HookPlan> | undefined
}

/** A network looked up so far. Good as long as nobody configures it: a view lives for one event, or one run of requests. */
export interface NetView {
  readonly net: NetState
  readonly machines: Map<HostName, Machine>
  /** By link and address, who answers for it. */
  readonly heard: Map<string, Map<string, Port | undefined>>
  /** Addresses met so far as numbers. */
  readonly codes: Map<string, number>
}

export function openView(net: NetState): NetView {
  return { net, machines: new Map(), heard: new Map(), codes: new Map() }
}

const NO_SYSCTLS: Host['sysctls'] = { ipForward: false, routeLocalnet: false, bridgeNfCallIptables: false }
const NO_DEVICES: ReadonlyMap<DeviceName, Interface> = new Map()

/** The host of that name as this view knows it. */
export function machineOf(view: NetView, name: HostName): Machine {
  let machine = view.machines.get(name)
  if (machine === undefined) {
    machine = lookUp(view.net, name)
    view.machines.set(name, machine)
  }
  return machine
}

function lookUp(net: NetState, name: HostName): Machine {
  const host = net.hosts.get(name)
  return {
    name,
    kind: host?.kind,
    isUp: host?.down === false,
    onFabric: host?.onFabric === true,
    sysctls: host?.sysctls ?? NO_SYSCTLS,
    own: new Set(host?.addresses),
    devices: net.interfaces.get(name) ?? NO_DEVICES,
    routes: compileRoutes(net.routes.get(name)),
    sockets: indexSockets(net.sockets.get(name)),
    isBalancer: net.loadBalancers.has(name),
    plans4: isTracking(net, name, 4) ? new Map() : undefined,
    plans6: isTracking(net, name, 6) ? new Map() : undefined,
  }
}

/** Whether a host's kernel follows connections of a family: conntrack starts working with the first rule that needs it. */
function isTracking(net: NetState, host: HostName, family: Family): boolean {
  return (family === 4 ? net.rulesets : net.rulesets6).has(host) || net.nftables.has(host)
}

export function tracks(machine: Machine, family: Family): boolean {
  return (family === 4 ? machine.plans4 : machine.plans6) !== undefined
}

/** Who answers on a link for an address; undefined when nobody does, or what has it is down. */
export function neighbourOn(view: NetView, segment: string, address: string): Port | undefined {
  let heard = view.heard.get(segment)
  if (heard === undefined) {
    heard = new Map()
    view.heard.set(segment, heard)
  }
  const known = heard.get(address)
  if (known !== undefined || heard.has(address)) return known
  const port = view.net.neighbours.get(segment)?.get(address)
  const answer = port !== undefined && isListening(view, port) ? port : undefined
  heard.set(address, answer)
  return answer
}

/** Whether a port's host is on and its device up. */
export function isListening(view: NetView, { host, device }: Port): boolean {
  const machine = machineOf(view, host)
  return machine.isUp && machine.devices.get(device)?.up === true
}

/** An address as a 32-bit number: an IPv4 address's own value, a hash of an IPv6 address. */
export function codeOf(view: NetView, address: string): number {
  let code = view.codes.get(address)
  if (code === undefined) {
    code = addressCode(address)
    view.codes.set(address, code)
  }
  return code
}
