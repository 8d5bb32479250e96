import type { StepFacts } from '../core/vocabulary.js'
import type { Kernel } from './kernel.js'
import { deviceThing } from './kernel.js'
import { UNDERLAY } from './layout.js'
import type { Packet } from './packet.js'
import { tupleOf, tupleText } from './packet.js'
import type { Transit } from './stack.js'
import type { DeviceName, HostName, Port } from './state.js'

export type Transmission =
  | { readonly kind: 'sent'; readonly transit: Transit }
  | { readonly kind: 'lost'; readonly why: Extract<StepFacts['stopped']['why'], 'no-neighbour' | 'link-down'> }

/** Puts a packet on the link of a device, addressed to whoever answers ARP for the next hop. */
export function transmit(kernel: Kernel, host: HostName, deviceName: DeviceName, nextHop: string, packet: Packet): Transmission {
  const { net } = kernel
  const device = net.interfaces.get(host)?.get(deviceName)
  if (device?.up !== true) return { kind: 'lost', why: 'link-down' }
  const target = steer(kernel, host, device.segment, nextHop, packet) ?? net.neighbours.get(device.segment)?.get(nextHop)
  if (
    target === undefined ||
    net.hosts.get(target.host)?.down !== false ||
    net.interfaces.get(target.host)?.get(target.device)?.up !== true
  ) {
    kernel.trace({
      kind: 'arp',
      from: deviceThing(kernel, host, deviceName),
      facts: { packet, direction: kernel.direction, host, device: deviceName, asked: nextHop, answered: false },
    })
    return { kind: 'lost', why: 'no-neighbour' }
  }
  // A veth's frames come out at its other end, which is a port of the bridge that lies between.
  const at = device.peer ?? target
  if (device.kind === 'bridge') {
    const outPort = net.interfaces.get(target.host)?.get(target.device)?.peer?.device ?? ''
    kernel.trace({
      kind: 'bridge',
      from: deviceThing(kernel, host, deviceName),
      to: deviceThing(kernel, host, deviceName),
      facts: { packet, direction: kernel.direction, host, bridge: deviceName, inPort: deviceName, outPort, lifted: false },
    })
  }
  kernel.trace({
    kind: 'packet-link',
    from: deviceThing(kernel, host, deviceName),
    to: deviceThing(kernel, at.host, at.device),
    facts: { packet, direction: kernel.direction, fromDevice: deviceName, toDevice: at.device },
  })
  return { kind: 'sent', transit: { packet, direction: kernel.direction, at, target } }
}

/** Where the fabric takes a frame whatever ARP says: to a told Node, or to the load balancer (or its Node) that has the connection. */
function steer(kernel: Kernel, host: HostName, segment: string, nextHop: string, packet: Packet): Port | undefined {
  if (segment !== UNDERLAY) return undefined
  const { deliverTo, net, scratch } = kernel
  if (deliverTo?.ip === nextHop) return { host: deliverTo.node, device: 'eth0' }
  if (net.steered.size === 0 && (scratch === undefined || scratch.steered.size === 0)) return undefined
  const key = tupleText(tupleOf(packet))
  const carrier = scratch?.steered.has(key) === true ? scratch.steered.get(key) : net.steered.get(key)
  return carrier === undefined || carrier === host ? undefined : { host: carrier, device: 'eth0' }
}
