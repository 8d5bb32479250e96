import { own } from '../../core/own.js'
import { SimBug } from '../../core/result.js'
import type { KubeObject } from './resources.js'

/**
 * An API type while a request is being worked on: may be changed, and every field may be missing, whatever the documentation
 * calls required. Only trees that nobody else holds (fresh from `copyJson` or decoding) may be treated so.
 */
export type Draft<T> = unknown extends T
  ? unknown
  : T extends readonly (infer U)[]
    ? Draft<U>[]
    : T extends object
      ? { -readonly [K in keyof T]?: Draft<T[K]> | undefined }
      : T

/** Any object on its way into the store. */
export interface ObjectDraft {
  apiVersion: string
  kind: string
  metadata: Draft<KubeObject['metadata']>
  [field: string]: unknown
}

export type JsonRecord = Record<string, unknown>

/** Guards against manifests that nobody could have meant; the real server's limit is on bytes. */
export const MAX_DEPTH = 100

/** A deep copy of plain JSON, without fields that are undefined. */
export function copyJson<T>(value: T, depth = 0): T {
  // What decoding let in is well within this.
  if (depth > 4 * MAX_DEPTH) throw new SimBug('too-deep')
  if (Array.isArray(value)) return value.map((each: unknown) => copyJson(each, depth + 1)) as T
  if (typeof value !== 'object' || value === null) return value
  const copy: JsonRecord = {}
  for (const [key, each] of Object.entries(value)) {
    if (each !== undefined) setKey(copy, key, copyJson<unknown>(each, depth + 1))
  }
  return copy as T
}

/** Sets a key that came from outside; `__proto__` becomes a plain key as well. */
export function setKey(record: JsonRecord, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true })
  else record[key] = value
}

/** True when values are nested deeper than `MAX_DEPTH` levels. */
export function isTooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depth > MAX_DEPTH) return true
  for (const each of Object.values(value)) if (isTooDeep(each, depth + 1)) return true
  return false
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object under a key, or undefined. */
export function recordAt(value: unknown, ...path: readonly string[]): JsonRecord | undefined {
  let at: unknown = value
  for (const name of path) at = isRecord(at) ? own(at, name) : undefined
  return isRecord(at) ? at : undefined
}

/** The list under a path; empty when there is none. */
export function listAt(value: unknown, ...path: readonly string[]): unknown[] {
  const parent = path.length === 1 ? (isRecord(value) ? value : undefined) : recordAt(value, ...path.slice(0, -1))
  const list = parent?.[path[path.length - 1] ?? '']
  return Array.isArray(list) ? list : []
}

/** The text under a path; empty when there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const parent = path.length === 1 ? (isRecord(value) ? value : undefined) : recordAt(value, ...path.slice(0, -1))
  const text = parent?.[path[path.length - 1] ?? '']
  return typeof text === 'string' ? text : ''
}

/** Equality of plain JSON; a missing field equals an undefined one. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    return a.every((each, index) => jsonEqual(each, b[index]))
  }
  if (!isRecord(a) || !isRecord(b)) return false
  const keys = definedKeys(a)
  if (keys.length !== definedKeys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && jsonEqual(a[key], b[key]))
}

function definedKeys(record: JsonRecord): string[] {
  return Object.keys(record).filter((key) => record[key] !== undefined)
}

/** Paths at which two objects differ, at most `limit`: `spec.replicas`. Lists are compared as a whole beyond their items' fields. */
export function changedPaths(before: unknown, after: unknown, limit: number): readonly string[] {
  const found: string[] = []
  const walk = (a: unknown, b: unknown, path: string): void => {
    if (found.length >= limit || jsonEqual(a, b)) return
    if (isRecord(a) && isRecord(b)) {
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
        walk(a[key], b[key], path === '' ? key : `${path}.${key}`)
    } else if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
      a.forEach((each, index) => {
        walk(each, b[index], `${path}[${index}]`)
      })
    } else found.push(path)
  }
  walk(before, after, '')
  return found
}
