import type { LimitRange, LimitRangeItem, ResourceQuota, ScopeSelector } from '../../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../../core/digest.js'
import { own } from '../../../core/own.js'
import type { Draft } from '../draft.js'
import { nanosOf } from '../quantity.js'
import { validateResourceName } from './containers.js'
import type { Faults } from './faults.js'
import { qualifiedNameFaults } from './names.js'

const ONE = 1_000_000_000n
const TYPES = ['Pod', 'Container', 'PersistentVolumeClaim']

/** Source: kubernetes pkg/apis/core/validation/validation.go ValidateLimitRange */
export function validateLimitRange(faults: Faults, range: Draft<LimitRange>): void {
  const seen = new Set<string>()
  ;(range.spec?.limits ?? []).forEach((item, index) => {
    const at = `spec.limits[${index}]`
    const type = item.type ?? ''
    const wrong = qualifiedNameFaults(type)
    if (wrong.length > 0) faults.invalidEach(`${at}.type`, type, wrong)
    else if (!type.includes('/') && !TYPES.includes(type)) {
      faults.invalid(`${at}.type`, type, 'must be a standard limit type or fully qualified')
    }
    if (seen.has(type)) faults.duplicate(`${at}.type`, type)
    seen.add(type)
    validateNames(faults, at, item)
    if (type === 'PersistentVolumeClaim' && item.min?.['storage'] === undefined && item.max?.['storage'] === undefined) {
      faults.required(`${at}.limits`, 'either minimum or maximum storage value is required, but neither was provided')
    }
    validateBounds(faults, at, item)
  })
}

function validateNames(faults: Faults, at: string, item: Draft<LimitRangeItem>): void {
  const isCompute = item.type === 'Pod' || item.type === 'Container'
  for (const field of ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const) {
    const amounts = item[field] ?? {}
    if (item.type === 'Pod' && (field === 'default' || field === 'defaultRequest')) {
      if (Object.keys(amounts).length > 0) faults.forbidden(`${at}.${field}`, "may not be specified when `type` is 'Pod'")
      continue
    }
    for (const name of Object.keys(amounts)) if (isCompute) validateResourceName(faults, `${at}.${field}[${name}]`, name)
  }
}

function validateBounds(faults: Faults, at: string, item: Draft<LimitRangeItem>): void {
  const isPod = item.type === 'Pod'
  const fields = [item.max, item.min, item.maxLimitRequestRatio, ...(isPod ? [] : [item.default, item.defaultRequest])]
  const names = [...new Set(fields.flatMap((each) => Object.keys(each ?? {})))].sort(byCodeUnit)
  for (const name of names) {
    const min = own(item.min, name)
    const max = own(item.max, name)
    const limit = isPod ? undefined : own(item.default, name)
    const request = isPod ? undefined : own(item.defaultRequest, name)
    const ratio = own(item.maxLimitRequestRatio, name)
    const isAbove = (a: string | undefined, b: string | undefined): boolean =>
      a !== undefined && b !== undefined && nanosOf(a) > nanosOf(b)
    if (isAbove(min, max)) faults.invalid(`${at}.min[${name}]`, min, `min value ${min} is greater than max value ${max}`)
    if (isAbove(min, request)) {
      faults.invalid(
        `${at}.defaultRequest[${name}]`,
        request,
        `min value ${min} is greater than default request value ${request}`,
      )
    }
    if (isAbove(request, max)) {
      faults.invalid(
        `${at}.defaultRequest[${name}]`,
        request,
        `default request value ${request} is greater than max value ${max}`,
      )
    }
    if (isAbove(request, limit)) {
      faults.invalid(
        `${at}.defaultRequest[${name}]`,
        request,
        `default request value ${request} is greater than default limit value ${limit}`,
      )
    }
    if (isAbove(min, limit))
      faults.invalid(`${at}.default[${name}]`, min, `min value ${min} is greater than default value ${limit}`)
    if (isAbove(limit, max))
      faults.invalid(`${at}.default[${name}]`, max, `default value ${limit} is greater than max value ${max}`)
    if (ratio === undefined) continue
    const field = `${at}.maxLimitRequestRatio[${name}]`
    if (nanosOf(ratio) < ONE) faults.invalid(field, ratio, `ratio ${ratio} is less than 1`)
    if (min === undefined || max === undefined || nanosOf(min) === 0n) continue
    const bound = Number(nanosOf(max)) / Number(nanosOf(min))
    if (Number(nanosOf(ratio)) / Number(ONE) > bound)
      faults.invalid(field, ratio, `ratio ${ratio} is greater than max/min = ${bound.toFixed(6)}`)
  }
}

