import type { LabelSelector, PodSpec, Toleration } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import type { Faults } from './faults.js'
import { labelKeyFault, labelValueFaults, qualifiedNameFaults } from './names.js'
import { isEmptySelector, validateSelector } from './selectors.js'

type Spec = Draft<PodSpec>

/** Source: ValidateTolerations */
export function validateTolerations(faults: Faults, field: string, tolerations: readonly Draft<Toleration>[]): void {
  tolerations.forEach((each, index) => {
    const path = `${field}[${index}]`
    const { key = '', operator, value = '', effect } = each
    if (key !== '' && labelKeyFault(key) !== undefined) faults.invalidEach(`${path}.key`, key, qualifiedNameFaults(key))
    if (key === '' && operator !== 'Exists') {
      faults.invalid(
        `${path}.operator`,
        operator ?? '',
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      )
    }
    if (each.tolerationSeconds !== undefined && effect !== 'NoExecute') {
      faults.invalid(`${path}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set")
    }
    switch (operator) {
      case undefined:
      case 'Equal':
        if (labelValueFaults(value).length > 0) faults.invalid(`${path}.operator`, value, labelValueFaults(value).join(';'))
        break
      case 'Exists':
        if (value !== '')
          faults.invalid(`${path}.operator`, internalToleration(each), "value must be empty when `operator` is 'Exists'")
        break
      default:
        faults.notSupported(`${path}.operator`, operator, ['Equal', 'Exists'])
    }
    if (effect !== undefined && !['NoSchedule', 'PreferNoSchedule', 'NoExecute'].includes(effect)) {
      faults.notSupported(`${path}.effect`, effect, ['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
    }
  })
}

/** As Go prints the server's own struct. */
function internalToleration(each: Draft<Toleration>): object {
  const { key = '', operator = '', value = '', effect = '', tolerationSeconds = null } = each
  return { Key: key, Operator: operator, Value: value, Effect: effect, TolerationSeconds: tolerationSeconds }
}

/** Source: validateTopologySpreadConstraints */
export function validateSpread(faults: Faults, field: string, spec: Spec): void {
  const seen = new Set<string>()
  ;(spec.topologySpreadConstraints ?? []).forEach((each, index) => {
    const path = `${field}[${index}]`
    const { maxSkew = 0, topologyKey = '', whenUnsatisfiable = '' } = each
    if (maxSkew <= 0) faults.invalid(`${path}.maxSkew`, maxSkew, 'must be greater than zero')
    if (topologyKey === '') faults.required(`${path}.topologyKey`, 'can not be empty')
    else if (labelKeyFault(topologyKey) !== undefined)
      faults.invalidEach(`${path}.topologyKey`, topologyKey, qualifiedNameFaults(topologyKey))
    if (whenUnsatisfiable !== 'DoNotSchedule' && whenUnsatisfiable !== 'ScheduleAnyway') {
      faults.notSupported(`${path}.whenUnsatisfiable`, whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway'])
    }
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`
    if (seen.has(pair)) faults.duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, pair)
    seen.add(pair)
    if (each.minDomains !== undefined) {
      if (each.minDomains <= 0) faults.invalid(`${path}.minDomains`, each.minDomains, 'must be greater than zero')
      if (whenUnsatisfiable !== 'DoNotSchedule') {
        faults.invalid(
          `${path}.minDomains`,
          each.minDomains,
          `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`,
        )
      }
    }
    for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      const policy = each[name]
      if (policy !== undefined && policy !== 'Honor' && policy !== 'Ignore') {
        faults.notSupported(`${path}.${name}`, policy, ['Honor', 'Ignore'])
      }
    }
    validateMatchLabelKeys(faults, `${path}.matchLabelKeys`, each.matchLabelKeys ?? [], each.labelSelector)
    if (each.labelSelector !== undefined && !isEmptySelector(each.labelSelector)) {
      validateSelector(faults, `${path}.labelSelector`, each.labelSelector)
    }
  })
}

/** Source: validateMatchLabelKeysInTopologySpread */
function validateMatchLabelKeys(
  faults: Faults,
  field: string,
  keys: readonly (string | undefined)[],
  selector: Draft<LabelSelector> | undefined,
): void {
  if (keys.length === 0) return
  if (selector === undefined) {
    faults.forbidden(field, 'must not be specified when labelSelector is not set')
    return
  }
  const used = [...Object.keys(selector.matchLabels ?? {}), ...(selector.matchExpressions ?? []).map((each) => each.key ?? '')]
  keys.forEach((key = '', index) => {
    const at = `${field}[${index}]`
    if (labelKeyFault(key) !== undefined) faults.invalidEach(at, key, qualifiedNameFaults(key))
    if (used.includes(key)) faults.invalid(at, key, 'exists in both matchLabelKeys and labelSelector')
  })
}

/** Source: validateSchedulingGates, validatePodSpec (nodeName) */
export function validateSchedulingGates(faults: Faults, field: string, spec: Spec): void {
  const gates = spec.schedulingGates ?? []
  const seen = new Set<string>()
  gates.forEach(({ name = '' }, index) => {
    const at = `${field}.schedulingGates[${index}]`
    faults.invalidEach(at, name, qualifiedNameFaults(name))
    if (seen.has(name)) faults.duplicate(at, name)
    seen.add(name)
  })
  if (gates.length > 0 && (spec.nodeName ?? '') !== '') {
    faults.forbidden(`${field}.nodeName`, 'cannot be set until all schedulingGates have been cleared')
  }
}
