import type { ObjectKey, ResourceName, StoredOf } from '../api/resources.js'
import type { World } from '../context.js'
import { getStored, listStored } from '../etcd/store.js'
import { hasEnded, knownNodes, type NodeSums, placePod, setNode } from './cache.js'
import { bestNodes, findFeasible, fitErrorMessage, reportOf, type Scores, scoreNodes } from './evaluate.js'
import { lookupsFrom, type Reader } from './lookups.js'
import type { Cycle } from './plugin.js'
import { preempt } from './preemption.js'
import type { ScheduleReport } from './report.js'

/**
 * What each filter and score says of each Node for a Pod, and the choice: of the attempt that bound it (or failed last) where the
 * scheduler made one, else of an attempt that is made up now, and changes nothing. Undefined when there is no such Pod.
 */
export function explainSchedule(world: World, podKey: ObjectKey): ScheduleReport | undefined {
  const reader = storeReader(world)
  const pod = reader.get('pods', podKey)
  if (pod === undefined) return undefined
  const told = world.parts.scheduler.reports.get(podKey)
  if (told !== undefined && Object.keys(told.nodes).length > 0) return told
  const sums: NodeSums = { nodes: new Map(), placed: new Map() }
  for (const node of reader.list('nodes')) setNode(sums, node.metadata.name, node)
  for (const each of reader.list('pods')) {
    const node = each.spec?.nodeName ?? ''
    if (node !== '' && !hasEnded(each) && each.metadata.uid !== pod.metadata.uid) placePod(sums, each, node)
  }
  const { profile } = world.parts.scheduler
  const bound = pod.spec?.nodeName ?? ''
  const nodes = knownNodes(sums)
  const lookups = lookupsFrom(reader)
  const cycle: Cycle = { pod: wasScheduled(pod) ? unbound(pod) : pod, profile, nodes, lookups }
  if (nodes.length === 0) return { pod: podKey, nodes: {}, message: 'no nodes available to schedule pods' }
  const findings = findFeasible(cycle, { full: true })
  // A Pod whose manifest names its Node never meets the scheduler; what the scores would say is told all the same.
  const free: Cycle = { ...cycle, pod: unbound(pod) }
  const feasible = bound === '' ? findings.feasible : findFeasible(free, { full: false }).feasible
  const scores = feasible.length > 1 ? scoreNodes(free, feasible) : new Map<string, Scores>()
  if (bound === '' && feasible.length === 0) {
    const outcome = preempt(cycle, findings)
    const message = fitErrorMessage(nodes.length, findings, outcome.kind === 'no' ? outcome.message : '')
    return reportOf(cycle, findings, scores, undefined, message)
  }
  const untouched = untouchedMessage(pod, profile.name)
  if (untouched !== undefined) return reportOf(cycle, findings, scores, bound === '' ? undefined : bound, untouched)
  const best = scores.size > 0 ? bestNodes(scores)[0] : feasible[0]?.name
  const chosen = bound === '' ? best : bound
  return reportOf(cycle, findings, scores, chosen, `Successfully assigned ${podKey} to ${chosen ?? ''}`)
}

/**
 * Why our scheduler has not looked at a Pod, although its filters and scores can be asked.
 * Source: kubernetes pkg/registry/core/pod/strategy.go applySchedulingGatedCondition; pkg/kubelet/pod/mirror_client.go
 */
function untouchedMessage(pod: StoredOf<'pods'>, scheduler: string): string | undefined {
  const gates = pod.spec?.schedulingGates ?? []
  if (gates.length > 0) return 'Scheduling is blocked due to non-empty scheduling gates'
  const isBound = (pod.spec?.nodeName ?? '') !== ''
  const asked = pod.spec?.schedulerName ?? scheduler
  if (!isBound && asked !== scheduler) return `no scheduler is called ${asked}`
  const isStatic = pod.metadata.ownerReferences?.some(({ kind }) => kind === 'Node') === true
  return isStatic ? `a static Pod of ${pod.spec?.nodeName ?? ''}: no scheduler was asked` : undefined
}

/** Whether a scheduler once placed the Pod, rather than its manifest. */
function wasScheduled(pod: StoredOf<'pods'>): boolean {
  return pod.status?.conditions?.some((each) => each.type === 'PodScheduled') === true || pod.status?.podIP !== undefined
}

/** The Pod as it was before it was bound: the name of its Node is the answer, not the question. */
function unbound(pod: StoredOf<'pods'>): StoredOf<'pods'> {
  if (pod.spec === undefined) return pod
  const { nodeName: _, ...spec } = pod.spec
  return { ...pod, spec }
}

/** The store holds under each resource only objects of its type. */
function storeReader(world: World): Reader {
  const { etcd } = world.parts
  return {
    get: <R extends ResourceName>(resource: R, key: ObjectKey) =>
      getStored(etcd, resource, key) as unknown as StoredOf<R> | undefined,
    list: <R extends ResourceName>(resource: R, namespace?: string) =>
      listStored(etcd, resource, namespace) as unknown as readonly StoredOf<R>[],
  }
}
