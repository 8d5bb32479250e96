import type { Affinity, NodeSelector, NodeSelectorTerm, PodAffinityTerm } from '../../../../generated/kubeTypes.js'
import type { Draft } from '../draft.js'
import type { Faults } from './faults.js'
import { labelKeyFault, labelValueFaults, qualifiedNameFaults, subdomainFaults } from './names.js'
import { validateSelector } from './selectors.js'

/** Source: kubernetes pkg/apis/core/validation/validation.go validateAffinity */
export function validateAffinity(faults: Faults, field: string, affinity: Draft<Affinity>): void {
  const node = affinity.nodeAffinity
  const required = node?.requiredDuringSchedulingIgnoredDuringExecution
  if (required !== undefined) {
    validateNodeSelector(faults, `${field}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution`, required)
  }
  ;(node?.preferredDuringSchedulingIgnoredDuringExecution ?? []).forEach((each, index) => {
    const path = `${field}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${index}]`
    const { weight = 0 } = each
    if (weight <= 0 || weight > 100) faults.invalid(`${path}.weight`, weight, 'must be in the range 1-100')
    validateTerm(faults, `${path}.preference`, each.preference ?? {})
  })
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const own = affinity[kind]
    ;(own?.requiredDuringSchedulingIgnoredDuringExecution ?? []).forEach((term, index) => {
      validatePodTerm(faults, `${field}.${kind}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`, term)
    })
    ;(own?.preferredDuringSchedulingIgnoredDuringExecution ?? []).forEach((each, index) => {
      const path = `${field}.${kind}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`
      const { weight = 0 } = each
      if (weight <= 0 || weight > 100) faults.invalid(`${path}.weight`, weight, 'must be in the range 1-100')
      validatePodTerm(faults, `${path}.podAffinityTerm`, each.podAffinityTerm ?? {})
    })
  }
}

/** Source: ValidateNodeSelector */
export function validateNodeSelector(faults: Faults, field: string, selector: Draft<NodeSelector>): void {
  const terms = selector.nodeSelectorTerms ?? []
  if (terms.length === 0) faults.required(`${field}.nodeSelectorTerms`, 'must have at least one node selector term')
  terms.forEach((term, index) => {
    validateTerm(faults, `${field}.nodeSelectorTerms[${index}]`, term)
  })
}

function validateTerm(faults: Faults, field: string, term: Draft<NodeSelectorTerm>): void {
  ;(term.matchExpressions ?? []).forEach((each, index) => {
    const path = `${field}.matchExpressions[${index}]`
    const { key = '', operator = '' } = each
    const count = (each.values ?? []).length
    switch (operator) {
      case 'In':
      case 'NotIn':
        if (count === 0) faults.required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")
        break
      case 'Exists':
      case 'DoesNotExist':
        if (count > 0) faults.forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
        break
      case 'Gt':
      case 'Lt':
        if (count !== 1) faults.required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")
        break
      default:
        faults.invalid(`${path}.operator`, operator, 'not a valid selector operator')
    }
    if (labelKeyFault(key) !== undefined) faults.invalidEach(`${path}.key`, key, qualifiedNameFaults(key))
    ;(each.values ?? []).forEach((value = '', at) => {
      faults.invalidEach(`${path}.values[${at}]`, value, labelValueFaults(value))
    })
  })
  ;(term.matchFields ?? []).forEach((each, index) => {
    const path = `${field}.matchFields[${index}]`
    const { key = '', operator = '', values = [] } = each
    if (operator !== 'In' && operator !== 'NotIn') faults.invalid(`${path}.operator`, operator, 'not a valid selector operator')
    else if (values.length !== 1) {
      faults.required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector")
    }
    if (key !== 'metadata.name') faults.invalid(`${path}.key`, key, 'not a valid field selector key')
    else {
      values.forEach((value = '', at) => {
        faults.invalidEach(`${path}.values[${at}]`, value, subdomainFaults(value))
      })
    }
  })
}

function validatePodTerm(faults: Faults, field: string, term: Draft<PodAffinityTerm>): void {
  if (term.labelSelector !== undefined) validateSelector(faults, `${field}.labelSelector`, term.labelSelector)
  const key = term.topologyKey ?? ''
  if (key === '') faults.required(`${field}.topologyKey`, 'can not be empty')
  else if (labelKeyFault(key) !== undefined) faults.invalidEach(`${field}.topologyKey`, key, qualifiedNameFaults(key))
}
