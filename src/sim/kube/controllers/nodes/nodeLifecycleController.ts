import type { Taint } from '../../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../../core/digest.js'
import { thing } from '../../../core/thing.js'
import { MS, SECOND, toTimestamp } from '../../../core/time.js'
import type { ApiError } from '../../api/apiError.js'
import { keyOf } from '../../api/resources.js'
import { newsOf } from '../../faults/news.js'
import type { Controller, Run, SyncOutcome } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'
import { semanticEqual } from '../plain.js'
import type { StoredNode } from '../pods.js'
import { podCondition } from '../pods.js'
import { sameLabels } from '../selectors.js'
import {
  NOT_READY,
  nodeCondition,
  noExecuteTaints,
  noScheduleTaints,
  readyStatus,
  UNREACHABLE,
  unknownConditions,
} from './conditions.js'

const COMPONENT = 'node-controller'
/** Nodes of a zone that must be unhealthy for evictions to slow down, and how many at least. */
const UNHEALTHY_SHARE = 0.55
const UNHEALTHY_LEAST = 2
/** A larger cluster goes on slowly; a smaller one stops. */
const LARGE_CLUSTER = 50
const SLOW_RATE = 0.01
/** The loop that sets NoExecute taints runs so often. */
const TAINT_PASS = 100 * MS

/**
 * Watches over Nodes: a kubelet that is not heard of for the grace period makes its Node unknown; conditions become taints; Pods on a
 * Node that is not ready become not ready. Keys: a Node's name; `down|NAME` when a look found it silent.
 *
 * Source: kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go
 */
export const nodeLifecycleController: Controller = {
  name: 'node-lifecycle-controller',
  watches: ['nodes', 'leases', 'pods'],
  timers: [{ name: 'monitor', every: (run) => run.part.settings.nodeMonitorPeriod }],
  changed(run, change) {
    if (isChangeOf(change, 'nodes')) {
      if (change.type === 'DELETED') run.add(`removed|${change.key}`)
      else run.add(change.key)
    } else if (isChangeOf(change, 'pods') && change.type !== 'DELETED') {
      const node = change.object.spec?.nodeName ?? ''
      if (node !== '' && change.old?.spec?.nodeName !== node && isNodeDown(run, node)) run.add(`pods|${node}`)
    }
  },
  tick: monitor,
  sync,
}

function isNodeDown(run: Run, name: string): boolean {
  const node = run.cache.get('nodes', name)
  return node !== undefined && readyStatus(node) !== 'True'
}

/** A Node that came with its status is taken as it stands. */
function isFrozen(run: Run, name: string): boolean {
  return run.ctx.world.parts.cluster.machines.get(name)?.kubelet === 'frozen'
}

/** Looks at each Node's heartbeats and leases; what must be written is queued, in a flow of its own. Source: monitorNodeHealth */
function monitor(run: Run): void {
  const seen: Seen[] = []
  for (const node of run.cache.list('nodes')) {
    const name = node.metadata.name
    if (isFrozen(run, name)) continue
    const before = run.part.nodeHealth.get(name)
    const heartbeat = heartbeatOf(node)
    const lease = run.cache.get('leases', `kube-node-lease/${name}`)?.spec?.renewTime ?? ''
    const heard = before === undefined || before.heartbeat !== heartbeat || lease > before.lease
    const probeAt = heard ? run.now : before.probeAt
    run.part.nodeHealth.set(name, { probeAt, heartbeat, lease, ready: readyStatus(node) })
    const silent = isSilent(run, node, probeAt)
    if (silent && !semanticEqual(unknownConditions(node, 0), node.status?.conditions)) addInOwnFlow(run, `down|${name}`)
    seen.push({ node, ready: silent ? 'Unknown' : readyStatus(node) })
  }
  planEvictions(run, seen)
}

/** Whether a kubelet that was heard of last at this time has been silent for longer than it may. */
function isSilent(run: Run, node: StoredNode, probeAt: number): boolean {
  const { nodeMonitorGracePeriod, nodeStartupGracePeriod } = run.part.settings
  return run.now > probeAt + (nodeCondition(node, 'Ready') === undefined ? nodeStartupGracePeriod : nodeMonitorGracePeriod)
}

/** A Node with its Ready status once this look is written. */
interface Seen {
  readonly node: StoredNode
  readonly ready: string
}

/** Any change of the conditions is a sign of life, whatever their times say. */
function heartbeatOf(node: StoredNode): string {
  return JSON.stringify(
    (node.status?.conditions ?? []).map((each) =>
      each.reason === 'NodeStatusUnknown' || each.reason === 'NodeStatusNeverUpdated' ? each.type : each,
    ),
  )
}

/** What a look at the clock brings to light is news, not background. */
function addInOwnFlow(run: Run, key: string, delay = 1): void {
  const { ctx, part } = run
  const queue = part.queues.get(run.name) ?? new Set<string>()
  part.queues.set(run.name, queue)
  if (queue.has(key)) return
  queue.add(key)
  const news = newsOf(ctx, key.slice(key.indexOf('|') + 1))
  ctx.send({ kind: 'controller', instance: run.name }, { type: 'work', key }, delay, { ...news, background: false })
}

