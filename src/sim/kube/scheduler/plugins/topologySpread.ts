import type { LabelSelector, Node, Pod, TopologySpreadConstraint } from '../../../../generated/kubeTypes.js'
import { own } from '../../../core/own.js'
import type { NodeInfo } from '../nodeInfo.js'
import { perNode } from '../perNode.js'
import { type Cycle, type FilterPlugin, MAX_NODE_SCORE, PASS, refuse, type ScorePlugin } from '../plugin.js'
import { type Labels, matchesSelector } from '../selectors.js'
import { matchesRequiredAffinity } from './nodeAffinity.js'
import { untoleratedTaint } from './simple.js'

const HOSTNAME = 'kubernetes.io/hostname'

interface Constraint {
  readonly topologyKey: string
  readonly maxSkew: number
  readonly minDomains: number
  readonly honorAffinity: boolean
  readonly honorTaints: boolean
  readonly matches: (labels: Labels) => boolean
  /** Selects everything: then no Pod counts but the one to be placed. Source: common.go countPodsMatchSelector */
  readonly isEmpty: boolean
  /** What `matches` depends on besides the Pod's own labels and spec. */
  readonly selectors: string
}

/** What Pods without constraints of their own, but with a Service or controller, are spread by. Source: kubernetes pkg/scheduler/framework/plugins/podtopologyspread/plugin.go systemDefaultConstraints */
const SYSTEM_DEFAULTS: readonly TopologySpreadConstraint[] = [
  { topologyKey: HOSTNAME, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
]

/** Source: kubernetes pkg/scheduler/framework/plugins/podtopologyspread/common.go */
function constraintsOf(cycle: Cycle, action: 'DoNotSchedule' | 'ScheduleAnyway'): readonly Constraint[] {
  const { pod, profile, lookups } = cycle
  const own = pod.spec?.topologySpreadConstraints ?? []
  if (own.length > 0) return own.filter((each) => each.whenUnsatisfiable === action).map((each) => compile(each, pod))
  const defaults = (profile.defaultSpread === 'System' ? SYSTEM_DEFAULTS : profile.defaultConstraints).filter(
    (each) => each.whenUnsatisfiable === action,
  )
  if (defaults.length === 0) return []
  const selectors = lookups.defaultSelectors(pod)
  if (selectors === undefined) return []
  const text = JSON.stringify(selectors)
  return defaults.map((each) => ({
    ...compile(each, pod),
    matches: memo((labels) => matchesAll(selectors, labels)),
    isEmpty: false,
    selectors: text,
  }))
}

function matchesAll(selectors: readonly LabelSelector[], labels: Labels): boolean {
  return selectors.every((each) => matchesSelector(each, labels))
}

function compile(constraint: TopologySpreadConstraint, pod: Pod): Constraint {
  const own = pod.metadata?.labels ?? {}
  const keys = (constraint.matchLabelKeys ?? []).filter((key) => own[key] !== undefined)
  const { labelSelector } = constraint
  return {
    topologyKey: constraint.topologyKey,
    maxSkew: constraint.maxSkew,
    minDomains: constraint.minDomains ?? 1,
    honorAffinity: (constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor',
    honorTaints: constraint.nodeTaintsPolicy === 'Honor',
    matches: memo((labels) => matchesSelector(labelSelector, labels) && keys.every((key) => labels[key] === own[key])),
    isEmpty:
      labelSelector !== undefined &&
      Object.keys(labelSelector.matchLabels ?? {}).length + (labelSelector.matchExpressions ?? []).length + keys.length === 0,
    selectors: JSON.stringify([labelSelector, keys]),
  }
}

/** Label records of Pods of one template are often the very same object, and always few in kind. */
function memo(judge: (labels: Labels) => boolean): (labels: Labels) => boolean {
  const known = new Map<Labels, boolean>()
  return (labels) => {
    const before = known.get(labels)
    if (before !== undefined) return before
    const fresh = judge(labels)
    known.set(labels, fresh)
    return fresh
  }
}

function hasAllKeys(node: Node | undefined, constraints: readonly Constraint[]): boolean {
  const labels = node?.metadata?.labels ?? {}
  return constraints.every(({ topologyKey }) => own(labels, topologyKey) !== undefined)
}

function isIncluded(constraint: Constraint, pod: Pod, node: Node | undefined): boolean {
  if (node === undefined) return false
  if (constraint.honorAffinity && !matchesRequiredAffinity(pod, node)) return false
  if (!constraint.honorTaints) return true
  return untoleratedTaint(node.spec?.taints, pod.spec?.tolerations, ['NoSchedule', 'NoExecute']) === undefined
}

/** What a Node has to do with a constraint. */
interface Counted {
  /** The domain in which it lies; undefined without the label. */
  readonly value: string | undefined
  readonly included: boolean
  /** Matching Pods on it. */
  readonly count: number
}

function counterOf(cycle: Cycle, constraint: Constraint): (info: NodeInfo) => Counted {
  const { pod } = cycle
  const { topologyKey, honorAffinity, honorTaints, selectors } = constraint
  const namespace = pod.metadata?.namespace ?? 'default'
  return perNode(cycle, `spread ${topologyKey} ${honorAffinity} ${honorTaints} ${selectors}`, (info) => ({
    value: own(info.node?.metadata?.labels, topologyKey),
    included: isIncluded(constraint, pod, info.node),
    count: countMatching(info, constraint, namespace),
  }))
}

/** Pods on a Node, in the Pod's own namespace and not ending, that the constraint selects. */
function countMatching(info: NodeInfo, constraint: Constraint, namespace: string): number {
  if (constraint.isEmpty) return 0
  let count = 0
  for (const group of info.groups.values()) {
    if (group.namespace === namespace && !group.terminating && constraint.matches(group.labels)) count += group.count
  }
  return count
}

export const podTopologySpread: FilterPlugin & ScorePlugin = {
  name: 'PodTopologySpread',
  /** Source: kubernetes pkg/scheduler/framework/plugins/podtopologyspread/filtering.go */
  prepare(cycle) {
    const { pod, nodes } = cycle
    const constraints = constraintsOf(cycle, 'DoNotSchedule')
    if (constraints.length === 0) return undefined
    const namespace = pod.metadata?.namespace ?? 'default'
    const counts = constraints.map(() => new Map<string, number>())
    for (const info of nodes) {
      if (!hasAllKeys(info.node, constraints)) continue
      constraints.forEach((constraint, index) => {
        if (!isIncluded(constraint, pod, info.node)) return
        const value = own(info.node?.metadata?.labels, constraint.topologyKey) ?? ''
        const domains = counts[index]
        domains?.set(value, (domains.get(value) ?? 0) + countMatching(info, constraint, namespace))
      })
    }
    const rules = constraints.map((constraint, index) => {
      const domains = counts[index] ?? new Map<string, number>()
      const least = domains.size < constraint.minDomains ? 0 : Math.min(...domains.values())
      return { constraint, domains, least, self: constraint.matches(pod.metadata?.labels ?? {}) ? 1 : 0 }
    })
    return (info) => {
      for (const { constraint, domains, least, self } of rules) {
        const value = own(info.node?.metadata?.labels, constraint.topologyKey)
        if (value === undefined) {
          return refuse(true, "node(s) didn't match pod topology spread constraints (missing required label)")
        }
        if ((domains.get(value) ?? 0) + self - least > constraint.maxSkew) {
          return refuse(false, "node(s) didn't match pod topology spread constraints")
        }
      }
      return PASS
    }
  },
  /** Source: kubernetes pkg/scheduler/framework/plugins/podtopologyspread/scoring.go */
  score(cycle, feasible) {
    const { pod, profile, nodes } = cycle
    const constraints = constraintsOf(cycle, 'ScheduleAnyway')
    if (constraints.length === 0) return undefined
    const needsAll = (pod.spec?.topologySpreadConstraints ?? []).length > 0 || profile.defaultSpread !== 'System'
    const scored = feasible.filter((info) => !needsAll || hasAllKeys(info.node, constraints))
    const counters = constraints.map((constraint) => counterOf(cycle, constraint))
    const counts = constraints.map((constraint) => {
      const domains = new Map<string, number>()
      if (constraint.topologyKey !== HOSTNAME) {
        for (const { node } of scored) domains.set(own(node?.metadata?.labels, constraint.topologyKey) ?? '', 0)
      }
      return domains
    })
    const sizes = constraints.map(({ topologyKey }, index) =>
      topologyKey === HOSTNAME ? scored.length : (counts[index]?.size ?? 0),
    )
    constraints.forEach((_, index) => {
      const domains = counts[index]
      const counted = counters[index]
      if (domains === undefined || counted === undefined || domains.size === 0) return
      for (const info of nodes) {
        if (needsAll && !hasAllKeys(info.node, constraints)) continue
        const { value = '', included, count } = counted(info)
        const sum = domains.get(value)
        if (sum !== undefined && included) domains.set(value, sum + count)
      }
    })
    const weights = sizes.map((size) => Math.log(size + 2))
    const chosen = new Set(scored)
    const raw = feasible.map((info) => {
      if (!chosen.has(info)) return 0
      let score = 0
      constraints.forEach((constraint, index) => {
        const here = counters[index]?.(info)
        if (here?.value === undefined) return
        const count = constraint.topologyKey === HOSTNAME ? here.count : (counts[index]?.get(here.value) ?? 0)
        score += count * (weights[index] ?? 0) + (constraint.maxSkew - 1)
      })
      return Math.round(score)
    })
    return { raw, normalized: normalize(feasible, chosen, raw) }
  },
}

function normalize(feasible: readonly NodeInfo[], scored: ReadonlySet<NodeInfo>, raw: readonly number[]): readonly number[] {
  const counted = raw.filter((_, index) => scored.has(feasible[index] as NodeInfo))
  const max = Math.max(0, ...counted)
  const min = Math.min(...counted)
  return feasible.map((info, index) => {
    if (!scored.has(info)) return 0
    if (max === 0) return MAX_NODE_SCORE
    return Math.trunc((MAX_NODE_SCORE * (max + min - (raw[index] ?? 0))) / max)
  })
}
