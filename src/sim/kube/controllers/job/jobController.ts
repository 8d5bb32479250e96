import type { JobCondition, JobStatus } from '../../../../generated/kubeTypes.js'
import { SECOND, toTimestamp } from '../../../core/time.js'
import type { ApiError } from '../../api/apiError.js'
import { keyOf } from '../../api/resources.js'
import { claim } from '../claim.js'
import { creationObserved, deletionObserved, expectBoth, forgetExpectations, isSatisfied } from '../expectations.js'
import type { Controller, Run, StoredPod, SyncOutcome } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'
import { semanticEqual } from '../plain.js'
import { controllerOf, isPodActive, isPodReady, isPodTerminating, keyOfPod, timeOf } from '../pods.js'
import { podsToDelete } from '../replicaset/ranking.js'
import { isNamespaceTerminating } from '../replicaset/replicaSetController.js'
import { slowStart } from '../replicaset/replicas.js'
import { selects } from '../selectors.js'
import { forgetWrites, isCaughtUp, noteWrite } from '../writes.js'
import { formatIndexes, indexRanges, parseIndexes } from './indexes.js'
import type { StoredJob } from './jobPods.js'
import { indexOf, isFailed, isIndexed, isTracked, jobPod, remainingBackOff, TRACKING } from './jobPods.js'

/**
 * Runs Pods until enough have succeeded, or too many have failed.
 * Simplified: back-off limits per index and Pod failure policies are kept but not acted on.
 *
 * Source: kubernetes pkg/controller/job/job_controller.go
 */
export const jobController: Controller = {
  name: 'job-controller',
  watches: ['jobs', 'pods'],
  changed(run, change) {
    if (change.resource === 'jobs') {
      if (change.type === 'DELETED') forgetExpectations(run, change.key)
      run.add(change.key)
    } else if (isChangeOf(change, 'pods')) podChanged(run, change.type, change.object, change.old)
  },
  sync,
}

function podChanged(run: Run, type: string, pod: StoredPod, old: StoredPod | undefined): void {
  const namespace = pod.metadata.namespace ?? ''
  for (const each of [pod, old]) {
    const owner = each === undefined ? undefined : controllerOf(each)
    if (owner?.kind !== 'Job') continue
    const key = `${namespace}/${owner.name}`
    if (type === 'ADDED') creationObserved(run, key)
    if (type === 'DELETED' || pod.metadata.deletionTimestamp !== undefined) deletionObserved(run, key, keyOfPod(pod))
    run.add(key)
    return
  }
  if (controllerOf(pod) !== undefined || type === 'DELETED') return
  for (const job of run.cache.list('jobs', namespace)) if (selects(job.spec?.selector, pod.metadata.labels)) run.add(keyOf(job))
}

interface Sync {
  readonly run: Run
  readonly key: string
  job: StoredJob
  readonly pods: readonly StoredPod[]
}

export function jobCondition(status: JobStatus | undefined, type: string): JobCondition | undefined {
  return status?.conditions?.find((each) => each.type === type && each.status === 'True')
}

export function isJobFinished(job: StoredJob): boolean {
  return jobCondition(job.status, 'Complete') !== undefined || jobCondition(job.status, 'Failed') !== undefined
}

function sync(run: Run, key: string): SyncOutcome {
  const job = run.cache.get('jobs', key)
  if (job === undefined) {
    forgetExpectations(run, key)
    forgetWrites(run, key)
    return releaseOrphans(run, key)
  }
  if (job.spec?.managedBy !== undefined && job.spec.managedBy !== 'kubernetes.io/job-controller') return SETTLED
  if (!isCaughtUp(run, key)) return SETTLED
  const claimed = claim(run, 'pods', job, 'jobs', job.spec?.selector)
  if (claimed.error !== undefined) return retry(claimed.error)
  run.looked(key, claimed.objects.length)
  if (isJobFinished(job)) return SETTLED
  const error = syncJob({ run, key, job, pods: claimed.objects })
  return error === undefined ? SETTLED : retry(error)
}

/** Pods of a Job that is gone need not be counted. */
function releaseOrphans(run: Run, key: string): SyncOutcome {
  const [namespace = '', name] = key.split('/')
  for (const pod of run.cache.list('pods', namespace)) {
    const owner = controllerOf(pod)
    if (owner?.kind === 'Job' && owner.name === name && isTracked(pod)) untrack(run, pod)
  }
  return SETTLED
}

function untrack(run: Run, pod: StoredPod): ApiError | undefined {
  const finalizers = (pod.metadata.finalizers ?? []).filter((each) => each !== TRACKING)
  const patched = run.api.patch('pods', keyOfPod(pod), 'merge', {
    metadata: { uid: pod.metadata.uid, finalizers: finalizers.length === 0 ? null : finalizers },
  })
  return patched.ok || patched.error.code === 404 ? undefined : patched.error
}

