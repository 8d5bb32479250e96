import type { Node, Pod } from '../../../generated/kubeTypes.js'
import { emptyNodeInfo, type NodeInfo, podKey, withNode, withPod } from './nodeInfo.js'
import type { SchedulerPart } from './part.js'

/** Sums by Node as plain containers, kept by whoever owns the Maps. */
export type NodeSums = Pick<SchedulerPart, 'nodes' | 'placed'>

/** Counts a Pod on a Node; a Pod counted before is counted anew. */
export function placePod(sums: NodeSums, pod: Pod, node: string): void {
  const key = podKey(pod)
  const before = sums.placed.get(key)
  const counted = before === undefined ? undefined : sums.nodes.get(before)?.pods.get(key)
  if (before === node && counted !== undefined && looksAlike(counted, pod)) return
  removePod(sums, key)
  sums.nodes.set(node, withPod(sums.nodes.get(node) ?? emptyNodeInfo(node), pod, 1))
  sums.placed.set(key, node)
}

/** A change that no plugin looks at needs no new sums. */
function looksAlike(a: Pod, b: Pod): boolean {
  if (a.metadata?.uid !== b.metadata?.uid || a.metadata?.deletionTimestamp !== b.metadata?.deletionTimestamp) return false
  if (a.metadata?.generation !== b.metadata?.generation) return false
  return JSON.stringify(a.metadata?.labels) === JSON.stringify(b.metadata?.labels)
}

/** Takes a Pod off its Node; tells whether it was on one. */
export function removePod(sums: NodeSums, key: string): boolean {
  const name = sums.placed.get(key)
  if (name === undefined) return false
  sums.placed.delete(key)
  const info = sums.nodes.get(name)
  const counted = info?.pods.get(key)
  if (info === undefined || counted === undefined) return false
  const left = withPod(info, counted, -1)
  if (left.node === undefined && left.podCount === 0) sums.nodes.delete(name)
  else sums.nodes.set(name, left)
  return true
}

export function setNode(sums: NodeSums, name: string, node: Node | undefined): void {
  const info = withNode(sums.nodes.get(name) ?? emptyNodeInfo(name), node)
  if (node === undefined && info.podCount === 0) sums.nodes.delete(name)
  else sums.nodes.set(name, info)
}

/** Nodes that exist, in the order in which they came. */
export function knownNodes(sums: NodeSums): readonly NodeInfo[] {
  return [...sums.nodes.values()].filter((info) => info.node !== undefined)
}

/** A Pod that has ended takes no room. */
export function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}
