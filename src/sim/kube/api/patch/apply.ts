import { own } from '../../../core/own.js'
import { fail, ok } from '../../../core/result.js'
import { toTimestamp } from '../../../core/time.js'
import type { StoredObject } from '../../etcd/store.js'
import { getStored } from '../../etcd/store.js'
import type { ApiError } from '../apiError.js'
import type { Call } from '../call.js'
import type { ApiResult } from '../client.js'
import { decodeType } from '../decode/fields.js'
import type { JsonRecord, ObjectDraft } from '../draft.js'
import { isRecord, jsonEqual, textAt } from '../draft.js'
import { badRequest, internalError, invalid } from '../errors.js'
import { apiVersionOf } from '../kinds.js'
import type { FieldSet, Manager } from '../managed/fieldSet.js'
import { changedFields, common, fieldsOf, isEmptySet, minus, overlay, pathsOf, union, without } from '../managed/fieldSet.js'
import { readManagers, typeOf } from '../managed/managers.js'
import { createDecoded, updateDecoded } from '../serve.js'

/** What a patch made of its object, or made anew. */
export interface Patched {
  readonly object: StoredObject
  readonly created: boolean
}

/**
 * Server-side apply: the caller owns what it says, gives up what it no longer says, and is refused where another owns a field that
 * it would change. Source: structured-merge-diff merge/update.go Updater.Apply; apimachinery pkg/util/managedfields
 */
export function applyServerSide(call: Call, patch: unknown): ApiResult<Patched> {
  const { info } = call
  const name = call.options.fieldManager ?? ''
  if (name === '') {
    const message = 'Required value: is required for apply patch'
    const about = { group: 'meta.k8s.io', kind: 'PatchOptions' }
    return fail(invalid(about, '', [{ reason: 'FieldValueRequired', field: 'fieldManager', message }]))
  }
  if (!isRecord(patch)) return fail(badRequest('error decoding YAML: patch is not an object'))
  const fault = faultOfConfig(call, patch)
  if (fault !== undefined) return fail(fault)
  const type = typeOf({ apiVersion: apiVersionOf(info), kind: info.kind })
  const decoded = decodeType(type, patch)
  if (decoded.unknown[0] !== undefined) {
    const about = `(${call.namespace === '' ? '' : textAt(patch, 'metadata', 'namespace')}/${call.name}; ${goKind(apiVersionOf(info), info.kind)})`
    return fail(
      internalError(`failed to create typed patch object ${about}: .${decoded.unknown[0]}: field not declared in schema`),
    )
  }
  if (decoded.error !== undefined) {
    return fail(badRequest(`${info.kind} in version "${info.version}" cannot be handled as a ${info.kind}: ${decoded.error}`))
  }
  const config = canonicalConfig(patch, decoded.value)
  const key = info.namespaced ? `${call.namespace}/${call.name}` : call.name
  const old = getStored(call.ctx.world.parts.etcd, info.resource, key)
  const applied: Manager = {
    name,
    operation: 'Apply',
    apiVersion: apiVersionOf(info),
    subresource: call.subresource,
    time: toTimestamp(call.ctx.now),
    fields: fieldsOf(type, config),
  }
  return old === undefined ? applyNew(call, config, applied) : applyOver(call, type, config, applied, old)
}

function faultOfConfig(call: Call, patch: JsonRecord): ApiError | undefined {
  const kind = textAt(patch, 'kind')
  const apiVersion = textAt(patch, 'apiVersion')
  if (kind === '' || apiVersion === '') return badRequest(`invalid object type: ${goKind(apiVersion, kind)}`)
  const own = apiVersionOf(call.info)
  if (kind !== call.info.kind || apiVersion !== own) {
    return badRequest(`invalid object type: ${goKind(apiVersion, kind)}`)
  }
  if (isRecord(patch['metadata']) && patch['metadata']['managedFields'] !== undefined) {
    return badRequest('metadata.managedFields must be nil')
  }
  const name = textAt(patch, 'metadata', 'name')
  if (name !== '' && name !== call.name) {
    return badRequest(`the name of the object (${name}) does not match the name on the URL (${call.name})`)
  }
  return undefined
}

/** `apps/v1, Kind=Deployment`; the core group as `/v1`. */
function goKind(apiVersion: string, kind: string): string {
  return `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`
}