interface Tally {
  readonly active: readonly StoredPod[]
  /** Finished and not yet counted. */
  readonly succeeded: readonly StoredPod[]
  readonly failed: readonly StoredPod[]
  readonly completed: ReadonlySet<number>
  readonly succeededTotal: number
  readonly failedTotal: number
}

function tallyOf({ job, pods }: Sync): Tally {
  const succeeded = pods.filter((pod) => isTracked(pod) && pod.status?.phase === 'Succeeded')
  const failed = pods.filter((pod) => isTracked(pod) && isFailed(pod, job))
  const completed = new Set(parseIndexes(job.status?.completedIndexes, job.spec?.completions ?? 0))
  if (isIndexed(job)) for (const pod of succeeded) completed.add(indexOf(pod) ?? -1)
  completed.delete(-1)
  return {
    active: pods.filter(isPodActive),
    succeeded,
    failed,
    completed,
    succeededTotal: isIndexed(job) ? completed.size : (job.status?.succeeded ?? 0) + succeeded.length,
    failedTotal: (job.status?.failed ?? 0) + failed.length,
  }
}

/** What a Job ends with, before its last Pods are gone. */
interface Verdict {
  readonly type: 'FailureTarget' | 'SuccessCriteriaMet'
  readonly reason: string
  readonly message: string
}

function syncJob(sync: Sync): ApiError | undefined {
  const { run, key } = sync
  const { now } = run
  const job = sync.job
  const tally = tallyOf(sync)
  const isSuspended = job.spec?.suspend === true
  let startTime = job.status?.startTime
  if (startTime === undefined && !isSuspended) startTime = toTimestamp(now)
  let verdict = verdictOf(run, key, job, tally, startTime)
  let active = tally.active
  let failure: ApiError | undefined
  let conditions = [...(job.status?.conditions ?? [])]
  if (verdict !== undefined) {
    failure = deletePods(sync, active)
    active = []
  } else if (isSatisfied(run, key) && job.metadata.deletionTimestamp === undefined) {
    const managed = manage(sync, tally)
    failure = managed.error
    active = managed.active
    verdict = failure === undefined ? completionOf(job, tally, active) : undefined
    const told = suspension(run, job)
    if (told !== undefined) {
      conditions = [...conditions.filter((each) => each.type !== 'Suspended'), told.condition]
      startTime = told.startTime
    }
  }
  if (verdict !== undefined && !conditions.some((each) => each.type === verdict.type)) {
    conditions = [...conditions, condition(verdict.type, verdict.reason, verdict.message, now)]
  }
  const gone = new Set(tally.active.filter((pod) => !active.includes(pod)).map((pod) => pod.metadata.uid))
  const terminating = sync.pods.filter(isPodTerminating).length + gone.size
  const ready = active.filter(isPodReady).length
  const base: JobStatus = {
    ...job.status,
    ...(startTime === undefined ? {} : { startTime }),
    ...(conditions.length === 0 ? {} : { conditions }),
    ready,
    terminating,
    uncountedTerminatedPods: job.status?.uncountedTerminatedPods ?? {},
  }
  const { active: _active, startTime: _start, ...rest } = base
  const status: JobStatus = {
    ...rest,
    ...(startTime === undefined ? {} : { startTime }),
    ...(active.length === 0 ? {} : { active: active.length }),
  }
  return count(sync, tally, status, verdict, terminating) ?? failure
}

function condition(type: string, reason: string, message: string, now: number, status = 'True'): JobCondition {
  const time = toTimestamp(now)
  return { type, status, lastProbeTime: time, lastTransitionTime: time, reason, message }
}

