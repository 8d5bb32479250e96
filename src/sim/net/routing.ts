import { familyOf, isLoopback, prefixHolds } from './address.js'
import type { Kernel } from './kernel.js'
import { hostPrefix, ROUTER } from './layout.js'
import type { Machine } from './machine.js'
import { codeOf, machineOf } from './machine.js'
import type { RouteResult } from './routeTable.js'
import type { HostName, NetState, Route } from './state.js'
import { fabricRoute, routeOn } from './topology.js'

const LOCAL: RouteResult = { kind: 'local' }
const UNREACHABLE: RouteResult = { kind: 'unreachable' }

function ownRoute(machine: Machine, address: string, code: number): Route | undefined {
  if (familyOf(address) === 6) return machine.routes.v6.find((route) => prefixHolds(route.prefix, address))
  for (const { route, mask, base } of machine.routes.v4) if ((code & mask) === base) return route
  return undefined
}

/** Whether an address is one of the host's own; all of 127.0.0.0/8 is everybody's own. */
export function isLocal(net: NetState, host: HostName, address: string): boolean {
  return isLoopback(address) || net.owners.get(address) === host || net.hosts.get(host)?.addresses.includes(address) === true
}

/** The same of a host that has been looked up. */
export function isOwn(machine: Machine, address: string): boolean {
  return machine.own.has(address) || isLoopback(address)
}

/** Looks an address up as the kernel does: its own addresses first, then the longest prefix. */
export function lookUpRoute(kernel: Kernel, host: HostName, address: string): RouteResult {
  return routeFrom(kernel, machineOf(kernel.view, host), address)
}

/** The same from a host that has been looked up. */
export function routeFrom(kernel: Kernel, machine: Machine, address: string): RouteResult {
  if (isOwn(machine, address)) return LOCAL
  if (kernel.deliverTo?.ip === address && machine.name === ROUTER) {
    return { kind: 'forward', route: { prefix: hostPrefix(address), device: 'eth0' }, nextHop: address }
  }
  const code = codeOf(kernel.view, address)
  const own = ownRoute(machine, address, code)
  let route = own
  if (machine.onFabric && (own === undefined || own.prefix.length < 128)) {
    const fabric = fabricRoute(kernel.net, address, code)
    if (fabric !== undefined && fabric.node !== machine.name && fabric.prefix.length > (own?.prefix.length ?? -1))
      route = fabric.plain === undefined ? fabric : routeOn(fabric, machine.devices)
  }
  if (route === undefined) return UNREACHABLE
  return { kind: 'forward', route, nextHop: route.via ?? address }
}

/** `10.244.2.0/24 via 172.18.0.12 dev eth0`, `default via ...`, `local`: the route as `ip route` prints it. */
export function routeText(result: RouteResult): string {
  if (result.kind !== 'forward') return result.kind
  const { route } = result
  const name = route.prefix.length === 0 ? 'default' : route.prefix.text.replace(/\/(32|128)$/, '')
  return `${name}${route.via === undefined ? '' : ` via ${route.via}`} dev ${route.device}${route.onlink === true ? ' onlink' : ''}`
}

/** The source address that a host gives its own packets to a destination. */
export function sourceFor(kernel: Kernel, host: HostName, address: string): string | undefined {
  const machine = machineOf(kernel.view, host)
  const result = routeFrom(kernel, machine, address)
  const family = familyOf(address)
  if (result.kind === 'local') return address
  if (result.kind === 'forward') {
    if (result.route.source !== undefined) return result.route.source
    for (const { ip } of machine.devices.get(result.route.device)?.addresses ?? []) if (familyOf(ip) === family) return ip
  }
  for (const ip of machine.own) if (familyOf(ip) === family) return ip
  return undefined
}
