import type { Result } from '../sim/index.js'
import { fail, ok } from '../sim/index.js'
import { selectValues } from './select/jsonpath.js'
import type { Found } from './targets.js'
import { readQuantity } from './text/quantity.js'

/**
 * In order of a field, as `--sort-by` asks; what lacks it comes first.
 *
 * @returns what is wrong with the path: a field that nothing has is refused.
 * Source: kubernetes kubectl pkg/cmd/get/sorter.go NewTableSorter, SortObjects
 */
export function sortFound(found: readonly Found[], given: string, isTable: boolean): Result<readonly Found[], string> {
  const path = relaxed(given)
  const keyed: { readonly each: Found; readonly key: unknown }[] = []
  for (const each of found) {
    const values = selectValues(path, each.object)
    if (!values.ok) {
      const why = values.error.replace(`error parsing jsonpath ${path}, `, '')
      return fail(isTable ? `sorting error: ${why}` : why)
    }
    keyed.push({ each, key: values.value[0] })
  }
  if (found.length > 0 && keyed.every(({ key }) => key === undefined)) {
    return fail(`couldn't find any field with path ${JSON.stringify(path)} in the list of objects`)
  }
  return ok(keyed.sort((a, b) => compareValues(a.key, b.key)).map(({ each }) => each))
}

/** `.metadata.name` and `metadata.name` stand for `{.metadata.name}`. Source: kubernetes kubectl pkg/cmd/get/customcolumn.go RelaxedJSONPathExpression */
function relaxed(path: string): string {
  const inner = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(path)
  return inner === null ? path : `{.${inner[1] ?? inner[2] ?? ''}}`
}

function compareValues(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const x = String(a)
  const y = String(b)
  return QUANTITY.test(x) && QUANTITY.test(y) ? readQuantity(x).milli - readQuantity(y).milli : naturalOrder(x, y)
}

const QUANTITY = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|n|u|e[+-]?\d+|E[+-]?\d+)?$/

/** Numbers within names count as numbers: `web-2` before `web-10`. Source: fvbommel/sortorder natsort.go NaturalLess */
function naturalOrder(a: string, b: string): number {
  const split = (text: string): readonly string[] => text.match(/\d+|\D/g) ?? []
  const [x, y] = [split(a), split(b)]
  for (let at = 0; at < Math.min(x.length, y.length); at++) {
    const [one = '', other = ''] = [x[at], y[at]]
    if (one === other) continue
    const isNumber = /^\d/.test(one) && /^\d/.test(other)
    if (!isNumber) return one < other ? -1 : 1
    const difference = BigInt(one) - BigInt(other)
    if (difference !== 0n) return difference < 0n ? -1 : 1
    return one.length - other.length
  }
  return x.length - y.length
}
