import type { StoredObject } from '../etcd/store.js'
import { getStored, listIndexed, listStored } from '../etcd/store.js'
import type { Call } from './call.js'
import type { ApiError } from './client.js'
import { toServedVersion } from './decode/convert.js'
import { isRecord } from './draft.js'
import { badRequest, invalid } from './errors.js'
import type { HttpResponse, Target } from './httpTypes.js'
import { failed } from './httpTypes.js'
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
