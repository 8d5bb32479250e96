import type { LabelSelector, ReplicaSetStatus } from '../../../../generated/kubeTypes.js'
import type { ApiError } from '../../api/apiError.js'
import type { StoredOf } from '../../api/resources.js'
import { keyOf } from '../../api/resources.js'
import { claim } from '../claim.js'
import {
  creationObserved,
  deletionObserved,
  expectCreations,
  expectDeletions,
  forgetExpectations,
  isSatisfied,
} from '../expectations.js'
import type { Controller, Run, StoredPod, SyncOutcome } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'
import { semanticEqual } from '../plain.js'
import { podCandidates } from '../podIndex.js'
import {
  controllerOf,
  isPodActive,
  isPodReady,
  isPodTerminating,
  keyOfPod,
  podFromTemplate,
  untilNextAvailable,
} from '../pods.js'
import { sameLabels, selects } from '../selectors.js'
import type { ReplicaFailure, ReplicaPlan, ReplicaSpec } from './replicas.js'
import { planReplicas, replicaStatus } from './replicas.js'

type Kind = 'replicasets' | 'replicationcontrollers'
type Replicated = StoredOf<'replicasets'> | StoredOf<'replicationcontrollers'>

interface Variant {
  readonly name: string
  readonly resource: Kind
  readonly kind: string
  readonly component: string
}

/** Keeps the number of Pods of each ReplicaSet. Source: kubernetes pkg/controller/replicaset/replica_set.go */
export const replicaSetController = makeController({
  name: 'replicaset-controller',
  resource: 'replicasets',
  kind: 'ReplicaSet',
  component: 'replicaset-controller',
})

/** The same engine for the older kind. Source: kubernetes pkg/controller/replication/replication_controller.go */
export const replicationController = makeController({
  name: 'replicationcontroller-controller',
  resource: 'replicationcontrollers',
  kind: 'ReplicationController',
  component: 'replication-controller',
})

function makeController(variant: Variant): Controller {
  return {
    name: variant.name,
    watches: [variant.resource, 'pods'],
    changed(run, change) {
      if (isChangeOf(change, 'pods')) podChanged(run, variant, change.type, change.object, change.old)
      else if (change.resource === variant.resource) {
        if (change.type === 'DELETED') forgetExpectations(run, change.key)
        run.add(change.key)
      }
    },
    sync: (run, key) => sync(run, variant, key),
  }
}

function podChanged(
  run: Run,
  variant: Variant,
  type: 'ADDED' | 'MODIFIED' | 'DELETED',
  pod: StoredPod,
  old: StoredPod | undefined,
): void {
  const owner = ownerKey(variant, pod)
  const oldOwner = old === undefined ? undefined : ownerKey(variant, old)
  if (type === 'DELETED' || pod.metadata.deletionTimestamp !== undefined) {
    if (owner === undefined) return
    deletionObserved(run, owner, keyOfPod(pod))
    run.add(owner)
    return
  }
  if (oldOwner !== undefined && oldOwner !== owner) run.add(oldOwner)
  if (owner !== undefined) {
    if (type === 'ADDED') creationObserved(run, owner)
    run.add(owner)
    const minReady = run.cache.get(variant.resource, owner)?.spec?.minReadySeconds ?? 0
    if (minReady > 0 && old !== undefined && !isPodReady(old) && isPodReady(pod)) run.addAfter(owner, (minReady + 1) * 1_000_000)
    return
  }
  if (controllerOf(pod) !== undefined) return
  if (type === 'MODIFIED' && oldOwner === undefined && sameLabels(old?.metadata.labels, pod.metadata.labels)) return
  for (const each of run.cache.list(variant.resource, pod.metadata.namespace)) {
    if (selects(specOf(each).selector, pod.metadata.labels)) run.add(keyOf(each))
  }
}

/** Key of the owner of this kind that manages a Pod. */
function ownerKey(variant: Variant, pod: StoredPod): string | undefined {
  const controller = controllerOf(pod)
  return controller?.kind === variant.kind ? `${pod.metadata.namespace ?? ''}/${controller.name}` : undefined
}

function sync(run: Run, variant: Variant, key: string): SyncOutcome {
  const owner = run.cache.get(variant.resource, key)
  if (owner === undefined) {
    forgetExpectations(run, key)
    return SETTLED
  }
  const mayManage = isSatisfied(run, key)
  const spec = specOf(owner)
  const claimed = claim(run, 'pods', owner, variant.resource, spec.selector)
  if (claimed.error !== undefined) return retry(claimed.error)
  run.looked(key, claimed.objects.length)
  const active = claimed.objects.filter(isPodActive)
  const terminating = claimed.objects.filter(isPodTerminating)
  let failure: Failed | undefined
  if (mayManage && owner.metadata.deletionTimestamp === undefined) {
    const plan = planReplicas(spec.replicas, active, () => relatedPods(run, owner), run.now)
    failure = applyPlan(run, variant, key, owner, spec, plan)
  }
  const status = replicaStatus({
    spec,
    before: owner.status,
    generation: owner.metadata.generation ?? 0,
    active,
    terminating: variant.resource === 'replicasets' ? terminating.length : undefined,
    failure: failure?.told,
    now: run.now,
  })
  const error = writeStatus(run, variant, owner, status)
  if (error !== undefined) return retry(error)
  if (failure !== undefined) return retry(failure.error)
  const wait = untilNextAvailable(active, spec.minReadySeconds, run.now)
  if (wait !== undefined) run.addAfter(key, wait)
  return SETTLED
}

