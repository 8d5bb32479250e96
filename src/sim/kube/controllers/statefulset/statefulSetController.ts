import type { PodTemplateSpec, StatefulSetStatus } from '../../../../generated/kubeTypes.js'
import type { ApiError } from '../../api/apiError.js'
import { keyOf } from '../../api/resources.js'
import { revisionHash } from '../../podTemplateHash/podTemplateHash.js'
import { claim } from '../claim.js'
import type { Controller, Run, StoredPod, SyncOutcome } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'
import { scaledValue, semanticEqual } from '../plain.js'
import { controllerOf, isPodAvailable, isPodTerminal, keyOfPod, untilNextAvailable } from '../pods.js'
import type { StoredRevision } from '../revisionHistory.js'
import { ensureRevision, revisionData, sortRevisions, templateOf, truncateHistory } from '../revisionHistory.js'
import { isEmptySelector, selects } from '../selectors.js'
import { forgetWrites, isCaughtUp, noteWrite } from '../writes.js'
import type { StoredSet } from './ordinals.js'
import { claimsOf, isHealthy, isRunningAndReady, isTerminating, ordinalOf, revisionOfPod, statefulPod } from './ordinals.js'

/** Runs numbered Pods, one after the other unless they may come in parallel. Source: kubernetes pkg/controller/statefulset */
export const statefulSetController: Controller = {
  name: 'statefulset-controller',
  watches: ['statefulsets', 'pods', 'controllerrevisions', 'persistentvolumeclaims'],
  changed(run, change) {
    if (change.resource === 'statefulsets') run.add(change.key)
    else if (isChangeOf(change, 'pods')) {
      for (const pod of [change.object, change.old]) {
        const owner = pod === undefined ? undefined : controllerOf(pod)
        if (owner?.kind === 'StatefulSet') run.add(`${change.object.metadata.namespace ?? ''}/${owner.name}`)
      }
      if (controllerOf(change.object) !== undefined || change.type === 'DELETED') return
      for (const set of run.cache.list('statefulsets', change.object.metadata.namespace)) {
        if (selects(set.spec?.selector, change.object.metadata.labels)) run.add(keyOf(set))
      }
    }
  },
  sync,
}

interface Plan {
  readonly run: Run
  readonly key: string
  readonly set: StoredSet
  readonly pods: readonly StoredPod[]
  readonly current: StoredRevision
  readonly update: StoredRevision
  /** Pods deleted in this sync: they count as replicas until they are gone, but for no revision. */
  readonly removed: Set<string>
}

function sync(run: Run, key: string): SyncOutcome {
  const set = run.cache.get('statefulsets', key)
  if (set === undefined) {
    forgetWrites(run, key)
    return SETTLED
  }
  if (isEmptySelector(set.spec?.selector) || !isCaughtUp(run, key)) return SETTLED
  const claimed = claim(
    run,
    'pods',
    set,
    'statefulsets',
    set.spec?.selector,
    (pod) => ordinalOf(set.metadata.name, pod.metadata.name) !== undefined,
  )
  if (claimed.error !== undefined) return retry(claimed.error)
  const own = claim(run, 'controllerrevisions', set, 'statefulsets', set.spec?.selector)
  const revisions = sortRevisions(own.objects)
  const data = revisionData(set.spec?.template)
  const hash = revisionHash(data, set.status?.collisionCount ?? 0)
  const made = ensureRevision(run, set, revisions, {
    name: `${set.metadata.name}-${hash}`,
    data,
    labels: { ...set.spec?.template.metadata?.labels, 'controller.kubernetes.io/hash': hash },
    annotations: set.metadata.annotations,
  })
  if (!made.ok) return retry(made.error)
  const update = made.value
  const current = revisions.find((each) => each.metadata.name === set.status?.currentRevision) ?? update
  const plan: Plan = { run, key, set, pods: claimed.objects, current, update, removed: new Set() }
  if (revisions.every((each) => each.metadata.name !== update.metadata.name || each.revision !== update.revision)) {
    noteWrite(run, key, 'controllerrevisions', keyOf(update), update.metadata.resourceVersion)
  }
  const acted = set.metadata.deletionTimestamp === undefined ? act(plan) : undefined
  const error = writeStatus(plan) ?? acted?.error
  if (error !== undefined) return retry(error)
  const live = new Set([current.metadata.name, update.metadata.name, ...plan.pods.map(revisionOfPod)])
  truncateHistory(run, revisions, live, set.spec?.revisionHistoryLimit ?? 10)
  const wait = untilNextAvailable(plan.pods, set.spec?.minReadySeconds ?? 0, run.now)
  if (wait !== undefined) run.addAfter(key, wait)
  return SETTLED
}

