import type { StepFacts } from '../core/vocabulary.js'
import type { Kernel } from './kernel.js'
import { UNDERLAY } from './layout.js'
import { isListening, machineOf, neighbourOn } from './machine.js'
import { tupleText } from './packet.js'
import type { Skb } from './skb.js'
import type { Interface, Port } from './state.js'

type Loss = Extract<StepFacts['stopped']['why'], 'no-neighbour' | 'link-down'>

/**
 * Puts a packet on the link of a device, addressed to whoever answers ARP for the next hop.
 *
 * @returns why it is lost, or undefined when it is on its way.
 */
export function transmit(kernel: Kernel, skb: Skb, device: Interface | undefined, nextHop: string): Loss | undefined {
  const { host, packet, direction } = skb
  if (device?.up !== true) return 'link-down'
  const { name } = device
  const steered = steer(kernel, skb, device.segment, nextHop)
  const target = steered ?? neighbourOn(kernel.view, device.segment, nextHop)
  if (target === undefined || (steered !== undefined && !isListening(kernel.view, steered))) {
    kernel.trace({ kind: 'arp', packet, direction, host, device: name, asked: nextHop })
    return 'no-neighbour'
  }
  // A veth's frames come out at its other end, which is a port of the bridge that lies between.
  const at = device.peer ?? target
  if (device.kind === 'bridge') {
    const outPort = machineOf(kernel.view, target.host).devices.get(target.device)?.peer?.device ?? ''
    kernel.trace({ kind: 'bridge', packet, direction, host, bridge: name, inPort: name, outPort, lifted: false })
  }
  kernel.trace({ kind: 'packet-link', packet, direction, host, device: name, toHost: at.host, toDevice: at.device })
  skb.handled.transits.push({ packet, direction, at, target })
  return undefined
}

/** Where the fabric takes a frame whatever ARP says: to a told Node, or to the load balancer (or its Node) that has the connection. */
function steer(kernel: Kernel, { host, packet }: Skb, segment: string, nextHop: string): Port | undefined {
  if (segment !== UNDERLAY) return undefined
  const { deliverTo, net, scratch } = kernel
  if (deliverTo?.ip === nextHop) return { host: deliverTo.node, device: 'eth0' }
  if (net.steered.size === 0 && (scratch === undefined || scratch.steered.size === 0)) return undefined
  const key = tupleText(packet)
  const carrier = scratch?.steered.has(key) === true ? scratch.steered.get(key) : net.steered.get(key)
  return carrier === undefined || carrier === host ? undefined : { host: carrier, device: 'eth0' }
}