const QUOTA_NAMES = [
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
]
const SCOPES = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
]

const POD_AMOUNTS = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']
const CONFLICTS = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
]
const EXISTING_SCOPES = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity']
const MUST_EXIST =
  "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"

/** Source: ValidateResourceQuota, ValidateResourceQuotaUpdate */
export function validateQuota(faults: Faults, quota: Draft<ResourceQuota>, old?: Draft<ResourceQuota>): void {
  for (const [name, amount] of Object.entries(quota.spec?.hard ?? {})) {
    const at = `spec.hard[${name}]`
    const wrong = qualifiedNameFaults(name)
    if (wrong.length > 0) faults.invalidEach(at, name, wrong)
    else if (!name.includes('/') && !QUOTA_NAMES.includes(name) && !/^(requests\.)?hugepages-/.test(name)) {
      faults.invalid(at, name, 'must be a standard resource type or fully qualified')
      faults.invalid(at, name, 'must be a standard resource for quota')
    }
    if (nanosOf(amount) < 0n) faults.invalid(at, amount, 'must be greater than or equal to 0')
    const isCount =
      name.startsWith('count/') ||
      /^(pods|resourcequotas|services.*|replicationcontrollers|secrets|persistentvolumeclaims|configmaps)$/.test(name)
    if (isCount && nanosOf(amount) % ONE !== 0n) faults.invalid(at, amount, 'must be an integer')
  }
  const scopes = (quota.spec?.scopes ?? []).map((each) => each ?? '')
  const names = Object.keys(quota.spec?.hard ?? {}).sort(byCodeUnit)
  for (const scope of scopes) {
    if (!SCOPES.includes(scope)) faults.invalid('spec.scopes', scopes, 'unsupported scope')
    for (const name of names) {
      if (!isScopable(scope, name)) faults.invalid('spec.scopes', scopes, 'unsupported scope applied to resource')
    }
  }
  for (const pair of CONFLICTS) {
    if (pair.every((each) => scopes.includes(each))) faults.invalid('spec.scopes', scopes, 'conflicting scopes')
  }
  if (quota.spec?.scopeSelector !== undefined) validateScopeSelector(faults, quota.spec.scopeSelector, names)
  if (old === undefined) return
  const before = new Set(old.spec?.scopes ?? [])
  if (before.size !== scopes.length || scopes.some((each) => !before.has(each))) {
    faults.invalid('spec.scopes', scopes, 'field is immutable')
  }
}

/** Source: helper.IsResourceQuotaScopeValidForResource, asked of standard names only */
function isScopable(scope: string, name: string): boolean {
  if (name.includes('/') || !QUOTA_NAMES.includes(name)) return true
  if (scope === 'BestEffort') return name === 'pods'
  if (scope === 'VolumeAttributesClass') return name === 'persistentvolumeclaims' || name === 'requests.storage'
  return name === 'pods' || POD_AMOUNTS.includes(name)
}

/** Source: validateScopedResourceSelectorRequirement */
function validateScopeSelector(faults: Faults, selector: Draft<ScopeSelector>, names: readonly string[]): void {
  const at = 'spec.scopeSelector.matchExpressions'
  const scopes = (selector.matchExpressions ?? []).map((each) => each.scopeName ?? '')
  for (const { scopeName: scope = '', operator = '', values = [] } of selector.matchExpressions ?? []) {
    if (!SCOPES.includes(scope)) faults.invalid(`${at}.scopeName`, scope, 'unsupported scope')
    for (const name of names) {
      if (!isScopable(scope, name)) faults.invalid(at, goSelector(selector), 'unsupported scope applied to resource')
    }
    if (EXISTING_SCOPES.includes(scope) && operator !== 'Exists') faults.invalid(`${at}.operator`, operator, MUST_EXIST)
    switch (operator) {
      case 'In':
      case 'NotIn':
        if (values.length === 0)
          faults.required(`${at}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")
        break
      case 'Exists':
      case 'DoesNotExist':
        if (values.length > 0) {
          const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
          faults.invalid(`${at}.values`, values, detail)
        }
        break
      default:
        faults.invalid(`${at}.operator`, operator, 'not a valid selector operator')
    }
  }
  for (const pair of CONFLICTS) {
    if (pair.every((each) => scopes.includes(each))) faults.invalid(at, goSelector(selector), 'conflicting scopes')
  }
}

/** The selector as Go writes the server's own struct. */
function goSelector(selector: Draft<ScopeSelector>): object {
  const expressions = (selector.matchExpressions ?? []).map(({ scopeName = '', operator = '', values }) => {
    return { ScopeName: scopeName, Operator: operator, Values: values ?? null }
  })
  return { MatchExpressions: expressions }
}
