import type { Result } from '../../core/result.js'
import type { ApiError } from './apiError.js'
import type { HttpRequest, HttpResponse } from './httpTypes.js'
import type { KubeObject, ObjectKey, ResourceName, Resources, StoredOf } from './resources.js'

export type ApiResult<T> = Result<T, ApiError>

export interface ListOptions {
  /** All namespaces when absent. */
  readonly namespace?: string
  /** As kubectl's `-l`: `app=web,tier!=db`. */
  readonly labelSelector?: string
  /** As kubectl's `--field-selector`. */
  readonly fieldSelector?: string
}

export interface WriteOptions {
  readonly dryRun?: boolean
  /** What becomes of unknown fields: kubectl asks for `Strict`; by default they are warned of and dropped. */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
  /** Takes over fields that others own (server-side apply). */
  readonly force?: boolean
  /** Collects the warnings of the answer, where a caller wants them. */
  readonly warnings?: string[]
  readonly fieldManager?: string
  /** `status`, `scale`, `binding`, `eviction`; the main resource when absent. */
  readonly subresource?: string
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  readonly preconditionUid?: string
  readonly preconditionResourceVersion?: string
  readonly dryRun?: boolean
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

/**
 * The only door to the cluster's state, for controllers, kubelets, kubectl and people alike. Made by `openApi(ctx, identity)`.
 *
 * A request is answered within the handling that makes it; its steps (request, admission, etcd write) are emitted on the way and watchers
 * hear of it by queued messages a little later. With the API server stopped or unreachable every call fails with code 503 and reason
 * `ServiceUnavailable`; with etcd stopped it fails with code 500 and etcd's own words.
 */
export interface ApiClient {
  get<R extends ResourceName>(resource: R, key: ObjectKey): ApiResult<StoredOf<R>>
  list<R extends ResourceName>(resource: R, options?: ListOptions): ApiResult<readonly StoredOf<R>[]>
  /** What a watch of one object, opened at this resourceVersion, has brought since: each state it went through, oldest first. */
  changes<R extends ResourceName>(resource: R, key: ObjectKey, since: string): readonly WatchedObject<R>[]
  create<R extends ResourceName>(resource: R, object: Resources[R], options?: WriteOptions): ApiResult<StoredOf<R>>
  /** Replaces; a `metadata.resourceVersion` that is not the stored one fails with 409. */
  update<R extends ResourceName>(resource: R, object: Resources[R], options?: WriteOptions): ApiResult<StoredOf<R>>
  updateStatus<R extends ResourceName>(resource: R, object: Resources[R], options?: WriteOptions): ApiResult<StoredOf<R>>
  patch<R extends ResourceName>(
    resource: R,
    key: ObjectKey,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions,
  ): ApiResult<StoredOf<R>>
  delete<R extends ResourceName>(resource: R, key: ObjectKey, options?: DeleteOptions): ApiResult<StoredOf<R> | undefined>
  /** One request as it would cross the wire: `kubectl get --raw`, tables, watches. */
  request(request: HttpRequest): HttpResponse
  /** Binds a Pod to a Node (`pods/binding`). */
  bind(pod: ObjectKey, node: string): ApiResult<undefined>
  /** Evicts (`pods/eviction`): respects disruption budgets. */
  evict(pod: ObjectKey, options?: DeleteOptions): ApiResult<undefined>
}

export interface WatchedObject<R extends ResourceName = ResourceName> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: StoredOf<R>
}

/**
 * What a watcher gets, in the order of revisions: to be given to `applyWatch`, which alone knows what it brings.
 * With `synced` it is a whole list; else it says that changes have arrived, and `applyWatch` takes them.
 */
export type WatchMessage =
  | {
      readonly type: 'watch'
      readonly resource: ResourceName
      readonly revision: number
      readonly events: readonly WatchedObject[]
      readonly synced?: boolean
      /** Which opening of the watch the list belongs to. */
      readonly session?: number
    }
  | { readonly type: 'watch-closed' }

/** A manifest of any kind, as a person wrote it: strictly decoded against the API's fields before anything else. */
export type Manifest = KubeObject
