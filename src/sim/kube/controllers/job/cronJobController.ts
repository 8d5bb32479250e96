import type { CronJobStatus, ObjectReference } from '../../../../generated/kubeTypes.js'
import type { SimTime } from '../../../core/time.js'
import { civil, MINUTE, MS, SECOND, toTimestamp } from '../../../core/time.js'
import type { ApiError } from '../../api/apiError.js'
import type { StoredOf } from '../../api/resources.js'
import { keyOf } from '../../api/resources.js'
import type { Controller, Run, SyncOutcome } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'
import { semanticEqual } from '../plain.js'
import { controllerOf, controllerReference, timeOf } from '../pods.js'
import { isNamespaceTerminating } from '../replicaset/replicaSetController.js'
import { forgetWrites, isCaughtUp, noteWrite } from '../writes.js'
import { isJobFinished, jobCondition } from './jobController.js'
import type { StoredJob } from './jobPods.js'
import type { Schedule } from './schedule.js'
import { nextTime, parseSchedule } from './schedule.js'

type StoredCronJob = StoredOf<'cronjobs'>

/** Looks a moment after the minute has begun. */
const LATE = 100 * MS
/** The calendar minute of virtual time 0, counted from 1970. */
const EPOCH_MINUTE = 29_453_760

/**
 * Makes Jobs on schedule. Simplified: schedules are read in UTC whatever `timeZone` says.
 * Source: kubernetes pkg/controller/cronjob/cronjob_controllerv2.go
 */
export const cronJobController: Controller = {
  name: 'cronjob-controller',
  watches: ['cronjobs', 'jobs'],
  changed(run, change) {
    if (change.resource === 'cronjobs') run.add(change.key)
    else if (isChangeOf(change, 'jobs')) {
      const owner = controllerOf(change.object)
      if (owner?.kind === 'CronJob') run.add(`${change.object.metadata.namespace ?? ''}/${owner.name}`)
    }
  },
  sync,
}

interface Sync {
  readonly run: Run
  readonly key: string
  readonly cronJob: StoredCronJob
  readonly jobs: readonly StoredJob[]
  status: CronJobStatus
}

function sync(run: Run, key: string): SyncOutcome {
  const cronJob = run.cache.get('cronjobs', key)
  if (cronJob === undefined) {
    forgetWrites(run, key)
    return SETTLED
  }
  if (!isCaughtUp(run, key)) return SETTLED
  const jobs = run.cache.byOwner('jobs', cronJob.metadata.uid)
  const state: Sync = { run, key, cronJob, jobs, status: cronJob.status ?? {} }
  const kept = cleanUp(state)
  reviewActive(state)
  const error = cronJob.metadata.deletionTimestamp === undefined ? startDue(state) : undefined
  const written = write(state)
  const failed = error ?? kept ?? written
  return failed === undefined ? SETTLED : retry(failed)
}

/** Jobs that have ended, or are gone, are active no more. */
function reviewActive(state: Sync): void {
  const { run, cronJob, jobs } = state
  let active = state.status.active ?? []
  let { lastSuccessfulTime } = state.status
  for (const job of jobs) {
    const isListed = active.some((each) => each.uid === job.metadata.uid)
    const isDone = isJobFinished(job)
    if (!isListed && !isDone) {
      const message = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`
      run.event(cronJob, 'Warning', 'UnexpectedJob', message)
    } else if (isListed && isDone) {
      const result = jobCondition(job.status, 'Complete') === undefined ? 'Failed' : 'Complete'
      run.event(cronJob, 'Normal', 'SawCompletedJob', `Saw completed job: ${job.metadata.name}, condition: ${result}`)
      active = active.filter((each) => each.uid !== job.metadata.uid)
    }
    const ended = jobCondition(job.status, 'Complete') === undefined ? undefined : job.status?.completionTime
    if (ended !== undefined && (lastSuccessfulTime === undefined || ended > lastSuccessfulTime)) lastSuccessfulTime = ended
  }
  for (const each of active) {
    if (jobs.some((job) => job.metadata.uid === each.uid)) continue
    const live = run.api.get('jobs', `${each.namespace ?? ''}/${each.name ?? ''}`)
    if (live.ok && live.value.metadata.uid === each.uid) continue
    run.event(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${each.name ?? ''}`)
    active = active.filter((one) => one !== each)
  }
  setActive(state, active)
  if (lastSuccessfulTime !== undefined) state.status = { ...state.status, lastSuccessfulTime }
}

function setActive(state: Sync, active: readonly ObjectReference[]): void {
  const { active: _active, ...rest } = state.status
  state.status = active.length === 0 ? rest : { ...rest, active }
}

/** More missed times than this are told. Source: kubernetes pkg/controller/cronjob/utils.go nextScheduleTime */
const MANY = 100

