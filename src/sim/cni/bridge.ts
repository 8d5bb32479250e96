import { SimBug } from '../core/result.js'
import { thing } from '../core/thing.js'
import type { ObjectRef } from '../core/vocabulary.js'
import type { Ctx } from '../kube/context.js'
import { addressAt, parsePrefix } from '../net/address.js'
import type { Overlay } from '../net/layout.js'
import { BRIDGE, hostName, layPod, layPodRanges, unlayPod } from '../net/layout.js'

export interface CniPod {
  readonly uid: string
  readonly namespace: string
  readonly name: string
}

/** Gives a Node its Pod range: the bridge takes the first address, and every other Node learns the way, as the cluster's network is. */
export function layBridge(ctx: Ctx, node: string, podCIDRs: readonly string[], overlay: Overlay = 'host-gw'): void {
  layPodRanges(ctx.world.parts.net, node, podCIDRs, overlay)
}

/**
 * The next free address of a Node's range: the search goes on after the one given out last, and begins again at .2 when it has come round.
 *
 * Source: containernetworking/plugins plugins/ipam/host-local/backend/allocator/allocator.go
 */
export function nextAddress(
  podCIDR: string,
  reserved: ReadonlyMap<string, string>,
  last: string | undefined,
): string | undefined {
  const range = parsePrefix(podCIDR)
  if (range === undefined) return undefined
  const size = 2 ** Math.min(16, (range.family === 4 ? 32 : 128) - range.length)
  // The network's own address and the bridge's stand before, the broadcast address behind.
  const first = 2
  const count = size - first - (range.family === 4 ? 1 : 0)
  const start = last === undefined ? 0 : indexOf(range, last, first, count) + 1
  for (let step = 0; step < count; step++) {
    const ip = addressAt(range, first + ((start + step) % count))
    if (!reserved.has(ip)) return ip
  }
  return undefined
}

function indexOf(range: NonNullable<ReturnType<typeof parsePrefix>>, ip: string, first: number, count: number): number {
  for (let index = 0; index < count; index++) if (addressAt(range, first + index) === ip) return index
  return -1
}

/** CNI ADD: an address of each range, a veth pair on the bridge, routes. Undefined when a range is used up. */
export function addPod(ctx: Ctx, node: string, podCIDRs: readonly string[], pod: CniPod): readonly string[] | undefined {
  const { cni, net } = ctx.world.parts
  const reserved = cni.reserved.get(node) ?? new Map<string, string>()
  const lastKey = (podCIDR: string, index: number): string => (index === 0 ? node : `${node} ${podCIDR}`)
  const ips = podCIDRs.map((podCIDR, index) => nextAddress(podCIDR, reserved, cni.last.get(lastKey(podCIDR, index))))
  const given = ips.flatMap((ip) => ip ?? [])
  if (given.length < podCIDRs.length) return undefined
  for (const ip of given) reserved.set(ip, pod.uid)
  cni.reserved.set(node, reserved)
  for (const [index, podCIDR] of podCIDRs.entries()) cni.last.set(lastKey(podCIDR, index), given[index] ?? '')
  const device = layPod(net, { node, namespace: pod.namespace, name: pod.name, ips: given })
  ctx.emit({
    kind: 'cni',
    facts: { node, pod: refOf(pod), operation: 'add', ip: given.join(','), device, bridge: BRIDGE },
    from: thing.runtime(node),
    to: thing.pod(pod.namespace, pod.name),
  })
  return given
}

/** CNI DEL: the namespace goes, the address is free. Harmless when it has gone already. */
export function removePod(ctx: Ctx, node: string, pod: CniPod): void {
  const { cni, net } = ctx.world.parts
  const reserved = cni.reserved.get(node)
  const given = [...(reserved ?? [])].filter(([, uid]) => uid === pod.uid).map(([ip]) => ip)
  if (reserved === undefined || given.length === 0) return
  for (const ip of given) reserved.delete(ip)
  const host = hostName.pod(pod.namespace, pod.name)
  const device = [...(net.interfaces.get(node)?.values() ?? [])].find((each) => each.peer?.host === host)?.name ?? ''
  if (given.some((ip) => net.hosts.get(host)?.addresses.includes(ip))) unlayPod(net, pod.namespace, pod.name)
  ctx.emit({
    kind: 'cni',
    facts: { node, pod: refOf(pod), operation: 'del', ip: given.join(','), device, bridge: BRIDGE },
    from: thing.runtime(node),
    to: thing.pod(pod.namespace, pod.name),
  })
}

/** Power fails: the namespaces go, the plugin's file of reserved addresses stays on the disk. */
export function losePods(ctx: Ctx, node: string): void {
  const { net } = ctx.world.parts
  if (!net.hosts.has(node)) throw new SimBug('no-such-node', { node })
  for (const host of [...net.hosts.values()]) {
    if (host.kind !== 'pod' || host.node !== node) continue
    const [, namespace = '', name = ''] = host.name.split('/')
    unlayPod(net, namespace, name)
  }
}

function refOf(pod: CniPod): ObjectRef {
  return { kind: 'Pod', apiVersion: 'v1', namespace: pod.namespace, name: pod.name }
}
