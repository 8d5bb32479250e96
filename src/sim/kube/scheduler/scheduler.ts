import type { Node, Pod } from '../../../generated/kubeTypes.js'
import { BACKGROUND } from '../../core/step.js'
import { thing } from '../../core/thing.js'
import { MS, SECOND } from '../../core/time.js'
import type { WatchMessage } from '../api/client.js'
import { applyWatch, cacheOf, startInformer, stopInformers, type WatchChange } from '../api/informer.js'
import type { ResourceName } from '../api/resources.js'
import type { Behaviour, Ctx } from '../context.js'
import { attempt } from './attempt.js'
import { hasEnded, placePod, removePod, setNode } from './cache.js'
import type { QueuedPod } from './part.js'
import { priorityOf } from './preemption.js'
import { type ClusterEvent, caresAbout, dropQueued, LONGEST_WAIT, nextActive, setQueued } from './queue.js'

const WATCHED: readonly ResourceName[] = [
  'nodes',
  'pods',
  'namespaces',
  'services',
  'replicasets',
  'statefulsets',
  'replicationcontrollers',
  'persistentvolumeclaims',
  'persistentvolumes',
  'storageclasses',
  'poddisruptionbudgets',
]

/** Changes of these may help a Pod that waits for a volume. */
const OF_VOLUMES: ReadonlySet<ResourceName> = new Set(['persistentvolumeclaims', 'persistentvolumes', 'storageclasses'])

/** Time between two Pods: filtering and scoring take about this long. */
const CYCLE = 1 * MS
const FLUSH_PERIOD = 30 * SECOND

/**
 * kube-scheduler: waits for Pods without a Node, tries them one by one, binds them.
 *
 * Source: kubernetes pkg/scheduler/schedule_one.go ScheduleOne; pkg/scheduler/backend/queue/scheduling_queue.go; pkg/scheduler/eventhandlers.go
 */
export const schedulerBehaviour: Behaviour<'scheduler'> = (ctx, message) => {
  const part = ctx.world.parts.scheduler
  switch (message.type) {
    case 'start':
      start(ctx)
      return
    case 'stop':
      stop(ctx)
      return
    default:
      break
  }
  if (!part.running) return
  switch (message.type) {
    case 'watch':
    case 'watch-closed':
      takeChanges(ctx, message)
      return
    case 'schedule': {
      if (message.run !== part.run) return
      part.busy = false
      const next = nextActive(part)
      if (next !== undefined) attempt(ctx, next)
      wake(ctx)
      return
    }
    case 'ready': {
      if (message.run !== part.run) return
      const queued = part.queue.get(message.key)
      if (queued?.state !== 'backoff' || queued.readyAt > ctx.now) return
      setQueued(part, { ...queued, state: 'active' })
      wake(ctx)
      return
    }
    case 'flush':
      if (message.run !== part.run) return
      flush(ctx)
      return
  }
}

function start(ctx: Ctx): void {
  const part = ctx.world.parts.scheduler
  if (part.running) stop(ctx)
  part.running = true
  part.run++
  startInformer(ctx, WATCHED, { thing: thing.scheduler })
  ctx.send({ kind: 'scheduler' }, { type: 'flush', run: part.run }, FLUSH_PERIOD, { background: true, flow: BACKGROUND })
}

/** Ends the process: queue and cache are gone, Pods stay where they are. */
function stop(ctx: Ctx): void {
  const part = ctx.world.parts.scheduler
  part.running = false
  part.busy = false
  part.run++
  stopInformers(ctx, 'scheduler', '')
  for (const memory of [part.nodes, part.placed, part.queue, part.active]) memory.clear()
}

function flush(ctx: Ctx): void {
  const part = ctx.world.parts.scheduler
  for (const queued of part.queue.values()) {
    if (queued.state === 'unschedulable' && ctx.now - queued.triedAt >= LONGEST_WAIT)
      setQueued(part, { ...queued, state: 'active' })
  }
  wake(ctx)
  ctx.send({ kind: 'scheduler' }, { type: 'flush', run: part.run }, FLUSH_PERIOD, { background: true, flow: BACKGROUND })
}

/** Asks for a turn when a Pod waits and none is asked for yet. */
function wake(ctx: Ctx): void {
  const part = ctx.world.parts.scheduler
  if (part.busy || !cacheOf(ctx).isSynced(WATCHED) || nextActive(part) === undefined) return
  part.busy = true
  ctx.send({ kind: 'scheduler' }, { type: 'schedule', run: part.run }, CYCLE, { background: false })
}

