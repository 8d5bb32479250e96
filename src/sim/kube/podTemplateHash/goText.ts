import { byCodeUnit } from '../../core/digest.js'
import { SimBug } from '../../core/result.js'
import { GO_TYPES } from './goTypes.js'
import { quantityText } from './quantityText.js'

interface GoField {
  readonly name: string
  /** Undefined: the fields of this struct stand in the parent's JSON. */
  readonly json: string | undefined
  readonly type: string
}

/** Parsed once per type; can be rebuilt from the table. */
const structs: ReadonlyMap<string, readonly GoField[]> = new Map(
  Object.entries(GO_TYPES).map(([type, text]) => [type, text === '' ? [] : text.split('; ').map(parseField)]),
)

function parseField(text: string): GoField {
  const [name = '', json = '', type = ''] = text.split(' ')
  return { name, json: json === '-' ? undefined : json, type }
}

type Json = Readonly<Record<string, unknown>>

/**
 * An object as the Go program that holds it would print it with go-spew's `%#v`, with types, sorted keys, without addresses: every field
 * in order, unset ones too.
 *
 * @param value the object's JSON; empty lists and maps count as unset, as they do after the way through etcd.
 * @param type its Go type: `v1.PodTemplateSpec`.
 * Source: kubernetes pkg/util/hash/hash.go DeepHashObject; go-spew spew/format.go
 */
export function goText(value: unknown, type: string): string {
  return printTyped(value, type, false)
}

function printTyped(value: unknown, type: string, silent: boolean): string {
  if (type.startsWith('*')) return printPointer(value, type, silent)
  const prefix = silent ? '' : `(${type})`
  if (type.startsWith('[]')) return prefix + printList(value, type.slice(2))
  if (type.startsWith('map[')) return prefix + printMap(value, type.slice(type.indexOf(']') + 1))
  return prefix + printPlain(value, type)
}

/** An unset pointer shows as nil; a set one as what it points at. */
function printPointer(value: unknown, type: string, silent: boolean): string {
  const prefix = silent ? '<*>' : `(${type})`
  return prefix + (value === undefined || value === null ? '<nil>' : printTyped(value, type.slice(1), true))
}

function printList(value: unknown, element: string): string {
  if (!Array.isArray(value) || value.length === 0) return '<nil>'
  return `[${value.map((each: unknown) => printTyped(each, element, true)).join(' ')}]`
}

function printMap(value: unknown, element: string): string {
  const entries = isJson(value) ? Object.entries(value) : []
  if (entries.length === 0) return '<nil>'
  entries.sort(([a], [b]) => byCodeUnit(a, b))
  return `map[${entries.map(([key, each]) => `${key}:${printTyped(each, element, true)}`).join(' ')}]`
}

function printPlain(value: unknown, type: string): string {
  switch (type) {
    case 'bool':
      return value === true ? 'true' : 'false'
    case 'int32':
    case 'int64':
    case 'int':
    case 'uint64':
    case 'uint8':
      return typeof value === 'number' ? String(value) : '0'
    case 'v1.Time':
      return '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}'
    case 'resource.Quantity':
      return quantityText(value)
    case 'intstr.IntOrString':
      return typeof value === 'string'
        ? `{Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string)${value}}`
        : `{Type:(intstr.Type)0 IntVal:(int32)${typeof value === 'number' ? value : 0} StrVal:(string)}`
    case 'v1.ResourceList':
      return printMap(value, 'resource.Quantity')
    default:
      break
  }
  const fields = structs.get(type)
  return fields === undefined ? stringOf(value, type) : printStruct(isJson(value) ? value : {}, fields)
}

function printStruct(value: Json, fields: readonly GoField[]): string {
  const parts = fields.map((field) => {
    const inner = field.json === undefined ? value : value[field.json]
    return `${field.name}:${printTyped(inner, field.type, false)}`
  })
  return `{${parts.join(' ')}}`
}

function stringOf(value: unknown, type: string): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  throw new SimBug('not-a-string', { type, value })
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
