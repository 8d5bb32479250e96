import type { PersistentVolumeClaim, PodTemplateSpec } from '../../generated/kubeTypes.js'
import type { ApiClient, StoredOf } from '../../sim/index.js'
import { byCodeUnit, formatLabelSelector, formatLabels, fromTimestamp, selectorText } from '../../sim/index.js'
import { humanDuration, longTime } from '../text/duration.js'
import type { DescribeContext } from './common.js'
import { controlledBy, writeAnnotations, writeEvents, writeHead, writeLabels } from './common.js'
import { writePodTemplate } from './containers.js'
import type { DescribeWriter } from './writer.js'

/** Pods of an owner by phase. Source: kubernetes kubectl pkg/describe/describe.go getPodStatusForController */
function podsStatus(
  api: ApiClient,
  owner: { readonly metadata: { readonly uid: string; readonly namespace?: string } },
  selector: string,
): string {
  const { uid, namespace } = owner.metadata
  const listed = api.list('pods', {
    ...(namespace === undefined ? {} : { namespace }),
    ...(selector === '' ? {} : { labelSelector: selector }),
  })
  const pods = listed.ok ? listed.value : []
  const own = pods.filter((pod) => pod.metadata.ownerReferences?.some((each) => each.controller === true && each.uid === uid))
  const count = (phase: string): number => own.filter((pod) => pod.status?.phase === phase).length
  return `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`
}

/** `Type  Status  Reason` of a workload; only the type is followed by a blank before the tab where upstream has it so. */
function writeConditions(
  w: DescribeWriter,
  conditions: readonly { readonly type: string; readonly status: string; readonly reason?: string }[] | undefined,
): void {
  if (conditions === undefined || conditions.length === 0) return
  w.line(0, 'Conditions:\n  Type\tStatus\tReason')
  w.line(1, '----\t------\t------')
  for (const { type, status, reason = '' } of conditions) w.line(1, `${type} \t${status}\t${reason}`)
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeDeployment */
export function describeDeployment(deployment: StoredOf<'deployments'>, context: DescribeContext, w: DescribeWriter): void {
  const { metadata, spec, status } = deployment
  w.line(0, `Name:\t${metadata.name}`)
  w.line(0, `Namespace:\t${metadata.namespace ?? ''}`)
  w.line(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, `Selector:\t${selectorText(spec?.selector)}`)
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, unavailableReplicas = 0 } = status ?? {}
  w.line(
    0,
    `Replicas:\t${spec?.replicas ?? 0} desired | ${updatedReplicas} updated | ${replicas} total | ${availableReplicas} available | ${unavailableReplicas} unavailable`,
  )
  w.line(0, `StrategyType:\t${spec?.strategy?.type ?? ''}`)
  w.line(0, `MinReadySeconds:\t${spec?.minReadySeconds ?? 0}`)
  const rolling = spec?.strategy?.rollingUpdate
  if (rolling !== undefined) {
    w.line(0, `RollingUpdateStrategy:\t${rolling.maxUnavailable ?? 0} max unavailable, ${rolling.maxSurge ?? 0} max surge`)
  }
  writePodTemplate(w, spec?.template)
  writeConditions(w, status?.conditions)
  const { old, current } = replicaSetsOf(context.api, deployment)
  if (old.length > 0 || current.length > 0) {
    w.line(0, `OldReplicaSets:\t${replicaSetsText(old)}`)
    w.line(0, `NewReplicaSet:\t${replicaSetsText(current)}`)
  }
  writeEvents(w, context, deployment)
}

export interface OwnedReplicaSets {
  readonly old: readonly StoredOf<'replicasets'>[]
  /** One or none: the one whose template is the Deployment's. */
  readonly current: readonly StoredOf<'replicasets'>[]
}

/** ReplicaSets that a Deployment controls. Source: kubernetes kubectl pkg/util/deployment/deployment.go GetAllReplicaSets */
export function replicaSetsOf(api: ApiClient, deployment: StoredOf<'deployments'>): OwnedReplicaSets {
  const { uid, namespace } = deployment.metadata
  const listed = api.list('replicasets', namespace === undefined ? {} : { namespace })
  const own = (listed.ok ? listed.value : [])
    .filter((each) => each.metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === uid))
    .toSorted((a, b) => byCodeUnit(a.metadata.name, b.metadata.name))
  const oldestFirst = own.toSorted((a, b) => byCodeUnit(a.metadata.creationTimestamp, b.metadata.creationTimestamp))
  const wanted = templateText(deployment.spec?.template)
  const current = oldestFirst.find((each) => templateText(each.spec?.template) === wanted)
  return { old: oldestFirst.filter((each) => each !== current), current: current === undefined ? [] : [current] }
}

