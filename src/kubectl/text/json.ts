import { byCodeUnit } from '../../sim/index.js'

/** JSON as Go writes it: keys sorted, `<`, `>` and `&` escaped unless told otherwise, `undefined` fields left out. */
export function goJson(value: unknown, indent = '', escapeHtml = true): string {
  const text = JSON.stringify(sortKeys(value), null, indent)
  return escapeHtml ? escaped(text) : text
}

/** JSON with `<`, `>` and `&` written so that it may stand in a web page. Source: Go encoding/json encode.go HTMLEscape */
export function escaped(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The same data with the keys of every map in order. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .sort(([a], [b]) => byCodeUnit(a, b))
      .map(([key, each]) => [key, sortKeys(each)]),
  )
}

/** Of its own, so that whoever only writes JSON does not load what reads YAML. */
function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
