import { KINDS } from '../../../../generated/kubeFields.js'
import { fail, ok } from '../../../core/result.js'
import { getStored } from '../../etcd/store.js'
import type { Call } from '../call.js'
import { emitRequest, refuse } from '../call.js'
import type { ApiResult, PatchType } from '../client.js'
import { fromServedVersion, toServedVersion } from '../decode/convert.js'
import { decodeObject } from '../decode/decode.js'
import type { JsonRecord } from '../draft.js'
import { isRecord, isTooDeep } from '../draft.js'
import { badRequest, internalError, invalid, notFound } from '../errors.js'
import { goFormat, parseGoJson } from '../goJson.js'
import { apiVersionOf } from '../kinds.js'
import { patchScale } from '../scale.js'
import { unservable, updateDecoded } from '../serve.js'
import type { Patched } from './apply.js'
import { applyServerSide } from './apply.js'
import { applyJsonPatch, applyMergePatch } from './jsonPatch.js'
import { applyStrategicPatch } from './strategic.js'

/** Patches an object, one of its subresources, or (server-side apply) makes it. Source: apiserver pkg/endpoints/handlers/patch.go */
export function patchObject(call: Call, type: PatchType, patch: unknown): ApiResult<Patched> {
  emitRequest(call)
  const away = unservable(call)
  if (away !== undefined) return refuse(call, away)
  const result = runPatch(call, type, patch)
  return result.ok ? result : refuse(call, result.error)
}

function runPatch(call: Call, type: PatchType, patch: unknown): ApiResult<Patched> {
  if (typeof patch === 'string') {
    const read = parseGoJson(patch)
    return read.ok ? runPatch(call, type, read.value.value) : fail(badRequest(`error decoding patch: ${read.error}`))
  }
  if (isTooDeep(patch)) return fail(badRequest('error decoding patch: exceeded max depth'))
  if (type === 'apply') return applyServerSide(call, patch)
  const shape = shapeFault(type, patch)
  if (shape !== undefined) return fail(badRequest(`error decoding patch: ${shape}`))
  const { info } = call
  if (call.subresource === 'scale') {
    const scaled = patchScale(call, (current) => applyPatch('Scale', type, current, patch))
    return scaled.ok ? ok({ object: scaled.value, created: false }) : scaled
  }
  const key = info.namespaced ? `${call.namespace}/${call.name}` : call.name
  const old = getStored(call.ctx.world.parts.etcd, info.resource, key)
  if (old === undefined) return fail(notFound(info, call.name))
  const served = toServedVersion(info, old, call.apiVersion ?? apiVersionOf(info))
  const typeName = KINDS[`${served.apiVersion}/${info.kind}`] ?? ''
  const patched = applyPatch(typeName, type, served, patch)
  if (!patched.ok) return patched
  const decoded = decodeObject(call, patched.value)
  if (!decoded.ok) return fail(asPatchFault(decoded.error, type, patch, patched.value))
  const updated = updateDecoded(call, fromServedVersion(info, decoded.value))
  return updated.ok ? ok({ object: updated.value, created: false }) : updated
}

/** The patched JSON before it is decoded. */
function applyPatch(typeName: string, type: PatchType, current: JsonRecord, patch: unknown): ApiResult<JsonRecord> {
  switch (type) {
    case 'json': {
      const result = applyJsonPatch(current, Array.isArray(patch) ? patch : [])
      if (result.ok && isRecord(result.value)) return ok(result.value)
      const message = 'the server rejected our request due to an error in our request'
      return fail({ code: 422, reason: 'Invalid', message, details: {} })
    }
    case 'merge': {
      const result = applyMergePatch(current, patch)
      return isRecord(result) ? ok(result) : fail(badRequest('patch is not an object'))
    }
    default: {
      const result = applyStrategicPatch(typeName, current, isRecord(patch) ? patch : {})
      return result.ok ? result : fail(internalError(result.error))
    }
  }
}

function shapeFault(type: PatchType, patch: unknown): string | undefined {
  const kind = Array.isArray(patch) ? 'array' : typeof patch === 'boolean' ? 'bool' : patch === null ? 'null' : typeof patch
  if (type === 'json') {
    return Array.isArray(patch) ? undefined : `json: cannot unmarshal ${kind} into Go value of type []handlers.jsonPatchOp`
  }
  return isRecord(patch) ? undefined : `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`
}

/** What a patch made cannot be read: told of the patch, not of the object. */
function asPatchFault(
  error: { readonly code: number; readonly reason: string; readonly message: string },
  type: PatchType,
  patch: unknown,
  patched: JsonRecord,
): typeof error {
  const text = /cannot be handled as a \w+: (.*)$/s.exec(error.message)?.[1]
  if (text === undefined) return error
  const value = type === 'strategic' ? goFormat(patch) : JSON.stringify(patched)
  const why = type === 'strategic' ? conversionFault(text) : text
  const message = `Invalid value: ${JSON.stringify(value)}: ${why}`
  return invalid({ group: '', kind: '' }, '', [{ reason: 'FieldValueInvalid', field: 'patch', message }])
}

const GO_KINDS: Readonly<Record<string, string>> = {
  array: 'slice',
  object: 'map',
  number: 'int64',
  bool: 'bool',
  string: 'string',
}

/**
 * A strategic patch is turned into a Go value without JSON in between, in words of its own.
 * Source: apimachinery pkg/runtime/converter.go fromUnstructured
 */
function conversionFault(text: string): string {
  const match = /^json: cannot unmarshal (\w+) into Go struct field \S+ of type (.+)$/.exec(text)
  if (match === null) return text
  const from = GO_KINDS[match[1] ?? ''] ?? match[1] ?? ''
  const to = (match[2] ?? '').replace(/^\*/, '')
  if (to.startsWith('map[')) return `cannot restore map from ${from}`
  if (to.startsWith('[]')) return `cannot restore slice from ${from}`
  if (to.includes('.')) return `cannot restore struct from: ${from}`
  return from === 'int64' ? `cannot convert int64 to ${to}` : `unrecognized type: ${to}`
}
