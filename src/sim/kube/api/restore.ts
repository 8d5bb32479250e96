import type { Ctx } from '../context.js'
import type { StoredObject } from '../etcd/store.js'
import { getStored } from '../etcd/store.js'
import type { ApiError } from './apiError.js'
import type { Call } from './call.js'
import { decodeObject } from './decode/decode.js'
import type { ObjectDraft } from './draft.js'
import { isRecord, textAt } from './draft.js'
import { findKind, infoOf } from './kinds.js'
import { createDecoded } from './serve.js'

export interface Restored {
  readonly objects: readonly StoredObject[]
  /** What was refused: position in the list that was given, and why. */
  readonly failures: readonly { readonly index: number; readonly error: ApiError }[]
}

/**
 * Puts objects into the store as if restored from a backup of etcd: defaults and field validation apply, admission does not;
 * uid, status and deletionTimestamp are kept, addresses and ports outside the cluster's ranges are taken,
 * missing Namespaces are made. Objects that exist already are left as they are.
 */
export function restoreObjects(ctx: Ctx, objects: readonly unknown[]): Restored {
  const done: StoredObject[] = []
  const failures: { index: number; error: ApiError }[] = []
  const namespacesFirst = objects.map((object, index) => ({ object, index }))
  namespacesFirst.sort((a, b) => rank(a.object) - rank(b.object) || a.index - b.index)
  for (const { object, index } of namespacesFirst) {
    const result = restoreOne(ctx, object)
    if (result.ok) done.push(result.value)
    else failures.push({ index, error: result.error })
  }
  return { objects: done, failures }
}

function restoreOne(ctx: Ctx, object: unknown): ReturnType<typeof createDecoded> {
  const apiVersion = textAt(object, 'apiVersion')
  const kind = textAt(object, 'kind')
  const info = findKind(apiVersion, kind)
  if (info === undefined || !isRecord(object)) {
    const message = `no matches for kind "${kind}" in version "${apiVersion}"`
    return { ok: false, error: { code: 404, reason: 'NotFound', message } }
  }
  const namespace = info.namespaced ? textAt(object, 'metadata', 'namespace') || 'default' : ''
  const call: Call = restoringCall(ctx, info.resource, namespace, textAt(object, 'metadata', 'name'))
  if (info.namespaced && getStored(ctx.world.parts.etcd, 'namespaces', namespace) === undefined) {
    restoreOne(ctx, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  }
  const decoded = decodeObject(call, object)
  if (!decoded.ok) return decoded
  if (info.resource === 'services') dropIdleHealthPort(decoded.value)
  return createDecoded(call, decoded.value)
}

/** A health-check port that nothing asks for stood in old objects of etcd; a cluster as it stands keeps its Services all the same. */
function dropIdleHealthPort(draft: ObjectDraft): void {
  const { spec } = draft as { spec?: { type?: unknown; externalTrafficPolicy?: unknown; healthCheckNodePort?: unknown } }
  if (spec?.type !== 'LoadBalancer' || spec.externalTrafficPolicy !== 'Local') delete spec?.healthCheckNodePort
}

function restoringCall(ctx: Ctx, resource: Parameters<typeof infoOf>[0], namespace: string, name: string): Call {
  return {
    ctx,
    identity: { name: 'system:admin', thing: 'etcd' },
    info: infoOf(resource),
    verb: 'create',
    namespace,
    name,
    subresource: '',
    options: { fieldValidation: 'Strict' },
    warnings: [],
    restoring: true,
  }
}

function rank(object: unknown): number {
  return textAt(object, 'kind') === 'Namespace' ? 0 : 1
}
