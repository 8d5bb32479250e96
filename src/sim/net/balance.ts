import type { Chance } from '../core/vocabulary.js'
import type { Family } from './address.js'
import { familyOf, prefixHolds } from './address.js'
import { confirm, isTaken, track } from './conntrack.js'
import type { Kernel, Tracked } from './kernel.js'
import { transmit } from './link.js'
import type { LoadBalancer, LoadBalancerPort } from './loadBalancer.js'
import { translate } from './nat.js'
import { endpointText, tupleOf, tupleText } from './packet.js'
import { lookUpRoute } from './routing.js'
import type { Skb } from './skb.js'
import type { HostName } from './state.js'

/** Where a load balancer may send a connection. */
interface Backend {
  /** As a step names it: a Node, or `ip:port` of an endpoint. */
  readonly name: string
  readonly ip: string
  readonly port: number
}

/**
 * A load balancer's handling of a packet: choose a backend for a new connection, carry the others on and their answers back.
 *
 * Simplified: kind `proxy` is carried as one connection with both addresses rewritten, though a real one ends it and opens its own.
 * @returns false when the packet is none of its connections: then the host answers as any host does.
 */
export function carry(kernel: Kernel, skb: Skb): boolean {
  const balancer = kernel.net.loadBalancers.get(skb.host)
  if (balancer === undefined) return false
  track(kernel, skb)
  const { tracked } = skb
  if (tracked === undefined) return false
  if (skb.state === 'NEW' && !tracked.confirmed) {
    if (!balancer.addresses.includes(skb.packet.dst)) return false
    const port = balancer.ports.find((each) => each.proto === skb.packet.proto && each.port === skb.packet.dport)
    if (port === undefined) return false
    return begin(kernel, skb, { balancer, port, tracked })
  }
  return pass(kernel, skb, tracked)
}

function begin(
  kernel: Kernel,
  skb: Skb,
  asked: { readonly balancer: LoadBalancer; readonly port: LoadBalancerPort; readonly tracked: Tracked },
): boolean {
  const { balancer, port, tracked } = asked
  if (isBarred(balancer, skb.packet.src)) {
    lose(kernel, skb, 'drop', 'loadBalancerSourceRanges')
    return true
  }
  const backends = backendsOf(balancer, port, familyOf(skb.packet.dst))
  const chosen = choose(kernel, skb, balancer, backends)
  if (chosen === undefined) {
    lose(kernel, skb, 'no-answer', 'no backend')
    return true
  }
  if (balancer.kind === 'pass-through') {
    steerTo(kernel, tupleText(tracked.entry.original), chosen.name)
    confirm(kernel, skb, tracked)
    send(kernel, skb)
    return true
  }
  const { entry } = tracked
  let reply = { ...entry.reply, src: chosen.ip, sport: chosen.port }
  if (balancer.kind === 'proxy') {
    reply = { ...reply, dst: skb.packet.dst }
    for (let tries = 0; tries < 64; tries++) {
      reply = { ...reply, dport: 32_768 + Math.floor(kernel.random() * 28_232) }
      if (!isTaken(kernel, skb, reply)) break
    }
  }
  tracked.entry = { ...entry, reply, dnat: true, snat: balancer.kind === 'proxy' }
  confirm(kernel, skb, tracked)
  // A source that is kept would let the answer pass the load balancer by; the provider's fabric brings it back.
  if (balancer.kind !== 'proxy') steerTo(kernel, tupleText(reply), skb.host)
  return pass(kernel, skb, tracked)
}

/**
 * Whether a load balancer's own firewall keeps this sender out. A NodePort is open to everybody: what kube-proxy guards is the
 * address of a load balancer, which only kind `pass-through` leaves in the packet.
 *
 * Source: kubernetes pkg/proxy/iptables/proxier.go syncProxyRules (KUBE-FW-); staging cloud-provider service/helpers GetLoadBalancerSourceRanges
 */
function isBarred({ kind, sourceRanges = [] }: LoadBalancer, sender: string): boolean {
  if (kind === 'pass-through') return false
  const ofFamily = sourceRanges.filter((range) => range.family === familyOf(sender))
  return ofFamily.length > 0 && !ofFamily.some((range) => prefixHolds(range, sender))
}

