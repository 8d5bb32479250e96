/** Whether two pieces of plain data are equal; absent, empty list and empty record are all one, as Go's semantic equality has it. */
export function semanticEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (isEmpty(a) && isEmpty(b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, index) => semanticEqual(each, b[index]))
    )
  }
  // Plain data, read by name only.
  const left = a as Readonly<Record<string, unknown>>
  const right = b as Readonly<Record<string, unknown>>
  for (const key of Object.keys(left)) if (!semanticEqual(left[key], right[key])) return false
  for (const key of Object.keys(right)) if (!Object.hasOwn(left, key) && !isEmpty(right[key])) return false
  return true
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** The record without the fields that are undefined, or 0 where Go's `omitempty` drops them. */
export function withoutZeros<T extends Readonly<Record<string, number | undefined>>>(counts: T): { [K in keyof T]?: number } {
  const kept: { [K in keyof T]?: number } = {}
  for (const key of Object.keys(counts) as (keyof T)[]) {
    const count = counts[key]
    if (count !== undefined && count !== 0) kept[key] = count
  }
  return kept
}

/** Reads `maxSurge`, `maxUnavailable` and the like. An error is undefined. Source: apimachinery pkg/util/intstr GetScaledValueFromIntOrPercent */
export function scaledValue(value: number | string | undefined, total: number, roundUp: boolean): number | undefined {
  if (value === undefined) return 0
  if (typeof value === 'number') return value
  const match = /^([+-]?\d+)%$/.exec(value)
  if (match === null) return undefined
  const exact = (Number(match[1]) * total) / 100
  return roundUp ? Math.ceil(exact) : Math.floor(exact)
}
