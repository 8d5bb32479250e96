import type { PodTemplateSpec } from '../../../../generated/kubeTypes.js'
import { goText } from '../../podTemplateHash/goText.js'
import type { StoredDeployment, StoredReplicaSet } from '../framework.js'
import { byAge } from '../pods.js'
import { DESIRED, MAXIMUM, replicasOf, surgeOf, wantedReplicas } from './arithmetic.js'

export const REVISION = 'deployment.kubernetes.io/revision'
const HISTORY = 'deployment.kubernetes.io/revision-history'
export const HASH_LABEL = 'pod-template-hash'
/** Characters that the list of earlier revisions may take. */
const MAX_HISTORY = 2000

/** Annotations of a Deployment that its ReplicaSets do not take over. */
const OWN: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  HISTORY,
  DESIRED,
  MAXIMUM,
  'deprecated.deployment.rollback.to',
])

type Annotations = Readonly<Record<string, string>>

/** Text of a template without its hash label; remembered, can be rebuilt. */
const texts = new WeakMap<PodTemplateSpec, string>()

function textOf(template: PodTemplateSpec): string {
  const before = texts.get(template)
  if (before !== undefined) return before
  const { [HASH_LABEL]: _hash, ...labels } = template.metadata?.labels ?? {}
  const text = goText({ ...template, metadata: { ...template.metadata, labels } }, 'v1.PodTemplateSpec')
  texts.set(template, text)
  return text
}

/** Whether two templates are one but for the hash label. Source: deployment_util.go EqualIgnoreHash */
export function sameTemplate(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  return a !== undefined && b !== undefined && textOf(a) === textOf(b)
}

/** The oldest ReplicaSet with the Deployment's template. Source: deployment_util.go FindNewReplicaSet */
export function findNew(deployment: StoredDeployment, sets: readonly StoredReplicaSet[]): StoredReplicaSet | undefined {
  return [...sets].sort(byAge).find((rs) => sameTemplate(rs.spec?.template, deployment.spec?.template))
}

export function isActiveSet(rs: StoredReplicaSet): boolean {
  return replicasOf(rs) > 0
}

/** The one to scale when the Deployment's size changes: the only active one, or the newest when none is active. */
export function findActiveOrLatest(
  newRs: StoredReplicaSet | undefined,
  old: readonly StoredReplicaSet[],
): StoredReplicaSet | undefined {
  const newestFirst = [...old].sort((a, b) => byAge(b, a))
  const active = [...newestFirst, ...(newRs === undefined ? [] : [newRs])].filter(isActiveSet)
  if (active.length === 0) return newRs ?? newestFirst[0]
  return active.length === 1 ? active[0] : undefined
}

export function revisionOf(rs: StoredReplicaSet): number {
  const text = rs.metadata.annotations?.[REVISION]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : 0
}

export function maxRevision(sets: readonly StoredReplicaSet[]): number {
  return sets.reduce((max, rs) => Math.max(max, revisionOf(rs)), 0)
}

/**
 * Annotations of the new ReplicaSet: the Deployment's, its revision (never going down), and the revisions that it has had.
 * Source: deployment_util.go SetNewReplicaSetAnnotations
 */
export function newSetAnnotations(deployment: StoredDeployment, before: Annotations | undefined, revision: number): Annotations {
  const next: Record<string, string> = { ...before }
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) if (!OWN.has(key)) next[key] = value
  const old = before?.[REVISION]
  const oldNumber = old !== undefined && /^\d+$/.test(old) ? Number(old) : 0
  if (oldNumber >= revision) return next
  next[REVISION] = String(revision)
  if (old !== undefined) {
    const history = extendHistory(before?.[HISTORY] ?? '', old)
    if (history !== undefined) next[HISTORY] = history
  }
  return next
}

function extendHistory(history: string, revision: string): string | undefined {
  if (history === '') return revision
  const revisions = history.split(',')
  let length = history.length + revision.length + 1
  let start = 0
  while (length > MAX_HISTORY && start < revisions.length) {
    length -= (revisions[start] ?? '').length + 1
    start++
  }
  return length <= MAX_HISTORY ? [...revisions.slice(start), revision].join(',') : undefined
}

/** The size for which a ReplicaSet was last scaled, kept on it for proportional scaling. */
export function sizeAnnotations(deployment: StoredDeployment): Annotations {
  const wanted = wantedReplicas(deployment)
  return { [DESIRED]: String(wanted), [MAXIMUM]: String(wanted + surgeOf(deployment)) }
}

/** Old ReplicaSets beyond the limit that can go, oldest revision first. Source: sync.go cleanupDeployment */
export function planCleanup(old: readonly StoredReplicaSet[], limit: number | undefined): readonly StoredReplicaSet[] {
  if (limit === undefined) return []
  const alive = old.filter((rs) => rs.metadata.deletionTimestamp === undefined)
  const surplus = alive.length - limit
  if (surplus <= 0) return []
  return alive
    .sort((a, b) => revisionOf(a) - revisionOf(b) || byAge(a, b))
    .slice(0, surplus)
    .filter(
      (rs) =>
        (rs.status?.replicas ?? 0) === 0 &&
        replicasOf(rs) === 0 &&
        (rs.metadata.generation ?? 0) <= (rs.status?.observedGeneration ?? 0),
    )
}
