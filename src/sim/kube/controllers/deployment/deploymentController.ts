import type { DeploymentStatus } from '../../../../generated/kubeTypes.js'
import type { ApiError } from '../../api/apiError.js'
import { keyOf } from '../../api/resources.js'
import { podTemplateHash } from '../../podTemplateHash/podTemplateHash.js'
import { claim } from '../claim.js'
import type { Controller, Run, StoredDeployment, StoredPod, StoredReplicaSet } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'
import { semanticEqual } from '../plain.js'
import { controllerOf, controllerReference, isPodTerminal } from '../pods.js'
import { isNamespaceTerminating } from '../replicaset/replicaSetController.js'
import { isEmptySelector, sameLabels, selects } from '../selectors.js'
import type { SizeChange } from './arithmetic.js'
import { countIn, DESIRED, newReplicaSetSize, planScaleDown, replicasOf, sizeOf, wantedReplicas } from './arithmetic.js'
import {
  findNew,
  HASH_LABEL,
  isActiveSet,
  maxRevision,
  newSetAnnotations,
  planCleanup,
  REVISION,
  sameTemplate,
  sizeAnnotations,
} from './revisions.js'
import { planScale } from './scale.js'
import {
  calculateStatus,
  conditionOf,
  hasProgressDeadline,
  isComplete,
  makeCondition,
  rolloutStatus,
  untilDeadline,
  withCondition,
} from './status.js'

/** Rolls Deployments out, over ReplicaSets. Source: kubernetes pkg/controller/deployment/deployment_controller.go */
export const deploymentController: Controller = {
  name: 'deployment-controller',
  watches: ['deployments', 'replicasets', 'pods'],
  changed(run, change) {
    if (change.resource === 'deployments') run.add(change.key)
    else if (isChangeOf(change, 'replicasets')) setChanged(run, change.type, change.object, change.old)
    else if (isChangeOf(change, 'pods') && change.type === 'DELETED') podDeleted(run, change.object)
  },
  sync(run, key) {
    const found = run.cache.get('deployments', key)
    if (found === undefined) return SETTLED
    const outcome = syncDeployment({ run, key, deployment: found })
    return outcome === undefined ? SETTLED : retry(outcome)
  },
}

function setChanged(run: Run, type: string, rs: StoredReplicaSet, old: StoredReplicaSet | undefined): void {
  const owner = ownerKey(rs)
  const before = old === undefined ? undefined : ownerKey(old)
  if (before !== undefined && before !== owner) run.add(before)
  if (owner !== undefined) {
    run.add(owner)
    return
  }
  if (type === 'DELETED' || controllerOf(rs) !== undefined) return
  if (type === 'MODIFIED' && before === undefined && sameLabels(old?.metadata.labels, rs.metadata.labels)) return
  for (const each of run.cache.list('deployments', rs.metadata.namespace)) {
    if (selects(each.spec?.selector, rs.metadata.labels)) run.add(keyOf(each))
  }
}

function ownerKey(rs: StoredReplicaSet): string | undefined {
  const controller = controllerOf(rs)
  return controller?.kind === 'Deployment' ? `${rs.metadata.namespace ?? ''}/${controller.name}` : undefined
}

/** A Recreate rollout waits for the last old Pod to be gone. */
function podDeleted(run: Run, pod: StoredPod): void {
  const controller = controllerOf(pod)
  if (controller?.kind !== 'ReplicaSet') return
  const rs = run.cache.get('replicasets', `${pod.metadata.namespace ?? ''}/${controller.name}`)
  const owner = rs === undefined ? undefined : ownerKey(rs)
  if (owner !== undefined && run.cache.get('deployments', owner)?.spec?.strategy?.type === 'Recreate') run.add(owner)
}

/** One sync: the Deployment as seen so far, with what this sync has changed of it. */
interface Sync {
  readonly run: Run
  readonly key: string
  deployment: StoredDeployment
}

type Failure = ApiError | undefined

/** Source: deployment_controller.go syncDeployment */
function syncDeployment(sync: Sync): Failure {
  const { run } = sync
  if (isEmptySelector(sync.deployment.spec?.selector)) return refuseEmptySelector(sync)
  const claimed = claim(run, 'replicasets', sync.deployment, 'deployments', sync.deployment.spec?.selector)
  if (claimed.error !== undefined) return claimed.error
  const sets = claimed.objects
  if (sync.deployment.metadata.deletionTimestamp !== undefined) {
    const found = findSets(sync, sets)
    return found.error ?? syncStatus(sync, calculateStatus(sync.deployment, found.all, found.newRs, run.now))
  }
  const paused = notePause(sync)
  if (paused !== undefined) return paused
  if (sync.deployment.spec?.paused === true) return scaleOnly(sync, sets)
  const first = findSets(sync, sets)
  if (first.error !== undefined) return first.error
  const wanted = wantedReplicas(sync.deployment)
  if (first.all.some((rs) => isActiveSet(rs) && (countIn(rs, DESIRED) ?? wanted) !== wanted)) return scaleOnly(sync, sets)
  return sync.deployment.spec?.strategy?.type === 'Recreate' ? recreate(sync, sets) : roll(sync, sets)
}

