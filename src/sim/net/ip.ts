import { assertNever } from '../core/result.js'
import { isLoopback } from './address.js'
import { passHook } from './hooks.js'
import type { Kernel } from './kernel.js'
import type { Packet } from './packet.js'
import { withMark, withTtl } from './packet.js'
import { isOwn, routeFrom } from './routing.js'
import { deliver, leave, noteRoute, sendError, stop } from './send.js'
import type { Skb } from './skb.js'
import { openSkb } from './skb.js'
import { tunnelFor } from './tunnel.js'

/** A packet that came in, from its first hook on. Source: Linux net/ipv4/ip_input.c ip_rcv */
export function receiveIp(kernel: Kernel, skb: Skb): void {
  // IPv6 throws loopback addresses from a real device away before any hook. Source: Linux net/ipv6/ip6_input.c ip6_rcv_core
  if (skb.family === 6 && (isLoopback(skb.packet.src) || isLoopback(skb.packet.dst))) {
    stop(kernel, skb, { why: 'martian' })
    return
  }
  const stopped = passHook(kernel, skb, 'PREROUTING')
  if (stopped === undefined) routeIn(kernel, skb)
  else stop(kernel, skb, stopped)
}

/** Routing of a packet that came in: to a socket of this host, onward, or nowhere. Source: Linux net/ipv4/route.c ip_route_input_slow */
export function routeIn(kernel: Kernel, skb: Skb): void {
  const { machine, packet } = skb
  if (skb.family === 4 && isMartian(skb)) {
    stop(kernel, skb, { why: 'martian' })
    return
  }
  const result = routeFrom(kernel, machine, packet.dst)
  noteRoute(kernel, skb, result)
  switch (result.kind) {
    case 'local':
      if (packet.carried === undefined) deliver(kernel, skb)
      else receiveTunnel(kernel, skb, packet.carried)
      return
    case 'unreachable':
      if (machine.sysctls.ipForward) sendError(kernel, skb, 'icmp-net-unreachable')
      stop(kernel, skb, { why: 'no-route' })
      return
    case 'forward': {
      if (!machine.sysctls.ipForward) {
        stop(kernel, skb, { why: 'no-answer' })
        return
      }
      if (packet.ttl <= 1) {
        sendError(kernel, skb, 'icmp-time-exceeded')
        stop(kernel, skb, { why: 'ttl' })
        return
      }
      skb.packet = withTtl(packet, packet.ttl - 1)
      skb.outDevice = result.route.device
      skb.nextHop = result.nextHop
      const stopped = passHook(kernel, skb, 'FORWARD')
      if (stopped === undefined) leave(kernel, skb)
      else stop(kernel, skb, stopped)
      return
    }
    default:
      assertNever(result)
  }
}

/**
 * A tunnel's packet reaches its device, through INPUT; what it carries comes in by the device, with the mark of what carried it.
 * Source: Linux drivers/net/vxlan/vxlan_core.c vxlan_rcv
 */
function receiveTunnel(kernel: Kernel, skb: Skb, inner: Packet): void {
  const stopped = passHook(kernel, skb, 'INPUT')
  if (stopped !== undefined) {
    stop(kernel, skb, stopped)
    return
  }
  const device = tunnelFor(skb)
  if (device === undefined) {
    stop(kernel, skb, { why: 'no-answer' })
    return
  }
  const { packet, direction, host, machine, handled } = skb
  const { vni } = device.vxlan
  kernel.trace({
    kind: 'tunnel',
    packet,
    direction,
    host,
    device: device.name,
    operation: 'decapsulate',
    vni,
    remote: packet.src,
    inner,
  })
  const carried = openSkb(machine, inner, direction, device.name, handled)
  carried.packet = withMark(inner, packet.mark)
  receiveIp(kernel, carried)
}

/** Loopback addresses from a real device, or one's own as source. IPv6 asks nothing of the kind. Source: Linux net/ipv4/fib_frontend.c */
function isMartian({ machine, packet }: Skb): boolean {
  if (isLoopback(packet.src)) return !machine.sysctls.routeLocalnet
  if (isLoopback(packet.dst) && !machine.sysctls.routeLocalnet) return true
  return isOwn(machine, packet.src)
}
