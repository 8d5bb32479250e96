import type { Pod, PodCondition } from '../../../generated/kubeTypes.js'
import { thing } from '../../core/thing.js'
import { toTimestamp } from '../../core/time.js'
import type { ObjectRef } from '../../core/vocabulary.js'
import { cacheOf } from '../api/informer.js'
import { openApi } from '../api/openApi.js'
import type { ResourceName, StoredOf } from '../api/resources.js'
import type { Ctx } from '../context.js'
import { getStored } from '../etcd/store.js'
import { recordSeriesEvent } from '../events.js'
import { knownNodes, placePod, removePod } from './cache.js'
import { bestNodes, type Findings, findFeasible, fitErrorMessage, reportOf, type Scores, scoreNodes } from './evaluate.js'
import { lookupsFrom } from './lookups.js'
import type { QueuedPod, SchedulerPart } from './part.js'
import type { Cycle, Lookups } from './plugin.js'
import { type PreemptionPlan, preempt } from './preemption.js'
import { backOffOf, dropQueued, setQueued } from './queue.js'
import type { ScheduleReport } from './report.js'

/** In clusters up to this size every filter is asked about every Node, so that all of it can be looked at. */
const WHOLE_REPORT = 100
const KEPT_REPORTS = 200
/** Steps are emitted for at most so many Nodes; the rest stands in the report. */
const TOLD_NODES = 12
/** Fewer than this are never left out of the search. Source: kubernetes pkg/scheduler/schedule_one.go minFeasibleNodesToFind */
const MIN_FEASIBLE = 100

type StoredPod = StoredOf<'pods'>

function apiOf(ctx: Ctx) {
  return openApi(ctx, { name: 'system:kube-scheduler', thing: thing.scheduler })
}

/**
 * A claim (and its class) that was made in the same moment as its Pod is known: a real controller makes the Pod one answer of the API server later, and
 * the claim's watch is faster than that.
 */
function freshLookups(ctx: Ctx): Lookups {
  const known = lookupsFrom(cacheOf(ctx))
  // The store holds under each resource what the server decoded as it.
  const stored = <R extends ResourceName>(resource: R, key: string) =>
    getStored(ctx.world.parts.etcd, resource, key) as unknown as StoredOf<R> | undefined
  return {
    ...known,
    claim: (key) => known.claim(key) ?? stored('persistentvolumeclaims', key),
    storageClass: (name) => known.storageClass(name) ?? stored('storageclasses', name),
  }
}

/** Tries one Pod: filters, scores, binds, or says why not. */
export function attempt(ctx: Ctx, queued: QueuedPod): void {
  const part = ctx.world.parts.scheduler
  const cache = cacheOf(ctx)
  const pod = cache.get('pods', queued.key)
  if (pod === undefined || (pod.spec?.nodeName ?? '') !== '') {
    dropQueued(part, queued.key)
    return
  }
  const nodes = knownNodes(part)
  const cycle: Cycle = { pod, profile: part.profile, nodes, lookups: freshLookups(ctx) }
  const tried: QueuedPod = { ...queued, attempts: queued.attempts + 1, triedAt: ctx.now }
  if (nodes.length === 0) {
    giveUp(ctx, pod, tried, [], 'no nodes available to schedule pods', undefined)
    return
  }
  const full = nodes.length <= WHOLE_REPORT
  const findings = findFeasible(cycle, full ? { full } : { full, enough: enoughNodes(cycle), from: part.nextNode % nodes.length })
  if (!full) part.nextNode = (part.nextNode + findings.examined) % nodes.length
  tellFilters(ctx, pod, findings)
  if (findings.feasible.length === 0) {
    const outcome = preempt(cycle, findings)
    const message = fitErrorMessage(nodes.length, findings, outcome.kind === 'no' ? outcome.message : '')
    keepReport(part, reportOf(cycle, findings, new Map(), undefined, message))
    giveUp(ctx, pod, tried, findings.rejectedBy, message, outcome.kind === 'plan' ? outcome.plan : undefined)
    return
  }
  const scores = findings.feasible.length > 1 ? scoreNodes(cycle, findings.feasible) : new Map<string, Scores>()
  tellScores(ctx, pod, scores)
  const best = scores.size > 0 ? bestNodes(scores) : findings.feasible.map((info) => info.name)
  const chosen = best.length > 1 ? best[ctx.random('scheduler.tie').int(best.length)] : best[0]
  if (chosen === undefined) return
  const message = `Successfully assigned ${queued.key} to ${chosen}`
  if (full) keepReport(part, reportOf(cycle, findings, scores, chosen, message))
  bind(ctx, pod, tried, chosen, best, message)
}

