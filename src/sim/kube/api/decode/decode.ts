import { KINDS } from '../../../../generated/kubeFields.js'
import { fail, ok } from '../../../core/result.js'
import type { ApiError } from '../apiError.js'
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
  if (!isRecord(input)) return fail(unrecognized(call, input))
  const served = call.apiVersion ?? apiVersionOf(info)
  const apiVersion = typeof input['apiVersion'] === 'string' && input['apiVersion'] !== '' ? input['apiVersion'] : served
  const kind = typeof input['kind'] === 'string' && input['kind'] !== '' ? input['kind'] : info.kind
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
  const cannot = (why: string): ApiResult<ObjectDraft> =>
    fail(badRequest(`${kind} in version "${version}" cannot be handled as a ${info.kind}: ${why}`))
  const type = KINDS[`${apiVersion}/${kind}`]
  if (type === undefined && isOldVersion(apiVersion) && kind === info.kind) {
    const why = `the API version in the data (${apiVersion}) does not match the expected API version (${served})`
    return fail(badRequest(why))
  }
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

/** What Go says of metadata that is not of its types; undefined when it is. Source: cli-runtime pkg/resource/metadata_decoder.go */
export function metadataFault(object: Readonly<Record<string, unknown>>): string | undefined {
  return decodeType('ConfigMap', { metadata: object['metadata'] }).error
}

/** A body that is no object: what it said, cut short. Source: apiserver pkg/endpoints/handlers/rest.go transformDecodeError, summarizeData */
function unrecognized(call: Call, input: unknown): ApiError {
  const text = input === undefined ? '' : (JSON.stringify(input) ?? '')
  const why =
    text === ''
      ? 'unexpected end of JSON input'
      : `json: cannot unmarshal ${Array.isArray(input) ? 'array' : typeof input === 'boolean' ? 'bool' : typeof input} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`
  return badRequest(unrecognizedText(call.info.kind, why, text))
}

const SUMMARY_LENGTH = 30

/** The words for a body that cannot be read at all. */
export function unrecognizedText(kind: string, why: string, body: string): string {
  const hex = [...body.slice(0, SUMMARY_LENGTH)].map((char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('')
  const start = body.startsWith('{') ? body.slice(0, SUMMARY_LENGTH) : hex
  const summary = body === '' ? '<empty>' : `${start}${body.length > SUMMARY_LENGTH ? ' ...' : ''}`
  return `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${why} (${summary})`
}

/** Versions that the server still knows by type, but serves no more. Source: kubernetes pkg/api/legacyscheme, pkg/apis install packages */
const OLD_VERSIONS: ReadonlySet<string> = new Set([
  'extensions/v1beta1',
  'apps/v1beta1',
  'apps/v1beta2',
  'autoscaling/v2beta1',
  'autoscaling/v2beta2',
  'batch/v1beta1',
  'coordination.k8s.io/v1beta1',
  'discovery.k8s.io/v1beta1',
  'events.k8s.io/v1beta1',
  'networking.k8s.io/v1beta1',
  'policy/v1beta1',
  'rbac.authorization.k8s.io/v1alpha1',
  'rbac.authorization.k8s.io/v1beta1',
  'scheduling.k8s.io/v1alpha1',
  'scheduling.k8s.io/v1beta1',
  'storage.k8s.io/v1alpha1',
  'storage.k8s.io/v1beta1',
])

function isOldVersion(apiVersion: string): boolean {
  return OLD_VERSIONS.has(apiVersion)
}

function goPackage(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1)
}

/** Go package of a group's internal types: `core`, `apps`, `rbac`. */
function internalPackage(group: string): string {
  return group === '' ? 'core' : (group.split('.')[0] ?? '')
}
