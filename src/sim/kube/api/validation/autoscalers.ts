import type { V2HorizontalPodAutoscaler, V2MetricSpec } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import { nanosOf } from '../quantity.js'
import type { Faults } from './faults.js'
import { NOT_NEGATIVE } from './faults.js'
import { pathSegmentFaults } from './names.js'

type Spec = NonNullable<Draft<V2HorizontalPodAutoscaler>['spec']>
type Metric = Draft<V2MetricSpec>
type Target = NonNullable<NonNullable<Metric['resource']>['target']>
type Rules = NonNullable<NonNullable<Spec['behavior']>['scaleUp']>

const MAX_WINDOW = 3600
const MAX_PERIOD = 1800
const METRIC_TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']

/** The sources that a metric may have, in the order in which the server looks at them. */
const SOURCES = [
  ['object', 'Object'],
  ['external', 'External'],
  ['pods', 'Pods'],
  ['resource', 'Resource'],
  ['containerResource', 'ContainerResource'],
] as const

/** Source: kubernetes pkg/apis/autoscaling/validation/validation.go */
export function validateAutoscaler(faults: Faults, each: Draft<V2HorizontalPodAutoscaler>): void {
  const spec = each.spec ?? {}
  if (spec.minReplicas !== undefined && spec.minReplicas < 1) {
    faults.invalid('spec.minReplicas', spec.minReplicas, 'must be greater than or equal to 1')
  }
  const max = spec.maxReplicas ?? 0
  if (max < 1) faults.required('spec.maxReplicas', 'must be set and greater than 0')
  if (spec.minReplicas !== undefined && max < spec.minReplicas) {
    faults.invalid('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`')
  }
  checkReference(faults, 'spec.scaleTargetRef', spec.scaleTargetRef ?? {})
  ;(spec.metrics ?? []).forEach((metric, index) => {
    checkMetric(faults, `spec.metrics[${index}]`, metric)
  })
  checkRules(faults, 'spec.behavior.scaleUp', spec.behavior?.scaleUp)
  checkRules(faults, 'spec.behavior.scaleDown', spec.behavior?.scaleDown)
}

/** Source: ValidateCrossVersionObjectReference */
function checkReference(faults: Faults, field: string, ref: { kind?: string | undefined; name?: string | undefined }): void {
  for (const part of ['kind', 'name'] as const) {
    const text = ref[part] ?? ''
    if (text === '') faults.required(`${field}.${part}`)
    else faults.invalidEach(`${field}.${part}`, text, pathSegmentFaults(text))
  }
}

function checkMetric(faults: Faults, at: string, metric: Metric): void {
  const type = metric.type ?? ''
  if (type === '') faults.required(`${at}.type`, 'must specify a metric source type')
  if (!METRIC_TYPES.includes(type)) faults.notSupported(`${at}.type`, type, METRIC_TYPES)
  const present = SOURCES.filter(([field]) => metric[field] !== undefined)
  const [first] = present
  if (first !== undefined) checkSource(faults, at, first[0], metric)
  const expected = SOURCES.find(([, name]) => name === type)
  // Told twice upstream: for the type, and for the source that it would need.
  if (expected === undefined) faults.notSupported(`${at}.type`, type, METRIC_TYPES)
  else if (!present.includes(expected))
    faults.required(`${at}.${expected[0]}`, 'must populate information for the given metric source')
  if (present.length === 1) return
  for (const each of present) {
    if (each !== expected) faults.forbidden(`${at}.${each[0]}`, 'must populate the given metric source only')
  }
}