/** The latest attempts are remembered in full; of older ones the explanation is made up anew. */
function keepReport(part: SchedulerPart, report: ScheduleReport): void {
  part.reports.delete(report.pod)
  part.reports.set(report.pod, report)
  if (part.reports.size <= KEPT_REPORTS) return
  for (const oldest of part.reports.keys()) {
    part.reports.delete(oldest)
    return
  }
}

/** How many Nodes that fit are enough in a large cluster. Source: kubernetes pkg/scheduler/schedule_one.go numFeasibleNodesToFind */
function enoughNodes({ nodes, profile }: Cycle): number {
  const percentage =
    profile.percentageOfNodesToScore > 0 ? profile.percentageOfNodesToScore : Math.max(5, 50 - Math.trunc(nodes.length / 125))
  return Math.max(MIN_FEASIBLE, Math.trunc((nodes.length * percentage) / 100))
}

function bind(ctx: Ctx, pod: StoredPod, tried: QueuedPod, node: string, among: readonly string[], message: string): void {
  const part = ctx.world.parts.scheduler
  ctx.emit({
    kind: 'scheduler-bind',
    facts: { pod: refOf(pod), node, among },
    from: thing.scheduler,
    to: thing.node(node),
  })
  placePod(part, pod, node)
  const api = apiOf(ctx)
  const bound = api.bind(tried.key, node)
  if (!bound.ok) {
    removePod(part, tried.key)
    if (bound.error.code === 404 || bound.error.code === 409) dropQueued(part, tried.key)
    else backOff(ctx, tried)
    return
  }
  dropQueued(part, tried.key)
  recordSeriesEvent(ctx, api, {
    about: pod,
    type: 'Normal',
    reason: 'Scheduled',
    message,
    action: 'Binding',
    component: part.profile.name,
    reportingInstance: `${part.profile.name}-control-plane`,
  })
}

/** The API server could not be asked: the Pod comes back by itself. */
function backOff(ctx: Ctx, tried: QueuedPod): void {
  const part = ctx.world.parts.scheduler
  const delay = backOffOf(part, tried.attempts)
  setQueued(part, { ...tried, state: 'backoff', readyAt: ctx.now + delay, rejectedBy: [] })
  ctx.send({ kind: 'scheduler' }, { type: 'ready', key: tried.key, run: part.run }, delay, { background: true })
}

/** Source: kubernetes pkg/scheduler/schedule_one.go handleSchedulingFailure */
function giveUp(
  ctx: Ctx,
  pod: StoredPod,
  tried: QueuedPod,
  rejectedBy: readonly string[],
  message: string,
  plan: PreemptionPlan | undefined,
): void {
  const part = ctx.world.parts.scheduler
  ctx.emit({ kind: 'scheduler-failed', facts: { pod: refOf(pod), message }, from: thing.scheduler, to: thing.scheduler })
  setQueued(part, {
    ...tried,
    state: 'unschedulable',
    rejectedBy,
    readyAt: ctx.now + backOffOf(part, tried.attempts),
  })
  if (plan !== undefined) evictVictims(ctx, pod, plan)
  const api = apiOf(ctx)
  recordSeriesEvent(ctx, api, {
    about: pod,
    type: 'Warning',
    reason: 'FailedScheduling',
    message,
    action: 'Scheduling',
    component: part.profile.name,
    reportingInstance: `${part.profile.name}-control-plane`,
  })
  const current = api.get('pods', tried.key)
  if (!current.ok) {
    if (current.error.code !== 404) backOff(ctx, tried)
    return
  }
  const conditions = withCondition(
    current.value.status?.conditions ?? [],
    message,
    toTimestamp(ctx.now),
    current.value.metadata.generation,
  )
  const nominated = plan?.node
  if (conditions === undefined && nominated === undefined) return
  api.updateStatus('pods', {
    ...current.value,
    status: {
      ...current.value.status,
      conditions: conditions ?? current.value.status?.conditions ?? [],
      ...(nominated === undefined ? {} : { nominatedNodeName: nominated }),
    },
  })
}

