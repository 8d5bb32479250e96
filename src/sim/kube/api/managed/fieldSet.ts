import { FIELDS } from '../../../../generated/kubeFields.js'
import { byCodeUnit } from '../../../core/digest.js'
import { own } from '../../../core/own.js'
import type { JsonRecord } from '../draft.js'
import { copyJson, isRecord, jsonEqual, setKey } from '../draft.js'
import type { Merge } from './schema.js'
import { keyDefault, mergeOf } from './schema.js'

/** Fields that somebody owns, in the form of `metadata.managedFields[].fieldsV1`. */
export interface FieldSet {
  readonly [step: string]: FieldSet
}

/** Who owns which fields. */
export interface Manager {
  readonly name: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource: string
  readonly time: string | undefined
  readonly fields: FieldSet
}

/** Fields of metadata that belong to the server or name the object, and so to nobody. */
const OWNERLESS: readonly string[] = [
  'name',
  'namespace',
  'generateName',
  'selfLink',
  'uid',
  'creationTimestamp',
  'resourceVersion',
  'generation',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
]

/** All fields that an object of a known type sets. Source: structured-merge-diff typed.ToFieldSet */
export function fieldsOf(type: string, object: JsonRecord): FieldSet {
  const set: Record<string, FieldSet> = {}
  for (const [field, value] of Object.entries(object)) {
    if (field === 'apiVersion' || field === 'kind' || value === undefined) continue
    if (field === 'metadata') {
      const meta = isRecord(value) ? Object.fromEntries(Object.entries(value).filter(([name]) => !OWNERLESS.includes(name))) : {}
      if (Object.keys(meta).length > 0) set['f:metadata'] = fieldsOfStruct('ObjectMeta', meta)
    } else set[`f:${field}`] = fieldsOfValue(mergeAt(type, field), value)
  }
  return set
}

function mergeAt(type: string, field: string): Merge {
  const expression = own(own(FIELDS, type), field) ?? 'any'
  return mergeOf(type, field, expression, FIELDS)
}

/** How the items of a keyed list or the values of a map are merged. */
function innerMerge(expression: string): Merge {
  return mergeOf('', '', expression, FIELDS)
}

function fieldsOfStruct(type: string, value: JsonRecord): FieldSet {
  const set: Record<string, FieldSet> = {}
  for (const [field, each] of Object.entries(value)) {
    if (each !== undefined) setKey(set, `f:${field}`, fieldsOfValue(mergeAt(type, field), each))
  }
  return set
}

function fieldsOfValue(merge: Merge, value: unknown): FieldSet {
  switch (merge.kind) {
    case 'struct':
      return isRecord(value) ? fieldsOfStruct(merge.type, value) : {}
    case 'map': {
      if (!isRecord(value)) return {}
      const inner = innerMerge(merge.inner)
      const set: Record<string, FieldSet> = {}
      for (const [key, each] of Object.entries(value)) setKey(set, `f:${key}`, fieldsOfValue(inner, each))
      return set
    }
    case 'keyed': {
      if (!Array.isArray(value)) return {}
      const set: Record<string, FieldSet> = {}
      for (const item of value) {
        if (isRecord(item)) set[keyStep(merge.keys, item)] = { '.': {}, ...fieldsOfStruct(merge.inner, item) }
      }
      return set
    }
    case 'set':
      return Array.isArray(value) ? Object.fromEntries(value.map((each) => [`v:${JSON.stringify(each)}`, {}])) : {}
    default:
      return {}
  }
}

/** `k:{"containerPort":80,"protocol":"TCP"}` */
function keyStep(keys: readonly string[], item: JsonRecord): string {
  const named = [...keys].sort(byCodeUnit).map((key) => [key, own(item, key) ?? keyDefault(key)] as const)
  return `k:${JSON.stringify(Object.fromEntries(named.filter(([, value]) => value !== undefined)))}`
}

