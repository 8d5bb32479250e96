import type { NamespaceCondition } from '../../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../../core/digest.js'
import { SECOND, toTimestamp } from '../../../core/time.js'
import type { ApiError } from '../../api/apiError.js'
import { infoOf, RESOURCE_LIST } from '../../api/kinds.js'
import type { ResourceName, StoredOf } from '../../api/resources.js'
import { keyOf } from '../../api/resources.js'
import type { Controller, Run, SyncOutcome } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'
import { semanticEqual } from '../plain.js'

/** Time for what is still being created to arrive. Source: kubernetes pkg/controller/namespace/namespace_controller.go */
const GRACE = 5 * SECOND
/** Seconds to wait for objects held by finalizers. */
const FINALIZER_ESTIMATE = 15

/** What is deleted with a namespace; bindings are not stored. */
const NAMESPACED: readonly ResourceName[] = RESOURCE_LIST.filter((each) => each.namespaced && each.resource !== 'bindings').map(
  (each) => each.resource,
)

/** Empties namespaces that are being deleted, then lets them go. */
export const namespaceController: Controller = {
  name: 'namespace-controller',
  watches: ['namespaces'],
  changed(run, change) {
    if (isChangeOf(change, 'namespaces') && change.type !== 'DELETED' && change.object.metadata.deletionTimestamp !== undefined) {
      run.addAfter(change.key, GRACE)
    }
  },
  sync,
}

/** Source: kubernetes pkg/controller/namespace/deletion/namespaced_resources_deleter.go Delete */
function sync(run: Run, key: string): SyncOutcome {
  const namespace = run.cache.get('namespaces', key)
  if (namespace?.metadata.deletionTimestamp === undefined) return SETTLED
  if ((namespace.spec?.finalizers ?? []).length === 0) return SETTLED
  const pods = emptyOf(run, key, ['pods'])
  const rest =
    pods.left.length > 0
      ? NOTHING
      : emptyOf(
          run,
          key,
          NAMESPACED.filter((each) => each !== 'pods'),
        )
  const left = [...pods.left, ...rest.left].sort((a, b) => byCodeUnit(nameOf(a.resource), nameOf(b.resource)))
  run.decide(namespace, left.length === 0 ? 'namespace-empty' : 'namespace-emptying', {
    remaining: left.reduce((sum, each) => sum + each.count, 0),
  })
  const error = pods.error ?? rest.error
  const told = writeConditions(run, namespace, left, error)
  if (!told.ok) return retry(told.error)
  if (error !== undefined) return retry(error)
  const estimate = Math.max(pods.estimate, rest.estimate)
  if (left.length > 0 && estimate > 0) {
    run.addAfter(key, (Math.floor(estimate / 2) + 1) * SECOND)
    return SETTLED
  }
  const finalizers = (told.value.spec?.finalizers ?? []).filter((each) => each !== 'kubernetes')
  const done = run.api.update('namespaces', { ...told.value, spec: { finalizers } }, { subresource: 'finalize' })
  return done.ok || done.error.code === 404 ? SETTLED : retry(done.error)
}

interface Left {
  readonly resource: ResourceName
  readonly count: number
  readonly finalizers: readonly string[]
}

interface Emptied {
  readonly left: readonly Left[]
  /** Seconds until the rest may be gone. */
  readonly estimate: number
  readonly error: ApiError | undefined
}

const NOTHING: Emptied = { left: [], estimate: 0, error: undefined }

/** Deletes all objects of these resources in a namespace, and tells what is still there. */
function emptyOf(run: Run, namespace: string, resources: readonly ResourceName[]): Emptied {
  const left: Left[] = []
  let estimate = 0
  let error: ApiError | undefined
  for (const resource of resources) {
    const listed = run.api.list(resource, { namespace })
    if (!listed.ok) {
      error ??= listed.error
      continue
    }
    for (const object of listed.value) {
      if (object.metadata.deletionTimestamp !== undefined) continue
      const deleted = run.api.delete(resource, keyOf(object), { propagationPolicy: 'Background' })
      if (!deleted.ok && deleted.error.code !== 404) error ??= deleted.error
    }
    const after = run.api.list(resource, { namespace })
    if (!after.ok || after.value.length === 0) continue
    const finalizers = after.value.flatMap((each) => each.metadata.finalizers ?? [])
    left.push({ resource, count: after.value.length, finalizers })
    const grace = after.value.reduce((most, each) => Math.max(most, graceOf(each)), 0)
    estimate = Math.max(
      estimate,
      finalizers.length > 0 ? FINALIZER_ESTIMATE : 0,
      resource === 'pods' ? grace : FINALIZER_ESTIMATE,
    )
  }
  return { left, estimate, error }
}

function graceOf(object: StoredOf<ResourceName>): number {
  return object.kind === 'Pod' && 'spec' in object ? ((object as StoredOf<'pods'>).spec?.terminationGracePeriodSeconds ?? 0) : 0
}

/** `configmaps.`, `deployments.apps`: resource and group. */
function nameOf(resource: ResourceName): string {
  return `${resource}.${infoOf(resource).group}`
}

/** Source: kubernetes pkg/controller/namespace/deletion/status_condition_utils.go */
function writeConditions(run: Run, namespace: StoredOf<'namespaces'>, left: readonly Left[], error: ApiError | undefined) {
  const resources = left.map((each) => `${nameOf(each.resource)} has ${each.count} resource instances`)
  const held = new Map<string, number>()
  for (const name of left.flatMap((each) => each.finalizers)) held.set(name, (held.get(name) ?? 0) + 1)
  const finalizers = [...held]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([name, count]) => `${name} in ${count} resource instances`)
  const wanted: readonly NamespaceCondition[] = [
    condition('NamespaceDeletionDiscoveryFailure', false, 'ResourcesDiscovered', 'All resources successfully discovered'),
    condition(
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    error === undefined
      ? condition(
          'NamespaceDeletionContentFailure',
          false,
          'ContentDeleted',
          'All content successfully deleted, may be waiting on finalization',
        )
      : condition(
          'NamespaceDeletionContentFailure',
          true,
          'ContentDeletionFailed',
          `Failed to delete all resource types, 1 remaining: ${error.message}`,
        ),
    resources.length === 0
      ? condition('NamespaceContentRemaining', false, 'ContentRemoved', 'All content successfully removed')
      : condition(
          'NamespaceContentRemaining',
          true,
          'SomeResourcesRemain',
          `Some resources are remaining: ${resources.join(', ')}`,
        ),
    finalizers.length === 0
      ? condition('NamespaceFinalizersRemaining', false, 'ContentHasNoFinalizers', 'All content-preserving finalizers finished')
      : condition(
          'NamespaceFinalizersRemaining',
          true,
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${finalizers.join(', ')}`,
        ),
  ]
  const fresh = run.api.get('namespaces', namespace.metadata.name)
  if (!fresh.ok) return fresh
  const before = fresh.value.status?.conditions ?? []
  const conditions = wanted.map((each) => {
    const old = before.find((one) => one.type === each.type)
    const same = old?.status === each.status && old.lastTransitionTime !== undefined
    return { ...each, lastTransitionTime: same ? (old.lastTransitionTime ?? '') : toTimestamp(run.now) }
  })
  if (semanticEqual(before, conditions)) return fresh
  return run.api.updateStatus('namespaces', { ...fresh.value, status: { ...fresh.value.status, conditions } })
}

function condition(type: string, isTrue: boolean, reason: string, message: string): NamespaceCondition {
  return { type, status: isTrue ? 'True' : 'False', reason, message }
}
