import { own } from '../../core/own.js'
import type { Ctx } from '../context.js'
import type { StoredObject } from '../etcd/store.js'
import { getStored } from '../etcd/store.js'
import type { ApiError } from './apiError.js'
import { bindPod } from './binding.js'
import type { Call } from './call.js'
import { refuse, unreachable } from './call.js'
import type { ApiResult, DeleteOptions, WriteOptions } from './client.js'
import { toServedVersion } from './decode/convert.js'
import { unrecognizedText } from './decode/decode.js'
import { serveDiscovery } from './discovery.js'
import { listAt, textAt } from './draft.js'
import { badRequest, invalid, methodNotAllowed, notFound } from './errors.js'
import { evictPod } from './eviction.js'
import { parseGoJson } from './goJson.js'
import { formAsked } from './httpAccept.js'
import { deleteCollection, serveList } from './httpList.js'
import { deleteOptions, fieldValidationFault, validationOf } from './httpOptions.js'
import { asPartial } from './httpPartial.js'
import { asTable, includedObject } from './httpTable.js'
import type { HttpRequest, HttpResponse, Target } from './httpTypes.js'
import { failed, success } from './httpTypes.js'
import { serveWatch } from './httpWatch.js'
import { findResource, groupVersion } from './kinds.js'
import type { Identity } from './part.js'
import { patchObject } from './patch/patch.js'
import { isApiError, servePath, serveReview } from './reviews.js'
import { getScale, updateScale } from './scale.js'
import { createObject, deleteObject, unservable, updateObject } from './serve.js'
import { warnOfDelete } from './warnings.js'

export type { HttpRequest, HttpResponse } from './httpTypes.js'
export { toStatus } from './httpTypes.js'

const NO_SUCH_RESOURCE: ApiError = {
  code: 404,
  reason: 'NotFound',
  message: 'the server could not find the requested resource',
  details: {},
}

const MAX_BODY = 3 * 1024 * 1024

/** Serves one request on its path, as `kubectl --raw` and the conformance cases send it. A watch is answered with what it has brought so far. */
export function handleRequest(ctx: Ctx, identity: Identity, request: HttpRequest): HttpResponse {
  const away = unreachable(ctx, identity)
  if (away !== undefined) return failed(away, [])
  const warnings: string[] = []
  const plain = servePath(ctx, identity, request.path)
  if (plain !== undefined)
    return typeof plain === 'object' && isApiError(plain) ? failed(plain, []) : { code: 200, body: plain, warnings }
  const parsed = parseBody(request)
  if (!parsed.ok) return failed(parsed.error, [])
  const review = request.verb === 'POST' ? serveReview(ctx, identity, request.path, parsed.value) : undefined
  if (review !== undefined) return isApiError(review) ? failed(review, []) : { code: 201, body: review, warnings }
  const target = parsePath(request.path)
  const discovered = request.verb === 'GET' && target === undefined ? serveDiscovery(request.path, request.accept) : undefined
  if (discovered !== undefined) return { code: 200, body: discovered, warnings }
  if (target === undefined) return failed(NO_SUCH_RESOURCE, [])
  const call = callOf(ctx, identity, request, target, warnings, parsed.value, parsed.duplicates)
  if (!('verb' in call)) return failed(call, [])
  const form = formAsked(request.accept)
  if (isApiError(form)) return failed(form, [])
  const included = includedObject(form.kind === 'table' ? (request.query?.['includeObject'] ?? '') : '')
  if (!included.ok) return failed(included.error, [])
  const response = dispatch(call, target, request, parsed.value)
  const shown =
    form.kind === 'object'
      ? response
      : form.kind === 'metadata'
        ? asPartial(response)
        : asTable(response, target, { now: ctx.now, included: included.value, version: form.version })
  return { ...shown, warnings: [...warnings.map((each) => `299 - ${JSON.stringify(each)}`)] }
}