/** Whether the Job has failed, or has succeeded by its policy. Source: syncJob */
function verdictOf(run: Run, key: string, job: StoredJob, tally: Tally, startTime: string | undefined): Verdict | undefined {
  for (const type of ['FailureTarget', 'SuccessCriteriaMet'] as const) {
    const found = jobCondition(job.status, type)
    if (found !== undefined) return { type, reason: found.reason ?? '', message: found.message ?? '' }
  }
  const restarts = tally.active
    .flatMap((pod) => pod.status?.containerStatuses ?? [])
    .reduce((sum, each) => sum + each.restartCount, 0)
  const limit = job.spec?.backoffLimit ?? 6
  const isOnFailure = job.spec?.template.spec?.restartPolicy === 'OnFailure'
  const tooOften = isOnFailure && (limit === 0 ? restarts > 0 : restarts >= limit)
  if (tally.failedTotal > limit || tooOften) {
    return { type: 'FailureTarget', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
  }
  const { activeDeadlineSeconds, suspend, successPolicy, completions = 0 } = job.spec ?? { template: {} }
  const start = timeOf(startTime)
  if (activeDeadlineSeconds !== undefined && suspend !== true && start !== undefined) {
    const left = start + activeDeadlineSeconds * SECOND - run.now
    if (left <= 0) {
      const message = 'Job was active longer than specified deadline'
      return { type: 'FailureTarget', reason: 'DeadlineExceeded', message }
    }
    run.addAfter(key, left, true)
  }
  const rule = (successPolicy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    const wanted = succeededIndexes === undefined ? undefined : indexRanges(succeededIndexes, completions)
    const size = wanted?.reduce((sum, [first, last]) => sum + last - first + 1, 0)
    const matching = [...tally.completed].filter(
      (index) => wanted === undefined || wanted.some(([first, last]) => first <= index && index <= last),
    )
    return matching.length >= (succeededCount ?? size ?? Number.POSITIVE_INFINITY)
  })
  if (rule < 0) return undefined
  return { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message: `Matched rules at index ${rule}` }
}

