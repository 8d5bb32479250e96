import { assertNever } from '../core/result.js'
import { thing } from '../core/thing.js'
import type { Direction } from '../core/vocabulary.js'
import { familyOf, isLoopback } from './address.js'
import { carry } from './balance.js'
import { isTracking } from './conntrack.js'
import { icmpAbout, resetFor } from './errors.js'
import type { Stop } from './hooks.js'
import { passHook } from './hooks.js'
import type { Kernel } from './kernel.js'
import { deviceThing, hostThing } from './kernel.js'
import { transmit } from './link.js'
import type { Packet } from './packet.js'
import { isLocal, lookUpRoute, routeText } from './routing.js'
import type { Skb } from './skb.js'
import type { DeviceName, HostName, Interface, Port } from './state.js'

/** A packet between two hosts: on a link, about to come in at a port. */
export interface Transit {
  readonly packet: Packet
  readonly direction: Direction
  readonly at: Port
  /** Whom the frame is addressed to on the link; the port itself unless a bridge lies between. */
  readonly target: Port
}

/** A packet that reached a host's sockets. */
export interface Arrival {
  readonly direction: Direction
  readonly host: HostName
  readonly packet: Packet
}

/** Where a packet ended without reaching a socket. */
export interface Loss extends Stop {
  readonly direction: Direction
  readonly host: HostName
  readonly packet: Packet
  /** The host knows at once: what its own packet gets instead of an answer. */
  readonly ownError?: string
}

/** What came of one host's handling of a packet: packets on their way (errors that it sends among them), arrivals, losses. */
export interface Handled {
  readonly transits: Transit[]
  readonly arrivals: Arrival[]
  readonly losses: Loss[]
}

export function createHandled(): Handled {
  return { transits: [], arrivals: [], losses: [] }
}

function openSkb(host: HostName, packet: Packet, inDevice: DeviceName): Skb {
  return {
    host,
    family: familyOf(packet.dst),
    packet: packet.mark === 0 ? packet : { ...packet, mark: 0 },
    hook: 'PREROUTING',
    inDevice,
    outDevice: '',
    physIn: '',
    physOut: '',
    bridged: false,
    state: 'INVALID',
    tracked: undefined,
    seen: false,
    nextHop: undefined,
  }
}

/**
 * A packet comes in at a port: everything that the host's kernel does with it until it leaves, arrives or ends.
 * Source: Linux net/ipv4/ip_input.c, net/bridge/br_input.c, br_netfilter_hooks.c
 */
export function receive(kernel: Kernel, transit: Transit, handled: Handled): void {
  const { host, device: name } = transit.at
  const device = kernel.net.interfaces.get(host)?.get(name)
  const skb = openSkb(host, transit.packet, name)
  if (kernel.net.hosts.get(host)?.down !== false || device?.up !== true) {
    stop(kernel, skb, { why: 'link-down' }, handled)
    return
  }
  if (device.master !== undefined) {
    receiveOnBridge(kernel, skb, device, device.master, transit.target, handled)
    return
  }
  if (kernel.net.loadBalancers.has(host) && carry(kernel, skb, handled)) return
  receiveIp(kernel, skb, handled)
}

function receiveIp(kernel: Kernel, skb: Skb, handled: Handled): void {
  // IPv6 throws loopback addresses from a real device away before any hook. Source: Linux net/ipv6/ip6_input.c ip6_rcv_core
  if (skb.family === 6 && (isLoopback(skb.packet.src) || isLoopback(skb.packet.dst))) {
    stop(kernel, skb, { why: 'martian' }, handled)
    return
  }
  const stopped = passHook(kernel, skb, 'PREROUTING')
  if (stopped !== undefined) {
    stop(kernel, skb, stopped, handled)
    return
  }
  routeIn(kernel, skb, handled)
}

