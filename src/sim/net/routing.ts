import { isLoopback, prefixHolds } from './address.js'
import type { Kernel } from './kernel.js'
import { hostPrefix, ROUTER } from './layout.js'
import type { HostName, NetState, Route } from './state.js'
import { fabricRoute } from './topology.js'

export type RouteResult =
  | { readonly kind: 'local' }
  | { readonly kind: 'forward'; readonly route: Route; readonly nextHop: string }
  | { readonly kind: 'unreachable' }

/** Whether an address is one of the host's own; all of 127.0.0.0/8 is everybody's own. */
export function isLocal(net: NetState, host: HostName, address: string): boolean {
  return isLoopback(address) || net.owners.get(address) === host || net.hosts.get(host)?.addresses.includes(address) === true
}

/** Looks an address up as the kernel does: its own addresses first, then the longest prefix. */
export function lookUpRoute(kernel: Kernel, host: HostName, address: string): RouteResult {
  const { net } = kernel
  if (isLocal(net, host, address)) return { kind: 'local' }
  if (kernel.deliverTo?.ip === address && host === ROUTER) {
    return { kind: 'forward', route: { prefix: hostPrefix(address), device: 'eth0' }, nextHop: address }
  }
  const own = net.routes.get(host)?.find((route) => prefixHolds(route.prefix, address))
  let route: Route | undefined = own
  if (net.hosts.get(host)?.onFabric === true && (own === undefined || own.prefix.length < 128)) {
    const fabric = fabricRoute(net, address)
    if (fabric !== undefined && fabric.node !== host && fabric.prefix.length > (own?.prefix.length ?? -1)) route = fabric
  }
  if (route === undefined) return { kind: 'unreachable' }
  return { kind: 'forward', route, nextHop: route.via ?? address }
}

/** `10.244.2.0/24 via 172.18.0.12 dev eth0`, `default via ...`, `local`: the route as `ip route` prints it. */
export function routeText(result: RouteResult): string {
  if (result.kind !== 'forward') return result.kind
  const { route } = result
  const name = route.prefix.length === 0 ? 'default' : route.prefix.text.replace(/\/(32|128)$/, '')
  return `${name}${route.via === undefined ? '' : ` via ${route.via}`} dev ${route.device}`
}

/** The source address that a host gives its own packets to a destination. */
export function sourceFor(kernel: Kernel, host: HostName, address: string): string | undefined {
  const result = lookUpRoute(kernel, host, address)
  const isV6 = address.includes(':')
  const fits = (ip: string): boolean => ip.includes(':') === isV6
  if (result.kind === 'local') return address
  const known = kernel.net.hosts.get(host)?.addresses.find(fits)
  if (result.kind === 'unreachable') return known
  const device = kernel.net.interfaces.get(host)?.get(result.route.device)
  return result.route.source ?? device?.addresses.find((each) => fits(each.ip))?.ip ?? known
}