function refuseEmptySelector({ run, deployment }: Sync): Failure {
  const message = 'This deployment is selecting all pods. A non-empty selector is required.'
  run.event(deployment, 'Warning', 'SelectingAll', message)
  const generation = deployment.metadata.generation ?? 0
  if ((deployment.status?.observedGeneration ?? 0) >= generation) return undefined
  const status = { ...deployment.status, observedGeneration: generation }
  const updated = run.api.updateStatus('deployments', { ...deployment, status })
  return updated.ok ? undefined : updated.error
}

/** Says in the Progressing condition that the Deployment was paused or resumed. Source: sync.go checkPausedConditions */
function notePause(sync: Sync): Failure {
  const { run, deployment } = sync
  if (!hasProgressDeadline(deployment)) return undefined
  const current = conditionOf(deployment.status, 'Progressing')
  if (current?.reason === 'ProgressDeadlineExceeded') return undefined
  const noted = current?.reason === 'DeploymentPaused'
  const paused = deployment.spec?.paused === true
  if (paused === noted) return undefined
  const condition = paused
    ? makeCondition('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused', run.now)
    : makeCondition('Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed', run.now)
  return writeStatus(sync, withCondition(deployment.status ?? {}, condition))
}

/** Writes the status; the sync goes on with what was stored. */
function writeStatus(sync: Sync, status: DeploymentStatus): Failure {
  const updated = sync.run.api.updateStatus('deployments', { ...sync.deployment, status })
  if (!updated.ok) return updated.error
  sync.deployment = updated.value
  return undefined
}

interface Sets {
  readonly newRs: StoredReplicaSet | undefined
  readonly old: readonly StoredReplicaSet[]
  readonly all: readonly StoredReplicaSet[]
  readonly error: Failure
}

function setsOf(newRs: StoredReplicaSet | undefined, old: readonly StoredReplicaSet[], error?: ApiError): Sets {
  return { newRs, old, all: newRs === undefined ? old : [...old, newRs], error }
}

/** New and old ReplicaSets, with the new one's revision and annotations brought up to date. Source: sync.go getAllReplicaSetsAndSyncRevision */
function findSets(sync: Sync, sets: readonly StoredReplicaSet[]): Sets {
  const { run, deployment } = sync
  const existing = findNew(deployment, sets)
  const old = sets.filter((rs) => rs !== existing)
  if (existing === undefined) return setsOf(undefined, old)
  const annotations = newSetAnnotations(deployment, existing.metadata.annotations, maxRevision(old) + 1)
  const minReady = deployment.spec?.minReadySeconds ?? 0
  if (!semanticEqual(annotations, existing.metadata.annotations) || (existing.spec?.minReadySeconds ?? 0) !== minReady) {
    const { minReadySeconds: _before, ...spec } = existing.spec ?? { selector: {} }
    const next = minReady === 0 ? spec : { ...spec, minReadySeconds: minReady }
    const updated = run.api.update('replicasets', { ...existing, metadata: { ...existing.metadata, annotations }, spec: next })
    return updated.ok ? setsOf(updated.value, old) : setsOf(existing, old, updated.error)
  }
  const error = noteNewSet(
    sync,
    existing.metadata.annotations?.[REVISION] ?? '',
    'FoundNewReplicaSet',
    `Found new replica set "${existing.metadata.name}"`,
    false,
  )
  return setsOf(existing, old, error)
}

/** Notes the revision on the Deployment, and in its Progressing condition how the new ReplicaSet came about. */
function noteNewSet(sync: Sync, revision: string, reason: string, message: string, always: boolean): Failure {
  const { run, deployment } = sync
  let status = deployment.status ?? {}
  if (hasProgressDeadline(deployment) && (always || conditionOf(status, 'Progressing') === undefined)) {
    status = withCondition(status, makeCondition('Progressing', 'True', reason, message, run.now))
  }
  const hasRevision = deployment.metadata.annotations?.[REVISION] === revision
  if (hasRevision && status === deployment.status) return undefined
  const annotations = { ...deployment.metadata.annotations, [REVISION]: revision }
  const updated = run.api.updateStatus('deployments', {
    ...deployment,
    metadata: { ...deployment.metadata, annotations },
    status,
  })
  if (!updated.ok) return updated.error
  sync.deployment = updated.value
  return undefined
}

