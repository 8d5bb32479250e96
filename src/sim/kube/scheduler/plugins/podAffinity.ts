import type { Node, Pod, PodAffinityTerm, WeightedPodAffinityTerm } from '../../../../generated/kubeTypes.js'
import { own } from '../../../core/own.js'
import type { NodeInfo } from '../nodeInfo.js'
import { type Cycle, type FilterPlugin, type Lookups, MAX_NODE_SCORE, PASS, refuse, type ScorePlugin } from '../plugin.js'
import { type Labels, matchesRequirement, matchesSelector } from '../selectors.js'

/** A Pod as affinity terms see it. */
interface Subject {
  readonly namespace: string
  readonly labels: Labels
}

/** A term of a Pod, ready to be matched. Source: kubernetes pkg/scheduler/framework/types.go AffinityTerm */
interface Term {
  readonly topologyKey: string
  readonly matches: (subject: Subject) => boolean
}

function subjectOf(pod: Pod): Subject {
  return { namespace: pod.metadata?.namespace ?? 'default', labels: pod.metadata?.labels ?? {} }
}

/** Without namespaces and namespace selector a term means its own Pod's namespace. */
function compile(term: PodAffinityTerm, owner: Pod, lookups: Lookups): Term {
  const named = new Set(term.namespaces ?? [])
  if (named.size === 0 && term.namespaceSelector === undefined) named.add(owner.metadata?.namespace ?? 'default')
  const { namespaceSelector, labelSelector } = term
  const own = owner.metadata?.labels ?? {}
  const same = (term.matchLabelKeys ?? []).filter((key) => own[key] !== undefined)
  const other = (term.mismatchLabelKeys ?? []).filter((key) => own[key] !== undefined)
  return {
    topologyKey: term.topologyKey,
    matches: ({ namespace, labels }) => {
      const inNamespace =
        named.has(namespace) ||
        (namespaceSelector !== undefined && matchesSelector(namespaceSelector, lookups.namespaceLabels(namespace) ?? {}))
      if (!inNamespace || !matchesSelector(labelSelector, labels)) return false
      // The API server writes these keys into the selector when a Pod is created; Pods that came by another way still have them apart.
      return (
        same.every((key) => matchesRequirement({ key, operator: 'In', values: [own[key] ?? ''] }, labels)) &&
        other.every((key) => matchesRequirement({ key, operator: 'NotIn', values: [own[key] ?? ''] }, labels))
      )
    },
  }
}

function requiredAffinity(pod: Pod, lookups: Lookups): readonly Term[] {
  const terms = pod.spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
  return terms.map((each) => compile(each, pod, lookups))
}

function requiredAntiAffinity(pod: Pod, lookups: Lookups): readonly Term[] {
  const terms = pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
  return terms.map((each) => compile(each, pod, lookups))
}

/** Numbers by topology key and value. */
class PairCounts {
  private readonly counts = new Map<string, Map<string, number>>()

  add(node: Node | undefined, topologyKey: string, amount: number): void {
    const value = own(node?.metadata?.labels, topologyKey)
    if (value === undefined) return
    let values = this.counts.get(topologyKey)
    if (values === undefined) {
      values = new Map()
      this.counts.set(topologyKey, values)
    }
    values.set(value, (values.get(value) ?? 0) + amount)
  }

  of(topologyKey: string, value: string): number {
    return this.counts.get(topologyKey)?.get(value) ?? 0
  }

  keys(): IterableIterator<string> {
    return this.counts.keys()
  }

  get isEmpty(): boolean {
    return this.counts.size === 0
  }
}

