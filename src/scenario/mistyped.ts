import { FIELDS, KINDS } from '../generated/kubeFields.js'
import { goTypes } from '../sim/index.js'
import { isRecord } from './documents.js'

const QUANTITY = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/

/**
 * Where the first value of an object stands that is not of its field's type, as a path (`spec.containers[0].ports[0].containerPort`).
 * The API server names such fields without their indexes, or not at all. Undefined when all fit, or the kind is unknown.
 */
export function firstMistyped(object: unknown): string | undefined {
  if (!isRecord(object)) return undefined
  const type = KINDS[`${String(object['apiVersion'])}/${String(object['kind'])}`]
  return type === undefined ? undefined : searchType(type, object, '')
}

function searchType(type: string, value: Readonly<Record<string, unknown>>, path: string): string | undefined {
  for (const [name, expression] of Object.entries(FIELDS[type] ?? {})) {
    if (!Object.hasOwn(value, name)) continue
    const exact = goTypes.isQuantity(type, name) ? expression.replace(/string$/, 'Quantity') : expression
    const found = search(exact, value[name], path === '' ? name : `${path}.${name}`)
    if (found !== undefined) return found
  }
  return undefined
}

function search(expression: string, value: unknown, path: string): string | undefined {
  if (value === null || value === undefined || expression === 'any') return undefined
  if (expression.startsWith('[]')) {
    if (!Array.isArray(value)) return path
    for (const [index, item] of value.entries()) {
      const found = search(expression.slice(2), item, `${path}[${index}]`)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (expression.startsWith('map[]')) {
    if (!isRecord(value)) return path
    for (const [key, item] of Object.entries(value)) {
      const found = search(expression.slice(5), item, `${path}.${key}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (FIELDS[expression] !== undefined) return isRecord(value) ? searchType(expression, value, path) : path
  return isScalarOf(expression, value) ? undefined : path
}

function isScalarOf(expression: string, value: unknown): boolean {
  switch (expression) {
    case 'boolean':
      return typeof value === 'boolean'
    case 'number':
      return typeof value === 'number'
    case 'int32':
    case 'int64':
      return Number.isInteger(value)
    case 'IntOrString':
      return typeof value === 'string' || Number.isInteger(value)
    case 'Quantity':
      return typeof value === 'number' || (typeof value === 'string' && QUANTITY.test(value))
    default:
      return typeof value === 'string'
  }
}