interface Acted {
  readonly error: ApiError | undefined
}

/** Most Pods created in one sync. Upstream's workers are held back by their client's rate instead: 20 requests a second. */
const MOST_PER_SYNC = 500
const GO_ON = undefined
const DONE: Acted = { error: undefined }

/** Creates, replaces and removes Pods. Source: stateful_set_control.go updateStatefulSet */
function act(plan: Plan): Acted {
  const { set, pods, run } = plan
  const start = set.spec?.ordinals?.start ?? 0
  const wanted = set.spec?.replicas ?? 1
  const inOrder = set.spec?.podManagementPolicy !== 'Parallel'
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set.metadata.name, pod.metadata.name) ?? -1, pod]))
  let created = 0
  for (let ordinal = start; ordinal < start + wanted; ordinal++) {
    const pod = byOrdinal.get(ordinal)
    // The changes that these make bring the next sync.
    if (pod === undefined && ++created > MOST_PER_SYNC) return DONE
    const acted = pod === undefined ? create(plan, ordinal, inOrder) : keep(plan, pod, inOrder)
    if (acted !== GO_ON) return acted
  }
  const surplus = [...byOrdinal].filter(([ordinal]) => ordinal < start || ordinal >= start + wanted).sort(([a], [b]) => b - a)
  const firstUnhealthy = [...byOrdinal].filter(([, pod]) => !isHealthy(pod)).sort(([a], [b]) => a - b)[0]?.[1]
  for (const [, pod] of surplus) {
    if (isTerminating(pod)) {
      if (inOrder) return DONE
      continue
    }
    if (!isRunningAndReady(pod) && inOrder && pod !== firstUnhealthy) return DONE
    run.decide(set, 'scale-down', { pod: pod.metadata.name, wanted })
    const error = remove(plan, pod)
    if (error !== undefined || inOrder) return { error }
  }
  return rollOut(plan, byOrdinal, start, start + wanted)
}

/** One existing Pod within range: undefined when the next may be looked at. Source: processReplica */
function keep(plan: Plan, pod: StoredPod, inOrder: boolean): Acted | undefined {
  const { run, set } = plan
  if (isPodTerminal(pod)) {
    const { namespace, name } = set.metadata
    if (isTerminating(pod)) return DONE
    const failed = pod.status?.phase === 'Failed'
    const message = `StatefulSet ${namespace}/${name} is recreating ${failed ? 'failed' : 'terminated'} Pod ${pod.metadata.name}`
    run.event(set, failed ? 'Warning' : 'Normal', failed ? 'RecreatingFailedPod' : 'RecreatingTerminatedPod', message)
    return { error: remove(plan, pod) }
  }
  if (!inOrder) return GO_ON
  if (isTerminating(pod) || !isRunningAndReady(pod)) return DONE
  return isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, run.now) ? GO_ON : DONE
}

function create(plan: Plan, ordinal: number, inOrder: boolean): Acted | undefined {
  const { run, set, key } = plan
  const { name, namespace = '' } = set.metadata
  const podName = `${name}-${ordinal}`
  for (const wanted of claimsOf(set, ordinal)) {
    const claimName = wanted.metadata?.name ?? ''
    if (run.cache.get('persistentvolumeclaims', `${namespace}/${claimName}`) !== undefined) continue
    const made = run.api.create('persistentvolumeclaims', wanted)
    if (!made.ok && made.error.reason === 'AlreadyExists') continue
    const text = `Create Claim ${claimName} Pod ${podName} in StatefulSet ${name}`
    if (!made.ok) {
      run.event(set, 'Warning', 'FailedCreate', `${text} failed error: ${made.error.message}`)
      return { error: made.error }
    }
    run.event(set, 'Normal', 'SuccessfulCreate', `${text} success`)
  }
  const revision = isOfCurrent(plan, ordinal) ? plan.current : plan.update
  const template: PodTemplateSpec = templateOf(revision)
  run.decide(set, 'create-pod', { pod: podName, revision: revision.metadata.name })
  const made = run.api.create('pods', statefulPod(set, template, revision.metadata.name, ordinal))
  const text = `Create Pod ${podName} in StatefulSet ${name}`
  if (!made.ok) {
    run.event(set, 'Warning', 'FailedCreate', `${text} failed error: ${made.error.message}`)
    return { error: made.error }
  }
  run.event(set, 'Normal', 'SuccessfulCreate', `${text} successful`)
  noteWrite(run, key, 'pods', keyOfPod(made.value), made.value.metadata.resourceVersion)
  return inOrder ? DONE : GO_ON
}

