import type { Direction } from '../core/vocabulary.js'
import { icmpAbout, resetFor } from './errors.js'
import type { Handled } from './handled.js'
import { passHook } from './hooks.js'
import type { Kernel } from './kernel.js'
import { transmit } from './link.js'
import { machineOf } from './machine.js'
import type { Packet } from './packet.js'
import { payloadOf } from './packet.js'
import type { RouteResult } from './routeTable.js'
import { routeFrom } from './routing.js'
import type { Skb } from './skb.js'
import { openSkb } from './skb.js'
import type { DeviceName, HostName, Port } from './state.js'
import type { Stop } from './stop.js'
import { encapsulate } from './tunnel.js'

/**
 * A host's own packet: routed, through OUTPUT, routed again if a rule changed where it goes, and out.
 * Source: Linux net/ipv4/ip_output.c ip_local_out, net/ipv4/netfilter.c ip_route_me_harder
 */
export function sendOwn(kernel: Kernel, host: HostName, packet: Packet, direction: Direction, handled: Handled): void {
  sendFrom(kernel, openSkb(machineOf(kernel.view, host), packet, direction, '', handled))
}

function sendFrom(kernel: Kernel, skb: Skb): void {
  const { machine, packet } = skb
  const first = routeFrom(kernel, machine, packet.dst)
  if (first.kind === 'unreachable') {
    noteRoute(kernel, skb, first)
    stop(kernel, skb, { why: 'no-route' }, 'ENETUNREACH')
    return
  }
  skb.outDevice = first.kind === 'local' ? 'lo' : first.route.device
  skb.nextHop = first.kind === 'local' ? undefined : first.nextHop
  const stopped = passHook(kernel, skb, 'OUTPUT')
  if (stopped !== undefined) {
    stop(kernel, skb, stopped)
    return
  }
  const result = skb.packet.dst === packet.dst ? first : routeFrom(kernel, machine, skb.packet.dst)
  noteRoute(kernel, skb, result)
  if (result.kind === 'unreachable') {
    stop(kernel, skb, { why: 'no-route' }, 'ENETUNREACH')
    return
  }
  if (result.kind === 'forward') {
    skb.outDevice = result.route.device
    skb.nextHop = result.nextHop
    leave(kernel, skb)
    return
  }
  sendToSelf(kernel, skb)
}

/** Over `lo`: the packet leaves and comes in again. */
function sendToSelf(kernel: Kernel, skb: Skb): void {
  skb.outDevice = 'lo'
  const lost = passHook(kernel, skb, 'POSTROUTING')
  if (lost !== undefined) {
    stop(kernel, skb, lost)
    return
  }
  skb.inDevice = 'lo'
  skb.outDevice = ''
  const again = passHook(kernel, skb, 'PREROUTING')
  if (again === undefined) deliver(kernel, skb)
  else stop(kernel, skb, again)
}

/** The last hook, then the link. */
export function leave(kernel: Kernel, skb: Skb): void {
  const stopped = passHook(kernel, skb, 'POSTROUTING')
  if (stopped !== undefined) {
    stop(kernel, skb, stopped)
    return
  }
  const lost = leaveBy(kernel, skb, skb.nextHop ?? skb.packet.dst)
  if (lost === undefined) return
  // Its own packets too: the error comes to the sender's socket over lo. Source: Linux net/ipv4/route.c ipv4_link_failure
  if (lost === 'no-neighbour') sendError(kernel, skb, 'icmp-host-unreachable')
  stop(kernel, skb, { why: lost })
}

/** Onto a link, or into a tunnel: what carries the packet is one of the host's own, with its mark. */
function leaveBy(kernel: Kernel, skb: Skb, nextHop: string): ReturnType<typeof transmit> {
  const device = skb.machine.devices.get(skb.outDevice)
  if (device?.kind !== 'vxlan') return transmit(kernel, skb, device, nextHop)
  const outer = encapsulate(kernel, skb, device, nextHop)
  if (typeof outer === 'string') return outer
  const carrier = openSkb(skb.machine, outer, skb.direction, '', skb.handled)
  carrier.packet = outer
  sendFrom(kernel, carrier)
  return undefined
}

