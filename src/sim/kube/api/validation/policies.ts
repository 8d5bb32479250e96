import type {
  ClusterRole,
  Lease,
  PodDisruptionBudget,
  PriorityClass,
  Role,
  RoleBinding,
} from '../../../../generated/kubeTypes.js'
import { own } from '../../../core/own.js'
import type { Draft } from '../draft.js'
import { jsonEqual } from '../draft.js'
import { SYSTEM_PRIORITIES } from '../systemPriorities.js'
import type { Faults } from './faults.js'
import { IMMUTABLE } from './faults.js'
import { pathSegmentFaults, subdomainFaults } from './names.js'
import { validateSelector } from './selectors.js'
import { validateAtMostAll, validateIntOrPercent } from './workloads.js'

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

/** Source: ValidateClusterRole */
export function validateClusterRole(faults: Faults, role: Draft<ClusterRole>): void {
  validateRole(faults, role, false)
  if (role.aggregationRule === undefined) return
  const at = 'aggregationRule.clusterRoleSelectors'
  const selectors = role.aggregationRule.clusterRoleSelectors ?? []
  if (selectors.length === 0) faults.required(at, 'at least one clusterRoleSelector required if aggregationRule is non-nil')
  selectors.forEach((selector, index) => {
    validateSelector(faults, `${at}[${index}]`, selector)
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
  else faults.invalidEach('roleRef.name', ref.name, pathSegmentFaults(ref.name ?? ''))
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

const MAX_PRIORITY = 1_000_000_000

/** Source: kubernetes pkg/apis/scheduling/validation/validation.go */
export function validatePriorityClass(faults: Faults, each: Draft<PriorityClass>, old?: Draft<PriorityClass>): void {
  const name = each.metadata?.name ?? ''
  if (name.startsWith('system-')) {
    const wrong = systemClassFault(name, each)
    if (wrong !== undefined) {
      const why = "priority class names with 'system-' prefix are reserved for system use only. error: "
      faults.forbidden('metadata.name', `${why}${wrong}`)
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

/** Source: kubernetes pkg/apis/scheduling/v1/helpers.go IsKnownSystemPriorityClass */
function systemClassFault(name: string, each: Draft<PriorityClass>): string | undefined {
  const value = own(SYSTEM_PRIORITIES, name)
  if (value === undefined) return `${name} is not a known system priority class`
  if (value !== (each.value ?? 0)) return `value of ${name} PriorityClass must be ${value}`
  return each.globalDefault === true ? `globalDefault of ${name} PriorityClass must be false` : undefined
}

/** Source: kubernetes pkg/apis/coordination/validation/validation.go */
export function validateLease(faults: Faults, lease: Draft<Lease>): void {
  const { leaseDurationSeconds: duration, leaseTransitions } = lease.spec ?? {}
  if (duration !== undefined && duration <= 0) faults.invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0')
  if (leaseTransitions !== undefined && leaseTransitions < 0) {
    faults.invalid('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0')
  }
}