/** Where connections of a family may go: none of the kinds leads from one family to the other. */
function backendsOf(balancer: LoadBalancer, port: LoadBalancerPort, family: Family): readonly Backend[] {
  if (balancer.kind === 'direct') {
    return port.endpoints
      .filter((endpoint) => familyOf(endpoint.ip) === family)
      .map((endpoint) => ({ name: endpointText(endpoint.ip, endpoint.port), ip: endpoint.ip, port: endpoint.port }))
  }
  // Without a NodePort only a packet that keeps its address finds a Service on the Node.
  if (balancer.kind !== 'pass-through' && port.nodePort === 0) return []
  return balancer.nodes.flatMap(({ node, ips }) => {
    const ip = ips.find((each) => familyOf(each) === family)
    return ip === undefined ? [] : [{ name: node, ip, port: port.nodePort }]
  })
}

function choose(kernel: Kernel, skb: Skb, balancer: LoadBalancer, backends: readonly Backend[]): Backend | undefined {
  if (backends.length === 0) return undefined
  const probability = 1 / backends.length
  const index = kernel.chooser.choose({ what: 'load-balancer', host: skb.host, weights: backends.map(() => probability) })
  const chosen = backends[index]
  if (chosen === undefined) return undefined
  const chance: Chance = { probability, share: `1/${backends.length}` }
  const { packet, direction, host } = skb
  const choice = {
    loadBalancer: host,
    lbKind: balancer.kind,
    chosen: chosen.name,
    candidates: backends.map((backend) => backend.name),
    excluded: balancer.excluded,
    chance,
    forced: kernel.forced,
  }
  kernel.trace({ kind: 'lb-choice', packet, direction, host, choice })
  return chosen
}

/** Rewrites a packet as its connection says and sends it on. */
function pass(kernel: Kernel, skb: Skb, tracked: Tracked): boolean {
  const back = tracked.direction === 'reply'
  for (const part of ['destination', 'source'] as const) {
    const before = skb.packet
    const after = translate(before, tracked, part)
    if (after === before) continue
    skb.packet = after
    const isDnat = (part === 'destination') !== back
    const what = isDnat ? (back ? 'undo-dnat' : 'dnat') : back ? 'undo-snat' : 'snat'
    const hook = part === 'destination' ? 'PREROUTING' : 'POSTROUTING'
    kernel.trace({
      kind: 'rewrite',
      packet: before,
      direction: skb.direction,
      host: skb.host,
      hook,
      what,
      by: 'load-balancer',
      after,
    })
  }
  send(kernel, skb)
  return true
}

function send(kernel: Kernel, skb: Skb): void {
  const { host, packet } = skb
  const result = lookUpRoute(kernel, host, packet.dst)
  const key = tupleText(tupleOf(packet))
  const isSteered = (kernel.scratch?.steered.get(key) ?? kernel.net.steered.get(key)) !== undefined
  if (result.kind !== 'forward' && !isSteered) {
    lose(kernel, skb, 'no-route')
    return
  }
  const device = skb.machine.devices.get(result.kind === 'forward' ? result.route.device : 'eth0')
  const lost = transmit(kernel, skb, device, result.kind === 'forward' ? result.nextHop : packet.dst)
  if (lost !== undefined) lose(kernel, skb, lost)
}

/** Connections that the fabric keeps in mind; beyond, it forgets the oldest. */
const MOST_STEERED = 4_096

function steerTo(kernel: Kernel, key: string, host: HostName): void {
  if (kernel.scratch !== undefined) {
    kernel.scratch.steered.set(key, host)
    return
  }
  const { steered } = kernel.net
  steered.delete(key)
  steered.set(key, host)
  for (const oldest of steered.keys()) {
    if (steered.size <= MOST_STEERED) return
    steered.delete(oldest)
  }
}

function lose(
  kernel: Kernel,
  skb: Skb,
  why: 'drop' | 'no-answer' | 'no-route' | 'no-neighbour' | 'link-down',
  detail?: string,
): void {
  const { packet, direction, host } = skb
  const stop = detail === undefined ? { why } : { why, with: detail }
  kernel.trace({ kind: 'stopped', packet, direction, host, hook: undefined, stop })
  skb.handled.losses.push({ ...stop, direction, host, packet })
}
