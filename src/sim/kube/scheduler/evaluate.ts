import { byCodeUnit } from '../../core/digest.js'
import type { NodeInfo } from './nodeInfo.js'
import { podKey } from './nodeInfo.js'
import { perNode } from './perNode.js'
import type { Cycle, Filter, FilterPlugin, FilterStatus, ScorePlugin, ScoreRun } from './plugin.js'
import { namedNodes, nodeAffinity } from './plugins/nodeAffinity.js'
import { interPodAffinity } from './plugins/podAffinity.js'
import { balancedAllocation, nodeResourcesFit } from './plugins/resources.js'
import { dynamicResources, imageLocality, nodeName, nodePorts, nodeUnschedulable, taintToleration } from './plugins/simple.js'
import { podTopologySpread } from './plugins/topologySpread.js'
import { claimsProblem, volumeBinding } from './plugins/volumes.js'
import type { FilterReport, NodeReport, ScheduleReport, ScoreReport } from './report.js'

/** Filter plugins by name. */
export const FILTER_PLUGINS: Readonly<Record<string, FilterPlugin>> = {
  NodeUnschedulable: nodeUnschedulable,
  NodeName: nodeName,
  TaintToleration: taintToleration,
  NodeAffinity: nodeAffinity,
  NodePorts: nodePorts,
  NodeResourcesFit: nodeResourcesFit,
  VolumeBinding: volumeBinding,
  PodTopologySpread: podTopologySpread,
  InterPodAffinity: interPodAffinity,
}

/** Filters that judge a Node by itself: by its object and its own Pods. */
const LOCAL: ReadonlySet<string> = new Set([
  'NodeUnschedulable',
  'NodeName',
  'TaintToleration',
  'NodeAffinity',
  'NodePorts',
  'NodeResourcesFit',
])

/** Score plugins in the order in which they run. */
export const SCORE_PLUGINS: readonly ScorePlugin[] = [
  taintToleration,
  nodeAffinity,
  nodeResourcesFit,
  podTopologySpread,
  interPodAffinity,
  dynamicResources,
  balancedAllocation,
  imageLocality,
]

/** What was found about all Nodes in one attempt. */
export interface Findings {
  readonly nodes: ReadonlyMap<string, { readonly info: NodeInfo; readonly filters: readonly FilterReport[] }>
  readonly feasible: readonly NodeInfo[]
  /** By Node: the decisive refusal. */
  readonly refusals: ReadonlyMap<string, { readonly plugin: string; readonly status: FilterStatus & { readonly ok: false } }>
  /** Said before any Node was looked at: no Node can take the Pod. */
  readonly preFilterMessage: string | undefined
  readonly rejectedBy: readonly string[]
  /** Nodes looked at, in order; all of them in small clusters. */
  readonly examined: number
}

export interface FindOptions {
  /** Every filter reports on every Node, also after another one has said no. */
  readonly full: boolean
  /** Stop after this many Nodes that fit; all when absent. */
  readonly enough?: number
  /** Begin the search here. */
  readonly from?: number
}

/** The filters of the profile, each prepared for the cycle, with those that have nothing to say left out. */
export function prepareFilters(cycle: Cycle): readonly { readonly name: string; readonly filter: Filter }[] {
  return cycle.profile.filters.flatMap((name) => {
    const filter = FILTER_PLUGINS[name]?.prepare(cycle)
    return filter === undefined ? [] : [{ name, filter }]
  })
}

const NOT_NAMED = {
  plugin: 'NodeAffinity',
  status: { ok: false, unresolvable: true, reasons: ["node(s) didn't satisfy plugin(s) [NodeAffinity]"] },
} as const

/** What rules out every Node before one is looked at; the first plugin that says so ends the attempt. */
function preFilterProblem(cycle: Cycle): { readonly plugin: string; readonly message: string } | undefined {
  const { filters } = cycle.profile
  if (filters.includes('NodeAffinity') && namedNodes(cycle.pod)?.size === 0)
    return { plugin: 'NodeAffinity', message: 'pod affinity terms conflict' }
  const message = filters.includes('VolumeBinding') ? claimsProblem(cycle) : undefined
  return message === undefined ? undefined : { plugin: 'VolumeBinding', message }
}

/**
 * Asks all filters about the Nodes.
 *
 * Source: kubernetes pkg/scheduler/schedule_one.go findNodesThatFitPod
 */