interface Failed {
  readonly told: ReplicaFailure
  readonly error: ApiError
}

function applyPlan(
  run: Run,
  variant: Variant,
  key: string,
  owner: Replicated,
  spec: ReplicaSpec,
  plan: ReplicaPlan,
): Failed | undefined {
  switch (plan.kind) {
    case 'in-balance':
      return undefined
    case 'create':
      run.decide(owner, 'create-pods', { wanted: spec.replicas, missing: plan.count })
      return createPods(run, variant, key, owner, spec, plan)
    case 'delete':
      run.decide(owner, 'delete-pods', { wanted: spec.replicas, surplus: plan.victims.length })
      return deletePods(run, variant, key, owner, plan.victims)
  }
}

function createPods(
  run: Run,
  variant: Variant,
  key: string,
  owner: Replicated,
  spec: ReplicaSpec,
  plan: Extract<ReplicaPlan, { kind: 'create' }>,
): Failed | undefined {
  expectCreations(run, key, plan.count)
  const pod = podFromTemplate(spec.template, owner, owner.metadata.namespace ?? '')
  let made = 0
  for (const size of plan.batches) {
    let error: ApiError | undefined
    for (let index = 0; index < size; index++) {
      const created = run.api.create('pods', pod)
      if (created.ok) {
        made++
        run.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.value.metadata.name}`, variant.component)
      } else if (isNamespaceTerminating(created.error)) {
        // Whoever deletes the namespace wants no more Pods: not an error, and not tried again.
        made++
        creationObserved(run, key)
      } else {
        error ??= created.error
        run.event(owner, 'Warning', 'FailedCreate', `Error creating: ${created.error.message}`, variant.component)
      }
    }
    if (error !== undefined) {
      creationObserved(run, key, plan.count - made)
      return { told: { reason: 'FailedCreate', message: error.message }, error }
    }
  }
  return undefined
}

function deletePods(
  run: Run,
  variant: Variant,
  key: string,
  owner: Replicated,
  victims: readonly StoredPod[],
): Failed | undefined {
  expectDeletions(run, key, victims.map(keyOfPod))
  let failed: Failed | undefined
  for (const victim of victims) {
    const deleted = run.api.delete('pods', keyOfPod(victim))
    if (deleted.ok) {
      run.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${victim.metadata.name}`, variant.component)
      continue
    }
    deletionObserved(run, key, keyOfPod(victim))
    if (deleted.error.code === 404) continue
    run.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${deleted.error.message}`, variant.component)
    failed ??= { told: { reason: 'FailedDelete', message: deleted.error.message }, error: deleted.error }
  }
  return failed
}

/** Active Pods of all ReplicaSets that have the same controller; none for one that stands alone. */
function relatedPods(run: Run, owner: Replicated): readonly StoredPod[] {
  const controller = controllerOf(owner)
  if (controller === undefined) return []
  const pods = new Map<string, StoredPod>()
  for (const sibling of run.cache.byOwner('replicasets', controller.uid)) {
    if (controllerOf(sibling)?.uid !== controller.uid) continue
    const { selector } = specOf(sibling)
    for (const pod of podCandidates(run.part, run.cache, sibling.metadata.namespace ?? '', selector.matchLabels ?? {})) {
      if (selects(selector, pod.metadata.labels) && isPodActive(pod)) pods.set(pod.metadata.uid, pod)
    }
  }
  return [...pods.values()]
}

function writeStatus(run: Run, variant: Variant, owner: Replicated, status: ReplicaSetStatus): ApiError | undefined {
  const before = owner.status
  if (
    before !== undefined &&
    owner.metadata.generation === before.observedGeneration &&
    semanticEqual({ ...before, observedGeneration: 0 }, { ...status, observedGeneration: 0 })
  ) {
    return undefined
  }
  let target: Replicated = owner
  for (let tries = 0; tries < 2; tries++) {
    const updated =
      variant.resource === 'replicasets'
        ? run.api.updateStatus('replicasets', { ...(target as StoredOf<'replicasets'>), status })
        : run.api.updateStatus('replicationcontrollers', { ...(target as StoredOf<'replicationcontrollers'>), status })
    if (updated.ok || updated.error.code === 404) return undefined
    const fresh = run.api.get(variant.resource, keyOf(owner))
    if (!fresh.ok) return fresh.error
    if (tries === 1) return updated.error
    target = fresh.value
  }
  return undefined
}

export function isNamespaceTerminating(error: ApiError): boolean {
  return error.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false
}

/** The part of the spec that both kinds share, in the newer kind's form. */
function specOf(owner: Replicated): ReplicaSpec {
  const spec = owner.spec
  const selector = spec?.selector ?? {}
  return {
    replicas: spec?.replicas ?? 1,
    minReadySeconds: spec?.minReadySeconds ?? 0,
    selector:
      owner.kind === 'ReplicationController'
        ? { matchLabels: selector as Readonly<Record<string, string>> }
        : (selector as LabelSelector),
    template: spec?.template ?? {},
  }
}
