import type { Container, Pod } from '../../../generated/kubeTypes.js'
import type { NodeInfo } from './nodeInfo.js'
import type { Cycle } from './plugin.js'
import type { SchedulerProfile } from './profile.js'

/** By question: what was found about each Node. */
type Findings = Map<string, WeakMap<NodeInfo, unknown>>

/** What was found about Nodes for Pods that look alike. Can be rebuilt. */
const byLikeness = new WeakMap<SchedulerProfile, Map<string, Findings>>()
const byCycle = new WeakMap<Cycle, Findings>()
const LIKENESSES_MAX = 64

/**
 * Judges Nodes, each once for all Pods that look alike, for as long as neither it nor its Pods change: of a thousand Nodes one
 * changes from one Pod to the next.
 *
 * @param question tells the judges apart; with all that they look at beside the Node, the profile, and the Pod's labels and spec
 * (but for its volumes). Every caller of one question judges alike.
 */
export function perNode<T>(cycle: Cycle, question: string, judge: (info: NodeInfo) => T): (info: NodeInfo) => T {
  const findings = findingsOf(cycle)
  const known = findings.get(question) ?? new WeakMap<NodeInfo, unknown>()
  findings.set(question, known)
  return (info) => {
    const before = known.get(info)
    // Written below by a caller of the same question; nobody finds undefined.
    if (before !== undefined) return before as T
    const fresh = judge(info)
    known.set(info, fresh)
    return fresh
  }
}

function findingsOf(cycle: Cycle): Findings {
  const own = byCycle.get(cycle)
  if (own !== undefined) return own
  const likenesses = byLikeness.get(cycle.profile) ?? new Map<string, Findings>()
  byLikeness.set(cycle.profile, likenesses)
  const likeness = likenessOf(cycle.pod)
  const findings = likenesses.get(likeness) ?? (new Map() as Findings)
  // The one asked for last stands last.
  likenesses.delete(likeness)
  likenesses.set(likeness, findings)
  const [oldest] = likenesses.keys()
  if (likenesses.size > LIKENESSES_MAX && oldest !== undefined) likenesses.delete(oldest)
  byCycle.set(cycle, findings)
  return findings
}

/** Equal for Pods that no plugin can tell apart by themselves. */
function likenessOf({ metadata, spec }: Pod): string {
  return JSON.stringify([
    metadata?.namespace,
    metadata?.labels,
    {
      ...spec,
      volumes: [],
      containers: spec?.containers?.map(withoutMounts),
      initContainers: spec?.initContainers?.map(withoutMounts),
    },
  ])
}

function withoutMounts(container: Container): Container {
  return { ...container, volumeMounts: [] }
}
