import { KINDS } from '../../../../generated/kubeFields.js'
import { fail, ok } from '../../../core/result.js'
import type { Call } from '../call.js'
import type { ApiResult } from '../client.js'
import type { ObjectDraft } from '../draft.js'
import { isRecord } from '../draft.js'
import { badRequest } from '../errors.js'
import { apiVersionOf } from '../kinds.js'
import { fromServedVersion } from './convert.js'
import { decodeType } from './fields.js'

/**
 * A fresh, well-typed copy of what a client sent, in the version that is stored.
 * With `fieldValidation: 'Strict'` unknown fields are refused, with `'Warn'` (the default) they are warned of and dropped.
 * Source: apiserver pkg/endpoints/handlers/create.go, apimachinery pkg/runtime/serializer/json
 */
export function decodeObject(call: Call, input: unknown): ApiResult<ObjectDraft> {
  const { info } = call
  if (!isRecord(input)) return fail(badRequest('the object provided is unrecognized (must be of type object)'))
  const served = call.apiVersion ?? apiVersionOf(info)
  const apiVersion = typeof input['apiVersion'] === 'string' && input['apiVersion'] !== '' ? input['apiVersion'] : served
  const kind = typeof input['kind'] === 'string' && input['kind'] !== '' ? input['kind'] : info.kind
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
  const cannot = (why: string): ApiResult<ObjectDraft> =>
    fail(badRequest(`${kind} in version "${version}" cannot be handled as a ${info.kind}: ${why}`))
  const type = KINDS[`${apiVersion}/${kind}`]
  if (type === undefined) {
    return cannot(`no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`)
  }
  const decoded = decodeType(type, input)
  if (decoded.error !== undefined) return cannot(decoded.error)
  if (kind !== info.kind) {
    return cannot(
      `converting (${goPackage(apiVersion)}.${kind}) to (${internalPackage(info.group)}.${info.kind}): unknown conversion`,
    )
  }
  const strict = call.options.fieldValidation ?? 'Warn'
  const findings = [
    ...decoded.unknown.map((path) => `unknown field "${path}"`),
    ...(call.duplicates ?? []).map((path) => `duplicate field "${path}"`),
  ]
  if (findings.length > 0) {
    if (strict === 'Strict') return cannot(`strict decoding error: ${findings.join(', ')}`)
    if (strict === 'Warn') call.warnings.push(...findings)
  }
  if (apiVersion !== served && type !== KINDS[`${served}/${info.kind}`]) {
    const why = `the API version in the data (${apiVersion}) does not match the expected API version (${served})`
    return fail(badRequest(why))
  }
  const metadata = isRecord(decoded.value['metadata']) ? decoded.value['metadata'] : {}
  const draft: ObjectDraft = { ...decoded.value, apiVersion, kind, metadata }
  return ok(fromServedVersion(info, draft))
}

function goPackage(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1)
}

/** Go package of a group's internal types: `core`, `apps`, `rbac`. */
function internalPackage(group: string): string {
  return group === '' ? 'core' : (group.split('.')[0] ?? '')
}