function sync(run: Run, key: string): SyncOutcome {
  const bar = key.indexOf('|')
  const what = bar < 0 ? 'node' : key.slice(0, bar)
  const name = key.slice(bar + 1)
  if (what === 'removed') return nodeRemoved(run, name)
  const node = run.cache.get('nodes', name)
  if (node === undefined) return SETTLED
  const error =
    what === 'down'
      ? markUnknown(run, node)
      : what === 'evict'
        ? evict(run, node)
        : what === 'calm'
          ? calm(run, name)
          : look(run, node, what === 'pods')
  return error === undefined ? SETTLED : retry(error)
}

function nodeRemoved(run: Run, name: string): SyncOutcome {
  if (run.cache.get('nodes', name) !== undefined) return SETTLED
  const about = { apiVersion: 'v1', kind: 'Node', metadata: { name } }
  run.event(about, 'Normal', 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`, COMPONENT)
  run.part.moments.delete(`${run.name}/known/${name}`)
  run.part.moments.delete(`${run.name}/ready/${name}`)
  run.part.nodeHealth.delete(name)
  return SETTLED
}

/** The kubelet has been silent for too long. Source: tryUpdateNodeHealth */
function markUnknown(run: Run, node: StoredNode): ApiError | undefined {
  const name = node.metadata.name
  const conditions = unknownConditions(node, run.now)
  if (semanticEqual(conditions, node.status?.conditions)) return undefined
  const heard = run.part.nodeHealth.get(name)?.probeAt ?? run.now
  // What could not be written while the API server was away is no longer true once the kubelet has been heard of again.
  if (!isSilent(run, node, heard)) return undefined
  run.decide(node, 'node-silent', { silentSeconds: Math.floor((run.now - heard) / SECOND) })
  const updated = run.api.updateStatus('nodes', { ...node, status: { ...node.status, conditions } })
  if (!updated.ok) return updated.error
  const ready = conditions.find((each) => each.type === 'Ready')
  run.ctx.emit({
    kind: 'node-condition',
    facts: { node: name, type: 'Ready', status: 'Unknown', reason: ready?.reason ?? '' },
    from: run.thing,
    to: thing.node(name),
  })
  const before = run.part.nodeHealth.get(name)
  if (before !== undefined) run.part.nodeHealth.set(name, { ...before, heartbeat: heartbeatOf(updated.value) })
  return undefined
}

/** Taints, labels and Pods follow the Node's conditions. */
function look(run: Run, node: StoredNode, onlyPods: boolean): ApiError | undefined {
  const name = node.metadata.name
  const known = `${run.name}/known/${name}`
  if (!run.part.moments.has(known)) {
    run.part.moments.set(known, run.now)
    // A Node that came as it stands has been registered long ago.
    if (!isFrozen(run, name))
      run.event(node, 'Normal', 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`, COMPONENT)
  }
  if (isFrozen(run, name)) return undefined
  const health = `${run.name}/ready/${name}`
  const isReady = readyStatus(node) === 'True'
  if (isReady) run.part.moments.set(health, run.now)
  else if (readyStatus(node) !== '' && (run.part.moments.delete(health) || onlyPods)) {
    if (!onlyPods) {
      run.event(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`, COMPONENT)
    }
    const error = markPodsNotReady(run, name)
    if (error !== undefined) return error
  }
  if (onlyPods) return undefined
  const error = applyTaints(run, node, noScheduleTaints(node, run.now)) ?? fixLabels(run, node)
  if (error !== undefined) return error
  return isReady ? calm(run, name) : undefined
}

/** Source: kubernetes pkg/controller/util/node/controller_utils.go MarkPodsNotReady */
function markPodsNotReady(run: Run, node: string): ApiError | undefined {
  let failed: ApiError | undefined
  for (const pod of run.cache.podsOnNode(node)) {
    const ready = podCondition(pod, 'Ready')
    if (ready === undefined || ready.status === 'False') continue
    const conditions = (pod.status?.conditions ?? []).map((each) =>
      each.type === 'Ready' ? { ...each, status: 'False', lastTransitionTime: toTimestamp(run.now) } : each,
    )
    const updated = run.api.updateStatus('pods', { ...pod, status: { ...pod.status, conditions } })
    if (!updated.ok && updated.error.code !== 404) failed ??= updated.error
    if (updated.ok) run.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready', COMPONENT)
  }
  return failed
}

function applyFresh(run: Run, name: string, plan: (node: StoredNode) => readonly Taint[]): ApiError | undefined {
  const fresh = run.api.get('nodes', name)
  if (!fresh.ok) return fresh.error.code === 404 ? undefined : fresh.error
  return applyTaints(run, fresh.value, plan(fresh.value))
}

function applyTaints(run: Run, node: StoredNode, taints: readonly Taint[]): ApiError | undefined {
  const before = node.spec?.taints ?? []
  if (semanticEqual(before, taints)) return undefined
  const patched = run.api.patch('nodes', keyOf(node), 'merge', {
    metadata: { resourceVersion: node.metadata.resourceVersion },
    spec: { taints: taints.length === 0 ? null : taints },
  })
  if (!patched.ok) return patched.error.code === 404 ? undefined : patched.error
  const name = node.metadata.name
  const text = (taint: Taint): string => `${taint.key}:${taint.effect}`
  for (const [list, other, added] of [
    [taints, before, true],
    [before, taints, false],
  ] as const) {
    for (const taint of list) {
      if (other.some((each) => text(each) === text(taint))) continue
      run.ctx.emit({
        kind: 'node-taint',
        facts: { node: name, taint: text(taint), added },
        from: run.thing,
        to: thing.node(name),
      })
    }
  }
  return undefined
}

/** Older labels follow the newer ones. Source: node_lifecycle_controller.go reconcileNodeLabels */
function fixLabels(run: Run, node: StoredNode): ApiError | undefined {
  const labels = node.metadata.labels ?? {}
  const next = { ...labels }
  for (const each of ['os', 'arch']) {
    const value = labels[`kubernetes.io/${each}`]
    if (value !== undefined) next[`beta.kubernetes.io/${each}`] = value
  }
  if (sameLabels(labels, next)) return undefined
  const patched = run.api.patch('nodes', keyOf(node), 'strategic', { metadata: { labels: next } })
  return patched.ok || patched.error.code === 404 ? undefined : patched.error
}

/** Pods may stay: the Node is ready, or so much is down that the fault is likely elsewhere. */
function calm(run: Run, name: string): ApiError | undefined {
  return applyFresh(run, name, (fresh) => noExecuteTaints(fresh, undefined, run.now))
}

/**
 * Queues the Nodes that are to get a NoExecute taint, at the rate that the state of their zone allows: none while all Nodes of the
 * cluster are down, none in a small zone of which more than half is down.
 *
 * Source: node_lifecycle_controller.go handleDisruption, doNoExecuteTaintingPass, ComputeZoneState
 */
function planEvictions(run: Run, seen: readonly Seen[]): void {
  const full = `${run.name}/full-disruption`
  const wasFull = run.part.moments.has(full)
  if (seen.every(({ ready }) => ready !== 'True')) {
    if (!wasFull) for (const { node } of seen) addInOwnFlow(run, `calm|${node.metadata.name}`, TAINT_PASS)
    run.part.moments.set(full, run.now)
    return
  }
  if (wasFull) {
    // Perhaps it was the controller that was cut off: every Node gets its time anew.
    run.part.moments.delete(full)
    for (const [name, health] of run.part.nodeHealth) run.part.nodeHealth.set(name, { ...health, probeAt: run.now })
  }
  const zones = new Map<string, Seen[]>()
  for (const each of seen) {
    const labels = each.node.metadata.labels ?? {}
    const zone = `${labels['topology.kubernetes.io/region'] ?? ''}/${labels['topology.kubernetes.io/zone'] ?? ''}`
    zones.set(zone, [...(zones.get(zone) ?? []), each])
  }
  for (const [zone, nodes] of zones) planZone(run, zone, nodes)
}

function planZone(run: Run, zone: string, nodes: readonly Seen[]): void {
  const down = nodes.filter(({ ready }) => ready === 'False' || ready === 'Unknown')
  const isPartial = down.length > UNHEALTHY_LEAST && down.length / nodes.length >= UNHEALTHY_SHARE && down.length < nodes.length
  const rate = isPartial ? (nodes.length > LARGE_CLUSTER ? SLOW_RATE : 0) : run.part.settings.nodeEvictionRate
  if (rate === 0) return
  const next = `${run.name}/next-eviction/${zone}`
  for (const { node, ready } of down.sort((a, b) => byCodeUnit(a.node.metadata.name, b.node.metadata.name))) {
    const name = node.metadata.name
    const key = ready === 'Unknown' ? UNREACHABLE : NOT_READY
    if (node.spec?.taints?.some((taint) => taint.key === key && taint.effect === 'NoExecute')) continue
    if (run.part.queues.get(run.name)?.has(`evict|${name}`) === true) continue
    if (run.now < (run.part.moments.get(next) ?? 0)) return
    run.part.moments.set(next, run.now + SECOND / rate)
    addInOwnFlow(run, `evict|${name}`, TAINT_PASS)
  }
}

function evict(run: Run, node: StoredNode): ApiError | undefined {
  const status = readyStatus(node)
  if (status === 'True' || status === '') return undefined
  const key = status === 'Unknown' ? UNREACHABLE : NOT_READY
  run.decide(node, 'drive-out', { taint: key })
  return applyFresh(run, node.metadata.name, (fresh) => noExecuteTaints(fresh, key, run.now))
}
