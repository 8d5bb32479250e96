import type { Container, PodTemplateSpec } from '../../../../generated/kubeTypes.js'
import type { SimTime } from '../../../core/time.js'
import { SECOND } from '../../../core/time.js'
import type { Resources, StoredOf } from '../../api/resources.js'
import type { StoredPod } from '../framework.js'
import { isPodTerminal, podFromTemplate, timeOf } from '../pods.js'

export type StoredJob = StoredOf<'jobs'>

/** Keeps a finished Pod until it has been counted. */
export const TRACKING = 'batch.kubernetes.io/job-tracking'
export const INDEX = 'batch.kubernetes.io/job-completion-index'
const FIRST_BACK_OFF = 10 * SECOND
const MAX_BACK_OFF = 600 * SECOND

export function isIndexed(job: StoredJob): boolean {
  return job.spec?.completionMode === 'Indexed'
}

export function indexOf(pod: StoredPod): number | undefined {
  const text = pod.metadata.annotations?.[INDEX]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

export function isTracked(pod: StoredPod): boolean {
  return pod.metadata.finalizers?.includes(TRACKING) ?? false
}

/** A deleted Pod counts as failed, unless only Pods that really failed are replaced. Source: job_controller.go isPodFailed */
export function isFailed(pod: StoredPod, job: StoredJob): boolean {
  if (pod.status?.phase === 'Failed') return true
  if (job.spec?.podReplacementPolicy === 'Failed') return false
  return pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded'
}

/** A Pod of a Job; `index` where each has its own part of the work. */
export function jobPod(job: StoredJob, index: number | undefined): Resources['pods'] {
  const template = index === undefined ? (job.spec?.template ?? {}) : indexedTemplate(job, index)
  const pod = podFromTemplate(template, job, job.metadata.namespace ?? '')
  const generateName = index === undefined ? {} : { generateName: `${job.metadata.name}-${index}-` }
  const finalizers = [...(pod.metadata?.finalizers ?? []), TRACKING]
  return { ...pod, metadata: { ...pod.metadata, ...generateName, finalizers } }
}

function indexedTemplate(job: StoredJob, index: number): PodTemplateSpec {
  const template = job.spec?.template ?? {}
  const env = {
    name: 'JOB_COMPLETION_INDEX',
    valueFrom: { fieldRef: { fieldPath: `metadata.labels['${INDEX}']` } },
  }
  const withIndex = (container: Container): Container =>
    container.env?.some((each) => each.name === env.name) === true
      ? container
      : { ...container, env: [...(container.env ?? []), env] }
  const { initContainers, containers = [] } = template.spec ?? { containers: [] }
  return {
    ...template,
    metadata: {
      ...template.metadata,
      labels: { ...template.metadata?.labels, [INDEX]: String(index) },
      annotations: { ...template.metadata?.annotations, [INDEX]: String(index) },
    },
    spec: {
      ...template.spec,
      containers: containers.map(withIndex),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withIndex) }),
      hostname: `${job.metadata.name}-${index}`,
    },
  }
}

/** When a Pod's last container ended. */
function finishedAt(pod: StoredPod, now: SimTime): SimTime {
  const times = (pod.status?.containerStatuses ?? []).flatMap((each) => timeOf(each.state?.terminated?.finishedAt) ?? [])
  return times.length === 0 ? now : Math.max(...times)
}

/**
 * Microseconds before a Pod may be created again: 10 s after a failure, doubled with each in a row.
 * Source: kubernetes pkg/controller/job/backoff_utils.go
 */
export function remainingBackOff(pods: readonly StoredPod[], now: SimTime): SimTime {
  const finished = pods.filter(isPodTerminal).map((pod) => ({ failed: pod.status?.phase === 'Failed', at: finishedAt(pod, now) }))
  const lastSuccess = finished
    .filter((each) => !each.failed)
    .reduce((last, each) => Math.max(last, each.at), Number.NEGATIVE_INFINITY)
  const failures = finished.filter((each) => each.failed && each.at > lastSuccess)
  if (failures.length === 0) return 0
  const wait = Math.min(FIRST_BACK_OFF * 2 ** (failures.length - 1), MAX_BACK_OFF)
  return Math.max(0, Math.max(...failures.map((each) => each.at)) + wait - now)
}