/** Undefined when the condition says this already. */
function withCondition(
  before: readonly PodCondition[],
  message: string,
  now: string,
  generation: number | undefined,
): readonly PodCondition[] | undefined {
  const old = before.find((each) => each.type === 'PodScheduled')
  if (old?.status === 'False' && old.reason === 'Unschedulable' && old.message === message) return undefined
  const condition: PodCondition = {
    type: 'PodScheduled',
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    status: 'False',
    reason: 'Unschedulable',
    message,
    lastTransitionTime: old?.status === 'False' ? (old.lastTransitionTime ?? now) : now,
  }
  return [...before.filter((each) => each.type !== 'PodScheduled'), condition]
}

/** Source: kubernetes pkg/scheduler/framework/preemption/executor.go preemptPod */
function evictVictims(ctx: Ctx, preemptor: StoredPod, plan: PreemptionPlan): void {
  const part = ctx.world.parts.scheduler
  const api = apiOf(ctx)
  for (const victim of plan.victims) {
    const key = `${victim.metadata?.namespace ?? 'default'}/${victim.metadata?.name ?? ''}`
    const current = api.get('pods', key)
    if (!current.ok) continue
    const condition: PodCondition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: `${part.profile.name}: preempting to accommodate a higher priority pod`,
      lastTransitionTime: toTimestamp(ctx.now),
    }
    const others = (current.value.status?.conditions ?? []).filter((each) => each.type !== 'DisruptionTarget')
    api.updateStatus('pods', { ...current.value, status: { ...current.value.status, conditions: [...others, condition] } })
    api.delete('pods', key)
    recordSeriesEvent(ctx, api, {
      about: current.value,
      type: 'Normal',
      reason: 'Preempted',
      message: `Preempted by pod ${preemptor.metadata.uid} on node ${plan.node}`,
      action: 'Preempting',
      component: part.profile.name,
      reportingInstance: `${part.profile.name}-control-plane`,
    })
  }
}

function tellFilters(ctx: Ctx, pod: StoredPod, findings: Findings): void {
  let told = 0
  for (const [node, { plugin, status }] of findings.refusals) {
    if (told++ >= TOLD_NODES) return
    ctx.emit({
      kind: 'scheduler-filter',
      facts: { pod: refOf(pod), node, plugin, ok: false, reasons: status.reasons },
      from: thing.scheduler,
      to: thing.node(node),
    })
  }
}

function tellScores(ctx: Ctx, pod: StoredPod, scores: ReadonlyMap<string, Scores>): void {
  const told = scores.size <= TOLD_NODES ? [...scores] : highestOf(scores, TOLD_NODES)
  for (const [node, { plugins, total }] of told) {
    ctx.emit({
      kind: 'scheduler-score',
      facts: { pod: refOf(pod), node, scores: plugins, total },
      from: thing.scheduler,
      to: thing.node(node),
    })
  }
}

/** The first few by total, in the order in which a stable sort would put them. */
function highestOf(scores: ReadonlyMap<string, Scores>, count: number): readonly (readonly [string, Scores])[] {
  const highest: (readonly [string, Scores])[] = []
  for (const entry of scores) {
    const least = highest[count - 1]
    if (least !== undefined && entry[1].total <= least[1].total) continue
    let at = highest.length
    while (at > 0 && (highest[at - 1]?.[1].total ?? 0) < entry[1].total) at--
    highest.splice(at, 0, entry)
    if (highest.length > count) highest.pop()
  }
  return highest
}

function refOf(pod: Pod): ObjectRef {
  return { kind: 'Pod', apiVersion: 'v1', namespace: pod.metadata?.namespace ?? '', name: pod.metadata?.name ?? '' }
}
