import type { LabelSelector, PodSpec } from '../../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../../core/digest.js'

/** `a=1,b=2` with keys in order; `<none>` when there are none. Source: apimachinery pkg/labels/labels.go FormatLabels */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const text = Object.entries(labels ?? {})
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  return text === '' ? '<none>' : text
}

/** A selector in kubectl's own notation, empty when it selects everything. Source: apimachinery meta/v1/helpers.go LabelSelectorAsSelector */
export function selectorText(selector: LabelSelector | undefined): string {
  const terms: { readonly key: string; readonly text: string }[] = []
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) terms.push({ key, text: `${key}=${value}` })
  for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
    const sorted = values.toSorted(byCodeUnit).join(',')
    if (operator === 'In') terms.push({ key, text: `${key} in (${sorted})` })
    else if (operator === 'NotIn') terms.push({ key, text: `${key} notin (${sorted})` })
    else terms.push({ key, text: operator === 'Exists' ? key : `!${key}` })
  }
  return terms
    .sort((a, b) => byCodeUnit(a.key, b.key))
    .map((term) => term.text)
    .join(',')
}

/** Source: apimachinery meta/v1/helpers.go FormatLabelSelector */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  const text = selectorText(selector)
  return text === '' ? '<none>' : text
}

/** Names and images of a template's containers, for the wide columns. */
export function containersAndImages(spec: PodSpec | undefined): readonly [string, string] {
  const containers = spec?.containers ?? []
  return [containers.map((each) => each.name).join(','), containers.map((each) => each.image ?? '').join(',')]
}
