import { FIELDS, REQUIRED } from '../../../../generated/kubeFields.js'
import type { JsonRecord } from '../draft.js'
import { copyJson, isRecord, isTooDeep, MAX_DEPTH, setKey } from '../draft.js'
import { formatQuantity, parseQuantity } from '../quantity.js'
import { goName, goTypes } from './types.js'

/** What decoding found on the way. The first error stands, as Go's decoder keeps it; unknown fields are collected. */
interface Findings {
  error: string | undefined
  readonly unknown: string[]
}

export interface Decoded {
  readonly value: JsonRecord
  readonly error: string | undefined
  /** Paths such as `spec.template.spec.containers[0].imagePullpolicy`, in the order of the document. */
  readonly unknown: readonly string[]
}

interface Place {
  /** Struct in which the field stands, by its type's name here. */
  readonly struct: string
  readonly field: string
  /** As Go's errors write it: names without indexes. */
  readonly goPath: string
  /** As strict decoding writes it. */
  readonly path: string
  readonly depth: number
}

/**
 * A fresh copy of an object in the form in which the API server would write it again: unknown fields left out,
 * quantities in canonical form, empty values as Go's `omitempty` treats them.
 */
export function decodeType(type: string, input: JsonRecord): Decoded {
  const findings: Findings = { error: undefined, unknown: [] }
  const value = decodeStruct(type, input, { struct: type, field: '', goPath: '', path: '', depth: 0 }, findings)
  return { value, error: findings.error, unknown: findings.unknown }
}

function decodeStruct(type: string, input: JsonRecord, place: Place, findings: Findings): JsonRecord {
  const fields = FIELDS[type] ?? {}
  const value: JsonRecord = {}
  if (place.depth > MAX_DEPTH) {
    findings.error ??= 'exceeded max depth'
    return value
  }
  for (const [field, each] of Object.entries(input)) {
    if (each === undefined) continue
    const path = place.path === '' ? field : `${place.path}.${field}`
    const expression = Object.hasOwn(fields, field) ? fields[field] : undefined
    if (expression === undefined) {
      findings.unknown.push(path)
      continue
    }
    if (each === null) continue
    const goPath = place.goPath === '' ? field : `${place.goPath}.${field}`
    const decoded = decodeValue(expression, each, { struct: type, field, goPath, path, depth: place.depth + 1 }, findings)
    if (decoded !== undefined && !isOmitted(type, field, decoded)) value[field] = decoded
  }
  return fillStruct(type, fields, value, place, findings)
}

/** Writes what Go writes though nobody said it. */
function fillStruct(
  type: string,
  fields: Readonly<Record<string, string>>,
  value: JsonRecord,
  place: Place,
  findings: Findings,
): JsonRecord {
  for (const field of goTypes.structs(type)) {
    const expression = fields[field]
    if (expression === undefined || value[field] !== undefined) continue
    value[field] = decodeStruct(expression, {}, { ...place, struct: type, field, depth: place.depth + 1 }, findings)
  }
  for (const field of REQUIRED[type] ?? []) {
    if (value[field] !== undefined) continue
    const zero = zeroOf(fields[field] ?? '')
    if (zero !== undefined) value[field] = zero
  }
  for (const field of goTypes.alwaysNumbers(type)) value[field] ??= 0
  for (const field of goTypes.alwaysTexts(type)) value[field] ??= ''
  for (const field of goTypes.nullLists(type)) value[field] ??= null
  for (const field of goTypes.nullTimes(type)) value[field] ??= null
  return value
}

function zeroOf(expression: string): unknown {
  switch (expression) {
    case 'string':
      return ''
    case 'int32':
    case 'int64':
    case 'number':
    case 'IntOrString':
      return 0
    case 'boolean':
      return false
    default:
      return undefined
  }
}

function isOmitted(type: string, field: string, value: unknown): boolean {
  if (value === '') return !(REQUIRED[type] ?? []).includes(field) && !goTypes.keepsEmptyText(type, field)
  if (value === 0 || value === false) return goTypes.omitsZero(type, field)
  if (Array.isArray(value)) return value.length === 0 && !goTypes.nullLists(type).includes(field)
  if (isRecord(value) && Object.keys(value).length === 0) return (FIELDS[type]?.[field] ?? '').startsWith('map[]')
  return false
}

