import { fail, ok } from '../../core/result.js'
import type { StoredObject } from '../etcd/store.js'
import { getStored } from '../etcd/store.js'
import type { Call } from './call.js'
import { emitRequest, refuse } from './call.js'
import type { ApiResult } from './client.js'
import { decodeType } from './decode/fields.js'
import type { JsonRecord, ObjectDraft } from './draft.js'
import { copyJson, isRecord, recordAt, textAt } from './draft.js'
import { badRequest, conflict, invalid, notFound, OBJECT_MODIFIED } from './errors.js'
import { formatSelector } from './labels.js'
import { unservable, updateDecoded } from './serve.js'

/** The `Scale` of a Deployment, ReplicaSet, StatefulSet or ReplicationController. Source: kubernetes pkg/registry/apps/deployment/storage ScaleREST */
export function getScale(call: Call): ApiResult<StoredObject> {
  const away = unservable(call)
  if (away !== undefined) return refuse(call, away)
  const owner = ownerOf(call)
  return owner === undefined ? fail(notFound(call.info, call.name)) : ok(scaleOf(owner))
}

export function updateScale(call: Call, body: unknown): ApiResult<StoredObject> {
  emitRequest(call)
  const away = unservable(call)
  if (away !== undefined) return refuse(call, away)
  const result = patchScale(call, () => (isRecord(body) ? ok(body) : fail(badRequest('the object provided is unrecognized'))))
  return result.ok ? result : refuse(call, result.error)
}

/** Changes `spec.replicas` to what `change` makes of the present Scale. Emits no refusal. */
export function patchScale(call: Call, change: (scale: JsonRecord) => ApiResult<JsonRecord>): ApiResult<StoredObject> {
  const owner = ownerOf(call)
  if (owner === undefined) return fail(notFound(call.info, call.name))
  const changed = change(scaleOf(owner))
  if (!changed.ok) return changed
  const decoded = decodeType('Scale', changed.value)
  if (decoded.error !== undefined) {
    return fail(badRequest(`Scale in version "v1" cannot be handled as a Scale: ${decoded.error}`))
  }
  const version = textAt(decoded.value, 'metadata', 'resourceVersion')
  if (version !== '' && version !== owner.metadata.resourceVersion) return fail(conflict(call.info, call.name, OBJECT_MODIFIED))
  const name = textAt(decoded.value, 'metadata', 'name')
  if (name !== '' && name !== call.name) {
    return fail(badRequest(`the name of the object (${name}) does not match the name on the URL (${call.name})`))
  }
  const wanted = recordAt(decoded.value, 'spec')?.['replicas'] ?? 0
  if (typeof wanted === 'number' && wanted < 0) {
    const message = `Invalid value: ${wanted}: must be greater than or equal to 0`
    return fail(
      invalid({ group: 'autoscaling', kind: 'Scale' }, call.name, [
        { reason: 'FieldValueInvalid', field: 'spec.replicas', message },
      ]),
    )
  }
  const copy = copyJson<JsonRecord>(owner)
  const draft: ObjectDraft = {
    ...copy,
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    metadata: copyJson<JsonRecord>({ ...owner.metadata }),
    spec: { ...recordAt(copy, 'spec'), replicas: wanted },
  }
  const updated = updateDecoded({ ...call, subresource: '' }, draft)
  return updated.ok ? ok(scaleOf(updated.value)) : updated
}

function ownerOf(call: Call): StoredObject | undefined {
  return getStored(call.ctx.world.parts.etcd, call.info.resource, `${call.namespace}/${call.name}`)
}

function scaleOf(owner: StoredObject): StoredObject {
  const replicas = recordAt(owner, 'spec')?.['replicas']
  const current = recordAt(owner, 'status')?.['replicas']
  const { name, namespace, uid, resourceVersion, creationTimestamp } = owner.metadata
  const selector = formatSelector(recordAt(owner, 'spec', 'selector'), owner.kind === 'ReplicationController')
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    spec: typeof replicas === 'number' && replicas !== 0 ? { replicas } : {},
    status: { replicas: typeof current === 'number' ? current : 0, ...(selector === '' ? {} : { selector }) },
  }
}