export function findFeasible(cycle: Cycle, options: FindOptions): Findings {
  const nodes = new Map<string, { info: NodeInfo; filters: readonly FilterReport[] }>()
  const feasible: NodeInfo[] = []
  const refusals = new Map<string, { plugin: string; status: FilterStatus & { ok: false } }>()
  const rejectedBy = new Set<string>()
  const early = preFilterProblem(cycle)
  if (early !== undefined) {
    const reports = [{ plugin: early.plugin, ok: false, reasons: [early.message], decisive: true }]
    for (const info of cycle.nodes) nodes.set(info.name, { info, filters: reports })
    return { nodes, feasible, refusals, preFilterMessage: early.message, rejectedBy: [early.plugin], examined: 0 }
  }
  const filters = prepareFilters(cycle)
  const silent = cycle.profile.filters.filter((name) => !filters.some((each) => each.name === name))
  const named = namedNodes(cycle.pod)
  const local = filters.filter(({ name }) => LOCAL.has(name))
  const passesLocal = perNode(cycle, 'passes', (info) => local.every(({ filter }) => filter(info).ok))
  const others = filters.filter(({ name }) => !LOCAL.has(name))
  const passed: readonly FilterReport[] = filters.map(({ name }) => ({ plugin: name, ok: true }))
  let examined = 0
  for (let index = 0; index < cycle.nodes.length; index++) {
    const info = cycle.nodes[((options.from ?? 0) + index) % cycle.nodes.length]
    if (info === undefined) break
    examined++
    const reports: FilterReport[] = []
    let refused = false
    if (named !== undefined && !named.has(info.name)) {
      refused = true
      refusals.set(info.name, NOT_NAMED)
      rejectedBy.add('NodeAffinity')
    }
    const byName = refused
    if (refused && !options.full) continue
    if (!options.full && passesLocal(info) && others.every(({ filter }) => filter(info).ok)) {
      nodes.set(info.name, { info, filters: passed })
      feasible.push(info)
      if (options.enough !== undefined && feasible.length >= options.enough) break
      continue
    }
    for (const { name, filter } of filters) {
      const status = filter(info)
      if (status.ok) {
        reports.push({ plugin: name, ok: true })
        continue
      }
      const decisive = byName ? name === 'NodeAffinity' : !refused
      reports.push({ plugin: name, ok: false, reasons: status.reasons, ...(decisive ? { decisive } : {}) })
      if (!refused) {
        refusals.set(info.name, { plugin: name, status })
        rejectedBy.add(name)
      }
      refused = true
      if (!options.full) break
    }
    if (options.full) {
      for (const name of silent) reports.push({ plugin: name, ok: true })
      reports.sort((a, b) => cycle.profile.filters.indexOf(a.plugin) - cycle.profile.filters.indexOf(b.plugin))
    }
    nodes.set(info.name, { info, filters: reports })
    if (refused) continue
    feasible.push(info)
    if (options.enough !== undefined && feasible.length >= options.enough) break
  }
  return { nodes, feasible, refusals, preFilterMessage: undefined, rejectedBy: [...rejectedBy], examined }
}

export interface Scores {
  readonly total: number
  readonly plugins: Readonly<Record<string, ScoreReport>>
}

/** Scores the Nodes that fit; nothing when there is only one, as the real scheduler. Source: kubernetes pkg/scheduler/schedule_one.go prioritizeNodes */
export function scoreNodes(cycle: Cycle, feasible: readonly NodeInfo[]): ReadonlyMap<string, Scores> {
  const totals = feasible.map(() => 0)
  const runs: { readonly name: string; readonly weight: number; readonly run: ScoreRun }[] = []
  for (const plugin of SCORE_PLUGINS) {
    const weight = cycle.profile.weights[plugin.name] ?? 0
    if (weight === 0) continue
    const run = plugin.score(cycle, feasible)
    if (run === undefined) continue
    runs.push({ name: plugin.name, weight, run })
    for (let index = 0; index < totals.length; index++) {
      totals[index] = (totals[index] ?? 0) + (run.normalized[index] ?? 0) * weight
    }
  }
  // In a large cluster few Nodes are told of, so that the tables are made when somebody looks.
  const tableOf = (index: number): Readonly<Record<string, ScoreReport>> =>
    Object.fromEntries(
      runs.map(({ name, weight, run }) => [name, { raw: run.raw[index] ?? 0, normalized: run.normalized[index] ?? 0, weight }]),
    )
  return new Map(
    feasible.map((info, index) => [
      info.name,
      {
        total: totals[index] ?? 0,
        get plugins() {
          return tableOf(index)
        },
      },
    ]),
  )
}

/** Names of the Nodes with the highest total, in their order. */
export function bestNodes(scores: ReadonlyMap<string, Scores>): readonly string[] {
  let best = Number.NEGATIVE_INFINITY
  for (const { total } of scores.values()) best = Math.max(best, total)
  return [...scores].filter(([, { total }]) => total === best).map(([name]) => name)
}

/** `1 Insufficient memory, 2 Insufficient cpu`: each reason with the number of Nodes that gave it, in order of the text. */
export function histogram(reasons: Iterable<readonly string[]>): string {
  const counts = new Map<string, number>()
  for (const list of reasons) for (const reason of list) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort(byCodeUnit)
    .join(', ')
}

/**
 * The sentence that says why a Pod was not placed.
 *
 * @param postFilter what preemption had to say; empty when it found victims.
 * Source: kubernetes pkg/scheduler/framework/types.go FitError.Error
 */
export function fitErrorMessage(nodeCount: number, findings: Findings, postFilter: string): string {
  const head = `0/${nodeCount} nodes are available:`
  const why =
    findings.preFilterMessage !== undefined
      ? ` ${findings.preFilterMessage}.`
      : reasonsOf(histogram([...findings.refusals.values()].map(({ status }) => status.reasons)))
  return `${head}${why}${postFilter === '' ? '' : ` ${postFilter}`}`
}

function reasonsOf(text: string): string {
  return text === '' ? '' : ` ${text}.`
}

/** The report of an attempt, in the form of `schedule --json`. */
export function reportOf(
  cycle: Cycle,
  findings: Findings,
  scores: ReadonlyMap<string, Scores>,
  chosen: string | undefined,
  message: string,
): ScheduleReport {
  const nodes: Record<string, NodeReport> = {}
  for (const [name, { filters }] of findings.nodes) {
    const scored = scores.get(name)
    nodes[name] = scored === undefined ? { filters } : { filters, scores: scored.plugins, total: scored.total }
  }
  return { pod: podKey(cycle.pod), nodes, ...(chosen === undefined ? {} : { chosen }), message }
}
