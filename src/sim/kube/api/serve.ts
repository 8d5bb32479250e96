import { fail, ok } from '../../core/result.js'
import { toTimestamp } from '../../core/time.js'
import type { StoredObject } from '../etcd/store.js'
import { etcdKey, getStored } from '../etcd/store.js'
import { admitCreate, admitUpdate, checkCreate, checkUpdate } from './admission/admission.js'
import { allocateForCreate, allocateForUpdate, releaseAllocations, undoAllocations } from './allocate.js'
import type { ApiError } from './apiError.js'
import type { Call } from './call.js'
import { emitRequest, eraseObject, refuse, unreachable, writeObject } from './call.js'
import type { ApiResult } from './client.js'
import { decodeObject } from './decode/decode.js'
import { applyDefaults } from './defaults/defaults.js'
import type { ObjectDraft } from './draft.js'
import { copyJson, isRecord, jsonEqual, listAt } from './draft.js'
import { alreadyExists, badRequest, conflict, internalError, invalid, notFound, OBJECT_MODIFIED, storeAway } from './errors.js'
import { trackCreate, trackUpdate, writeManagers } from './managed/managers.js'
import { generateName, newUid } from './names.js'
import { forbiddenCall } from './rbac.js'
import type { ObjectKey } from './resources.js'
import { keyOf } from './resources.js'
import { prepareForCreate, prepareForUpdate } from './strategy.js'
import { validateCreate, validateUpdate } from './validation/validation.js'
import { warningsOfUse, warnOfVersion } from './warnings.js'

/** Why the call cannot be served at all: server, store or network away. */
export function unservable(call: Call): ApiError | undefined {
  const away = unreachable(call.ctx, call.identity)
  if (away !== undefined) return away
  const refused = forbiddenCall(call)
  if (refused !== undefined) return refused
  if (!call.ctx.world.parts.etcd.running) return storeAway()
  return undefined
}

/** Takes a written object in, hands it on once it is decoded, and says what the client is warned of. */
function serveWritten(
  call: Call,
  input: unknown,
  write: (call: Call, draft: ObjectDraft) => ApiResult<StoredObject>,
): ApiResult<StoredObject> {
  emitRequest(call)
  const away = unservable(call)
  if (away !== undefined) return refuse(call, away)
  const decoded = decodeObject(call, input)
  if (!decoded.ok) return refuse(call, decoded.error)
  warnOfVersion(call)
  const used = warningsOfUse(call, decoded.value)
  const written = write(call, decoded.value)
  if (!written.ok) return refuse(call, written.error)
  call.warnings.push(...used)
  return written
}

/** Creates an object: decodes, defaults, admits, validates, stores. Source: apiserver pkg/endpoints/handlers/create.go, registry Store.Create */
export function createObject(call: Call, input: unknown): ApiResult<StoredObject> {
  return serveWritten(call, input, createDecoded)
}

/** The part of a creation after decoding; server-side apply and eviction come in here as well. Emits no refusal. */
export function createDecoded(call: Call, draft: ObjectDraft): ApiResult<StoredObject> {
  const { ctx, info } = call
  const misplaced = settleNamespace(call, draft)
  if (misplaced !== undefined) return fail(misplaced)
  applyDefaults(info, draft)
  const said = call.options.fieldManager === undefined ? draft : copyJson(draft)
  const meta = draft.metadata
  if (meta.name === undefined && meta.generateName !== undefined && meta.generateName !== '') {
    meta.name = freshName(call, meta.generateName)
  }
  const refused = call.restoring ? undefined : admitCreate(call, draft)
  if (refused !== undefined) return fail(refused)
  if (!call.restoring) {
    if (meta.resourceVersion !== undefined && call.options.dryRun !== true) {
      return fail(internalError('resourceVersion should not be set on objects to be created'))
    }
    meta.uid = newUid(ctx)
    meta.creationTimestamp = toTimestamp(ctx.now)
    delete meta.deletionTimestamp
    delete meta.deletionGracePeriodSeconds
    delete meta.selfLink
  } else {
    meta.uid ??= newUid(ctx)
    meta.creationTimestamp ??= toTimestamp(ctx.now)
  }
  delete meta.resourceVersion
  if (!call.restoring) delete meta.managedFields
  if (call.managers !== undefined) meta.managedFields = writeManagers(call.managers)
  else if (!call.restoring) trackCreate(call, draft, said)
  prepareForCreate(call, draft)
  const unallocated = allocateForCreate(call, draft)
  if (unallocated !== undefined) return fail(unallocated)
  const errors = validateCreate(call, draft)
  if (errors.length > 0) {
    releaseAllocations(call, draft)
    return fail(invalid(info, meta.name ?? '', errors))
  }
  const rejected = call.restoring ? undefined : checkCreate(call, draft)
  if (rejected !== undefined) {
    releaseAllocations(call, draft)
    return fail(rejected)
  }
  if (getStored(ctx.world.parts.etcd, info.resource, keyOf(draft as StoredObject)) !== undefined) {
    releaseAllocations(call, draft)
    return fail(alreadyExists(info, meta.name ?? ''))
  }
  // Complete now: name, uid, version and time stand in its metadata.
  return ok(writeObject(call, { ...draft, metadata: { ...meta, resourceVersion: '' } } as StoredObject, undefined))
}

