import type {
  Lease,
  PodDisruptionBudget,
  PriorityClass,
  Role,
  RoleBinding,
  StorageClass,
  V2HorizontalPodAutoscaler,
} from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import { jsonEqual } from '../draft.js'
import type { Faults } from './faults.js'
import { IMMUTABLE } from './faults.js'
import { qualifiedNameFaults, subdomainFaults } from './names.js'
import { validateSelector } from './selectors.js'
import { validateAtMostAll, validateIntOrPercent } from './workloads.js'

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
  const target = spec.scaleTargetRef ?? {}
  if ((target.kind ?? '') === '') faults.required('spec.scaleTargetRef.kind')
  if ((target.name ?? '') === '') faults.required('spec.scaleTargetRef.name')
  const types = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']
  ;(spec.metrics ?? []).forEach((metric, index) => {
    const at = `spec.metrics[${index}]`
    const type = metric.type ?? ''
    if (type === '') faults.required(`${at}.type`, 'must specify a metric source type')
    if (!types.includes(type)) {
      faults.notSupported(`${at}.type`, type, types)
      // Told twice upstream: for the type, and for the source that it would need.
      faults.notSupported(`${at}.type`, type, types)
      return
    }
    if (type !== 'Resource') return
    if (metric.resource === undefined) {
      faults.required(`${at}.resource`, 'must populate information for the given metric source')
      return
    }
    if ((metric.resource.name ?? '') === '') faults.required(`${at}.resource.name`, 'must specify a resource name')
    validateMetricTarget(faults, `${at}.resource.target`, metric.resource.target ?? {})
  })
}

function validateMetricTarget(
  faults: Faults,
  field: string,
  target: {
    type?: string | undefined
    averageUtilization?: number | undefined
    averageValue?: string | undefined
    value?: string | undefined
  },
): void {
  const types = ['Utilization', 'Value', 'AverageValue']
  if ((target.type ?? '') === '') faults.required(`${field}.type`, 'must specify a metric target type')
  else if (!types.includes(target.type ?? '')) {
    faults.invalid(`${field}.type`, target.type, 'must be either Utilization, Value, or AverageValue')
  }
  if (target.averageUtilization !== undefined && target.averageUtilization < 1) {
    faults.invalid(`${field}.averageUtilization`, target.averageUtilization, 'must be greater than 0')
  }
  if (target.averageUtilization === undefined && target.averageValue === undefined) {
    faults.required(`${field}.averageUtilization`, 'must set either a target raw value or a target utilization')
  }
  if (target.averageUtilization !== undefined && target.averageValue !== undefined) {
    faults.forbidden(`${field}.averageValue`, 'may not set both a target raw value and a target utilization')
  }
}

/** Source: kubernetes pkg/apis/policy/validation/validation.go */
export function validateBudget(faults: Faults, each: Draft<PodDisruptionBudget>): void {
  const spec = each.spec ?? {}
  const { minAvailable, maxUnavailable } = spec
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const value = {
      MinAvailable: minAvailable,
      Selector: spec.selector ?? null,
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: spec.unhealthyPodEvictionPolicy ?? null,
    }
    faults.invalid('spec', value, 'minAvailable and maxUnavailable cannot be both set')
  }
  for (const [name, value] of [
    ['minAvailable', minAvailable],
    ['maxUnavailable', maxUnavailable],
  ] as const) {
    if (value === undefined) continue
    validateIntOrPercent(faults, `spec.${name}`, value)
    validateAtMostAll(faults, `spec.${name}`, value)
  }
  if (spec.selector !== undefined) validateSelector(faults, 'spec.selector', spec.selector)
  const policy = spec.unhealthyPodEvictionPolicy
  const policies = ['AlwaysAllow', 'IfHealthyBudget']
  if (policy !== undefined && !policies.includes(policy)) faults.notSupported('spec.unhealthyPodEvictionPolicy', policy, policies)
}