function dispatch(call: Call, target: Target, request: HttpRequest, body: unknown): Omit<HttpResponse, 'warnings'> {
  const { info } = target
  const respond = (code: number, result: ApiResult<StoredObject>): Omit<HttpResponse, 'warnings'> =>
    result.ok ? { code, body: toServedVersion(info, result.value, target.apiVersion) } : failed(result.error, [])
  const done = (code: number, result: ApiResult<unknown>): Omit<HttpResponse, 'warnings'> =>
    result.ok ? { code, body: success(code) } : failed(result.error, [])
  if (target.subresource !== '' && !info.subresources.includes(target.subresource)) return failed(NO_SUCH_RESOURCE, [])
  switch (request.verb) {
    case 'GET':
      if (target.name === '' && isTrue(request.query?.['watch'])) {
        return serveWatch(call, target, request.query ?? {}, request.openedAt)
      }
      if (target.name === '') return serveList(call, target, request.query ?? {})
      if (target.subresource === 'scale') return respond(200, getScale(call))
      if (target.subresource === 'log') return readLog(call, request.query ?? {})
      return respond(200, getOne(call))
    case 'POST':
      if (target.subresource === 'binding') return done(201, bindPod(call, textAt(body, 'target', 'name')))
      if (target.subresource === 'eviction') return done(201, evictPod(call, body))
      if (target.name !== '') return failed(methodNotAllowed(), [])
      return respond(201, createObject(call, body))
    case 'PUT':
      if (target.name === '') return failed(methodNotAllowed(), [])
      if (target.subresource === 'scale') return respond(200, updateScale(call, body))
      return respond(200, updateObject(call, body))
    case 'PATCH': {
      if (target.name === '') return failed(methodNotAllowed(), [])
      const type = patchTypeOf(request.contentType ?? '')
      if (type === undefined) return failed(unsupportedPatch(), [])
      const result = patchObject(call, type, body)
      return result.ok
        ? respond(result.value.created ? 201 : 200, { ok: true, value: result.value.object })
        : failed(result.error, [])
    }
    case 'DELETE':
      return target.name === '' ? deleteCollection(call, target, request.query ?? {}) : deleteOne(call, target)
    default:
      return failed(methodNotAllowed(), [])
  }
}

function isTrue(text: string | undefined): boolean {
  return text === 'true' || text === '1'
}

function getOne(call: Call): ApiResult<StoredObject> {
  const away = unservable(call)
  if (away !== undefined) return refuse(call, away)
  const object = getStored(call.ctx.world.parts.etcd, call.info.resource, storeKey(call))
  return object === undefined ? { ok: false, error: notFound(call.info, call.name) } : { ok: true, value: object }
}

/** Logs are the kubelet's; here is what the API server answers before it asks one. Source: kubernetes pkg/registry/core/pod/strategy.go LogLocation */
function readLog(call: Call, query: Readonly<Record<string, string>>): Omit<HttpResponse, 'warnings'> {
  const pod = getOne(call)
  if (!pod.ok) return failed(pod.error, [])
  const names = [...listAt(pod.value, 'spec', 'containers'), ...listAt(pod.value, 'spec', 'initContainers')].map((each) =>
    textAt(each, 'name'),
  )
  const main = listAt(pod.value, 'spec', 'containers').map((each) => textAt(each, 'name'))
  const container = query['container'] ?? ''
  const annotated = pod.value.metadata.annotations?.['kubectl.kubernetes.io/default-container']
  if (container === '' && main.length > 1 && annotated === undefined) {
    const inits = listAt(pod.value, 'spec', 'initContainers').map((each) => textAt(each, 'name'))
    const more = inits.length === 0 ? '' : ` or one of the init containers: [${inits.join(' ')}]`
    return failed(
      badRequest(`a container name must be specified for pod ${call.name}, choose one of: [${main.join(' ')}]${more}`),
      [],
    )
  }
  if (container !== '' && !names.includes(container)) {
    return failed(badRequest(`container ${container} is not valid for pod ${call.name}`), [])
  }
  return { code: textAt(pod.value, 'spec', 'nodeName') === '' ? 204 : 200, body: '' }
}

function storeKey(call: Call): string {
  return call.info.namespaced ? `${call.namespace}/${call.name}` : call.name
}

function deleteOne(call: Call, target: Target): Omit<HttpResponse, 'warnings'> {
  warnOfDelete(call)
  const result = deleteObject(call)
  if (!result.ok) return failed(result.error, [])
  const { object, gone } = result.value
  if (!gone || RETURNS_OBJECT.has(target.info.resource))
    return { code: 200, body: toServedVersion(target.info, object, target.apiVersion) }
  const { group } = target.info
  const details = { name: call.name, ...(group === '' ? {} : { group }), kind: target.info.resource, uid: object.metadata.uid }
  return { code: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } }
}

/** Kinds whose storage gives the deleted object back. Source: ReturnDeletedObject in kubernetes pkg/registry */
const RETURNS_OBJECT: ReadonlySet<string> = new Set([
  'pods',
  'services',
  'serviceaccounts',
  'persistentvolumes',
  'persistentvolumeclaims',
  'podtemplates',
  'resourcequotas',
  'limitranges',
  'storageclasses',
])