/** A template without the label that tells ReplicaSets apart, so that two can be compared. */
function templateText(template: PodTemplateSpec | undefined): string {
  if (template === undefined) return ''
  const labels = Object.fromEntries(
    Object.entries(template.metadata?.labels ?? {}).filter(([key]) => key !== 'pod-template-hash'),
  )
  return JSON.stringify(canonical({ ...template, metadata: { ...template.metadata, labels } }))
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([, each]) => each !== undefined && each !== null)
  return Object.fromEntries(fields.sort(([a], [b]) => byCodeUnit(a, b)).map(([key, each]) => [key, canonical(each)]))
}

function replicaSetsText(sets: readonly StoredOf<'replicasets'>[]): string {
  const texts = sets.map(
    ({ metadata, spec, status }) => `${metadata.name} (${status?.replicas ?? 0}/${spec?.replicas ?? 0} replicas created)`,
  )
  return texts.length === 0 ? '<none>' : texts.join(', ')
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeReplicaSet */
export function describeReplicaSet(set: StoredOf<'replicasets'>, context: DescribeContext, w: DescribeWriter): void {
  const { metadata, spec, status } = set
  w.line(0, `Name:\t${metadata.name}`)
  w.line(0, `Namespace:\t${metadata.namespace ?? ''}`)
  w.line(0, `Selector:\t${formatLabelSelector(spec?.selector)}`)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  const owner = controlledBy(metadata)
  if (owner !== undefined) w.line(0, `Controlled By:\t${owner}`)
  w.line(0, `Replicas:\t${status?.replicas ?? 0} current / ${spec?.replicas ?? 0} desired`)
  w.line(0, `Pods Status:\t${podsStatus(context.api, set, selectorText(spec?.selector))}`)
  writePodTemplate(w, spec?.template)
  writeConditions(w, status?.conditions)
  writeEvents(w, context, set)
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeReplicationController */
export function describeReplicationController(
  controller: StoredOf<'replicationcontrollers'>,
  context: DescribeContext,
  w: DescribeWriter,
): void {
  const { metadata, spec, status } = controller
  w.line(0, `Name:\t${metadata.name}`)
  w.line(0, `Namespace:\t${metadata.namespace ?? ''}`)
  w.line(0, `Selector:\t${formatLabels(spec?.selector)}`)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, `Replicas:\t${status?.replicas ?? 0} current / ${spec?.replicas ?? 0} desired`)
  w.line(0, `Pods Status:\t${podsStatus(context.api, controller, formatLabels(spec?.selector))}`)
  writePodTemplate(w, spec?.template)
  writeConditions(w, status?.conditions)
  writeEvents(w, context, controller)
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeDaemonSet */
export function describeDaemonSet(set: StoredOf<'daemonsets'>, context: DescribeContext, w: DescribeWriter): void {
  const { metadata, spec, status } = set
  w.line(0, `Name:\t${metadata.name}`)
  w.line(0, `Namespace:\t${metadata.namespace ?? ''}`)
  w.line(0, `Selector:\t${selectorText(spec?.selector)}`)
  w.line(0, `Node-Selector:\t${formatLabels(spec?.template.spec?.nodeSelector)}`)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, `Desired Number of Nodes Scheduled: ${status?.desiredNumberScheduled ?? 0}`)
  w.line(0, `Current Number of Nodes Scheduled: ${status?.currentNumberScheduled ?? 0}`)
  w.line(0, `Number of Nodes Scheduled with Up-to-date Pods: ${status?.updatedNumberScheduled ?? 0}`)
  w.line(0, `Number of Nodes Scheduled with Available Pods: ${status?.numberAvailable ?? 0}`)
  w.line(0, `Number of Nodes Misscheduled: ${status?.numberMisscheduled ?? 0}`)
  w.line(0, `Pods Status:\t${podsStatus(context.api, set, selectorText(spec?.selector))}`)
  writePodTemplate(w, spec?.template)
  writeEvents(w, context, set)
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeStatefulSet */
export function describeStatefulSet(set: StoredOf<'statefulsets'>, context: DescribeContext, w: DescribeWriter): void {
  const { metadata, spec, status } = set
  w.line(0, `Name:\t${metadata.name}`)
  w.line(0, `Namespace:\t${metadata.namespace ?? ''}`)
  w.line(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`)
  w.line(0, `Selector:\t${selectorText(spec?.selector)}`)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, `Replicas:\t${spec?.replicas ?? 0} desired | ${status?.replicas ?? 0} total`)
  w.line(0, `Update Strategy:\t${spec?.updateStrategy?.type ?? ''}`)
  const rolling = spec?.updateStrategy?.rollingUpdate
  if (rolling?.partition !== undefined) {
    w.line(1, `Partition:\t${rolling.partition}`)
    if (rolling.maxUnavailable !== undefined) w.line(1, `MaxUnavailable:\t${rolling.maxUnavailable}`)
  }
  w.line(0, `Pods Status:\t${podsStatus(context.api, set, selectorText(spec?.selector))}`)
  writePodTemplate(w, spec?.template)
  writeClaimTemplates(w, spec?.volumeClaimTemplates ?? [])
  writeEvents(w, context, set)
}

function writeClaimTemplates(w: DescribeWriter, templates: readonly PersistentVolumeClaim[]): void {
  w.line(0, templates.length === 0 ? 'Volume Claims:\t<none>' : 'Volume Claims:')
  for (const { metadata, spec } of templates) {
    w.line(1, `Name:\t${metadata?.name ?? ''}`)
    w.line(1, `StorageClass:\t${spec?.storageClassName ?? ''}`)
    writeLabels(w, 'Labels', metadata?.labels, '  ')
    writeLabels(w, 'Annotations', metadata?.annotations, '  ')
    w.line(1, `Capacity:\t${spec?.resources?.requests?.['storage'] ?? '<default>'}`)
    w.line(1, `Access Modes:\t[${(spec?.accessModes ?? []).join(' ')}]`)
  }
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeJob */
export function describeJob(job: StoredOf<'jobs'>, context: DescribeContext, w: DescribeWriter): void {
  const { metadata, spec, status } = job
  w.line(0, `Name:\t${metadata.name}`)
  w.line(0, `Namespace:\t${metadata.namespace ?? ''}`)
  w.line(0, `Selector:\t${selectorText(spec?.selector)}`)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  const owner = controlledBy(metadata)
  if (owner !== undefined) w.line(0, `Controlled By:\t${owner}`)
  if (spec?.parallelism !== undefined) w.line(0, `Parallelism:\t${spec.parallelism}`)
  w.line(0, `Completions:\t${spec?.completions ?? '<unset>'}`)
  if (spec?.completionMode !== undefined) w.line(0, `Completion Mode:\t${spec.completionMode}`)
  if (spec?.suspend !== undefined) w.line(0, `Suspend:\t${spec.suspend}`)
  if (spec?.backoffLimit !== undefined) w.line(0, `Backoff Limit:\t${spec.backoffLimit}`)
  if (spec?.ttlSecondsAfterFinished !== undefined) w.line(0, `TTL Seconds After Finished:\t${spec.ttlSecondsAfterFinished}`)
  const start = fromTimestamp(status?.startTime ?? '')
  const end = fromTimestamp(status?.completionTime ?? '')
  if (start !== undefined) w.line(0, `Start Time:\t${longTime(status?.startTime)}`)
  if (end !== undefined) w.line(0, `Completed At:\t${longTime(status?.completionTime)}`)
  if (start !== undefined && end !== undefined) w.line(0, `Duration:\t${humanDuration(end - start)}`)
  if (spec?.activeDeadlineSeconds !== undefined) w.line(0, `Active Deadline Seconds:\t${spec.activeDeadlineSeconds}s`)
  const ready = status?.ready === undefined ? '' : ` (${status.ready} Ready)`
  w.line(
    0,
    `Pods Statuses:\t${status?.active ?? 0} Active${ready} / ${status?.succeeded ?? 0} Succeeded / ${status?.failed ?? 0} Failed`,
  )
  if (spec?.completionMode === 'Indexed') w.line(0, `Completed Indexes:\t${status?.completedIndexes ?? '<none>'}`)
  writePodTemplate(w, spec?.template)
  writeEvents(w, context, job)
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeCronJob */
export function describeCronJob(job: StoredOf<'cronjobs'>, context: DescribeContext, w: DescribeWriter): void {
  const { metadata, spec, status } = job
  writeHead(w, metadata)
  w.line(0, `Schedule:\t${spec?.schedule ?? ''}`)
  w.line(0, `Concurrency Policy:\t${spec?.concurrencyPolicy ?? ''}`)
  w.line(0, `Suspend:\t${spec?.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False'}`)
  w.line(0, `Time Zone:\t${spec?.timeZone ?? '<unset>'}`)
  w.line(0, `Successful Job History Limit:\t${spec?.successfulJobsHistoryLimit ?? '<unset>'}`)
  w.line(0, `Failed Job History Limit:\t${spec?.failedJobsHistoryLimit ?? '<unset>'}`)
  const deadline = spec?.startingDeadlineSeconds
  w.line(0, `Starting Deadline Seconds:\t${deadline === undefined ? '<unset>' : `${deadline}s`}`)
  const inner = spec?.jobTemplate.spec
  w.line(0, `Selector:\t${inner?.selector === undefined ? '<unset>' : selectorText(inner.selector)}`)
  w.line(0, `Parallelism:\t${inner?.parallelism ?? '<unset>'}`)
  w.line(0, `Completions:\t${inner?.completions ?? '<unset>'}`)
  if (inner?.activeDeadlineSeconds !== undefined) w.line(0, `Active Deadline Seconds:\t${inner.activeDeadlineSeconds}s`)
  writePodTemplate(w, inner?.template)
  w.line(0, `Last Schedule Time:\t${status?.lastScheduleTime === undefined ? '<unset>' : longTime(status.lastScheduleTime)}`)
  const active = (status?.active ?? []).map((each) => each.name ?? '')
  w.line(0, `Active Jobs:\t${active.length === 0 ? '<none>' : active.join(', ')}`)
  writeEvents(w, context, job)
}
