import type { StepFacts } from '../core/vocabulary.js'
import { FIRST_TTL } from './errors.js'
import type { Kernel } from './kernel.js'
import { machineOf } from './machine.js'
import type { Packet } from './packet.js'
import { endpointText, packetOf } from './packet.js'
import type { Skb } from './skb.js'
import type { Interface, Vxlan } from './state.js'

type Loss = Extract<StepFacts['stopped']['why'], 'no-neighbour' | 'link-down'>

/**
 * Puts a packet into a UDP packet to the Node that has the next hop: the device knows every other Node's end beforehand, as flannel
 * writes its neighbours and forwarding entries. The mark stays on it.
 * Source: Linux drivers/net/vxlan/vxlan_core.c vxlan_xmit_one, flannel pkg/backend/vxlan/vxlan_network.go handleSubnetEvents
 *
 * @returns the packet that carries it, or why it is lost.
 */
export function encapsulate(kernel: Kernel, skb: Skb, device: Interface, nextHop: string): Packet | Loss {
  const { packet, direction, host } = skb
  const { vxlan } = device
  if (!device.up || vxlan === undefined) return 'link-down'
  const target = kernel.net.neighbours.get(device.segment)?.get(nextHop)
  const remote = target === undefined ? undefined : machineOf(kernel.view, target.host).devices.get(target.device)?.vxlan
  if (remote === undefined) {
    kernel.trace({ kind: 'arp', packet, direction, host, device: device.name, asked: nextHop })
    return 'no-neighbour'
  }
  const outer = packetOf(
    { proto: 'udp', src: vxlan.local, sport: flowPort(packet), dst: remote.local, dport: vxlan.port },
    { ttl: FIRST_TTL, mark: packet.mark, flags: 'VXLAN', inner: undefined, carried: packet },
  )
  const { vni } = vxlan
  kernel.trace({
    kind: 'tunnel',
    packet: outer,
    direction,
    host,
    device: device.name,
    operation: 'encapsulate',
    vni,
    remote: remote.local,
    inner: packet,
  })
  return outer
}

/** The device of a host that takes a tunnel's packet. */
export function tunnelFor(skb: Skb): (Interface & { readonly vxlan: Vxlan }) | undefined {
  for (const device of skb.machine.devices.values()) {
    const { vxlan } = device
    if (vxlan !== undefined && device.up && vxlan.port === skb.packet.dport && vxlan.local === skb.packet.dst)
      return { ...device, vxlan }
  }
  return undefined
}

/** Source ports that tell flows apart. Source: Linux net.ipv4.ip_local_port_range */
const FIRST_PORT = 32_768
const LAST_PORT = 60_999

/** The same for every packet of a flow, in both directions. Source: Linux include/net/udp.h udp_flow_src_port */
function flowPort({ proto, src, sport, dst, dport }: Packet): number {
  const [one, other] = [endpointText(src, sport), endpointText(dst, dport)].sort()
  let hash = 2_166_136_261
  for (const char of `${proto} ${one} ${other}`) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619)
  return FIRST_PORT + ((hash >>> 0) % (LAST_PORT - FIRST_PORT + 1))
}
