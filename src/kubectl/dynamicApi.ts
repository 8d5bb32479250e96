import type {
  ApiClient,
  ApiResult,
  DeleteOptions,
  KubeObject,
  ListOptions,
  ObjectKey,
  PatchType,
  ResourceInfo,
  ResourceName,
  Resources,
  WriteOptions,
} from '../sim/index.js'

/** An object as the API server gave it out, of a kind known only at run time. */
export type StoredObject = KubeObject & { readonly metadata: { readonly name: string; readonly uid: string } }

/** The API for objects whose kind is known only at run time: kubectl sends what a person wrote, and the server judges it. */
export interface DynamicApi {
  get(info: ResourceInfo, key: ObjectKey): ApiResult<StoredObject>
  list(info: ResourceInfo, options?: ListOptions): ApiResult<readonly StoredObject[]>
  /** The states that an object has gone through since a resourceVersion. */
  changes(info: ResourceInfo, key: ObjectKey, since: string): readonly { readonly type: string; readonly object: StoredObject }[]
  create(info: ResourceInfo, manifest: KubeObject, options?: WriteOptions): ApiResult<StoredObject>
  update(info: ResourceInfo, manifest: KubeObject, options?: WriteOptions): ApiResult<StoredObject>
  patch(info: ResourceInfo, key: ObjectKey, type: PatchType, patch: unknown, options?: WriteOptions): ApiResult<StoredObject>
  delete(info: ResourceInfo, key: ObjectKey, options?: DeleteOptions): ApiResult<unknown>
}

export function dynamicApi(api: ApiClient): DynamicApi {
  return {
    get: (info, key) => stored(api.get(info.resource, key)),
    list: (info, options) => stored(api.list(info.resource, options)),
    // Every stored object has apiVersion, kind and complete metadata.
    changes: (info, key, since) => api.changes(info.resource, key, since) as unknown as ReturnType<DynamicApi['changes']>,
    create: (info, manifest, options) => stored(api.create(info.resource, asResource(manifest), options)),
    update: (info, manifest, options) => stored(api.update(info.resource, asResource(manifest), options)),
    patch: (info, key, type, patch, options) => stored(api.patch(info.resource, key, type, patch, options)),
    delete: (info, key, options) => api.delete(info.resource, key, options),
  }
}

/** The server decodes strictly and refuses what is no such object, so a manifest may be sent as it is. */
function asResource(manifest: KubeObject): Resources[ResourceName] {
  return manifest as unknown as Resources[ResourceName]
}

/** Every stored object has apiVersion, kind and complete metadata; the typed result only says more. */
function stored<T>(result: ApiResult<unknown>): ApiResult<T> {
  return result as ApiResult<T>
}
