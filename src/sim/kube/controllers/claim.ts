import type { LabelSelector } from '../../../generated/kubeTypes.js'
import type { ApiError } from '../api/apiError.js'
import type { ResourceName, StoredOf } from '../api/resources.js'
import { keyOf } from '../api/resources.js'
import type { Run } from './framework.js'
import { orphansIn } from './podIndex.js'
import type { Owner } from './pods.js'
import { controllerOf, controllerReference } from './pods.js'
import { selects } from './selectors.js'

type Adoptable = 'pods' | 'replicasets' | 'controllerrevisions' | 'jobs'

export interface Claimed<T> {
  readonly objects: readonly T[]
  readonly error: ApiError | undefined
}

/**
 * The objects that belong to an owner: its own that match the selector; orphans that match are adopted, own ones that no longer
 * match are released.
 *
 * @param resource what is claimed.
 * @param ownerResource where the owner is looked up again before it adopts, so that a stale cache adopts nothing.
 * @param mayAdopt a further condition on orphans (StatefulSets look at names too).
 * Source: kubernetes pkg/controller/controller_ref_manager.go ClaimObject
 */
export function claim<R extends Adoptable>(
  run: Run,
  resource: R,
  owner: Owner,
  ownerResource: ResourceName,
  selector: LabelSelector | undefined,
  mayAdopt: (object: StoredOf<R>) => boolean = () => true,
): Claimed<StoredOf<R>> {
  const namespace = owner.metadata.namespace ?? ''
  const kept: StoredOf<R>[] = []
  let error: ApiError | undefined
  for (const object of run.cache.byOwner(resource, owner.metadata.uid)) {
    if (controllerOf(object)?.uid !== owner.metadata.uid) continue
    if (selects(selector, object.metadata.labels) && mayAdopt(object)) kept.push(object)
    else if (owner.metadata.deletionTimestamp === undefined) error = release(run, resource, owner, object) ?? error
  }
  if (owner.metadata.deletionTimestamp !== undefined) return { objects: kept, error }
  let checked = false
  for (const object of orphansIn(run.part, run.cache, resource, namespace)) {
    if (object.metadata.deletionTimestamp !== undefined || !selects(selector, object.metadata.labels) || !mayAdopt(object))
      continue
    if (!checked) {
      const fresh = run.api.get(ownerResource, keyOf(owner))
      if (!fresh.ok) return { objects: kept, error: fresh.error }
      const { uid, deletionTimestamp } = fresh.value.metadata
      if (uid !== owner.metadata.uid || deletionTimestamp !== undefined) return { objects: kept, error }
      checked = true
    }
    const adopted = run.api.patch(resource, keyOf(object), 'strategic', {
      metadata: { uid: object.metadata.uid, ownerReferences: [controllerReference(owner)] },
    })
    if (adopted.ok) {
      run.decide(owner, 'adopt', { object: object.metadata.name })
      kept.push(adopted.value)
    } else if (adopted.error.code !== 404) error = adopted.error
  }
  return { objects: kept, error }
}

function release<R extends Adoptable>(run: Run, resource: R, owner: Owner, object: StoredOf<R>): ApiError | undefined {
  const patch = { metadata: { uid: object.metadata.uid, ownerReferences: [{ $patch: 'delete', uid: owner.metadata.uid }] } }
  const released = run.api.patch(resource, keyOf(object), 'strategic', patch)
  if (released.ok) run.decide(owner, 'release', { object: object.metadata.name })
  return released.ok || released.error.code === 404 || released.error.code === 422 ? undefined : released.error
}