function decodeValue(expression: string, input: unknown, place: Place, findings: Findings): unknown {
  if (place.depth > MAX_DEPTH) {
    findings.error ??= 'exceeded max depth'
    return undefined
  }
  if (goTypes.isQuantity(place.struct, place.field)) return decodeQuantities(expression, input, place, findings)
  if (expression.startsWith('[]')) {
    if (!Array.isArray(input)) return mismatch(expression, input, place, findings)
    const inner = expression.slice(2)
    const before = decodedBefore[inner]
    return input.map((each: unknown, index) => {
      const known = before !== undefined && isRecord(each) ? before.get(each) : undefined
      if (known !== undefined) return known
      const at = { ...place, path: `${place.path}[${index}]`, depth: place.depth + 1 }
      if (each === null) return zeroOf(inner) ?? {}
      return decodeValue(inner, each, at, findings) ?? zeroOf(inner) ?? {}
    })
  }
  if (expression.startsWith('map[]')) {
    if (!isRecord(input)) return mismatch(expression, input, place, findings)
    const inner = expression.slice(5)
    const map: JsonRecord = {}
    for (const [key, each] of Object.entries(input)) {
      const at = { ...place, path: `${place.path}.${key}`, depth: place.depth + 1 }
      if (each === undefined) continue
      setKey(map, key, each === null ? (zeroOf(inner) ?? '') : (decodeValue(inner, each, at, findings) ?? zeroOf(inner) ?? {}))
    }
    return map
  }
  switch (expression) {
    case 'string':
      return typeof input === 'string' ? input : mismatch(expression, input, place, findings)
    case 'boolean':
      return typeof input === 'boolean' ? input : mismatch(expression, input, place, findings)
    case 'int32':
    case 'int64':
      return decodeInteger(expression, input, place, findings)
    case 'number':
      return typeof input === 'number' ? input : mismatch(expression, input, place, findings)
    case 'Time':
      return decodeTime(input, findings)
    case 'bytes':
      return decodeBytes(input, place, findings)
    case 'Quantity':
      return decodeQuantities('string', input, place, findings)
    case 'IntOrString':
      return decodeIntOrString(input, findings)
    case 'any':
      if (!isTooDeep(input, place.depth)) return copyJson(input)
      findings.error ??= 'exceeded max depth'
      return undefined
    default: {
      if (!isRecord(input)) return mismatch(expression, input, place, findings)
      const known = decodedBefore[expression]
      if (known === undefined) return decodeStruct(expression, input, place, findings)
      return decodeOnce(known, expression, input, place, findings)
    }
  }
}

/**
 * What was decoded without findings before, by what it was decoded from; for types of which lists hold hundreds, and whose values
 * nothing changes on the way into the store. Can be rebuilt.
 */
const decodedBefore: Readonly<Record<string, WeakMap<JsonRecord, JsonRecord>>> = {
  Endpoint: new WeakMap(),
  EndpointAddress: new WeakMap(),
}

function decodeOnce(
  before: WeakMap<JsonRecord, JsonRecord>,
  type: string,
  input: JsonRecord,
  place: Place,
  findings: Findings,
): JsonRecord {
  const known = before.get(input)
  if (known !== undefined) return known
  const { error } = findings
  const unknown = findings.unknown.length
  const value = decodeStruct(type, input, place, findings)
  if (findings.error === error && findings.unknown.length === unknown) {
    before.set(input, value)
    before.set(value, value)
  }
  return value
}

const INT32 = 2_147_483_647

function decodeInteger(expression: string, input: unknown, place: Place, findings: Findings): unknown {
  if (typeof input !== 'number') return mismatch(expression, input, place, findings)
  const fits = Number.isInteger(input) && (expression !== 'int32' || (input <= INT32 && input >= -INT32 - 1))
  if (fits && Math.abs(input) <= Number.MAX_SAFE_INTEGER) return input
  findings.error ??= unmarshal(`number ${input}`, place, expression)
  return undefined
}

