import type {
  ControllerRevision,
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  PodTemplate,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
  V2HorizontalPodAutoscaler,
} from '../../../../generated/kubeTypes.js'
import type { SimTime } from '../../../core/time.js'
import { fromTimestamp } from '../../../core/time.js'
import { ageOf, humanDuration } from './duration.js'
import { containersAndImages, formatLabelSelector, formatLabels } from './selectors.js'
import type { Cell, TableKind } from './tableKind.js'

export const deploymentTable: TableKind<Deployment> = {
  row: ({ metadata, spec, status }, { now }) => [
    metadata?.name ?? '',
    `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    status?.updatedReplicas ?? 0,
    status?.availableReplicas ?? 0,
    ageOf(metadata?.creationTimestamp, now),
    ...containersAndImages(spec?.template.spec),
    formatLabelSelector(spec?.selector),
  ],
}

export const replicaSetTable: TableKind<ReplicaSet> = {
  row: (set, { now }) => replicatedRow(set, now, formatLabelSelector(set.spec?.selector)),
}

export const replicationControllerTable: TableKind<ReplicationController> = {
  row: (controller, { now }) => replicatedRow(controller, now, formatLabels(controller.spec?.selector)),
}

/** A ReplicaSet and its forerunner differ in how they select. */
function replicatedRow(
  { metadata, spec, status }: ReplicaSet | ReplicationController,
  now: SimTime,
  selector: string,
): readonly Cell[] {
  return [
    metadata?.name ?? '',
    spec?.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    ageOf(metadata?.creationTimestamp, now),
    ...containersAndImages(spec?.template?.spec),
    selector,
  ]
}

export const statefulSetTable: TableKind<StatefulSet> = {
  row: ({ metadata, spec, status }, { now }) => [
    metadata?.name ?? '',
    `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    ageOf(metadata?.creationTimestamp, now),
    ...containersAndImages(spec?.template.spec),
  ],
}

export const daemonSetTable: TableKind<DaemonSet> = {
  row: ({ metadata, spec, status }, { now }) => [
    metadata?.name ?? '',
    status?.desiredNumberScheduled ?? 0,
    status?.currentNumberScheduled ?? 0,
    status?.numberReady ?? 0,
    status?.updatedNumberScheduled ?? 0,
    status?.numberAvailable ?? 0,
    formatLabels(spec?.template.spec?.nodeSelector),
    ageOf(metadata?.creationTimestamp, now),
    ...containersAndImages(spec?.template.spec),
    formatLabelSelector(spec?.selector),
  ],
}

export const jobTable: TableKind<Job> = {
  row: (job, { now }) => [
    job.metadata?.name ?? '',
    jobStatus(job),
    jobCompletions(job),
    jobDuration(job, now),
    ageOf(job.metadata?.creationTimestamp, now),
    ...containersAndImages(job.spec?.template.spec),
    formatLabelSelector(job.spec?.selector),
  ],
}

function jobCompletions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`
  const parallelism = spec?.parallelism ?? 0
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function jobDuration({ status }: Job, now: SimTime): string {
  const start = fromTimestamp(status?.startTime ?? '')
  if (start === undefined) return ''
  return humanDuration((fromTimestamp(status?.completionTime ?? '') ?? now) - start)
}

function jobStatus({ metadata, status }: Job): string {
  const has = (type: string): boolean => status?.conditions?.some((each) => each.type === type && each.status === 'True') ?? false
  if (has('Complete')) return 'Complete'
  if (has('Failed')) return 'Failed'
  if (metadata?.deletionTimestamp !== undefined) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(has) ?? 'Running'
}

export const cronJobTable: TableKind<CronJob> = {
  row: ({ metadata, spec, status }, { now }) => [
    metadata?.name ?? '',
    spec?.schedule ?? '',
    spec?.timeZone ?? '<none>',
    spec?.suspend === true ? 'True' : spec?.suspend === false ? 'False' : '<unset>',
    status?.active?.length ?? 0,
    status?.lastScheduleTime === undefined ? '<none>' : ageOf(status.lastScheduleTime, now),
    ageOf(metadata?.creationTimestamp, now),
    ...containersAndImages(spec?.jobTemplate.spec?.template.spec),
    formatLabelSelector(spec?.jobTemplate.spec?.selector),
  ],
}

export const controllerRevisionTable: TableKind<ControllerRevision> = {
  row: ({ metadata, revision }, { now }) => {
    const owner = metadata?.ownerReferences?.find((each) => each.controller === true)
    const group = owner?.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : ''
    const controller = owner === undefined ? '<none>' : `${owner.kind.toLowerCase()}${group}/${owner.name}`
    return [metadata?.name ?? '', controller, revision, ageOf(metadata?.creationTimestamp, now)]
  },
}

export const podTemplateTable: TableKind<PodTemplate> = {
  row: ({ metadata, template }) => [
    metadata?.name ?? '',
    ...containersAndImages(template?.spec),
    formatLabels(template?.metadata?.labels),
  ],
}

export const autoscalerTable: TableKind<V2HorizontalPodAutoscaler> = {
  row: (autoscaler, { now }) => {
    const { metadata, spec, status } = autoscaler
    return [
      metadata?.name ?? '',
      `${spec?.scaleTargetRef.kind}/${spec?.scaleTargetRef.name}`,
      autoscalerTargets(autoscaler),
      spec?.minReplicas === undefined ? '<unset>' : String(spec.minReplicas),
      spec?.maxReplicas ?? 0,
      status?.currentReplicas ?? 0,
      ageOf(metadata?.creationTimestamp, now),
    ]
  },
}

/** Source: kubernetes pkg/printers/internalversion/printers.go formatHPAMetrics */
function autoscalerTargets({ spec, status }: V2HorizontalPodAutoscaler): string {
  const metrics = spec?.metrics ?? []
  if (metrics.length === 0) return '<none>'
  const shown = metrics.slice(0, 2).map((metric, index) => {
    const current = status?.currentMetrics?.[index]
    const source = metric.resource ?? metric.containerResource
    const seen = current?.resource?.current ?? current?.containerResource?.current
    const name = source?.name ?? metric.pods?.metric.name ?? metric.object?.metric.name ?? metric.external?.metric.name ?? ''
    const target = source?.target ?? metric.pods?.target ?? metric.object?.target ?? metric.external?.target
    const other = current?.pods?.current ?? current?.object?.current ?? current?.external?.current
    if (source !== undefined && target?.averageValue === undefined) {
      const used = seen?.averageUtilization === undefined ? '<unknown>' : `${seen.averageUtilization}%`
      return `${name}: ${used}/${target?.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`}`
    }
    const used = (seen ?? other)?.averageValue ?? (seen ?? other)?.value ?? '<unknown>'
    const wanted = target?.averageValue === undefined ? (target?.value ?? '') : target.averageValue
    const suffix = source === undefined && target?.averageValue !== undefined && metric.pods === undefined ? ' (avg)' : ''
    return source === undefined ? `${used}/${wanted}${suffix}` : `${name}: ${used}/${wanted}`
  })
  const more = metrics.length > 2 ? ` + ${metrics.length - 2} more...` : ''
  return shown.join(', ') + more
}
