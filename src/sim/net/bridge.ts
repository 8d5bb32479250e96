import { passHook } from './hooks.js'
import { receiveIp, routeIn } from './ip.js'
import type { Kernel } from './kernel.js'
import { machineOf, tracks } from './machine.js'
import { routeFrom } from './routing.js'
import { noteRoute, stop } from './send.js'
import type { Skb } from './skb.js'
import type { DeviceName, Interface, Port } from './state.js'

/**
 * A frame comes in at a port of a bridge. With `bridge-nf-call-iptables` it meets the IP hooks even when it only goes from port to port,
 * with the bridge as both devices and its TTL untouched.
 * Source: Linux net/bridge/br_netfilter_hooks.c br_nf_pre_routing_finish, br_nf_forward_ip, br_nf_post_routing
 */
export function receiveOnBridge(kernel: Kernel, skb: Skb, port: Interface, bridge: DeviceName, target: Port): void {
  const { machine } = skb
  const isForBridge = target.host === skb.host
  const lifted = machine.sysctls.bridgeNfCallIptables && tracks(machine, skb.family)
  skb.inDevice = bridge
  if (!lifted && !isForBridge) {
    bridgeOn(kernel, skb, port, bridge, target, false)
    return
  }
  noteBridge(kernel, skb, bridge, port.name, bridge, lifted)
  if (!lifted) {
    receiveIp(kernel, skb)
    return
  }
  skb.physIn = port.name
  const before = skb.packet.dst
  const stopped = passHook(kernel, skb, 'PREROUTING')
  if (stopped !== undefined) {
    stop(kernel, skb, stopped)
    return
  }
  if (skb.packet.dst === before) {
    if (isForBridge) routeIn(kernel, withoutPort(skb))
    else bridgeOn(kernel, skb, port, bridge, target, true)
    return
  }
  // The destination was rewritten: a neighbour on this bridge gets the frame from port to port, everything else goes up to IP.
  const result = routeFrom(kernel, machine, skb.packet.dst)
  if (result.kind !== 'forward' || result.route.device !== bridge) {
    routeIn(kernel, withoutPort(skb))
    return
  }
  noteRoute(kernel, skb, result)
  const neighbour = kernel.net.neighbours.get(`${skb.host}/${bridge}`)?.get(result.nextHop)
  if (neighbour !== undefined) {
    bridgeOn(kernel, skb, port, bridge, neighbour, true)
    return
  }
  const { packet, direction, host } = skb
  kernel.trace({ kind: 'arp', packet, direction, host, device: bridge, asked: result.nextHop })
  stop(kernel, skb, { why: 'no-neighbour' })
}

/** A packet that leaves the bridge for IP no longer counts as bridged; the port that it came in by is still known. */
function withoutPort(skb: Skb): Skb {
  skb.bridged = false
  return skb
}

/** From port to port, through FORWARD and POSTROUTING when lifted. */
function bridgeOn(kernel: Kernel, skb: Skb, from: Interface, bridge: DeviceName, target: Port, lifted: boolean): void {
  const peer = machineOf(kernel.view, target.host).devices.get(target.device)?.peer
  const out = peer?.host === skb.host ? skb.machine.devices.get(peer.device) : undefined
  if (out?.up !== true || (out.name === from.name && from.hairpin !== true)) {
    stop(kernel, skb, { why: 'link-down', ...(out?.name === from.name ? { with: 'hairpin off' } : {}) })
    return
  }
  if (lifted) {
    skb.outDevice = bridge
    skb.physOut = out.name
    skb.bridged = true
    const stopped = passHook(kernel, skb, 'FORWARD') ?? passHook(kernel, skb, 'POSTROUTING')
    if (stopped !== undefined) {
      stop(kernel, skb, stopped)
      return
    }
  }
  noteBridge(kernel, skb, bridge, from.name, out.name, lifted)
  const { packet, direction, host } = skb
  const { host: toHost, device: toDevice } = target
  kernel.trace({ kind: 'packet-link', packet, direction, host, device: out.name, toHost, toDevice })
  skb.handled.transits.push({ packet, direction, at: target, target })
}

function noteBridge(
  kernel: Kernel,
  { packet, direction, host }: Skb,
  bridge: DeviceName,
  inPort: DeviceName,
  outPort: DeviceName,
  lifted: boolean,
): void {
  kernel.trace({ kind: 'bridge', packet, direction, host, bridge, inPort, outPort, lifted })
}