/** Routing of a packet that came in: to a socket of this host, onward, or nowhere. Source: Linux net/ipv4/route.c ip_route_input_slow */
function routeIn(kernel: Kernel, skb: Skb, handled: Handled): void {
  const { host, packet } = skb
  const sysctls = kernel.net.hosts.get(host)?.sysctls
  if (skb.family === 4 && isMartian(kernel, skb)) {
    stop(kernel, skb, { why: 'martian' }, handled)
    return
  }
  const result = lookUpRoute(kernel, host, packet.dst)
  traceRoute(kernel, skb, result)
  switch (result.kind) {
    case 'local':
      deliver(kernel, skb, handled)
      return
    case 'unreachable':
      if (sysctls?.ipForward === true) sendError(kernel, skb, 'icmp-net-unreachable', handled)
      stop(kernel, skb, { why: 'no-route' }, handled)
      return
    case 'forward': {
      if (sysctls?.ipForward !== true) {
        stop(kernel, skb, { why: 'no-answer' }, handled)
        return
      }
      if (packet.ttl <= 1) {
        sendError(kernel, skb, 'icmp-time-exceeded', handled)
        stop(kernel, skb, { why: 'ttl' }, handled)
        return
      }
      skb.packet = { ...packet, ttl: packet.ttl - 1 }
      skb.outDevice = result.route.device
      skb.nextHop = result.nextHop
      const stopped = passHook(kernel, skb, 'FORWARD')
      if (stopped === undefined) leave(kernel, skb, handled)
      else stop(kernel, skb, stopped, handled)
      return
    }
    default:
      assertNever(result)
  }
}

/** Loopback addresses from a real device, or one's own as source. IPv6 asks nothing of the kind. Source: Linux net/ipv4/fib_frontend.c */
function isMartian(kernel: Kernel, { host, packet }: Skb): boolean {
  const loopback = isLoopback(packet.src) || isLoopback(packet.dst)
  if (loopback && kernel.net.hosts.get(host)?.sysctls.routeLocalnet !== true) return true
  return !isLoopback(packet.src) && isLocal(kernel.net, host, packet.src)
}

/** The last hook, then the link. */
function leave(kernel: Kernel, skb: Skb, handled: Handled): void {
  const stopped = passHook(kernel, skb, 'POSTROUTING')
  if (stopped !== undefined) {
    stop(kernel, skb, stopped, handled)
    return
  }
  const sent = transmit(kernel, skb.host, skb.outDevice, skb.nextHop ?? skb.packet.dst, skb.packet)
  if (sent.kind === 'sent') {
    handled.transits.push(sent.transit)
    return
  }
  // Its own packets too: the error comes to the sender's socket over lo. Source: Linux net/ipv4/route.c ipv4_link_failure
  if (sent.why === 'no-neighbour') sendError(kernel, skb, 'icmp-host-unreachable', handled)
  stop(kernel, skb, { why: sent.why }, handled)
}

/** To a socket of this host, through INPUT. */
function deliver(kernel: Kernel, skb: Skb, handled: Handled): void {
  const stopped = passHook(kernel, skb, 'INPUT')
  if (stopped === undefined) handled.arrivals.push({ direction: kernel.direction, host: skb.host, packet: skb.packet })
  else stop(kernel, skb, stopped, handled)
}

/**
 * A frame comes in at a port of a bridge. With `bridge-nf-call-iptables` it meets the IP hooks even when it only goes from port to port,
 * with the bridge as both devices and its TTL untouched.
 * Source: Linux net/bridge/br_netfilter_hooks.c br_nf_pre_routing_finish, br_nf_forward_ip, br_nf_post_routing
 */