/** To a socket of this host, through INPUT. */
export function deliver(kernel: Kernel, skb: Skb): void {
  const stopped = passHook(kernel, skb, 'INPUT')
  if (stopped === undefined) skb.handled.arrivals.push({ direction: skb.direction, host: skb.host, packet: skb.packet })
  else stop(kernel, skb, stopped)
}

/** A packet's end short of a socket; its sender gets what a REJECT rule asks for. */
export function stop(kernel: Kernel, skb: Skb, why: Stop, ownError?: string): void {
  if (why.why === 'reject') answerReject(kernel, skb, why.with ?? 'icmp-port-unreachable')
  const { packet, direction, host, hook } = skb
  kernel.trace({ kind: 'stopped', packet, direction, host, hook, stop: why })
  skb.handled.losses.push({ ...why, direction, host, packet: payloadOf(packet), ...(ownError === undefined ? {} : { ownError }) })
}

/** What a REJECT rule sends back. Source: Linux net/ipv4/netfilter/nf_reject_ipv4.c */
function answerReject(kernel: Kernel, skb: Skb, kind: string): void {
  if (kind !== 'tcp-reset') {
    sendError(kernel, skb, kind)
    return
  }
  if (skb.packet.proto !== 'tcp' || skb.packet.flags.includes('RST')) return
  const port = skb.physIn === '' ? undefined : skb.machine.devices.get(skb.physIn)
  if (port?.peer === undefined) answerWith(kernel, skb, resetFor(skb.packet))
  else answerByPort(kernel, skb, resetFor(skb.packet), port.name, port.peer)
}

/**
 * A reset to what came in by a port of a bridge goes back by that port at once: no rule sees it, and no rewriting is undone on it.
 * Source: Linux net/ipv4/netfilter/nf_reject_ipv4.c nf_send_reset, where nf_bridge_info_exists
 */
function answerByPort(kernel: Kernel, { host, handled }: Skb, packet: Packet, device: DeviceName, peer: Port): void {
  const direction = 'reply'
  kernel.trace({ kind: 'answered', packet, direction, host, by: 'kernel', what: 'RST' })
  kernel.trace({ kind: 'packet-link', packet, direction, host, device, toHost: peer.host, toDevice: peer.device })
  handled.transits.push({ packet, direction, at: peer, target: peer })
}

/** An ICMP error about a packet; never about another error. */
export function sendError(kernel: Kernel, skb: Skb, type: string): void {
  if (skb.packet.proto === 'icmp') return
  const about = icmpAbout(kernel, skb.host, skb.packet, type)
  if (about !== undefined) answerWith(kernel, skb, about)
}

/**
 * The kernel's own answer belongs to the connection of the packet that it is about, even if that was never entered into the table.
 * Source: Linux net/netfilter/nf_conntrack_core.c nf_conntrack_attach, net/ipv4/icmp.c icmp_glue_bits, nf_reject_ipv4.c nf_send_reset
 */
function answerWith(kernel: Kernel, { host, machine, handled, tracked }: Skb, answer: Packet): void {
  const what = answer.proto === 'icmp' ? 'icmp' : 'RST'
  kernel.trace({ kind: 'answered', packet: answer, direction: 'reply', host, by: 'kernel', what })
  const skb = openSkb(machine, answer, 'reply', '', handled)
  if (tracked !== undefined) {
    skb.state = 'RELATED'
    skb.tracked = { ...tracked, direction: tracked.direction === 'original' ? 'reply' : 'original' }
  }
  sendFrom(kernel, skb)
}

export function noteRoute(kernel: Kernel, { machine, packet, direction, host }: Skb, result: RouteResult): void {
  // That a Pod or a client takes what is addressed to it goes without saying.
  if (result.kind === 'local' && machine.kind !== 'node' && machine.kind !== 'router') return
  kernel.trace({ kind: 'route', packet, direction, host, result })
}