function completionOf(job: StoredJob, tally: Tally, active: readonly StoredPod[]): Verdict | undefined {
  const { completions } = job.spec ?? {}
  const isDone =
    completions === undefined
      ? tally.succeededTotal > 0 && active.length === 0
      : tally.succeededTotal >= completions && active.length === 0
  if (!isDone || (completions === undefined && job.spec?.suspend === true)) return undefined
  return { type: 'SuccessCriteriaMet', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
}

function suspension(
  run: Run,
  job: StoredJob,
): { readonly condition: JobCondition; readonly startTime: string | undefined } | undefined {
  const before = job.status?.conditions?.find((each) => each.type === 'Suspended')
  if (job.spec?.suspend === true) {
    if (before?.status === 'True') return undefined
    run.event(job, 'Normal', 'Suspended', 'Job suspended')
    return { condition: condition('Suspended', 'JobSuspended', 'Job suspended', run.now), startTime: undefined }
  }
  if (before?.status !== 'True') return undefined
  run.event(job, 'Normal', 'Resumed', 'Job resumed')
  return { condition: condition('Suspended', 'JobResumed', 'Job resumed', run.now, 'False'), startTime: toTimestamp(run.now) }
}

/** Most Pods created or deleted in one sync. Source: job_controller.go MaxPodCreateDeletePerSync */
const MOST_PER_SYNC = 500

interface Managed {
  readonly active: readonly StoredPod[]
  readonly error: ApiError | undefined
}

/** Creates or deletes Pods. Source: job_controller.go manageJob */
function manage(sync: Sync, tally: Tally): Managed {
  const { run, key, job, pods } = sync
  const { active } = tally
  if (job.spec?.suspend === true) return { active: [], error: deletePods(sync, active) }
  const { completions, parallelism = 1 } = job.spec ?? {}
  const wanted =
    completions === undefined
      ? tally.succeededTotal > 0
        ? active.length
        : parallelism
      : Math.max(0, Math.min(completions - tally.succeededTotal, parallelism))
  if (active.length > wanted) {
    const victims = podsToDelete(active, [], Math.min(active.length - wanted, MOST_PER_SYNC), run.now)
    run.decide(job, 'delete-pods', { wanted, surplus: victims.length })
    return { active: active.filter((pod) => !victims.includes(pod)), error: deletePods(sync, victims) }
  }
  const waits = job.spec?.podReplacementPolicy === 'Failed' ? pods.filter(isPodTerminating).length : 0
  const missing = Math.min(wanted - active.length - waits, MOST_PER_SYNC)
  if (missing <= 0) return { active, error: undefined }
  const wait = remainingBackOff(pods, run.now)
  if (wait > 0) {
    run.addAfter(key, wait)
    return { active, error: undefined }
  }
  run.decide(job, 'create-pods', { wanted, missing, succeeded: tally.succeededTotal, failed: tally.failedTotal })
  return createPods(sync, tally, missing)
}

function createPods({ run, key, job }: Sync, tally: Tally, missing: number): Managed {
  const busy = new Set(tally.active.map(indexOf))
  const free: (number | undefined)[] = []
  for (let index = 0; free.length < missing && (!isIndexed(job) || index < (job.spec?.completions ?? 0)); index++) {
    if (!isIndexed(job)) free.push(undefined)
    else if (!busy.has(index) && !tally.completed.has(index)) free.push(index)
  }
  expectBoth(run, key, free.length, [])
  const made: StoredPod[] = []
  let done = 0
  let error: ApiError | undefined
  for (const size of slowStart(free.length)) {
    for (const index of free.slice(done, done + size)) {
      const created = run.api.create('pods', jobPod(job, index))
      if (created.ok) {
        made.push(created.value)
        run.event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${created.value.metadata.name}`)
        continue
      }
      creationObserved(run, key)
      if (isNamespaceTerminating(created.error)) continue
      error ??= created.error
      run.event(job, 'Warning', 'FailedCreate', `Error creating: ${created.error.message}`)
    }
    done += size
    if (error !== undefined) {
      creationObserved(run, key, free.length - done)
      break
    }
  }
  return { active: [...tally.active, ...made], error }
}

/** A Pod that the controller itself gives up is not counted: its finalizer goes first. Source: deleteActivePods */
function deletePods({ run, key, job }: Sync, victims: readonly StoredPod[]): ApiError | undefined {
  if (victims.length === 0) return undefined
  expectBoth(run, key, 0, victims.map(keyOfPod))
  let failed: ApiError | undefined
  for (const pod of victims) {
    const isEnding = jobCondition(job.status, 'FailureTarget') === undefined
    const error = isEnding && job.spec?.suspend !== true && isOverdue(run, job) ? undefined : untrack(run, pod)
    const deleted = error === undefined ? run.api.delete('pods', keyOfPod(pod)) : { ok: false as const, error }
    if (deleted.ok) run.event(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
    else {
      deletionObserved(run, key, keyOfPod(pod))
      if (deleted.error.code !== 404) failed ??= deleted.error
    }
  }
  return failed
}

/** Pods still running when a Job fails count as failed, so they keep their finalizer until then. */
function isOverdue(run: Run, job: StoredJob): boolean {
  const start = timeOf(job.status?.startTime)
  const seconds = job.spec?.activeDeadlineSeconds
  return start !== undefined && seconds !== undefined && start + seconds * SECOND <= run.now
}

/** Counts finished Pods in two steps, so that none is counted twice: noted in the status, let go, then summed up. Source: trackJobStatusAndRemoveFinalizers */
function count(
  sync: Sync,
  tally: Tally,
  status: JobStatus,
  verdict: Verdict | undefined,
  terminating: number,
): ApiError | undefined {
  const { run } = sync
  const indexed = isIndexed(sync.job)
  const uids = (pods: readonly StoredPod[]): readonly string[] => pods.map((pod) => pod.metadata.uid)
  const noted = {
    ...(indexed || tally.succeeded.length === 0 ? {} : { succeeded: uids(tally.succeeded) }),
    ...(tally.failed.length === 0 ? {} : { failed: uids(tally.failed) }),
  }
  const completed = indexed ? { completedIndexes: formatIndexes(tally.completed), succeeded: tally.completed.size } : {}
  const withIndexes: JobStatus = indexed && tally.completed.size > 0 ? { ...status, ...completed } : status
  const first = write(sync, { ...withIndexes, uncountedTerminatedPods: noted })
  if (first !== undefined) return first
  for (const pod of [...tally.succeeded, ...tally.failed]) {
    const error = untrack(run, pod)
    if (error !== undefined) return error
  }
  const counted = sync.job.status ?? {}
  const succeeded = indexed ? tally.completed.size : tally.succeededTotal
  const summed: JobStatus = {
    ...counted,
    uncountedTerminatedPods: {},
    ...(succeeded === 0 ? {} : { succeeded }),
    ...(tally.failedTotal === 0 ? {} : { failed: tally.failedTotal }),
  }
  const isOver = verdict !== undefined && terminating === 0
  if (!isOver) return write(sync, summed)
  const type = verdict.type === 'FailureTarget' ? 'Failed' : 'Complete'
  const conditions = [...(summed.conditions ?? []), condition(type, verdict.reason, verdict.message, run.now)]
  const end = type === 'Complete' ? { completionTime: toTimestamp(run.now) } : {}
  const error = write(sync, { ...summed, ...end, conditions })
  if (error !== undefined) return error
  if (type === 'Complete') run.event(sync.job, 'Normal', 'Completed', 'Job completed')
  else run.event(sync.job, 'Warning', verdict.reason, verdict.message)
  return undefined
}

function write(sync: Sync, status: JobStatus): ApiError | undefined {
  if (semanticEqual(status, sync.job.status)) return undefined
  const updated = sync.run.api.updateStatus('jobs', { ...sync.job, status })
  if (!updated.ok) return updated.error.code === 404 ? undefined : updated.error
  sync.job = updated.value
  noteWrite(sync.run, sync.key, 'jobs', keyOf(updated.value), updated.value.metadata.resourceVersion)
  return undefined
}
