import type { LabelSelector } from '../../../generated/kubeTypes.js'
import { own } from '../../core/own.js'

export type Labels = Readonly<Record<string, string>>

/**
 * Whether labels satisfy a selector. An absent selector selects nothing, an empty one everything; an unknown operator nothing.
 * Source: apimachinery pkg/apis/meta/v1/helpers.go LabelSelectorAsSelector
 */
export function selects(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  if (selector === undefined) return false
  const have = labels ?? {}
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (own(have, key) !== value) return false
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const value = own(have, key)
    if (operator === 'In' && (value === undefined || !values.includes(value))) return false
    if (operator === 'NotIn' && value !== undefined && values.includes(value)) return false
    if (operator === 'Exists' && value === undefined) return false
    if (operator === 'DoesNotExist' && value !== undefined) return false
    if (!['In', 'NotIn', 'Exists', 'DoesNotExist'].includes(operator)) return false
  }
  return true
}

/** Whether labels hold every pair of a Service's or ReplicationController's selector. */
export function hasLabels(wanted: Labels, labels: Labels | undefined): boolean {
  return Object.entries(wanted).every(([key, value]) => own(labels, key) === value)
}

/** A selector without any condition: most controllers refuse to act on it. */
export function isEmptySelector(selector: LabelSelector | undefined): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0
}

export function sameLabels(a: Labels | undefined, b: Labels | undefined): boolean {
  const left = a ?? {}
  const right = b ?? {}
  const keys = Object.keys(left)
  return keys.length === Object.keys(right).length && keys.every((key) => left[key] === own(right, key))
}