/** Starts the Job that is due, if any, and comes back for the next. Source: syncCronJob */
function startDue(state: Sync): ApiError | undefined {
  const { run, key, cronJob } = state
  const { spec } = cronJob
  if (spec === undefined || spec.suspend === true) return undefined
  const schedule = parseSchedule(spec.schedule)
  if (schedule === undefined) {
    run.event(cronJob, 'Warning', 'UnparseableSchedule', `unparseable schedule: "${spec.schedule}"`)
    return undefined
  }
  const next = nextTime(schedule, run.now)
  if (next !== undefined) run.addAfter(key, next - run.now + LATE, true)
  const { last: due, missed } = lastDue(cronJob, schedule, run.now)
  if (missed > MANY) {
    const message = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew'
    run.event(cronJob, 'Warning', 'TooManyMissedTimes', message)
  }
  if (due === undefined) return undefined
  const deadline = spec.startingDeadlineSeconds
  if (deadline !== undefined && due + deadline * SECOND < run.now) {
    const message = `Missed scheduled time to start a job: ${rfc1123(due)}`
    run.event(cronJob, 'Warning', 'MissSchedule', message)
    return undefined
  }
  const active = state.status.active ?? []
  if (spec.concurrencyPolicy === 'Forbid' && active.length > 0) {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid'
    run.event(cronJob, 'Normal', 'JobAlreadyActive', message)
    return undefined
  }
  if (spec.concurrencyPolicy === 'Replace') {
    for (const each of active) {
      const error = deleteJob(state, `${each.namespace ?? ''}/${each.name ?? ''}`)
      if (error !== undefined) return error
    }
    setActive(state, [])
  }
  return start(state, due)
}

/** The latest time that was due and has had no Job. Source: kubernetes pkg/controller/cronjob/utils.go mostRecentScheduleTime */
function lastDue(
  cronJob: StoredCronJob,
  schedule: Schedule,
  now: SimTime,
): { readonly last: SimTime | undefined; readonly missed: number } {
  const from = timeOf(cronJob.status?.lastScheduleTime) ?? timeOf(cronJob.metadata.creationTimestamp) ?? now
  const deadline = cronJob.spec?.startingDeadlineSeconds
  let after = deadline === undefined ? from : Math.max(from, now - deadline * SECOND)
  let last: SimTime | undefined
  for (let missed = 0; ; missed++) {
    const next = nextTime(schedule, after)
    if (next === undefined || next > now) return { last, missed }
    last = next
    after = next
  }
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Mon, 02 Jan 2006 15:04:05 +0000` */
function rfc1123(at: SimTime): string {
  const { weekday, month } = civil(at)
  const [year = '', , day = '', clock = ''] = toTimestamp(at).slice(0, 19).split(/[-T]/)
  return `${WEEKDAYS[weekday] ?? ''}, ${day} ${MONTHS[month - 1] ?? ''} ${year} ${clock} +0000`
}

function start(state: Sync, due: SimTime): ApiError | undefined {
  const { run, key, cronJob } = state
  const template = cronJob.spec?.jobTemplate
  const name = `${cronJob.metadata.name}-${EPOCH_MINUTE + Math.floor(due / MINUTE)}`
  const namespace = cronJob.metadata.namespace ?? ''
  const labels = template?.metadata?.labels
  const made = run.api.create('jobs', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace,
      ...(labels === undefined ? {} : { labels }),
      annotations: { ...template?.metadata?.annotations, 'batch.kubernetes.io/cronjob-scheduled-timestamp': toTimestamp(due) },
      ownerReferences: [controllerReference(cronJob)],
    },
    ...(template?.spec === undefined ? {} : { spec: template.spec }),
  })
  if (!made.ok) {
    if (isNamespaceTerminating(made.error) || made.error.reason === 'AlreadyExists') return undefined
    run.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${made.error.message}`)
    return made.error
  }
  run.decide(cronJob, 'start-job', { job: name, due: toTimestamp(due) })
  run.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${name}`)
  noteWrite(run, key, 'jobs', keyOf(made.value), made.value.metadata.resourceVersion)
  const { uid, resourceVersion } = made.value.metadata
  const reference = { apiVersion: 'batch/v1', kind: 'Job', name, namespace, uid, resourceVersion }
  setActive(state, [...(state.status.active ?? []), reference])
  state.status = { ...state.status, lastScheduleTime: toTimestamp(due) }
  return undefined
}

function deleteJob(state: Sync, key: string): ApiError | undefined {
  const { run, cronJob } = state
  const deleted = run.api.delete('jobs', key, { propagationPolicy: 'Background' })
  if (!deleted.ok && deleted.error.code !== 404) {
    run.event(cronJob, 'Warning', 'FailedDelete', `Deleted job: ${deleted.error.message}`)
    return deleted.error
  }
  run.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${key.slice(key.indexOf('/') + 1)}`)
  return undefined
}

/** Finished Jobs beyond the history limits go, oldest first. Source: cleanupFinishedJobs */
function cleanUp(state: Sync): ApiError | undefined {
  const { spec } = state.cronJob
  const limits = [
    ['Complete', spec?.successfulJobsHistoryLimit],
    ['Failed', spec?.failedJobsHistoryLimit],
  ] as const
  for (const [type, limit] of limits) {
    if (limit === undefined) continue
    const ended = state.jobs
      .filter((job) => jobCondition(job.status, type) !== undefined && job.metadata.deletionTimestamp === undefined)
      .sort((a, b) => ((a.status?.startTime ?? '') < (b.status?.startTime ?? '') ? -1 : 1))
    for (const job of ended.slice(0, Math.max(0, ended.length - limit))) {
      const error = deleteJob(state, keyOf(job))
      if (error !== undefined) return error
      setActive(
        state,
        (state.status.active ?? []).filter((each) => each.uid !== job.metadata.uid),
      )
    }
  }
  return undefined
}

function write(state: Sync): ApiError | undefined {
  const { run, key, cronJob, status } = state
  if (semanticEqual(status, cronJob.status)) return undefined
  const updated = run.api.updateStatus('cronjobs', { ...cronJob, status })
  if (!updated.ok) return updated.error.code === 404 ? undefined : updated.error
  noteWrite(run, key, 'cronjobs', keyOf(cronJob), updated.value.metadata.resourceVersion)
  return undefined
}