function receiveOnBridge(kernel: Kernel, skb: Skb, port: Interface, bridge: DeviceName, target: Port, handled: Handled): void {
  const { host } = skb
  const lifted = kernel.net.hosts.get(host)?.sysctls.bridgeNfCallIptables === true && isTracking(kernel.net, host, skb.family)
  skb.inDevice = bridge
  const isForBridge = target.host === host
  if (!lifted) {
    if (isForBridge) {
      traceBridge(kernel, skb, bridge, port.name, bridge, false)
      receiveIp(kernel, skb, handled)
    } else bridgeOn(kernel, skb, port, bridge, target, false, handled)
    return
  }
  traceBridge(kernel, skb, bridge, port.name, bridge, true)
  skb.physIn = port.name
  const before = skb.packet.dst
  const stopped = passHook(kernel, skb, 'PREROUTING')
  if (stopped !== undefined) {
    stop(kernel, skb, stopped, handled)
    return
  }
  if (skb.packet.dst === before) {
    if (isForBridge) routeIn(kernel, withoutPort(skb), handled)
    else bridgeOn(kernel, skb, port, bridge, target, true, handled)
    return
  }
  // The destination was rewritten: a neighbour on this bridge gets the frame from port to port, everything else goes up to IP.
  const result = lookUpRoute(kernel, host, skb.packet.dst)
  if (result.kind === 'forward' && result.route.device === bridge) {
    traceRoute(kernel, skb, result)
    const neighbour = kernel.net.neighbours.get(`${host}/${bridge}`)?.get(result.nextHop)
    if (neighbour === undefined) {
      traceArp(kernel, skb, bridge, result.nextHop)
      stop(kernel, skb, { why: 'no-neighbour' }, handled)
    } else bridgeOn(kernel, skb, port, bridge, neighbour, true, handled)
    return
  }
  routeIn(kernel, withoutPort(skb), handled)
}

/** A packet that leaves the bridge for IP no longer counts as bridged; the port that it came in by is still known. */
function withoutPort(skb: Skb): Skb {
  skb.bridged = false
  return skb
}

/** From port to port, through FORWARD and POSTROUTING when lifted. */
function bridgeOn(
  kernel: Kernel,
  skb: Skb,
  from: Interface,
  bridge: DeviceName,
  target: Port,
  lifted: boolean,
  handled: Handled,
): void {
  const peer = kernel.net.interfaces.get(target.host)?.get(target.device)?.peer
  const out = peer?.host === skb.host ? kernel.net.interfaces.get(skb.host)?.get(peer.device) : undefined
  if (out?.up !== true || (out.name === from.name && from.hairpin !== true)) {
    stop(kernel, skb, { why: 'link-down', ...(out?.name === from.name ? { with: 'hairpin off' } : {}) }, handled)
    return
  }
  if (lifted) {
    skb.outDevice = bridge
    skb.physOut = out.name
    skb.bridged = true
    const stopped = passHook(kernel, skb, 'FORWARD') ?? passHook(kernel, skb, 'POSTROUTING')
    if (stopped !== undefined) {
      stop(kernel, skb, stopped, handled)
      return
    }
  }
  traceBridge(kernel, skb, bridge, from.name, out.name, lifted)
  kernel.trace({
    kind: 'packet-link',
    from: thing.bridge(skb.host),
    to: deviceThing(kernel, target.host, target.device),
    facts: { packet: skb.packet, direction: kernel.direction, fromDevice: out.name, toDevice: target.device },
  })
  handled.transits.push({ packet: skb.packet, direction: kernel.direction, at: target, target })
}

/**
 * A host's own packet: routed, through OUTPUT, routed again if a rule changed where it goes, and out.
 * Source: Linux net/ipv4/ip_output.c ip_local_out, net/ipv4/netfilter.c ip_route_me_harder
 */
export function sendOwn(kernel: Kernel, host: HostName, packet: Packet, handled: Handled): void {
  const skb = openSkb(host, packet, '')
  const first = lookUpRoute(kernel, host, packet.dst)
  if (first.kind === 'unreachable') {
    traceRoute(kernel, skb, first)
    stop(kernel, skb, { why: 'no-route' }, handled, 'ENETUNREACH')
    return
  }
  skb.outDevice = first.kind === 'local' ? 'lo' : first.route.device
  skb.nextHop = first.kind === 'local' ? undefined : first.nextHop
  const stopped = passHook(kernel, skb, 'OUTPUT')
  if (stopped !== undefined) {
    stop(kernel, skb, stopped, handled)
    return
  }
  const result = skb.packet.dst === packet.dst ? first : lookUpRoute(kernel, host, skb.packet.dst)
  traceRoute(kernel, skb, result)
  if (result.kind === 'unreachable') {
    stop(kernel, skb, { why: 'no-route' }, handled, 'ENETUNREACH')
    return
  }
  if (result.kind === 'forward') {
    skb.outDevice = result.route.device
    skb.nextHop = result.nextHop
    leave(kernel, skb, handled)
    return
  }
  skb.outDevice = 'lo'
  const lost = passHook(kernel, skb, 'POSTROUTING')
  if (lost !== undefined) {
    stop(kernel, skb, lost, handled)
    return
  }
  skb.inDevice = 'lo'
  skb.outDevice = ''
  const again = passHook(kernel, skb, 'PREROUTING')
  if (again === undefined) deliver(kernel, skb, handled)
  else stop(kernel, skb, again, handled)
}

