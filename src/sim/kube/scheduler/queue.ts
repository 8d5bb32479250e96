import { SECOND, type SimTime } from '../../core/time.js'
import type { QueuedPod, SchedulerPart } from './part.js'

/** What happened in the cluster, as far as a waiting Pod may care. Source: kubernetes pkg/scheduler/framework/types.go ClusterEvent */
export type ClusterEvent =
  | 'node-added'
  | 'node-labels'
  | 'node-taints'
  | 'node-allocatable'
  | 'pod-added'
  | 'pod-changed'
  | 'pod-removed'
  | 'volumes-changed'

/** Which events may help a Pod that a plugin has rejected. Source: each plugin's EventsToRegister */
const CARES: Readonly<Record<string, readonly ClusterEvent[]>> = {
  NodeUnschedulable: ['node-added', 'node-taints'],
  NodeName: ['node-added'],
  TaintToleration: ['node-added', 'node-taints'],
  NodeAffinity: ['node-added', 'node-labels'],
  NodePorts: ['node-added', 'pod-removed'],
  NodeResourcesFit: ['node-added', 'node-allocatable', 'pod-removed'],
  PodTopologySpread: ['node-added', 'node-labels', 'node-taints', 'pod-added', 'pod-changed', 'pod-removed'],
  InterPodAffinity: ['node-added', 'node-labels', 'pod-added', 'pod-changed', 'pod-removed'],
  VolumeBinding: ['node-added', 'node-labels', 'volumes-changed'],
}

/** A Pod that waits longer than this is tried again whatever happened. Source: kubernetes pkg/scheduler/backend/queue DefaultPodMaxInUnschedulablePodsDuration */
export const LONGEST_WAIT = 300 * SECOND

export function caresAbout(queued: QueuedPod, event: ClusterEvent): boolean {
  if (queued.rejectedBy.length === 0) return true
  return queued.rejectedBy.some((plugin) => CARES[plugin]?.includes(event) ?? true)
}

/** 1 s after the first failure, doubled each time, at most 10 s. */
export function backOffOf(part: SchedulerPart, attempts: number): SimTime {
  const { initialBackoffSeconds, maxBackoffSeconds } = part.profile
  let seconds = initialBackoffSeconds
  for (let tried = 1; tried < attempts && seconds < maxBackoffSeconds; tried++) seconds *= 2
  return Math.min(seconds, maxBackoffSeconds) * SECOND
}

/** Puts a Pod into its place in the queue, whatever it was before. */
export function setQueued(part: SchedulerPart, queued: QueuedPod): void {
  const before = part.queue.get(queued.key)
  if (before?.state === 'active') part.active.get(before.priority)?.delete(queued.key)
  part.queue.set(queued.key, queued)
  if (queued.state !== 'active') return
  const level = part.active.get(queued.priority) ?? new Set<string>()
  level.add(queued.key)
  part.active.set(queued.priority, level)
}

export function dropQueued(part: SchedulerPart, key: string): void {
  const before = part.queue.get(key)
  if (before === undefined) return
  part.active.get(before.priority)?.delete(key)
  part.queue.delete(key)
}

/** The next Pod to try: highest priority first, then the one that waits longest. Source: kubernetes pkg/scheduler/framework/plugins/queuesort/priority_sort.go */
export function nextActive(part: SchedulerPart): QueuedPod | undefined {
  let best: number | undefined
  for (const [priority, keys] of part.active) if (keys.size > 0 && (best === undefined || priority > best)) best = priority
  if (best === undefined) return undefined
  for (const key of part.active.get(best) ?? []) return part.queue.get(key)
  return undefined
}