function checkSource(faults: Faults, at: string, field: (typeof SOURCES)[number][0], metric: Metric): void {
  const path = `${at}.${field}`
  switch (field) {
    case 'object': {
      const target = metric.object?.target ?? {}
      checkReference(faults, `${path}.describedObject`, metric.object?.describedObject ?? {})
      checkMetricName(faults, `${path}.metric.name`, metric.object?.metric?.name)
      checkTarget(faults, `${path}.target`, target)
      if (target.value === undefined && target.averageValue === undefined)
        faults.required(`${path}.target.averageValue`, 'must set either a target value or averageValue')
      return
    }
    case 'external': {
      const target = metric.external?.target ?? {}
      checkMetricName(faults, `${path}.metric.name`, metric.external?.metric?.name)
      checkTarget(faults, `${path}.target`, target)
      if (target.value === undefined && target.averageValue === undefined)
        faults.required(`${path}.target.averageValue`, 'must set either a target value for metric or a per-pod target')
      if (target.value !== undefined && target.averageValue !== undefined)
        faults.forbidden(`${path}.target.value`, 'may not set both a target value for metric and a per-pod target')
      return
    }
    case 'pods': {
      const target = metric.pods?.target ?? {}
      checkMetricName(faults, `${path}.metric.name`, metric.pods?.metric?.name)
      checkTarget(faults, `${path}.target`, target)
      if (target.averageValue === undefined || nanosOf(target.averageValue) <= 0n)
        faults.required(`${path}.target.averageValue`, 'must specify a positive target averageValue')
      return
    }
    case 'resource':
    case 'containerResource': {
      const source = metric[field] ?? {}
      if ((source.name ?? '') === '') faults.required(`${path}.name`, 'must specify a resource name')
      if (field === 'containerResource' && (metric.containerResource?.container ?? '') === '')
        faults.required(`${path}.container`, 'must specify a container')
      checkTarget(faults, `${path}.target`, source.target ?? {})
      checkUsage(faults, `${path}.target`, source.target ?? {})
    }
  }
}

function checkMetricName(faults: Faults, field: string, name = ''): void {
  if (name === '') faults.required(field, 'must specify a metric name')
  else faults.invalidEach(field, name, pathSegmentFaults(name))
}

function checkTarget(faults: Faults, field: string, target: Target): void {
  const { type = '', averageUtilization: utilization } = target
  if (type === '') faults.required(`${field}.type`, 'must specify a metric target type')
  if (!['Utilization', 'Value', 'AverageValue'].includes(type))
    faults.invalid(`${field}.type`, type, 'must be either Utilization, Value, or AverageValue')
  for (const name of ['value', 'averageValue'] as const) {
    const amount = target[name]
    if (amount !== undefined && nanosOf(amount) <= 0n) faults.invalid(`${field}.${name}`, amount, 'must be positive')
  }
  if (utilization !== undefined && utilization < 1)
    faults.invalid(`${field}.averageUtilization`, utilization, 'must be greater than 0')
}

function checkUsage(faults: Faults, field: string, { averageUtilization, averageValue }: Target): void {
  if (averageUtilization === undefined && averageValue === undefined)
    faults.required(`${field}.averageUtilization`, 'must set either a target raw value or a target utilization')
  if (averageUtilization !== undefined && averageValue !== undefined)
    faults.forbidden(`${field}.averageValue`, 'may not set both a target raw value and a target utilization')
}

/** Source: validateScalingRules, validateScalingPolicy */
function checkRules(faults: Faults, field: string, rules: Rules | undefined): void {
  if (rules === undefined) return
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules
  const at = `${field}.stabilizationWindowSeconds`
  if (window !== undefined && window < 0) faults.invalid(at, window, 'must be greater than or equal to zero')
  if (window !== undefined && window > MAX_WINDOW) faults.invalid(at, window, `must be less than or equal to ${MAX_WINDOW}`)
  if (selectPolicy !== undefined && !['Disabled', 'Max', 'Min'].includes(selectPolicy))
    faults.notSupported(`${field}.selectPolicy`, selectPolicy, ['Disabled', 'Max', 'Min'])
  if (policies.length === 0) faults.required(`${field}.policies`, 'must specify at least one Policy')
  policies.forEach((policy, index) => {
    const path = `${field}.policies[${index}]`
    const { type = '', value = 0, periodSeconds = 0 } = policy
    if (type !== 'Pods' && type !== 'Percent') faults.notSupported(`${path}.type`, type, ['Percent', 'Pods'])
    if (value <= 0) faults.invalid(`${path}.value`, value, 'must be greater than zero')
    if (periodSeconds <= 0) faults.invalid(`${path}.periodSeconds`, periodSeconds, 'must be greater than zero')
    if (periodSeconds > MAX_PERIOD)
      faults.invalid(`${path}.periodSeconds`, periodSeconds, `must be less than or equal to ${MAX_PERIOD}`)
  })
  if (tolerance !== undefined && nanosOf(tolerance) < 0n) faults.invalid(`${field}.tolerance`, tolerance, NOT_NEGATIVE)
}