/** Fields of either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  const set: Record<string, FieldSet> = { ...a }
  for (const [step, inner] of Object.entries(b)) setKey(set, step, Object.hasOwn(a, step) ? union(a[step] ?? {}, inner) : inner)
  return set
}

function isLeaf(set: FieldSet): boolean {
  return Object.keys(set).length === 0
}

/** Fields of the first that the second does not have. */
export function minus(a: FieldSet, b: FieldSet): FieldSet {
  const set: Record<string, FieldSet> = {}
  for (const [step, inner] of Object.entries(a)) {
    const other = Object.hasOwn(b, step) ? b[step] : undefined
    if (other === undefined) setKey(set, step, inner)
    else if (!isLeaf(inner) && !isLeaf(other)) {
      const rest = minus(inner, other)
      if (!isLeaf(rest)) setKey(set, step, rest)
    }
  }
  return set
}

/** Fields that both have; a field owned as a whole meets whatever lies below it. */
export function common(a: FieldSet, b: FieldSet): FieldSet {
  const set: Record<string, FieldSet> = {}
  for (const [step, inner] of Object.entries(a)) {
    const other = Object.hasOwn(b, step) ? b[step] : undefined
    if (other === undefined) continue
    if (isLeaf(inner) || isLeaf(other)) {
      if (isLeaf(inner) && isLeaf(other)) setKey(set, step, {})
      continue
    }
    const both = common(inner, other)
    if (!isLeaf(both)) setKey(set, step, both)
  }
  return set
}

export function isEmptySet(set: FieldSet): boolean {
  return isLeaf(set)
}

/** Paths as conflicts tell them: `.spec.template.spec.containers[name="web"].image`. */
export function pathsOf(set: FieldSet, prefix = ''): string[] {
  return Object.entries(set).flatMap(([step, inner]) => {
    if (step === '.') return []
    const path = `${prefix}${printStep(step)}`
    return isLeaf(inner) || (Object.keys(inner).length === 1 && inner['.'] !== undefined) ? [path] : pathsOf(inner, path)
  })
}

function printStep(step: string): string {
  const text = step.slice(2)
  if (step.startsWith('f:')) return `.${text}`
  if (step.startsWith('v:')) return `[=${text}]`
  const key = JSON.parse(text) as Readonly<Record<string, unknown>>
  return `[${Object.entries(key)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}]`
}

/** Lays a configuration over an object: what it says wins, what it does not say stays. */
export function overlay(type: string, live: JsonRecord, config: JsonRecord): JsonRecord {
  const result: JsonRecord = { ...live }
  for (const [field, value] of Object.entries(config)) {
    if (value === undefined) continue
    const merge: Merge =
      field === 'metadata' && FIELDS[type]?.['metadata'] === 'ObjectMeta'
        ? { kind: 'struct', type: 'ObjectMeta' }
        : mergeAt(type, field)
    setKey(result, field, overlayValue(merge, own(live, field), value))
  }
  return result
}

function overlayValue(merge: Merge, live: unknown, value: unknown): unknown {
  switch (merge.kind) {
    case 'struct':
      return isRecord(value) ? overlay(merge.type, isRecord(live) ? live : {}, value) : copyJson(value)
    case 'map': {
      if (!isRecord(value)) return copyJson(value)
      const inner = innerMerge(merge.inner)
      const result: JsonRecord = isRecord(live) ? { ...live } : {}
      for (const [key, each] of Object.entries(value)) setKey(result, key, overlayValue(inner, own(result, key), each))
      return result
    }
    case 'keyed': {
      if (!Array.isArray(value)) return copyJson(value)
      const items: unknown[] = Array.isArray(live) ? [...(live as readonly unknown[])] : []
      for (const each of value as readonly unknown[]) {
        if (!isRecord(each)) continue
        const step = keyStep(merge.keys, each)
        const at = items.findIndex((item) => isRecord(item) && keyStep(merge.keys, item) === step)
        const current = items[at]
        const next = overlay(merge.inner, isRecord(current) ? current : {}, each)
        if (at < 0) items.push(next)
        else items[at] = next
      }
      return items
    }
    case 'set': {
      const items: unknown[] = Array.isArray(live) ? [...(live as readonly unknown[])] : []
      for (const each of Array.isArray(value) ? (value as readonly unknown[]) : []) if (!items.includes(each)) items.push(each)
      return items
    }
    default:
      return copyJson(value)
  }
}

