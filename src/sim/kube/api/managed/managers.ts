import { KINDS } from '../../../../generated/kubeFields.js'
import type { ManagedFieldsEntry } from '../../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../../core/digest.js'
import { toTimestamp } from '../../../core/time.js'
import type { StoredObject } from '../../etcd/store.js'
import type { Call } from '../call.js'
import type { JsonRecord, ObjectDraft } from '../draft.js'
import { jsonEqual } from '../draft.js'
import type { FieldSet, Manager } from './fieldSet.js'
import { changedFields, common, fieldsOf, isEmptySet, minus, union } from './fieldSet.js'

export function typeOf(object: { readonly apiVersion: string; readonly kind: string }): string {
  return KINDS[`${object.apiVersion}/${object.kind}`] ?? ''
}

/** Reads `metadata.managedFields`. */
export function readManagers(entries: readonly ManagedFieldsEntry[] | undefined): readonly Manager[] {
  return (entries ?? []).map((entry) => ({
    name: entry.manager ?? '',
    operation: entry.operation === 'Apply' ? 'Apply' : 'Update',
    apiVersion: entry.apiVersion ?? '',
    subresource: entry.subresource ?? '',
    time: entry.time,
    // Written by `writeManagers`, or by another cluster in the same form.
    fields: (entry.fieldsV1 ?? {}) as FieldSet,
  }))
}

/** Writes them in the server's order: by operation, time (none first) and name. Source: apimachinery managedfields/internal/managedfields.go sortEncodedManagedFields */
export function writeManagers(managers: readonly Manager[]): ManagedFieldsEntry[] {
  return managers
    .filter((each) => !isEmptySet(each.fields))
    .sort(
      (a, b) =>
        byCodeUnit(a.operation, b.operation) ||
        byCodeUnit(a.time ?? '', b.time ?? '') ||
        byCodeUnit(a.name, b.name) ||
        byCodeUnit(a.subresource, b.subresource),
    )
    .map((each) => ({
      manager: each.name,
      operation: each.operation,
      apiVersion: each.apiVersion,
      ...(each.time === undefined ? {} : { time: each.time }),
      fieldsType: 'FieldsV1',
      fieldsV1: each.fields,
      ...(each.subresource === '' ? {} : { subresource: each.subresource }),
    }))
}

/**
 * Whoever makes an object under a name of its own (`fieldManager`, as kubectl does) owns what it said, defaults included.
 *
 * @param said the object before admission
 */
export function trackCreate(call: Call, draft: ObjectDraft, said: JsonRecord): void {
  const name = call.options.fieldManager
  if (name === undefined) return
  const { status: _, ...rest } = said
  const apiVersion = String(said['apiVersion'])
  const fields = fieldsOf(typeOf({ apiVersion, kind: call.info.kind }), rest)
  const time = toTimestamp(call.ctx.now)
  draft.metadata.managedFields = writeManagers([{ name, operation: 'Update', apiVersion, subresource: '', time, fields }])
}

/**
 * After an update that was no apply: the writer owns what it changed, the others lose it.
 * Only objects of which some manager is known are tracked: made by kubectl, or applied server-side.
 */
export function trackUpdate(call: Call, draft: ObjectDraft, old: StoredObject): void {
  const before = old.metadata.managedFields
  if (before === undefined || before.length === 0) return
  const type = typeOf(old)
  const after: JsonRecord = draft
  const changed = changedFields(type, old, after)
  const kept = fieldsOf(type, after)
  const name = call.options.fieldManager ?? call.identity.name
  const managers = readManagers(before)
  const isOwn = (each: Manager): boolean =>
    each.operation === 'Update' && each.name === name && each.subresource === call.subresource
  const own = managers.find(isOwn)
  const others = managers
    .filter((each) => !isOwn(each))
    .map((each) => ({ ...each, fields: common(minus(each.fields, changed), kept) }))
  const fields = common(union(own?.fields ?? {}, changed), kept)
  const time = isEmptySet(changed) ? own?.time : toTimestamp(call.ctx.now)
  const next: Manager = { name, operation: 'Update', apiVersion: old.apiVersion, subresource: call.subresource, time, fields }
  const entries = writeManagers([...others, next])
  draft.metadata.managedFields = jsonEqual(entries, before) ? before.map((each) => ({ ...each })) : entries
}
