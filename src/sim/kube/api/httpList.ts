import type { StoredObject } from '../etcd/store.js'
import { getStored, listAtRevision, listIndexed, listStored } from '../etcd/store.js'
import type { ApiError } from './apiError.js'
import type { Call } from './call.js'
import { toServedVersion } from './decode/convert.js'
import { isRecord } from './draft.js'
import { badRequest, invalid } from './errors.js'
import type { HttpResponse, Target } from './httpTypes.js'
import { failed, toStatus } from './httpTypes.js'
import { parseSelection, selects } from './selectors.js'
import { deleteStored, unservable } from './serve.js'

/** Answers a list request: selectors, pages, and what a resourceVersion asks for. Unset query values count as absent. */
export function serveList(call: Call, target: Target, query: Readonly<Record<string, string>>): Omit<HttpResponse, 'warnings'> {
  const away = unservable(call)
  if (away !== undefined) return failed(away, [])
  const fault = listOptionsFault(call, query)
  if (fault !== undefined) return failed(fault, [])
  const selection = parseSelection(target.info.resource, query['labelSelector'] ?? '', query['fieldSelector'] ?? '')
  if (!selection.ok) return failed(selection.error, [])
  const { etcd } = call.ctx.world.parts
  const token = tokenOf(query['continue'] ?? '')
  if (token === undefined) return failed(badRequest('continue key is not valid: illegal base64 data at input byte 0'), [])
  const revision = token.revision ?? exactRevision(query) ?? etcd.revision
  const all = objectsAt(call, target, revision)
  if (all === undefined) return token.revision === undefined ? failed(TOO_OLD, []) : expiredToken(etcd.revision, token.from)
  const chosen = all.filter((each) => selects(selection.value, target.info.resource, each))
  const page = pageOf(chosen, Number(query['limit'] ?? 0), token.from, revision)
  const items = page.items.map((each) => {
    const { apiVersion: _a, kind: _k, ...rest } = toServedVersion(target.info, each, target.apiVersion)
    return rest
  })
  const isSelecting = selection.value.labels.length > 0 || selection.value.fields.length > 0
  const metadata = {
    resourceVersion: String(revision),
    ...(page.next === undefined ? {} : { continue: page.next }),
    ...(page.next === undefined || isSelecting ? {} : { remainingItemCount: page.left }),
  }
  return { code: 200, body: { kind: `${target.info.kind}List`, apiVersion: target.apiVersion, metadata, items } }
}

/** Where a list goes on: after so many objects of what there was at a revision. */
interface Token {
  readonly revision: number | undefined
  readonly from: number
}

function tokenOf(text: string): Token | undefined {
  if (text === '') return { revision: undefined, from: 0 }
  const match = /^podpath-(\d+)-(\d+)$/.exec(text)
  return match === null ? undefined : { revision: Number(match[1]), from: Number(match[2]) }
}

/** The revision that the client insists on, if any. Source: apiserver pkg/storage/etcd3/store.go GetList */
function exactRevision(query: Readonly<Record<string, string>>): number | undefined {
  const version = query['resourceVersion'] ?? ''
  const match = query['resourceVersionMatch'] ?? ''
  if (version === '' || version === '0') return undefined
  const isLegacyExact = match === '' && Number(query['limit'] ?? 0) > 0
  return match === 'Exact' || isLegacyExact ? Number(version) : undefined
}

function objectsAt(call: Call, target: Target, revision: number): readonly StoredObject[] | undefined {
  const { etcd } = call.ctx.world.parts
  const { resource } = target.info
  if (revision >= etcd.revision) {
    return target.namespace === '' ? listStored(etcd, resource) : listIndexed(etcd, resource, 'namespace', target.namespace)
  }
  const all = listAtRevision(etcd, resource, revision)
  return target.namespace === '' ? all : all?.filter((each) => each.metadata.namespace === target.namespace)
}

const TOO_OLD: ApiError = { code: 410, reason: 'Expired', message: 'The resourceVersion for the provided list is too old.' }

/** Source: apiserver pkg/storage/etcd3/errors.go handleExpiredErrorForContinue */
function expiredToken(revision: number, from: number): Omit<HttpResponse, 'warnings'> {
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'
  const status = toStatus({ code: 410, reason: 'Expired', message })
  return { code: 410, body: { ...status, metadata: { continue: `podpath-${revision}-${from}` } } }
}

function pageOf(
  objects: readonly StoredObject[],
  limit: number,
  from: number,
  revision: number,
): { items: readonly StoredObject[]; next: string | undefined; left: number } {
  const items = limit > 0 ? objects.slice(from, from + limit) : objects.slice(from)
  const end = from + items.length
  return { items, next: limit > 0 && end < objects.length ? `podpath-${revision}-${end}` : undefined, left: objects.length - end }
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

/** Deletes all that a list request finds, and answers with that list. */
export function deleteCollection(
  call: Call,
  target: Target,
  query: Readonly<Record<string, string>>,
): Omit<HttpResponse, 'warnings'> {
  const listed = serveList(call, target, query)
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