/** The object without some of its fields; items and maps that become empty by it go as well. */
export function without(type: string, object: JsonRecord, gone: FieldSet): JsonRecord {
  const result: JsonRecord = { ...object }
  for (const [step, inner] of Object.entries(gone)) {
    if (!step.startsWith('f:')) continue
    const field = step.slice(2)
    if (!Object.hasOwn(result, field)) continue
    const merge: Merge =
      field === 'metadata' && FIELDS[type]?.['metadata'] === 'ObjectMeta'
        ? { kind: 'struct', type: 'ObjectMeta' }
        : mergeAt(type, field)
    const next = isLeaf(inner) ? undefined : withoutIn(merge, own(result, field), inner)
    if (next === undefined) delete result[field]
    else setKey(result, field, next)
  }
  return result
}

function withoutIn(merge: Merge, value: unknown, gone: FieldSet): unknown {
  switch (merge.kind) {
    case 'struct':
      return isRecord(value) ? without(merge.type, value, gone) : value
    case 'map': {
      if (!isRecord(value)) return value
      const kept = Object.entries(value).filter(([key]) => !Object.hasOwn(gone, `f:${key}`) || !isLeaf(gone[`f:${key}`] ?? {}))
      return kept.length === 0 ? undefined : Object.fromEntries(kept)
    }
    case 'keyed': {
      if (!Array.isArray(value)) return value
      const items = (value as readonly unknown[]).flatMap((item) => {
        const inner = isRecord(item) ? gone[keyStep(merge.keys, item)] : undefined
        if (!isRecord(item) || inner === undefined) return [item]
        return inner['.'] === undefined ? [without(merge.inner, item, inner)] : []
      })
      return items.length === 0 ? undefined : items
    }
    case 'set': {
      if (!Array.isArray(value)) return value
      const items = (value as readonly unknown[]).filter((each) => gone[`v:${JSON.stringify(each)}`] === undefined)
      return items.length === 0 ? undefined : items
    }
    default:
      return value
  }
}

/** Fields that are new or different in the second object. */
export function changedFields(type: string, before: JsonRecord, after: JsonRecord): FieldSet {
  return differences(fieldsOf(type, after), before, after, (field) => mergeAt(type, field))
}

function differences(set: FieldSet, before: unknown, after: unknown, mergeFor: (field: string) => Merge): FieldSet {
  const changed: Record<string, FieldSet> = {}
  for (const [step, inner] of Object.entries(set)) {
    if (!step.startsWith('f:')) continue
    const field = step.slice(2)
    const old = isRecord(before) ? own(before, field) : undefined
    const now = isRecord(after) ? own(after, field) : undefined
    if (jsonEqual(old, now)) continue
    const merge: Merge = field === 'metadata' ? { kind: 'struct', type: 'ObjectMeta' } : mergeFor(field)
    const below = old === undefined || isLeaf(inner) ? inner : differencesIn(merge, inner, old, now)
    if (below !== undefined) setKey(changed, step, below)
  }
  return changed
}

function differencesIn(merge: Merge, set: FieldSet, old: unknown, now: unknown): FieldSet | undefined {
  switch (merge.kind) {
    case 'struct': {
      const found = differences(set, old, now, (field) => mergeAt(merge.type, field))
      return isLeaf(found) ? undefined : found
    }
    case 'map': {
      const found = differences(set, old, now, () => innerMerge(merge.inner))
      return isLeaf(found) ? undefined : found
    }
    case 'keyed': {
      const found: Record<string, FieldSet> = {}
      const find = (list: unknown, step: string): unknown =>
        (Array.isArray(list) ? (list as readonly unknown[]) : []).find(
          (item) => isRecord(item) && keyStep(merge.keys, item) === step,
        )
      for (const [step, inner] of Object.entries(set)) {
        const was = find(old, step)
        const is = find(now, step)
        if (was === undefined) found[step] = inner
        else if (!jsonEqual(was, is)) {
          const below = differences(inner, was, is, (field) => mergeAt(merge.inner, field))
          if (!isLeaf(below)) found[step] = below
        }
      }
      return isLeaf(found) ? undefined : found
    }
    case 'set': {
      const had = new Set((Array.isArray(old) ? (old as readonly unknown[]) : []).map((each) => `v:${JSON.stringify(each)}`))
      const fresh = Object.entries(set).filter(([step]) => !had.has(step))
      return fresh.length === 0 ? undefined : Object.fromEntries(fresh)
    }
    default:
      return set
  }
}