function takeChanges(ctx: Ctx, message: WatchMessage): void {
  const events = new Set<ClusterEvent>()
  for (const change of applyWatch(ctx, message)) {
    if (isOf(change, 'pods')) takePod(ctx, change, events)
    else if (isOf(change, 'nodes')) takeNode(ctx, change, events)
    else if (OF_VOLUMES.has(change.resource)) events.add('volumes-changed')
  }
  for (const event of events) requeue(ctx, event)
  wake(ctx)
}

function isOf<R extends ResourceName>(change: WatchChange, resource: R): change is WatchChange<ResourceName> & WatchChange<R> {
  return change.resource === resource
}

function takePod(ctx: Ctx, { type, key, object, old }: WatchChange<'pods'>, events: Set<ClusterEvent>): void {
  const part = ctx.world.parts.scheduler
  if (type === 'DELETED' || hasEnded(object)) {
    dropQueued(part, key)
    if (type === 'DELETED') part.reports.delete(key)
    if (removePod(part, key)) events.add('pod-removed')
    return
  }
  const node = object.spec?.nodeName ?? ''
  if (node !== '') {
    dropQueued(part, key)
    const isNew = part.placed.get(key) !== node
    placePod(part, object, node)
    if (isNew) events.add('pod-added')
    else if (JSON.stringify(old?.metadata.labels) !== JSON.stringify(object.metadata.labels)) events.add('pod-changed')
    return
  }
  if ((object.spec?.schedulerName ?? 'default-scheduler') !== part.profile.name) return
  // A Pod that ends before it was placed is no longer ours to place.
  if (object.metadata.deletionTimestamp !== undefined) dropQueued(part, key)
  else enqueue(ctx, key, object, old)
}

function enqueue(ctx: Ctx, key: string, pod: Pod, old: Pod | undefined): void {
  const part = ctx.world.parts.scheduler
  const before = part.queue.get(key)
  const gated = (pod.spec?.schedulingGates ?? []).length > 0
  if (before === undefined) {
    const fresh: QueuedPod = {
      key,
      priority: priorityOf(pod),
      since: ctx.now,
      attempts: 0,
      triedAt: ctx.now,
      rejectedBy: [],
      state: gated ? 'gated' : 'active',
      readyAt: ctx.now,
    }
    setQueued(part, fresh)
    return
  }
  const changed = old === undefined || old.metadata?.generation !== pod.metadata?.generation || !sameLabels(old, pod)
  if (before.state === 'gated' && !gated) setQueued(part, { ...before, state: 'active' })
  else if (before.state === 'unschedulable' && changed) release(ctx, before)
}

function sameLabels(a: Pod, b: Pod): boolean {
  return JSON.stringify(a.metadata?.labels) === JSON.stringify(b.metadata?.labels)
}

function takeNode(ctx: Ctx, { type, key, object, old }: WatchChange<'nodes'>, events: Set<ClusterEvent>): void {
  const part = ctx.world.parts.scheduler
  if (type === 'DELETED') {
    setNode(part, key, undefined)
    return
  }
  setNode(part, key, object)
  if (old === undefined) events.add('node-added')
  else for (const event of nodeEvents(old, object)) events.add(event)
}

function nodeEvents(old: Node, now: Node): readonly ClusterEvent[] {
  const differs = (read: (node: Node) => unknown): boolean => JSON.stringify(read(old)) !== JSON.stringify(read(now))
  const events: ClusterEvent[] = []
  if (differs((node) => node.metadata?.labels)) events.push('node-labels')
  if (differs((node) => [node.spec?.taints, node.spec?.unschedulable])) events.push('node-taints')
  if (differs((node) => node.status?.allocatable)) events.push('node-allocatable')
  return events
}

/** Brings back the Pods that an event may help, at once or when their back-off is over. */
function requeue(ctx: Ctx, event: ClusterEvent): void {
  for (const queued of ctx.world.parts.scheduler.queue.values()) {
    if (queued.state === 'unschedulable' && caresAbout(queued, event)) release(ctx, queued)
  }
}

function release(ctx: Ctx, queued: QueuedPod): void {
  const part = ctx.world.parts.scheduler
  if (queued.readyAt <= ctx.now) {
    setQueued(part, { ...queued, state: 'active' })
    return
  }
  setQueued(part, { ...queued, state: 'backoff' })
  ctx.send({ kind: 'scheduler' }, { type: 'ready', key: queued.key, run: part.run }, queued.readyAt - ctx.now, {
    background: false,
  })
}