/** As `findSets`, making the new ReplicaSet where it is missing. Source: sync.go getNewReplicaSet */
function findOrCreateSets(sync: Sync, sets: readonly StoredReplicaSet[]): Sets {
  const found = findSets(sync, sets)
  if (found.newRs !== undefined || found.error !== undefined) return found
  const { run, deployment } = sync
  const template = deployment.spec?.template ?? {}
  const hash = podTemplateHash(template, deployment.status?.collisionCount)
  const name = `${deployment.metadata.name.slice(0, 253 - hash.length - 1)}-${hash}`
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash }
  const revision = maxRevision(found.old) + 1
  const size = newReplicaSetSize(deployment, sizeOf(found.old), 0)
  const minReady = deployment.spec?.minReadySeconds ?? 0
  const selector = deployment.spec?.selector ?? {}
  const created = run.api.create('replicasets', {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      ...(deployment.metadata.namespace === undefined ? {} : { namespace: deployment.metadata.namespace }),
      labels,
      annotations: { ...newSetAnnotations(deployment, undefined, revision), ...sizeAnnotations(deployment) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: size,
      ...(minReady === 0 ? {} : { minReadySeconds: minReady }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  })
  if (!created.ok) return adoptExisting(sync, found, name, created.error)
  run.decide(deployment, 'rollout-new', { replicaSet: name, revision, size, wanted: wantedReplicas(deployment) })
  if (size > 0) run.event(deployment, 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${size}`)
  const error = noteNewSet(sync, String(revision), 'NewReplicaSetCreated', `Created new replica set "${name}"`, true)
  return setsOf(created.value, found.old, error)
}

/** The name is taken: by ourselves a moment ago, or by another template with the same hash. Other errors are told. */
function adoptExisting(sync: Sync, found: Sets, name: string, error: ApiError): Sets {
  const { run, deployment } = sync
  if (error.reason === 'AlreadyExists') {
    const rs = run.cache.get('replicasets', `${deployment.metadata.namespace ?? ''}/${name}`)
    if (rs === undefined) return setsOf(undefined, found.old, error)
    if (controllerOf(rs)?.uid === deployment.metadata.uid && sameTemplate(rs.spec?.template, deployment.spec?.template)) {
      return setsOf(rs, found.old)
    }
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1
    run.decide(deployment, 'hash-collision', { replicaSet: name, collisionCount })
    writeStatus(sync, { ...deployment.status, collisionCount })
    return setsOf(undefined, found.old, error)
  }
  if (isNamespaceTerminating(error)) return setsOf(undefined, found.old, error)
  const message = `Failed to create new replica set "${name}": ${error.message}`
  if (hasProgressDeadline(deployment)) {
    const condition = makeCondition('Progressing', 'False', 'ReplicaSetCreateError', message, run.now)
    writeStatus(sync, withCondition(deployment.status ?? {}, condition))
  }
  run.event(deployment, 'Warning', 'ReplicaSetCreateError', message)
  return setsOf(undefined, found.old, error)
}

/** Paused, or scaled: sizes follow, nothing is rolled out. Source: sync.go sync */
function scaleOnly(sync: Sync, sets: readonly StoredReplicaSet[]): Failure {
  const found = findSets(sync, sets)
  if (found.error !== undefined) return found.error
  const plan = planScale(sync.deployment, found.newRs, found.old)
  const { error } = resize(sync, plan.changes, plan.decision)
  if (error !== undefined) return error
  const cleaned = sync.deployment.spec?.paused === true ? cleanUp(sync, found.old) : undefined
  return cleaned ?? syncStatus(sync, calculateStatus(sync.deployment, found.all, found.newRs, sync.run.now))
}

interface Resized {
  readonly scaled: boolean
  readonly error: Failure
}

/** Writes sizes, with the annotations that say for which wanted size. Source: sync.go scaleReplicaSet */
function resize(sync: Sync, changes: readonly SizeChange[], decision: string): Resized {
  const { run, deployment } = sync
  const latest = new Map<string, StoredReplicaSet>()
  let scaled = false
  for (const { rs: planned, to } of changes) {
    const rs = latest.get(planned.metadata.uid) ?? planned
    const from = replicasOf(rs)
    const annotations = { ...rs.metadata.annotations, ...sizeAnnotations(deployment) }
    if (from === to && semanticEqual(annotations, rs.metadata.annotations)) continue
    const spec = { ...(rs.spec ?? { selector: {} }), replicas: to }
    if (from !== to)
      run.decide(deployment, decision, { replicaSet: rs.metadata.name, from, to, wanted: wantedReplicas(deployment) })
    const updated = run.api.update('replicasets', { ...rs, metadata: { ...rs.metadata, annotations }, spec })
    if (!updated.ok) return { scaled, error: updated.error }
    latest.set(rs.metadata.uid, updated.value)
    if (from === to) continue
    scaled = true
    const direction = from < to ? 'up' : 'down'
    run.event(
      deployment,
      'Normal',
      'ScalingReplicaSet',
      `Scaled ${direction} replica set ${rs.metadata.name} from ${from} to ${to}`,
    )
  }
  return { scaled, error: undefined }
}

/** Tried again shortly, when the ReplicaSets have caught up. */
const STALE: ApiError = {
  code: 500,
  reason: 'InternalError',
  message: 'when cleaning up unhealthy replicas, got invalid request to scale down',
}

/** Source: kubernetes pkg/controller/deployment/rolling.go rolloutRolling */
function roll(sync: Sync, sets: readonly StoredReplicaSet[]): Failure {
  const found = findOrCreateSets(sync, sets)
  const { newRs, old } = found
  if (found.error !== undefined || newRs === undefined) return found.error
  const wanted = wantedReplicas(sync.deployment)
  const current = replicasOf(newRs)
  const target = current > wanted ? wanted : newReplicaSetSize(sync.deployment, sizeOf(found.all), current)
  const up = current === wanted ? { scaled: false, error: undefined } : resize(sync, [{ rs: newRs, to: target }], 'scale-new')
  if (up.error !== undefined) return up.error
  if (up.scaled) return syncRollout(sync, found)
  const plan = planScaleDown(sync.deployment, newRs, old.filter(isActiveSet))
  if (plan === undefined) return STALE
  const down = resize(sync, plan, 'scale-old')
  if (down.error !== undefined) return down.error
  return finishRollout(sync, found, down.scaled)
}

/** Source: kubernetes pkg/controller/deployment/recreate.go rolloutRecreate */
function recreate(sync: Sync, sets: readonly StoredReplicaSet[]): Failure {
  let found = findSets(sync, sets)
  if (found.error !== undefined) return found.error
  const down = resize(
    sync,
    found.old.filter(isActiveSet).map((rs) => ({ rs, to: 0 })),
    'scale-old',
  )
  if (down.error !== undefined) return down.error
  if (down.scaled || oldPodsRunning(sync, found)) return syncRollout(sync, found)
  found = findOrCreateSets(sync, sets)
  if (found.error !== undefined || found.newRs === undefined) return found.error
  const up = resize(sync, [{ rs: found.newRs, to: wantedReplicas(sync.deployment) }], 'scale-new')
  return up.error ?? finishRollout(sync, found, false)
}

/** Source: recreate.go oldPodsRunning */
function oldPodsRunning({ run }: Sync, { old }: Sets): boolean {
  if (old.some((rs) => (rs.status?.replicas ?? 0) > 0)) return true
  return old.some((rs) => run.cache.byOwner('pods', rs.metadata.uid).some((pod) => !isPodTerminal(pod)))
}

function finishRollout(sync: Sync, found: Sets, scaled: boolean): Failure {
  const cleaned = !scaled && isComplete(sync.deployment, sync.deployment.status) ? cleanUp(sync, found.old) : undefined
  return cleaned ?? syncRollout(sync, found)
}

function cleanUp({ run, deployment }: Sync, old: readonly StoredReplicaSet[]): Failure {
  for (const rs of planCleanup(old, deployment.spec?.revisionHistoryLimit)) {
    run.decide(deployment, 'delete-old-replicaset', { replicaSet: rs.metadata.name })
    const deleted = run.api.delete('replicasets', keyOf(rs))
    if (!deleted.ok && deleted.error.code !== 404) return deleted.error
  }
  return undefined
}

function syncRollout(sync: Sync, found: Sets): Failure {
  return syncStatus(sync, rolloutStatus(sync.deployment, found.all, found.newRs, sync.run.now))
}

function syncStatus(sync: Sync, status: DeploymentStatus): Failure {
  if (!semanticEqual(status, sync.deployment.status)) return writeStatus(sync, status)
  const wait = untilDeadline(sync.deployment, status, sync.run.now)
  if (wait !== undefined) sync.run.addAfter(sync.key, wait, true)
  return undefined
}