export const interPodAffinity: FilterPlugin & ScorePlugin = {
  name: 'InterPodAffinity',
  /** Source: kubernetes pkg/scheduler/framework/plugins/interpodaffinity/filtering.go */
  prepare({ pod, nodes, lookups }) {
    const incoming = subjectOf(pod)
    const affinity = requiredAffinity(pod, lookups)
    const antiAffinity = requiredAntiAffinity(pod, lookups)
    const existingAnti = new PairCounts()
    for (const info of nodes) {
      for (const other of info.podsWithAffinity.values()) {
        for (const term of requiredAntiAffinity(other, lookups)) {
          if (term.matches(incoming)) existingAnti.add(info.node, term.topologyKey, 1)
        }
      }
    }
    if (affinity.length === 0 && antiAffinity.length === 0 && existingAnti.isEmpty) return undefined
    const near = new PairCounts()
    const far = new PairCounts()
    for (const info of nodes) {
      for (const group of info.groups.values()) {
        if (affinity.length > 0 && affinity.every((term) => term.matches(group))) {
          for (const term of affinity) near.add(info.node, term.topologyKey, group.count)
        }
        for (const term of antiAffinity) if (term.matches(group)) far.add(info.node, term.topologyKey, group.count)
      }
    }
    const isFirst = near.isEmpty && affinity.every((term) => term.matches(incoming))
    return ({ node }) => {
      const labels = node?.metadata?.labels ?? {}
      for (const { topologyKey } of affinity) {
        const value = own(labels, topologyKey)
        if (value === undefined || (near.of(topologyKey, value) === 0 && !isFirst)) {
          return refuse(true, "node(s) didn't match pod affinity rules")
        }
      }
      for (const { topologyKey } of antiAffinity) {
        const value = own(labels, topologyKey)
        if (value !== undefined && far.of(topologyKey, value) > 0) {
          return refuse(false, "node(s) didn't match pod anti-affinity rules")
        }
      }
      for (const topologyKey of existingAnti.keys()) {
        const value = own(labels, topologyKey)
        if (value !== undefined && existingAnti.of(topologyKey, value) > 0) {
          return refuse(false, "node(s) didn't satisfy existing pods anti-affinity rules")
        }
      }
      return PASS
    }
  },
  /** Source: kubernetes pkg/scheduler/framework/plugins/interpodaffinity/scoring.go */
  score(cycle, feasible) {
    const { pod, profile } = cycle
    const wishes = pod.spec?.affinity
    const hasAny = wishes?.podAffinity !== undefined || wishes?.podAntiAffinity !== undefined
    const soft =
      (wishes?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution?.length ?? 0) > 0 ||
      (wishes?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution?.length ?? 0) > 0
    // A Pod with wishes of its own hears those of others all the same.
    if (!soft && profile.ignorePreferredTermsOfExistingPods) return undefined
    const sums = weighPairs(cycle, hasAny)
    if (sums.isEmpty) return undefined
    const raw = feasible.map(({ node }) => {
      let score = 0
      for (const key of sums.keys()) {
        const value = own(node?.metadata?.labels, key)
        if (value !== undefined) score += sums.of(key, value)
      }
      return score
    })
    const max = Math.max(...raw)
    const min = Math.min(...raw)
    const normalized = raw.map((each) => (max > min ? Math.trunc(MAX_NODE_SCORE * ((each - min) / (max - min))) : 0))
    return { raw, normalized }
  },
}

/** What the Pod's wishes about others, and others' wishes about it, add up to for each topology value. */
function weighPairs(cycle: Cycle, hasAny: boolean): PairCounts {
  const { pod, nodes, lookups, profile } = cycle
  const sums = new PairCounts()
  const incoming = subjectOf(pod)
  const near = weighted(pod.spec?.affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution, pod, lookups)
  const far = weighted(pod.spec?.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution, pod, lookups)
  for (const info of nodes) {
    if (hasAny) for (const group of info.groups.values()) weighGroup(sums, info, group, near, far)
    for (const other of info.podsWithAffinity.values()) {
      if (profile.hardPodAffinityWeight > 0) {
        for (const term of requiredAffinity(other, lookups)) {
          if (term.matches(incoming)) sums.add(info.node, term.topologyKey, profile.hardPodAffinityWeight)
        }
      }
      const likes = other.spec?.affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution
      for (const { term, weight } of weighted(likes, other, lookups)) {
        if (term.matches(incoming)) sums.add(info.node, term.topologyKey, weight)
      }
      const dislikes = other.spec?.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution
      for (const { term, weight } of weighted(dislikes, other, lookups)) {
        if (term.matches(incoming)) sums.add(info.node, term.topologyKey, -weight)
      }
    }
  }
  return sums
}

interface Weighted {
  readonly term: Term
  readonly weight: number
}

function weighGroup(
  sums: PairCounts,
  info: NodeInfo,
  group: Subject & { readonly count: number },
  near: readonly Weighted[],
  far: readonly Weighted[],
): void {
  for (const { term, weight } of near) if (term.matches(group)) sums.add(info.node, term.topologyKey, weight * group.count)
  for (const { term, weight } of far) if (term.matches(group)) sums.add(info.node, term.topologyKey, -weight * group.count)
}

function weighted(terms: readonly WeightedPodAffinityTerm[] | undefined, owner: Pod, lookups: Lookups): readonly Weighted[] {
  return (terms ?? []).map(({ podAffinityTerm, weight }) => ({ term: compile(podAffinityTerm, owner, lookups), weight }))
}