/** A generated name that is not taken; tries eight times. Source: apiserver pkg/registry/generic/registry/store.go Create (RetryGenerateName) */
function freshName(call: Call, base: string): string {
  const { etcd } = call.ctx.world.parts
  let name = generateName(call.ctx, base)
  for (let tries = 1; tries < MAX_NAME_TRIES; tries++) {
    if (getStored(etcd, call.info.resource, call.info.namespaced ? `${call.namespace}/${name}` : name) === undefined) break
    name = generateName(call.ctx, base)
  }
  return name
}

const MAX_NAME_TRIES = 8

/** Replaces an object or its status. Source: registry Store.Update */
export function updateObject(call: Call, input: unknown): ApiResult<StoredObject> {
  return serveWritten(call, input, updateDecoded)
}

/** The part of a replacement after decoding; patches come in here as well. Emits no refusal. */
export function updateDecoded(call: Call, draft: ObjectDraft): ApiResult<StoredObject> {
  const { ctx, info } = call
  const misplaced = settleNamespace(call, draft)
  if (misplaced !== undefined) return fail(misplaced)
  const meta = draft.metadata
  if (meta.name === undefined || meta.name === '') {
    return fail(badRequest('the name of the object (based on URL) was undeterminable: name must be provided'))
  }
  if (call.name !== '' && meta.name !== call.name) {
    return fail(badRequest(`the name of the object (${meta.name}) does not match the name on the URL (${call.name})`))
  }
  applyDefaults(info, draft)
  const key = keyOf(draft as StoredObject)
  const old = getStored(ctx.world.parts.etcd, info.resource, key)
  if (old === undefined) return fail(notFound(info, meta.name))
  if (
    meta.resourceVersion !== undefined &&
    meta.resourceVersion !== '' &&
    meta.resourceVersion !== old.metadata.resourceVersion
  ) {
    return fail(conflict(info, meta.name, OBJECT_MODIFIED))
  }
  if (meta.uid !== undefined && meta.uid !== '' && meta.uid !== old.metadata.uid) {
    const failed = `Precondition failed: UID in precondition: ${meta.uid}, UID in object meta: ${old.metadata.uid}`
    // A dry run writes to a storage without the prefix.
    const place =
      call.options.dryRun === true ? etcdKey(info.resource, key).replace('/registry', '') : etcdKey(info.resource, key)
    const why = `StorageError: invalid object, Code: 4, Key: ${place}, ResourceVersion: 0, AdditionalErrorMsg: ${failed}`
    return fail(conflict(info, meta.name, why))
  }
  keepSystemFields(draft, old)
  const refused = admitUpdate(call, draft, old)
  if (refused !== undefined) return fail(refused)
  prepareForUpdate(call, draft, old)
  const unallocated = call.subresource === '' ? allocateForUpdate(call, draft, old) : undefined
  if (unallocated !== undefined) return fail(unallocated)
  const errors = validateUpdate(call, draft, old)
  const rejected = errors.length > 0 ? invalid(info, meta.name, errors) : checkUpdate(call, draft, old)
  if (rejected !== undefined) {
    undoAllocations(call, draft, old)
    return fail(rejected)
  }
  if (call.managers !== undefined) draft.metadata.managedFields = writeManagers(call.managers)
  else trackUpdate(call, draft, old)
  const next = { ...draft, metadata: { ...draft.metadata, resourceVersion: old.metadata.resourceVersion } } as StoredObject
  if (isReadyToGo(next)) return ok(removeForGood(call, next))
  // Nothing changed: etcd is left alone. Source: apiserver pkg/storage/etcd3/store.go GuaranteedUpdate
  if (jsonEqual(next, old)) return ok(old)
  return ok(writeObject(call, next, old))
}

