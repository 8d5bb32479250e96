import { fail, ok } from '../../core/result.js'
import type { Ctx } from '../context.js'
import type { StoredObject } from '../etcd/store.js'
import { changesSince, getStored, listIndexed, listStored } from '../etcd/store.js'
import { bindPod } from './binding.js'
import type { Call } from './call.js'
import { refuse } from './call.js'
import type { ApiClient, ApiResult, DeleteOptions, ListOptions, WriteOptions } from './client.js'
import { notFound } from './errors.js'
import { evictPod } from './eviction.js'
import { handleRequest } from './http.js'
import { typeOfChange } from './httpWatch.js'
import { infoOf } from './kinds.js'
import type { Identity } from './part.js'
import { patchObject } from './patch/patch.js'
import type { KubeObject, ObjectKey, ResourceName, Resources, StoredOf } from './resources.js'
import { parseSelection, selects } from './selectors.js'
import { createObject, deleteObject, unservable, updateObject } from './serve.js'

export type { Identity } from './part.js'

/** Opens a client of the API server for the handling in hand. */
export function openApi(ctx: Ctx, identity: Identity): ApiClient {
  const call = (
    resource: ResourceName,
    verb: Call['verb'],
    key: { readonly namespace: string; readonly name: string },
    options: WriteOptions & DeleteOptions = {},
  ): Call => ({
    ctx,
    identity,
    info: infoOf(resource),
    verb,
    namespace: key.namespace,
    name: key.name,
    subresource: options.subresource ?? '',
    options,
    warnings: options.warnings ?? [],
    restoring: false,
  })
  return {
    get: <R extends ResourceName>(resource: R, key: ObjectKey) => {
      const request = call(resource, 'get', splitKey(key))
      const away = unservable(request)
      if (away !== undefined) return refuse(request, away)
      const object = getStored(ctx.world.parts.etcd, resource, key)
      return object === undefined ? fail(notFound(request.info, request.name)) : ok(typed<R>(object))
    },
    list: <R extends ResourceName>(resource: R, options: ListOptions = {}) => {
      const request = call(resource, 'list', { namespace: options.namespace ?? '', name: '' })
      const away = unservable(request)
      if (away !== undefined) return refuse(request, away)
      const selection = parseSelection(resource, options.labelSelector, options.fieldSelector)
      if (!selection.ok) return refuse(request, selection.error)
      const objects = candidates(ctx, resource, options)
      return ok(objects.filter((each) => selects(selection.value, resource, each)).map((each) => typed<R>(each)))
    },
    changes: <R extends ResourceName>(resource: R, key: ObjectKey, since: string) => {
      const request = call(resource, 'watch', splitKey(key))
      if (unservable(request) !== undefined) return []
      const changes = changesSince(ctx.world.parts.etcd, resource, Number(since)) ?? []
      return changes.filter((each) => each.key === key).map((each) => ({ type: typeOfChange(each), object: typed<R>(each.last) }))
    },
    create: (resource, object, options) => typedResult(createObject(call(resource, 'create', nameOf(object), options), object)),
    update: (resource, object, options) => typedResult(updateObject(call(resource, 'update', nameOf(object), options), object)),
    updateStatus: (resource, object, options) =>
      typedResult(updateObject(call(resource, 'update', nameOf(object), { ...options, subresource: 'status' }), object)),
    patch: (resource, key, type, patch, options) => {
      const result = patchObject(call(resource, 'patch', splitKey(key), options), type, patch)
      return result.ok ? ok(typed<typeof resource>(result.value.object)) : result
    },
    delete: (resource, key, options) => {
      const result = deleteObject(call(resource, 'delete', splitKey(key), options))
      if (!result.ok) return result
      return ok(result.value.gone ? undefined : typed<typeof resource>(result.value.object))
    },
    request: (request) => handleRequest(ctx, identity, request),
    bind: (pod, node) => bindPod(call('pods', 'create', splitKey(pod), { subresource: 'binding' }), node),
    evict: (pod, options) => evictPod(call('pods', 'create', splitKey(pod), { ...options, subresource: 'eviction' }), undefined),
  }
}

/** What a list has to look at: the Pods of one Node and the objects of one Namespace are found by index. */
function candidates(ctx: Ctx, resource: ResourceName, options: ListOptions): readonly StoredObject[] {
  const { etcd } = ctx.world.parts
  const node = resource === 'pods' ? /^spec\.nodeName=([^,]+)$/.exec(options.fieldSelector ?? '')?.[1] : undefined
  if (node === undefined) return listStored(etcd, resource, options.namespace)
  const onNode = listIndexed(etcd, 'pods', 'node', node)
  const { namespace = '' } = options
  return namespace === '' ? onNode : onNode.filter((each) => each.metadata.namespace === namespace)
}

/** Parts of `namespace/name`, or of a cluster-scoped object's `name`. */
export function splitKey(key: ObjectKey): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/')
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

function nameOf(object: Resources[ResourceName]): { namespace: string; name: string } {
  const { namespace = '', name = '' } = (object as unknown as KubeObject).metadata ?? {}
  return { namespace, name }
}

/** The server decoded, defaulted and validated the object as this resource, so it is of its type. */
function typed<R extends ResourceName>(object: StoredObject): StoredOf<R> {
  return object as unknown as StoredOf<R>
}

function typedResult<R extends ResourceName>(result: ApiResult<StoredObject>): ApiResult<StoredOf<R>> {
  return result.ok ? ok(typed<R>(result.value)) : result
}