/** While a rollout goes on, lower ordinals are still made of the old revision. Source: newVersionedStatefulSetPod */
function isOfCurrent({ set }: Plan, ordinal: number): boolean {
  const strategy = set.spec?.updateStrategy
  if (strategy?.type === 'OnDelete') return false
  const start = set.spec?.ordinals?.start ?? 0
  const partition = strategy?.rollingUpdate?.partition
  return ordinal < start + (partition ?? set.status?.currentReplicas ?? 0)
}

function remove({ run, set, key, removed }: Plan, pod: StoredPod): ApiError | undefined {
  const deleted = run.api.delete('pods', keyOfPod(pod))
  const text = `Delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`
  if (!deleted.ok && deleted.error.code !== 404) {
    run.event(set, 'Warning', 'FailedDelete', `${text} failed error: ${deleted.error.message}`)
    return deleted.error
  }
  removed.add(pod.metadata.uid)
  run.event(set, 'Normal', 'SuccessfulDelete', `${text} successful`)
  if (deleted.ok && deleted.value !== undefined)
    noteWrite(run, key, 'pods', keyOfPod(pod), deleted.value.metadata.resourceVersion)
  return undefined
}

/** Replaces Pods of older revisions from the highest ordinal down. Source: updateStatefulSetAfterInvariantEstablished */
function rollOut(plan: Plan, byOrdinal: ReadonlyMap<number, StoredPod>, start: number, end: number): Acted {
  const { set, run, update } = plan
  const strategy = set.spec?.updateStrategy
  if (strategy?.type === 'OnDelete') return DONE
  const least = start + (strategy?.rollingUpdate?.partition ?? 0)
  const most = Math.max(1, scaledValue(strategy?.rollingUpdate?.maxUnavailable ?? 1, set.spec?.replicas ?? 1, false) ?? 1)
  let unavailable = 0
  for (let ordinal = start; ordinal < end; ordinal++) {
    const pod = byOrdinal.get(ordinal)
    if (pod === undefined || !isHealthy(pod) || !isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, run.now)) unavailable++
  }
  for (let ordinal = end - 1; ordinal >= least; ordinal--) {
    const pod = byOrdinal.get(ordinal)
    if (pod === undefined) continue
    const isOld = revisionOfPod(pod) !== update.metadata.name
    if (isOld && !isTerminating(pod)) {
      if (unavailable >= most && isHealthy(pod)) return DONE
      run.decide(set, 'replace-pod', { pod: pod.metadata.name, revision: update.metadata.name })
      const error = remove(plan, pod)
      if (error !== undefined) return { error }
      if (isHealthy(pod)) unavailable++
      if (unavailable >= most) return DONE
    } else if (!isHealthy(pod) && unavailable >= most) return DONE
  }
  return DONE
}

/** Source: stateful_set_control.go updateStatus, completeRollingUpdate */
function writeStatus({ run, set, pods, current, update, removed }: Plan): ApiError | undefined {
  const live = pods.filter((pod) => !isTerminating(pod))
  const ready = live.filter(isRunningAndReady)
  const counted = live.filter((pod) => !removed.has(pod.metadata.uid))
  const replicas = pods.length
  const updated = counted.filter((pod) => revisionOfPod(pod) === update.metadata.name).length
  const isComplete = set.spec?.updateStrategy?.type !== 'OnDelete' && updated === replicas && ready.length === replicas
  const currentReplicas = isComplete ? updated : counted.filter((pod) => revisionOfPod(pod) === current.metadata.name).length
  const status: StatefulSetStatus = {
    observedGeneration: set.metadata.generation ?? 0,
    replicas,
    ...(ready.length === 0 ? {} : { readyReplicas: ready.length }),
    availableReplicas: ready.filter((pod) => isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, run.now)).length,
    ...(currentReplicas === 0 ? {} : { currentReplicas }),
    ...(updated === 0 ? {} : { updatedReplicas: updated }),
    currentRevision: isComplete ? update.metadata.name : current.metadata.name,
    updateRevision: update.metadata.name,
    collisionCount: set.status?.collisionCount ?? 0,
  }
  if (semanticEqual(status, set.status)) return undefined
  const written = run.api.updateStatus('statefulsets', { ...set, status })
  return written.ok || written.error.code === 404 ? undefined : written.error
}