function stop(kernel: Kernel, skb: Skb, why: Stop, handled: Handled, ownError?: string): void {
  if (why.why === 'reject') answerReject(kernel, skb, why.with ?? 'icmp-port-unreachable', handled)
  kernel.trace({
    kind: 'stopped',
    from: kernel.net.hosts.get(skb.host)?.kind === 'node' ? thing.hook(skb.host, skb.hook) : hostThing(kernel, skb.host),
    facts: {
      packet: skb.packet,
      direction: kernel.direction,
      host: skb.host,
      why: why.why,
      ...(why.with === undefined ? {} : { with: why.with }),
      ...(why.rule === undefined ? {} : { rule: why.rule }),
    },
  })
  handled.losses.push({
    ...why,
    direction: kernel.direction,
    host: skb.host,
    packet: skb.packet,
    ...(ownError === undefined ? {} : { ownError }),
  })
}

/** What a REJECT rule sends back. Source: Linux net/ipv4/netfilter/nf_reject_ipv4.c */
function answerReject(kernel: Kernel, skb: Skb, kind: string, handled: Handled): void {
  if (kind !== 'tcp-reset') {
    sendError(kernel, skb, kind, handled)
    return
  }
  if (skb.packet.proto !== 'tcp' || skb.packet.flags.includes('RST')) return
  answerWith(kernel, skb, resetFor(skb.packet), handled)
}

/** An ICMP error about a packet; never about another error. */
function sendError(kernel: Kernel, skb: Skb, type: string, handled: Handled): void {
  if (skb.packet.proto === 'icmp') return
  const about = icmpAbout(kernel, skb.host, skb.packet, type)
  if (about !== undefined) answerWith(kernel, skb, about, handled)
}

function answerWith(kernel: Kernel, skb: Skb, answer: Packet, handled: Handled): void {
  const back: Kernel = { ...kernel, direction: 'reply' }
  kernel.trace({
    kind: 'answered',
    from: hostThing(kernel, skb.host),
    facts: {
      packet: answer,
      direction: 'reply',
      host: skb.host,
      by: 'kernel',
      what: answer.proto === 'icmp' ? 'icmp' : 'RST',
    },
  })
  sendOwn(back, skb.host, answer, handled)
}

function traceRoute(kernel: Kernel, skb: Skb, result: ReturnType<typeof lookUpRoute>): void {
  const kind = kernel.net.hosts.get(skb.host)?.kind
  // That a Pod or a client takes what is addressed to it goes without saying.
  if (result.kind === 'local' && kind !== 'node' && kind !== 'router') return
  kernel.trace({
    kind: 'route',
    from: kind === 'node' ? thing.routing(skb.host) : hostThing(kernel, skb.host),
    facts: {
      packet: skb.packet,
      direction: kernel.direction,
      host: skb.host,
      result: result.kind,
      route: routeText(result),
      device: result.kind === 'forward' ? result.route.device : result.kind === 'local' ? 'lo' : '',
      ...(result.kind === 'forward' && result.route.via !== undefined ? { via: result.route.via } : {}),
    },
  })
}

function traceBridge(
  kernel: Kernel,
  skb: Skb,
  bridge: DeviceName,
  inPort: DeviceName,
  outPort: DeviceName,
  lifted: boolean,
): void {
  kernel.trace({
    kind: 'bridge',
    from: thing.bridge(skb.host),
    to: thing.bridge(skb.host),
    facts: { packet: skb.packet, direction: kernel.direction, host: skb.host, bridge, inPort, outPort, lifted },
  })
}

function traceArp(kernel: Kernel, skb: Skb, device: DeviceName, asked: string): void {
  kernel.trace({
    kind: 'arp',
    from: deviceThing(kernel, skb.host, device),
    facts: { packet: skb.packet, direction: kernel.direction, host: skb.host, device, asked, answered: false },
  })
}