function decodeTime(input: unknown, findings: Findings): unknown {
  if (typeof input !== 'string') {
    findings.error ??= `json: cannot unmarshal ${jsonKind(input)} into Go value of type string`
    return undefined
  }
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(input)) return input
  const quoted = JSON.stringify(input)
  findings.error ??= `parsing time ${quoted} as "2006-01-02T15:04:05Z07:00": cannot parse ${quoted} as "2006"`
  return undefined
}

function decodeBytes(input: unknown, place: Place, findings: Findings): unknown {
  if (typeof input !== 'string') {
    findings.error ??= unmarshal(jsonKind(input), place, '[]uint8')
    return undefined
  }
  const text = input.replace(/[\r\n]/g, '')
  const bad = /[^A-Za-z0-9+/=]/.exec(text)?.index ?? whereBase64Ends(text)
  if (bad === undefined) return text
  findings.error ??= `illegal base64 data at input byte ${bad}`
  return undefined
}

/** Where Go's decoder stops at a text of base64 characters, or undefined when it is whole. */
function whereBase64Ends(text: string): number | undefined {
  const padding = text.indexOf('=')
  const end = padding < 0 ? text.length : padding
  const over = end % 4
  if (padding < 0) return over === 0 ? undefined : text.length - over
  const needed = over === 2 ? 2 : over === 3 ? 1 : 0
  if (needed === 0) return padding
  return text.slice(padding) === '='.repeat(needed) ? undefined : Math.min(text.length, padding + needed)
}

function decodeQuantities(expression: string, input: unknown, place: Place, findings: Findings): unknown {
  if (expression.startsWith('map[]')) {
    if (!isRecord(input)) {
      findings.error ??= unmarshal(jsonKind(input), place, 'v1.ResourceList')
      return undefined
    }
    const map: JsonRecord = {}
    for (const [key, each] of Object.entries(input)) {
      if (each !== undefined) setKey(map, key, each === null ? '0' : decodeQuantity(each, findings))
    }
    return map
  }
  return decodeQuantity(input, findings)
}

function decodeQuantity(input: unknown, findings: Findings): unknown {
  if (typeof input !== 'string' && typeof input !== 'number') {
    findings.error ??= parseQuantityError(input)
    return '0'
  }
  const parsed = parseQuantity(String(input).trim())
  if (typeof parsed !== 'string') return formatQuantity(parsed)
  findings.error ??= parsed
  return '0'
}

function parseQuantityError(input: unknown): string {
  const parsed = parseQuantity(JSON.stringify(input) ?? '')
  return typeof parsed === 'string' ? parsed : ''
}

function decodeIntOrString(input: unknown, findings: Findings): unknown {
  if (typeof input === 'string') return input
  if (typeof input === 'number' && Number.isInteger(input) && Math.abs(input) <= INT32) return input
  const what = typeof input === 'number' ? `number ${input}` : jsonKind(input)
  findings.error ??= `json: cannot unmarshal ${what} into Go value of type int32`
  return undefined
}

function mismatch(expression: string, input: unknown, place: Place, findings: Findings): undefined {
  findings.error ??= unmarshal(jsonKind(input), place, goType(expression, place))
  return undefined
}

function unmarshal(what: string, place: Place, goType: string): string {
  return `json: cannot unmarshal ${what} into Go struct field ${goName(place.struct)}.${place.goPath} of type ${goType}`
}

function jsonKind(input: unknown): string {
  if (Array.isArray(input)) return 'array'
  if (typeof input === 'boolean') return 'bool'
  return typeof input === 'object' ? 'object' : typeof input
}

function goType(expression: string, place: Place): string {
  if (expression.startsWith('[]')) return `[]${goType(expression.slice(2), place)}`
  if (expression.startsWith('map[]')) return `map[string]${goType(expression.slice(5), place)}`
  switch (expression) {
    case 'string':
      return goTypes.textType(place.struct, place.field)
    case 'boolean':
      return 'bool'
    case 'bytes':
      return '[]uint8'
    case 'int32':
    case 'int64':
      return expression
    case 'number':
      return 'float64'
    default:
      return `${expression.startsWith('V2') ? 'v2' : 'v1'}.${goName(expression)}`
  }
}
