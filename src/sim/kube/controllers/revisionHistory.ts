import type { PodTemplateSpec } from '../../../generated/kubeTypes.js'
import type { ApiResult } from '../api/client.js'
import type { StoredOf } from '../api/resources.js'
import { keyOf } from '../api/resources.js'
import { sortedJson } from '../podTemplateHash/podTemplateHash.js'
import type { Run } from './framework.js'
import type { Owner } from './pods.js'
import { controllerReference } from './pods.js'
import type { Labels } from './selectors.js'

export type StoredRevision = StoredOf<'controllerrevisions'>

/** What a ControllerRevision keeps of its owner: the template, to be put in place of the one there. */
export function revisionData(template: PodTemplateSpec | undefined): Readonly<Record<string, unknown>> {
  return { spec: { template: { ...template, $patch: 'replace' } } }
}

/** The template that a revision keeps. */
export function templateOf(revision: StoredRevision): PodTemplateSpec {
  const data = revision.data as { readonly spec?: { readonly template?: Readonly<Record<string, unknown>> } } | undefined
  const { $patch: _patch, ...template } = data?.spec?.template ?? {}
  return template
}

/** Oldest first. Source: kubernetes pkg/controller/history/controller_history.go SortControllerRevisions */
export function sortRevisions(revisions: readonly StoredRevision[]): readonly StoredRevision[] {
  return [...revisions].sort(
    (a, b) =>
      a.revision - b.revision ||
      (a.metadata.creationTimestamp < b.metadata.creationTimestamp
        ? -1
        : a.metadata.creationTimestamp > b.metadata.creationTimestamp
          ? 1
          : 0) ||
      (a.metadata.name < b.metadata.name ? -1 : 1),
  )
}

/**
 * The revision with this data: an existing one (raised to the newest number when it was an old one: a rollback), or a new one.
 * Source: kubernetes pkg/controller/statefulset/stateful_set_control.go getStatefulSetRevisions, daemon/update.go constructHistory
 */
export function ensureRevision(
  run: Run,
  owner: Owner,
  revisions: readonly StoredRevision[],
  wanted: {
    readonly name: string
    readonly data: Readonly<Record<string, unknown>>
    readonly labels: Labels
    readonly annotations: Labels | undefined
  },
): ApiResult<StoredRevision> {
  const next = (revisions.at(-1)?.revision ?? 0) + 1
  const text = sortedJson(wanted.data)
  const equal = revisions.filter((each) => sortedJson(each.data) === text).at(-1)
  if (equal !== undefined) {
    if (equal === revisions.at(-1)) return { ok: true, value: equal }
    return run.api.update('controllerrevisions', { ...equal, revision: next })
  }
  const { namespace } = owner.metadata
  return run.api.create('controllerrevisions', {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: wanted.name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: wanted.labels,
      ...(wanted.annotations === undefined ? {} : { annotations: wanted.annotations }),
      ownerReferences: [controllerReference(owner)],
    },
    data: wanted.data,
    revision: next,
  })
}

/** Deletes the oldest revisions that nothing uses, beyond the limit. */
export function truncateHistory(run: Run, revisions: readonly StoredRevision[], live: ReadonlySet<string>, limit: number): void {
  const idle = revisions.filter((each) => !live.has(each.metadata.name))
  for (const each of idle.slice(0, Math.max(0, idle.length - limit))) run.api.delete('controllerrevisions', keyOf(each))
}
