import type { Ctx } from '../context.js'
import type { StoredObject } from '../etcd/store.js'
import { getStored, listIndexed, listStored } from '../etcd/store.js'
import { bindPod } from './binding.js'
import type { Call } from './call.js'
import { refuse, unreachable } from './call.js'
import type { ApiError, ApiResult, DeleteOptions, WriteOptions } from './client.js'
import { toServedVersion } from './decode/convert.js'
import { unrecognizedText } from './decode/decode.js'
import { serveDiscovery } from './discovery.js'
import { isRecord, listAt, textAt } from './draft.js'
import { badRequest, invalid, methodNotAllowed, notFound } from './errors.js'
import { evictPod } from './eviction.js'
import { parseGoJson } from './goJson.js'
import type { ResourceInfo } from './kinds.js'
import { findResource, groupVersion } from './kinds.js'
import type { Identity } from './part.js'
import { patchObject } from './patch/patch.js'
import { isApiError, servePath, serveReview } from './reviews.js'
import { getScale, updateScale } from './scale.js'
import { parseSelection, selects } from './selectors.js'
import { createObject, deleteObject, deleteStored, unservable, updateObject } from './serve.js'
import { warnOfDelete } from './warnings.js'

/** A request as it would cross the wire. */
export interface HttpRequest {
  readonly verb: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly contentType?: string
  /** Parsed JSON, or text: parsed here, with Go's words for what is broken. */
  readonly body?: unknown
}

export interface HttpResponse {
  readonly code: number
  readonly body: unknown
  readonly warnings: readonly string[]
}

interface Target {
  readonly info: ResourceInfo
  readonly apiVersion: string
  readonly namespace: string
  readonly name: string
  readonly subresource: string
}

const NO_SUCH_RESOURCE: ApiError = {
  code: 404,
  reason: 'NotFound',
  message: 'the server could not find the requested resource',
  details: {},
}

const MAX_BODY = 3 * 1024 * 1024

/** Serves one request on its path, as `kubectl --raw` and the conformance cases send it. Watches are not served here. */
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
  const discovered = request.verb === 'GET' && target === undefined ? serveDiscovery(request.path) : undefined
  if (discovered !== undefined) return { code: 200, body: discovered, warnings }
  if (target === undefined) return failed(NO_SUCH_RESOURCE, [])
  const call = callOf(ctx, identity, request, target, warnings, parsed.value, parsed.duplicates)
  if (!('verb' in call)) return failed(call, [])
  const response = dispatch(call, target, request, parsed.value)
  return { ...response, warnings: [...warnings.map((each) => `299 - ${JSON.stringify(each)}`)] }
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
      if (target.name === '') return list(call, target, request.query ?? {})
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

/** Unset query values count as absent. */
function list(call: Call, target: Target, query: Readonly<Record<string, string>>): Omit<HttpResponse, 'warnings'> {
  const away = unservable(call)
  if (away !== undefined) return failed(away, [])
  const fault = listOptionsFault(call, query)
  if (fault !== undefined) return failed(fault, [])
  const selection = parseSelection(target.info.resource, query['labelSelector'] ?? '', query['fieldSelector'] ?? '')
  if (!selection.ok) return failed(selection.error, [])
  const { etcd } = call.ctx.world.parts
  const all =
    target.namespace === ''
      ? listStored(etcd, target.info.resource)
      : listIndexed(etcd, target.info.resource, 'namespace', target.namespace)
  const chosen = all.filter((each) => selects(selection.value, target.info.resource, each))
  const page = pageOf(chosen, query)
  if ('code' in page) return failed(page, [])
  const items = page.items.map((each) => {
    const { apiVersion: _a, kind: _k, ...rest } = toServedVersion(target.info, each, target.apiVersion)
    return rest
  })
  const isSelecting = selection.value.labels.length > 0 || selection.value.fields.length > 0
  const metadata = {
    resourceVersion: String(etcd.revision),
    ...(page.next === undefined ? {} : { continue: page.next }),
    ...(page.next === undefined || isSelecting ? {} : { remainingItemCount: page.left }),
  }
  return { code: 200, body: { kind: `${target.info.kind}List`, apiVersion: target.apiVersion, metadata, items } }
}

function pageOf(
  objects: readonly StoredObject[],
  query: Readonly<Record<string, string>>,
): { items: readonly StoredObject[]; next: string | undefined; left: number } | ApiError {
  const limit = Number(query['limit'] ?? 0)
  let from = 0
  const token = query['continue'] ?? ''
  if (token !== '') {
    const match = /^podpath-(\d+)-(\d+)$/.exec(token)
    if (match === null) return badRequest('continue key is not valid: illegal base64 data at input byte 0')
    from = Number(match[2])
  }
  const items = limit > 0 ? objects.slice(from, from + limit) : objects.slice(from)
  const end = from + items.length
  return { items, next: limit > 0 && end < objects.length ? `podpath-1-${end}` : undefined, left: objects.length - end }
}

