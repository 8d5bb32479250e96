import type {
  V2HPAScalingRules,
  V2MetricSpec,
  V2MetricStatus,
  V2MetricTarget,
  V2MetricValueStatus,
} from '../../generated/kubeTypes.js'
import type { StoredOf } from '../../sim/index.js'
import { longTime } from '../text/duration.js'
import type { DescribeContext } from './common.js'
import { writeEvents, writeHead } from './common.js'
import type { DescribeWriter } from './writer.js'

/** Source: kubernetes kubectl pkg/describe/describe.go describeHorizontalPodAutoscalerV2 */
export function describeAutoscaler(
  autoscaler: StoredOf<'horizontalpodautoscalers'>,
  context: DescribeContext,
  w: DescribeWriter,
): void {
  const { metadata, spec, status } = autoscaler
  writeHead(w, metadata)
  w.line(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`)
  w.line(0, `Reference:\t${spec?.scaleTargetRef.kind ?? ''}/${spec?.scaleTargetRef.name ?? ''}`)
  w.line(0, 'Metrics:\t( current / target )')
  for (const [index, metric] of (spec?.metrics ?? []).entries()) writeMetric(w, metric, status?.currentMetrics?.[index])
  w.line(0, `Min replicas:\t${spec?.minReplicas ?? '<unset>'}`)
  w.line(0, `Max replicas:\t${spec?.maxReplicas ?? 0}`)
  if (spec?.behavior !== undefined) {
    w.line(0, 'Behavior:')
    writeBehavior(w, 'Scale Up', spec.behavior.scaleUp)
    writeBehavior(w, 'Scale Down', spec.behavior.scaleDown)
  }
  w.line(
    0,
    `${spec?.scaleTargetRef.kind ?? ''} pods:\t${status?.currentReplicas ?? 0} current / ${status?.desiredReplicas ?? 0} desired`,
  )
  const conditions = status?.conditions ?? []
  if (conditions.length > 0) w.line(0, 'Conditions:\n  Type\tStatus\tReason\tMessage\n  ----\t------\t------\t-------')
  for (const { type, status: is, reason = '', message = '' } of conditions) w.line(1, `${type}\t${is}\t${reason}\t${message}`)
  writeEvents(w, context, autoscaler)
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeHorizontalPodAutoscalerV2, the metrics */
function writeMetric(w: DescribeWriter, metric: V2MetricSpec, status: V2MetricStatus | undefined): void {
  const { external, pods, object, resource, containerResource } = metric
  if (external !== undefined) {
    const isAverage = external.target.averageValue !== undefined
    const now = isAverage ? status?.external?.current.averageValue : status?.external?.current.value
    const wanted = isAverage ? external.target.averageValue : external.target.value
    w.line(
      1,
      `${JSON.stringify(external.metric.name)} (target ${isAverage ? 'average ' : ''}value):\t${now ?? UNKNOWN} / ${wanted}`,
    )
  } else if (pods !== undefined) {
    const now = status?.pods?.current.averageValue
    w.line(1, `${JSON.stringify(pods.metric.name)} on pods:\t${now ?? UNKNOWN} / ${pods.target.averageValue}`)
  } else if (object !== undefined) {
    const isAverage = object.target.type === 'AverageValue'
    const now = isAverage ? status?.object?.current.averageValue : status?.object?.current.value
    const wanted = isAverage ? object.target.averageValue : object.target.value
    const { kind, name } = object.describedObject
    const target = `(target ${isAverage ? 'average ' : ''}value)`
    w.line(1, `"${object.metric.name}" on ${kind}/${name} ${target}:\t${now ?? UNKNOWN} / ${wanted}`)
  } else if (resource !== undefined) {
    writeResourceMetric(w, `resource ${resource.name} on pods`, resource.target, status?.resource?.current)
  } else if (containerResource !== undefined) {
    const about = `resource ${containerResource.name} of container "${containerResource.container}" on pods`
    writeResourceMetric(w, about, containerResource.target, status?.containerResource?.current)
  } else w.line(1, `<unknown metric type ${JSON.stringify(metric.type)}>`)
}

const UNKNOWN = '<unknown>'

function writeResourceMetric(
  w: DescribeWriter,
  about: string,
  target: V2MetricTarget,
  now: V2MetricValueStatus | undefined,
): void {
  if (target.averageValue !== undefined) {
    w.line(1, `${about}:\t${now?.averageValue ?? UNKNOWN} / ${target.averageValue}`)
    return
  }
  const used = now?.averageUtilization === undefined ? UNKNOWN : `${now.averageUtilization}% (${now.averageValue})`
  const wanted = target.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`
  w.line(1, `${about}  (as a percentage of request):\t${used} / ${wanted}`)
}

/** Source: kubernetes kubectl pkg/describe/describe.go printDirectionBehavior */
function writeBehavior(w: DescribeWriter, direction: string, rules: V2HPAScalingRules | undefined): void {
  if (rules === undefined) return
  w.line(1, `${direction}:`)
  if (rules.stabilizationWindowSeconds !== undefined) {
    w.line(2, `Stabilization Window: ${rules.stabilizationWindowSeconds} seconds`)
  }
  const policies = rules.policies ?? []
  if (policies.length === 0) return
  w.line(2, `Select Policy: ${rules.selectPolicy ?? 'Max'}`)
  w.line(2, 'Policies:')
  for (const { type, value, periodSeconds } of policies)
    w.line(3, `- Type: ${type}\tValue: ${value}\tPeriod: ${periodSeconds} seconds`)
}
