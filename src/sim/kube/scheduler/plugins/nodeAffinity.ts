import type { Node, Pod, PreferredSchedulingTerm } from '../../../../generated/kubeTypes.js'
import { own } from '../../../core/own.js'
import { type FilterPlugin, normalizeByMax, PASS, refuse, type ScorePlugin } from '../plugin.js'
import { matchesNodeTerm, matchesNodeTerms } from '../selectors.js'

/** Whether a Node satisfies a Pod's nodeSelector and required node affinity. Source: kubernetes staging component-helpers scheduling/corev1/nodeaffinity GetRequiredNodeAffinity */
export function matchesRequiredAffinity(pod: Pod, node: Node): boolean {
  const labels = node.metadata?.labels ?? {}
  for (const [key, value] of Object.entries(pod.spec?.nodeSelector ?? {})) if (own(labels, key) !== value) return false
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return required === undefined || matchesNodeTerms(required.nodeSelectorTerms ?? [], node)
}

/** Names of the only Nodes that every alternative of the Pod's required affinity allows by name; undefined when it does not name Nodes. */
export function namedNodes(pod: Pod): ReadonlySet<string> | undefined {
  const terms = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  if (terms === undefined || terms.length === 0) return undefined
  const names = new Set<string>()
  for (const term of terms) {
    const byName = (term.matchFields ?? []).filter((each) => each.key === 'metadata.name' && each.operator === 'In')
    if (byName.length === 0) return undefined
    let allowed: readonly string[] = byName[0]?.values ?? []
    for (const each of byName.slice(1)) allowed = allowed.filter((name) => each.values?.includes(name))
    for (const name of allowed) names.add(name)
  }
  return names
}

/** Source: kubernetes pkg/scheduler/framework/plugins/nodeaffinity/node_affinity.go */
export const nodeAffinity: FilterPlugin & ScorePlugin = {
  name: 'NodeAffinity',
  prepare({ pod, profile }) {
    const added = profile.addedAffinity.required
    const asks =
      pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined ||
      Object.keys(pod.spec?.nodeSelector ?? {}).length > 0
    if (!asks && added === undefined) return undefined
    return ({ node }) => {
      if (node === undefined) return PASS
      if (added !== undefined && !matchesNodeTerms(added.nodeSelectorTerms ?? [], node)) {
        return refuse(true, "node(s) didn't match scheduler-enforced node affinity")
      }
      return matchesRequiredAffinity(pod, node) ? PASS : refuse(true, "node(s) didn't match Pod's node affinity/selector")
    }
  },
  score({ pod, profile }, feasible) {
    const preferred = pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    const added = profile.addedAffinity.preferred ?? []
    if (preferred.length === 0 && added.length === 0) return undefined
    const raw = feasible.map(({ node }) => (node === undefined ? 0 : weigh(added, node) + weigh(preferred, node)))
    return { raw, normalized: normalizeByMax(raw, false) }
  },
}

function weigh(terms: readonly PreferredSchedulingTerm[], node: Node): number {
  let sum = 0
  for (const { preference, weight } of terms) if (weight !== 0 && matchesNodeTerm(preference, node)) sum += weight
  return sum
}
