import type { LabelSelector } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import type { Faults } from './faults.js'
import { validateLabels } from './meta.js'
import { labelKeyFault, labelValueFaults, qualifiedNameFaults } from './names.js'

type Selector = Draft<LabelSelector>

/** Source: apimachinery pkg/apis/meta/v1/validation ValidateLabelSelector */
export function validateSelector(faults: Faults, field: string, selector: Selector): void {
  validateLabels(faults, `${field}.matchLabels`, selector.matchLabels)
  ;(selector.matchExpressions ?? []).forEach((each, index) => {
    const path = `${field}.matchExpressions[${index}]`
    const values = (each.values ?? []).map((value) => value ?? '')
    switch (each.operator) {
      case 'In':
      case 'NotIn':
        if (values.length === 0) faults.required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")
        break
      case 'Exists':
      case 'DoesNotExist':
        if (values.length > 0)
          faults.forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
        break
      default:
        faults.invalid(`${path}.operator`, each.operator ?? '', 'not a valid selector operator')
    }
    const key = each.key ?? ''
    if (labelKeyFault(key) !== undefined) faults.invalidEach(`${path}.key`, key, qualifiedNameFaults(key))
    values.forEach((value, at) => {
      faults.invalidEach(`${path}.values[${at}]`, value, labelValueFaults(value))
    })
  })
}

export function isEmptySelector(selector: Selector | undefined): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0
}

/** True when `LabelSelectorAsSelector` would fail: an operator that does not exist, or values that do not fit it. */
export function isBrokenSelector(selector: Selector): boolean {
  return (selector.matchExpressions ?? []).some((each) => {
    const count = (each.values ?? []).length
    if (each.operator === 'In' || each.operator === 'NotIn') return count === 0
    if (each.operator === 'Exists' || each.operator === 'DoesNotExist') return count > 0
    return true
  })
}
