import type { LabelSelector, Node, NodeSelectorRequirement, NodeSelectorTerm } from '../../../generated/kubeTypes.js'
import { own } from '../../core/own.js'

export type Labels = Readonly<Record<string, string>>

/** Whether a label selector matches; without a selector nothing matches, an empty one matches all. */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  if (selector === undefined) return false
  const have = labels ?? {}
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (own(have, key) !== value) return false
  return (selector.matchExpressions ?? []).every((each) => matchesRequirement(each, have))
}

/** One requirement on labels, of label and node selectors alike. Source: apimachinery pkg/labels/selector.go Requirement.Matches */
export function matchesRequirement(
  requirement: { readonly key: string; readonly operator: string; readonly values?: readonly string[] },
  labels: Labels,
): boolean {
  const value = own(labels, requirement.key)
  const values = requirement.values ?? []
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
    case 'Lt': {
      if (value === undefined || !/^[+-]?\d+$/.test(value) || values.length !== 1) return false
      const bound = values[0] ?? ''
      if (!/^[+-]?\d+$/.test(bound)) return false
      return requirement.operator === 'Gt' ? Number(value) > Number(bound) : Number(value) < Number(bound)
    }
    default:
      return false
  }
}

/**
 * Whether one of a node selector's terms matches: terms are alternatives, what is inside a term must all hold, an empty term matches nothing.
 *
 * Source: kubernetes staging component-helpers scheduling/corev1/nodeaffinity/nodeaffinity.go
 */
export function matchesNodeTerms(terms: readonly NodeSelectorTerm[], node: Node): boolean {
  return terms.some((term) => matchesNodeTerm(term, node))
}

export function matchesNodeTerm(term: NodeSelectorTerm, node: Node): boolean {
  const expressions = term.matchExpressions ?? []
  const fields = term.matchFields ?? []
  if (expressions.length === 0 && fields.length === 0) return false
  const labels = node.metadata?.labels ?? {}
  return (
    expressions.every((each) => isWellFormed(each) && matchesRequirement(each, labels)) &&
    fields.every((each) => matchesRequirement(each, { 'metadata.name': node.metadata?.name ?? '' }))
  )
}

/** `In` and `NotIn` need values, `Exists` and `DoesNotExist` take none; a malformed requirement makes its term match nothing. */
function isWellFormed(requirement: NodeSelectorRequirement): boolean {
  const count = requirement.values?.length ?? 0
  switch (requirement.operator) {
    case 'In':
    case 'NotIn':
      return count > 0
    case 'Exists':
    case 'DoesNotExist':
      return count === 0
    default:
      return true
  }
}