function listOptionsFault(call: Call, query: Readonly<Record<string, string>>): ApiError | undefined {
  const version = query['resourceVersion'] ?? ''
  const match = query['resourceVersionMatch'] ?? ''
  const about = { group: 'meta.k8s.io', kind: 'ListOptions' }
  const field = 'resourceVersionMatch'
  if (match !== '' && version === '') {
    const message = 'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided'
    return invalid(about, '', [{ reason: 'FieldValueForbidden', field, message }])
  }
  if (match !== '' && match !== 'Exact' && match !== 'NotOlderThan') {
    const message = `Unsupported value: "${match}": supported values: "Exact", "NotOlderThan", ""`
    return invalid(about, '', [{ reason: 'FieldValueNotSupported', field, message }])
  }
  if (match === 'Exact' && version === '0') {
    const message = 'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
    return invalid(about, '', [{ reason: 'FieldValueForbidden', field, message }])
  }
  const { revision } = call.ctx.world.parts.etcd
  if (version !== '' && Number(version) > revision) {
    return {
      code: 504,
      reason: 'Timeout',
      message: `Timeout: Too large resource version: ${version}, current: ${revision}`,
      details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1 },
    }
  }
  return undefined
}

function deleteCollection(call: Call, target: Target, query: Readonly<Record<string, string>>): Omit<HttpResponse, 'warnings'> {
  const listed = list(call, target, query)
  if (listed.code !== 200 || !isRecord(listed.body) || !Array.isArray(listed.body['items'])) return listed
  for (const item of listed.body['items'] as readonly StoredObject[]) {
    const stored = getStored(
      call.ctx.world.parts.etcd,
      target.info.resource,
      target.info.namespaced ? `${target.namespace}/${item.metadata.name}` : item.metadata.name,
    )
    if (stored === undefined) continue
    const result = deleteStored({ ...call, name: item.metadata.name, verb: 'delete' }, stored)
    if (!result.ok) return failed(result.error, [])
  }
  return listed
}

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
          : (verbs[request.verb] ?? 'get'),
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

function validationOf(text: string | undefined): Pick<WriteOptions, 'fieldValidation'> {
  return text === 'Strict' || text === 'Warn' || text === 'Ignore' ? { fieldValidation: text } : {}
}

function fieldValidationFault(verb: string, text: string | undefined): ApiError | undefined {
  if (text === undefined || text === '' || validationOf(text).fieldValidation !== undefined) return undefined
  const kind = verb === 'PATCH' ? 'PatchOptions' : verb === 'PUT' ? 'UpdateOptions' : 'CreateOptions'
  const message = `Unsupported value: "${text}": supported values: "", "Ignore", "Strict", "Warn"`
  return invalid({ group: 'meta.k8s.io', kind }, '', [{ reason: 'FieldValueNotSupported', field: 'fieldValidation', message }])
}

const POLICIES = ['Foreground', 'Background', 'Orphan'] as const

function deleteOptions(
  body: unknown,
  write: WriteOptions & DeleteOptions,
  query: Readonly<Record<string, string>>,
): (WriteOptions & DeleteOptions) | ApiError {
  const source = isRecord(body) ? body : queryOptions(query)
  const policyText = source['propagationPolicy']
  const policy = POLICIES.find((each) => each === policyText)
  if (policyText !== undefined && policyText !== null && policy === undefined) {
    const message = `Unsupported value: ${JSON.stringify(policyText)}: supported values: "Foreground", "Background", "Orphan", "nil"`
    return invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [
      { reason: 'FieldValueNotSupported', field: 'propagationPolicy', message },
    ])
  }
  const orphan = source['orphanDependents']
  if (policy !== undefined && typeof orphan === 'boolean') {
    const message = `Invalid value: "${policy}": orphanDependents and deletionPropagation cannot be both set`
    return invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [
      { reason: 'FieldValueInvalid', field: 'propagationPolicy', message },
    ])
  }
  const preconditions = isRecord(source['preconditions']) ? source['preconditions'] : {}
  const grace = source['gracePeriodSeconds']
  const { dryRun: _, ...rest } = write
  const dryRun = isRecord(body) ? Array.isArray(body['dryRun']) && body['dryRun'].includes('All') : write.dryRun === true
  const finalPolicy = policy ?? (orphan === true ? 'Orphan' : orphan === false ? 'Background' : undefined)
  return {
    ...rest,
    ...(dryRun ? { dryRun } : {}),
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    ...(finalPolicy === undefined ? {} : { propagationPolicy: finalPolicy }),
    ...(typeof preconditions['uid'] === 'string' ? { preconditionUid: preconditions['uid'] } : {}),
    ...(typeof preconditions['resourceVersion'] === 'string'
      ? { preconditionResourceVersion: preconditions['resourceVersion'] }
      : {}),
  }
}

function queryOptions(query: Readonly<Record<string, string>>): Record<string, unknown> {
  return {
    ...query,
    ...(query['gracePeriodSeconds'] === undefined ? {} : { gracePeriodSeconds: Number(query['gracePeriodSeconds']) }),
    ...(query['orphanDependents'] === undefined ? {} : { orphanDependents: query['orphanDependents'] === 'true' }),
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

function failed(error: ApiError, warnings: readonly string[]): HttpResponse {
  return { code: error.code, body: toStatus(error), warnings }
}

/** The `Status` object of a refusal. */
export function toStatus(error: ApiError): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: error.message,
    ...(error.reason === '' ? {} : { reason: error.reason }),
    ...(error.details === undefined ? {} : { details: error.details }),
    code: error.code,
  }
}

function success(code: number): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code }
}