/** What was said, in canonical form: nothing that decoding filled in by itself. */
function canonicalConfig(said: unknown, decoded: unknown): JsonRecord {
  const pick = (a: unknown, b: unknown): unknown => {
    if (Array.isArray(a) && Array.isArray(b)) return a.map((each, index) => pick(each, b[index]))
    if (isRecord(a) && isRecord(b)) {
      const entries = Object.entries(a).flatMap(([key, each]) => (each === null ? [] : [[key, pick(each, own(b, key))] as const]))
      return Object.fromEntries(entries)
    }
    return b ?? a
  }
  const picked = pick(said, decoded)
  return isRecord(picked) ? picked : {}
}

function applyNew(call: Call, config: JsonRecord, applied: Manager): ApiResult<Patched> {
  const draft = asDraft(call, config)
  draft.metadata.name ??= call.name
  const created = createDecoded({ ...call, managers: [applied] }, draft)
  return created.ok ? ok({ object: created.value, created: true }) : created
}

function applyOver(call: Call, type: string, config: JsonRecord, applied: Manager, old: StoredObject): ApiResult<Patched> {
  const managers = managersOf(type, old)
  const isOwn = (each: Manager): boolean =>
    each.operation === 'Apply' && each.name === applied.name && each.subresource === applied.subresource
  const before = managers.find(isOwn)
  const others = managers.filter((each) => !isOwn(each))
  let next = overlay(type, old, config)
  const owned = others.reduce<FieldSet>((all, each) => union(all, each.fields), {})
  const givenUp = minus(minus(before?.fields ?? {}, applied.fields), owned)
  if (!isEmptySet(givenUp)) next = without(type, next, givenUp)
  const changed = changedFields(type, old, next)
  const conflicts = others.flatMap((manager) => pathsOf(common(manager.fields, changed)).map((path) => ({ manager, path })))
  if (conflicts.length > 0 && call.options.force !== true) return fail(conflictOf(conflicts))
  const left = others.map((each) => ({ ...each, fields: minus(each.fields, changed) }))
  // Only who changed something gets a new time.
  const isChanged = !jsonEqual(next, old)
  const own: Manager = isChanged ? applied : { ...applied, time: before?.time }
  const draft = asDraft(call, next)
  delete draft.metadata.resourceVersion
  const wanted = textAt(config, 'metadata', 'resourceVersion')
  if (wanted !== '') draft.metadata.resourceVersion = wanted
  const updated = updateDecoded({ ...call, managers: [...left, own] }, draft)
  return updated.ok ? ok({ object: updated.value, created: false }) : updated
}

/** Who owns what so far; an object never applied belongs to whoever made it before. */
function managersOf(type: string, old: StoredObject): readonly Manager[] {
  const managers = readManagers(old.metadata.managedFields)
  if (managers.length > 0) return managers
  const { status: _, ...rest } = old
  return [
    {
      name: 'before-first-apply',
      operation: 'Update',
      apiVersion: old.apiVersion,
      subresource: '',
      time: old.metadata.creationTimestamp,
      fields: fieldsOf(type, rest),
    },
  ]
}

function asDraft(call: Call, object: JsonRecord): ObjectDraft {
  const metadata = isRecord(object['metadata']) ? object['metadata'] : {}
  const type = typeOf({ apiVersion: apiVersionOf(call.info), kind: call.info.kind })
  // Decoded once more, so that what was laid over is whole: empty structs and zeros where Go writes them.
  const { value } = decodeType(type, { ...object, metadata })
  const { managedFields: _, ...meta } = isRecord(value['metadata']) ? value['metadata'] : {}
  return { ...value, apiVersion: apiVersionOf(call.info), kind: call.info.kind, metadata: meta }
}

interface Conflict {
  readonly manager: Manager
  readonly path: string
}

/** Source: apimachinery pkg/util/managedfields/internal/conflict.go NewConflictError */
function conflictOf(conflicts: readonly Conflict[]): ApiError {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${printManager(manager)}`,
    field: path,
  }))
  const only = conflicts[0]
  if (conflicts.length === 1 && only !== undefined) {
    const message = `Apply failed with 1 conflict: conflict with ${printManager(only.manager)}: ${only.path}`
    return { code: 409, reason: 'Conflict', message, details: { causes } }
  }
  const names = [...new Set(conflicts.map((each) => printManager(each.manager)))].sort()
  const lines = names.flatMap((name) => [
    `conflicts with ${name}:`,
    ...conflicts.filter((each) => printManager(each.manager) === name).map((each) => `- ${each.path}`),
  ])
  return {
    code: 409,
    reason: 'Conflict',
    message: `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`,
    details: { causes },
  }
}

function printManager(manager: Manager): string {
  const sub = manager.subresource === '' ? '' : ` with subresource "${manager.subresource}"`
  const text = `${JSON.stringify(manager.name)}${sub}`
  if (manager.operation === 'Apply') return text
  return `${text} using ${manager.apiVersion}`
}