/** Deletes at once, or marks for deletion where a grace period or finalizers ask for it. Source: registry Store.Delete */
export function deleteObject(call: Call): ApiResult<{ readonly object: StoredObject; readonly gone: boolean }> {
  emitRequest(call)
  const away = unservable(call)
  if (away !== undefined) return refuse(call, away)
  const { ctx, info, name } = call
  const key: ObjectKey = info.namespaced ? `${call.namespace}/${name}` : name
  const old = getStored(ctx.world.parts.etcd, info.resource, key)
  if (old === undefined) return refuse(call, notFound(info, name))
  const deleted = deleteStored(call, old)
  return deleted.ok ? deleted : refuse(call, deleted.error)
}

/** Marks or removes one stored object according to the call's options. */
export function deleteStored(
  call: Call,
  old: StoredObject,
): ApiResult<{ readonly object: StoredObject; readonly gone: boolean }> {
  const { ctx, info, options } = call
  const name = old.metadata.name
  if (options.preconditionUid !== undefined && options.preconditionUid !== old.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${options.preconditionUid}, UID in object meta: ${old.metadata.uid}`
    return fail(conflict(info, name, why))
  }
  if (options.preconditionResourceVersion !== undefined && options.preconditionResourceVersion !== old.metadata.resourceVersion) {
    const why = `Precondition failed: ResourceVersion in precondition: ${options.preconditionResourceVersion}, ResourceVersion in object meta: ${old.metadata.resourceVersion}`
    return fail(conflict(info, name, why))
  }
  const refused = checkDelete(call, old)
  if (refused !== undefined) return fail(refused)
  if (info.resource === 'namespaces') return ok(deleteNamespace(call, old))
  const finalizers = finalizersAfterDelete(call, old)
  const grace = graceOf(call, old)
  const wasDeleting = old.metadata.deletionTimestamp !== undefined
  const { deletionTimestamp: _a, deletionGracePeriodSeconds: _b, finalizers: _c, ...kept } = old.metadata
  const withFinalizers = finalizers.length === 0 ? {} : { finalizers }
  if (grace === undefined && finalizers.length === 0) return ok({ object: removeForGood(call, old), gone: true })
  const oldGrace = old.metadata.deletionGracePeriodSeconds ?? 0
  const seconds = grace ?? 0
  // A second request may only shorten the time that is left.
  if (wasDeleting && (options.gracePeriodSeconds === undefined || seconds >= oldGrace) && seconds !== 0) {
    return ok({ object: old, gone: false })
  }
  const marked: StoredObject = {
    ...old,
    metadata: {
      ...kept,
      ...withFinalizers,
      ...(wasDeleting || kept.generation === undefined || kept.generation === 0 ? {} : { generation: kept.generation + 1 }),
      deletionTimestamp:
        wasDeleting && grace === undefined ? (old.metadata.deletionTimestamp ?? '') : toTimestamp(ctx.now + seconds * 1_000_000),
      deletionGracePeriodSeconds: seconds,
    },
  }
  const written = jsonEqual(marked, old) ? old : writeObject(call, marked, old)
  if (seconds === 0 && finalizers.length === 0)
    return ok({ object: removeForGood(call, written), gone: info.resource !== 'pods' })
  return ok({ object: written, gone: false })
}

/** Takes an object away and gives back what it held. */
function removeForGood(call: Call, object: StoredObject): StoredObject {
  const last = eraseObject(call, object)
  if (call.options.dryRun !== true) releaseAllocations(call, last as unknown as ObjectDraft)
  return last
}

/** Default grace of a Pod that says nothing. Source: kubernetes pkg/apis/core/v1 defaults */
const POD_GRACE_SECONDS = 30

/** Grace period in seconds of a kind that supports one; undefined for all others. Source: kubernetes pkg/registry/core/pod/strategy.go CheckGracefulDelete */
function graceOf(call: Call, object: StoredObject): number | undefined {
  if (call.info.resource !== 'pods') return undefined
  const spec = isRecord(object['spec']) ? object['spec'] : {}
  const status = isRecord(object['status']) ? object['status'] : {}
  const own = spec['terminationGracePeriodSeconds']
  let seconds = call.options.gracePeriodSeconds ?? (typeof own === 'number' ? own : POD_GRACE_SECONDS)
  const nodeName = spec['nodeName']
  if (typeof nodeName !== 'string' || nodeName === '') seconds = 0
  if (status['phase'] === 'Failed' || status['phase'] === 'Succeeded') seconds = 0
  return seconds < 0 ? 1 : seconds
}

/** Finalizers with those that the propagation policy asks for. Source: registry store.go deletionFinalizersForGarbageCollection */
function finalizersAfterDelete(call: Call, object: StoredObject): readonly string[] {
  const policy = call.options.propagationPolicy
  const current = object.metadata.finalizers ?? []
  const orphansByDefault = call.info.resource === 'replicationcontrollers' || call.info.resource === 'jobs'
  const wantsOrphan =
    policy === undefined
      ? current.includes('orphan') || (orphansByDefault && !current.includes('foregroundDeletion'))
      : policy === 'Orphan'
  const wantsForeground = policy === undefined ? current.includes('foregroundDeletion') : policy === 'Foreground'
  const others = current.filter((each) => each !== 'orphan' && each !== 'foregroundDeletion')
  return [...others, ...(wantsOrphan ? ['orphan'] : []), ...(wantsForeground ? ['foregroundDeletion'] : [])]
}

/** Namespaces end in two steps: their own finalizers wait for what is in them. Source: kubernetes pkg/registry/core/namespace/storage/storage.go Delete */
function deleteNamespace(call: Call, old: StoredObject): { object: StoredObject; gone: boolean } {
  const finalizers = listAt(old, 'spec', 'finalizers')
  if (old.metadata.deletionTimestamp === undefined) {
    const marked: StoredObject = {
      ...old,
      metadata: { ...old.metadata, deletionTimestamp: toTimestamp(call.ctx.now) },
      status: { ...(isRecord(old['status']) ? old['status'] : {}), phase: 'Terminating' },
    }
    const written = writeObject(call, marked, old)
    if (finalizers.length > 0) return { object: written, gone: false }
    return { object: removeForGood(call, written), gone: true }
  }
  if (finalizers.length > 0) return { object: old, gone: false }
  return { object: removeForGood(call, old), gone: true }
}

const IMMORTAL_NAMESPACES: readonly string[] = ['default', 'kube-system', 'kube-public']

function checkDelete(call: Call, object: StoredObject): ApiError | undefined {
  if (call.info.resource !== 'namespaces' || !IMMORTAL_NAMESPACES.includes(object.metadata.name)) return undefined
  return {
    code: 403,
    reason: 'Forbidden',
    message: `namespaces "${object.metadata.name}" is forbidden: this namespace may not be deleted`,
    details: { name: object.metadata.name, kind: 'namespaces' },
  }
}

/** True when a deletion was only waiting for finalizers, and the last one has gone. Source: registry store.go ShouldDeleteDuringUpdate */
function isReadyToGo(object: StoredObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata
  if (deletionTimestamp === undefined || (finalizers ?? []).length > 0) return false
  if (object.kind === 'Namespace') return listAt(object, 'spec', 'finalizers').length === 0
  return (deletionGracePeriodSeconds ?? 0) === 0
}

/** What no request may change. Source: apiserver pkg/registry/rest/update.go BeforeUpdate */
function keepSystemFields(draft: ObjectDraft, old: StoredObject): void {
  const meta = draft.metadata
  meta.uid = old.metadata.uid
  meta.creationTimestamp = old.metadata.creationTimestamp
  if (old.metadata.generation === undefined) delete meta.generation
  else meta.generation = old.metadata.generation
  if (old.metadata.deletionTimestamp === undefined) {
    delete meta.deletionTimestamp
    delete meta.deletionGracePeriodSeconds
  } else {
    meta.deletionTimestamp ??= old.metadata.deletionTimestamp
    if (old.metadata.deletionGracePeriodSeconds !== undefined) {
      meta.deletionGracePeriodSeconds ??= old.metadata.deletionGracePeriodSeconds
    }
  }
  delete meta.selfLink
  delete meta.managedFields
}

function settleNamespace(call: Call, draft: ObjectDraft): ApiError | undefined {
  const meta = draft.metadata
  if (!call.info.namespaced) {
    delete meta.namespace
    return undefined
  }
  if (meta.namespace === undefined || meta.namespace === '') meta.namespace = call.namespace
  if (meta.namespace !== call.namespace) {
    return badRequest(`the namespace of the provided object does not match the namespace sent on the request`)
  }
  return undefined
}