/** Source: kubernetes pkg/apis/rbac/validation/validation.go */
export function validateRole(faults: Faults, role: Draft<Role>, isNamespaced: boolean): void {
  ;(role.rules ?? []).forEach((rule, index) => {
    const at = `rules[${index}]`
    if ((rule.verbs ?? []).length === 0) faults.required(`${at}.verbs`, 'verbs must contain at least one value')
    if ((rule.nonResourceURLs ?? []).length > 0) {
      if (isNamespaced)
        faults.invalid(`${at}.nonResourceURLs`, rule.nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs')
      if ((rule.apiGroups ?? []).length > 0 || (rule.resources ?? []).length > 0 || (rule.resourceNames ?? []).length > 0) {
        faults.invalid(
          `${at}.nonResourceURLs`,
          rule.nonResourceURLs,
          'rules cannot apply to both regular resources and non-resource URLs',
        )
      }
      return
    }
    if ((rule.apiGroups ?? []).length === 0)
      faults.required(`${at}.apiGroups`, 'resource rules must supply at least one api group')
    if ((rule.resources ?? []).length === 0)
      faults.required(`${at}.resources`, 'resource rules must supply at least one resource')
  })
}

export function validateBinding(
  faults: Faults,
  binding: Draft<RoleBinding>,
  isNamespaced: boolean,
  old?: Draft<RoleBinding>,
): void {
  const ref = binding.roleRef ?? {}
  if (ref.apiGroup !== 'rbac.authorization.k8s.io')
    faults.notSupported('roleRef.apiGroup', ref.apiGroup, ['rbac.authorization.k8s.io'])
  const kinds = isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  if (!kinds.includes(ref.kind ?? '')) faults.notSupported('roleRef.kind', ref.kind, kinds)
  if ((ref.name ?? '') === '') faults.required('roleRef.name')
  ;(binding.subjects ?? []).forEach((subject, index) => {
    const at = `subjects[${index}]`
    if ((subject.name ?? '') === '') faults.required(`${at}.name`)
    switch (subject.kind) {
      case 'ServiceAccount':
        if ((subject.name ?? '') !== '') faults.invalidEach(`${at}.name`, subject.name, subdomainFaults(subject.name ?? ''))
        if ((subject.apiGroup ?? '') !== '') faults.notSupported(`${at}.apiGroup`, subject.apiGroup, [''])
        if ((subject.namespace ?? '') === '') faults.required(`${at}.namespace`)
        break
      case 'User':
      case 'Group':
        if (subject.apiGroup !== 'rbac.authorization.k8s.io') {
          faults.notSupported(`${at}.apiGroup`, subject.apiGroup, ['rbac.authorization.k8s.io'])
        }
        break
      default:
        faults.notSupported(`${at}.kind`, subject.kind ?? '', ['ServiceAccount', 'User', 'Group'])
    }
  })
  if (old !== undefined && !jsonEqual(old.roleRef, binding.roleRef)) {
    const { apiGroup, kind, name } = ref
    faults.invalid('roleRef', { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef')
  }
}

const SYSTEM_CLASSES: readonly string[] = ['system-node-critical', 'system-cluster-critical']
const MAX_PRIORITY = 1_000_000_000

/** Source: kubernetes pkg/apis/scheduling/validation/validation.go */
export function validatePriorityClass(faults: Faults, each: Draft<PriorityClass>, old?: Draft<PriorityClass>): void {
  const name = each.metadata?.name ?? ''
  if (name.startsWith('system-')) {
    if (!SYSTEM_CLASSES.includes(name)) {
      faults.forbidden(
        'metadata.name',
        `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`,
      )
    }
  } else if ((each.value ?? 0) > MAX_PRIORITY) {
    faults.forbidden('value', `maximum allowed value of a user defined priority is ${MAX_PRIORITY}`)
  }
  const policies = ['Never', 'PreemptLowerPriority']
  if (each.preemptionPolicy !== undefined && !policies.includes(each.preemptionPolicy)) {
    faults.notSupported('preemptionPolicy', each.preemptionPolicy, policies)
  }
  if (old === undefined) return
  if (old.value !== each.value) faults.forbidden('value', 'may not be changed in an update.')
  if (old.preemptionPolicy !== each.preemptionPolicy) faults.invalid('preemptionPolicy', each.preemptionPolicy, IMMUTABLE)
}

/** Source: kubernetes pkg/apis/storage/validation/validation.go */
export function validateStorageClass(faults: Faults, each: Draft<StorageClass>, old?: Draft<StorageClass>): void {
  if ((each.provisioner ?? '') === '') faults.required('provisioner')
  else faults.invalidEach('provisioner', each.provisioner, qualifiedNameFaults((each.provisioner ?? '').toLowerCase()))
  const policies = ['Delete', 'Retain']
  if (each.reclaimPolicy !== undefined && !policies.includes(each.reclaimPolicy)) {
    faults.notSupported('reclaimPolicy', each.reclaimPolicy, policies)
  }
  const modes = ['Immediate', 'WaitForFirstConsumer']
  if (each.volumeBindingMode === undefined) faults.required('volumeBindingMode')
  else if (!modes.includes(each.volumeBindingMode)) faults.notSupported('volumeBindingMode', each.volumeBindingMode, modes)
  if (old === undefined) return
  if (!jsonEqual(old.parameters ?? {}, each.parameters ?? {}))
    faults.forbidden('parameters', 'updates to parameters are forbidden.')
  if (old.provisioner !== each.provisioner) faults.forbidden('provisioner', 'updates to provisioner are forbidden.')
  if (old.reclaimPolicy !== each.reclaimPolicy) faults.forbidden('reclaimPolicy', 'updates to reclaimPolicy are forbidden.')
  if (old.volumeBindingMode !== each.volumeBindingMode) faults.invalid('volumeBindingMode', each.volumeBindingMode, IMMUTABLE)
}

/** Source: kubernetes pkg/apis/coordination/validation/validation.go */
export function validateLease(faults: Faults, lease: Draft<Lease>): void {
  const { leaseDurationSeconds: duration, leaseTransitions } = lease.spec ?? {}
  if (duration !== undefined && duration <= 0) faults.invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0')
  if (leaseTransitions !== undefined && leaseTransitions < 0) {
    faults.invalid('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0')
  }
}