/** `/api/v1/namespaces/NS/pods/NAME/SUB` and `/apis/GROUP/VERSION/...` */
function parsePath(path: string): Target | undefined {
  const parts = path.split('/').filter((each) => each !== '')
  const isCore = parts[0] === 'api'
  const group = isCore ? '' : (parts[1] ?? '')
  const version = isCore ? parts[1] : parts[2]
  let rest = parts.slice(isCore ? 2 : 3)
  if (version === undefined || rest.length === 0) return undefined
  let namespace = ''
  if (rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize') {
    namespace = rest[1] ?? ''
    rest = rest.slice(2)
  }
  const info = findResource(rest[0] ?? '', group)
  if (info === undefined) return undefined
  const served = [info.version, ...info.otherVersions, ...(info.resource === 'events' ? ['v1'] : [])]
  if (!served.includes(version)) return undefined
  if (info.namespaced !== (namespace !== '') && rest.length > 1) return undefined
  return { info, apiVersion: groupVersion(group, version), namespace, name: rest[1] ?? '', subresource: rest.slice(2).join('/') }
}

function callOf(
  ctx: Ctx,
  identity: Identity,
  request: HttpRequest,
  target: Target,
  warnings: string[],
  body: unknown,
  duplicates: readonly string[],
): Call | ApiError {
  const query = request.query ?? {}
  const write: WriteOptions & DeleteOptions = {
    ...(query['dryRun'] === 'All' ? { dryRun: true } : {}),
    ...(query['fieldManager'] === undefined ? {} : { fieldManager: query['fieldManager'] }),
    ...(query['force'] === 'true' ? { force: true } : {}),
    ...validationOf(query['fieldValidation']),
  }
  if (query['dryRun'] !== undefined && query['dryRun'] !== '' && query['dryRun'] !== 'All') {
    const message = `Unsupported value: ["${query['dryRun']}"]: supported values: "All"`
    const kind =
      request.verb === 'PATCH'
        ? 'PatchOptions'
        : request.verb === 'PUT'
          ? 'UpdateOptions'
          : request.verb === 'DELETE'
            ? 'DeleteOptions'
            : 'CreateOptions'
    return invalid({ group: 'meta.k8s.io', kind }, '', [{ reason: 'FieldValueNotSupported', field: 'dryRun', message }])
  }
  const fault = fieldValidationFault(request.verb, query['fieldValidation'])
  if (fault !== undefined) return fault
  const options = request.verb === 'DELETE' ? deleteOptions(body, write, query) : write
  if ('code' in options) return options
  const verbs: Readonly<Record<string, Call['verb']>> = {
    GET: 'get',
    POST: 'create',
    PUT: 'update',
    PATCH: 'patch',
    DELETE: 'delete',
  }
  return {
    ctx,
    identity,
    info: target.info,
    verb:
      target.name === '' && request.verb === 'GET'
        ? 'list'
        : target.name === '' && request.verb === 'DELETE'
          ? 'deletecollection'
          : (own(verbs, request.verb) ?? 'get'),
    namespace: target.info.namespaced ? target.namespace : '',
    name: target.name,
    subresource: target.subresource,
    options,
    warnings,
    apiVersion: target.apiVersion,
    duplicates,
    restoring: false,
  }
}

function patchTypeOf(contentType: string): 'json' | 'merge' | 'strategic' | 'apply' | undefined {
  switch (contentType.split(';')[0]) {
    case 'application/json-patch+json':
      return 'json'
    case 'application/merge-patch+json':
      return 'merge'
    case 'application/strategic-merge-patch+json':
      return 'strategic'
    case 'application/apply-patch+yaml':
      return 'apply'
    default:
      return undefined
  }
}

function unsupportedPatch(): ApiError {
  return { code: 415, reason: 'UnsupportedMediaType', message: '415: Unsupported Media Type', details: {} }
}

type ParsedBody =
  | { readonly ok: true; readonly value: unknown; readonly duplicates: readonly string[] }
  | { readonly ok: false; readonly error: ApiError }

function parseBody(request: HttpRequest): ParsedBody {
  const { body } = request
  if (typeof body !== 'string') return { ok: true, value: body, duplicates: [] }
  if (body.length > MAX_BODY) {
    const message = `Request entity too large: limit is ${MAX_BODY}`
    return { ok: false, error: { code: 413, reason: 'RequestEntityTooLarge', message } }
  }
  const parsed = parseGoJson(body)
  if (parsed.ok) return { ok: true, value: parsed.value.value, duplicates: parsed.value.duplicates }
  if (request.verb === 'PATCH') return { ok: false, error: badRequest(`error decoding patch: ${parsed.error}`) }
  const kind = parsePath(request.path)?.info.kind ?? ''
  return { ok: false, error: badRequest(unrecognizedText(kind, parsed.error, body)) }
}
