import { ok } from '../../core/result.js'
import { toTimestamp } from '../../core/time.js'
import type { StoredObject } from '../etcd/store.js'
import { getStored } from '../etcd/store.js'
import type { Call } from './call.js'
import { emitRequest, refuse, writeObject } from './call.js'
import type { ApiResult } from './client.js'
import { isRecord, listAt, recordAt, textAt } from './draft.js'
import { conflict, internalError, notFound } from './errors.js'
import { unservable } from './serve.js'

/**
 * Binds a Pod to a Node: sets `spec.nodeName` and the condition PodScheduled.
 * Source: kubernetes pkg/registry/core/pod/storage/storage.go BindingREST
 */
export function bindPod(call: Call, node: string): ApiResult<undefined> {
  emitRequest(call)
  const away = unservable(call)
  if (away !== undefined) return refuse(call, away)
  if (node === '') return refuse(call, internalError('target.name: Required value'))
  const old = getStored(call.ctx.world.parts.etcd, 'pods', `${call.namespace}/${call.name}`)
  if (old === undefined) return refuse(call, notFound(call.info, call.name))
  const bound = textAt(old, 'spec', 'nodeName')
  const blocked = whyNot(old, node, bound)
  if (blocked !== undefined) return refuse(call, { ...conflict(call.info, call.name, blocked), details: bindingDetails(call) })
  const now = toTimestamp(call.ctx.now)
  const condition = {
    type: 'PodScheduled',
    ...(old.metadata.generation === undefined ? {} : { observedGeneration: old.metadata.generation }),
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: now,
  }
  const conditions = listAt(old, 'status', 'conditions').filter((each) => !isRecord(each) || each['type'] !== 'PodScheduled')
  const next: StoredObject = {
    ...old,
    spec: { ...recordAt(old, 'spec'), nodeName: node },
    status: { ...recordAt(old, 'status'), conditions: [...conditions, condition] },
  }
  writeObject(call, next, old)
  return ok(undefined)
}

function whyNot(pod: StoredObject, node: string, bound: string): string | undefined {
  if (pod.metadata.deletionTimestamp !== undefined)
    return `pod ${pod.metadata.name} is being deleted, cannot be assigned to a host`
  if (bound !== '') return `pod ${pod.metadata.name} is already assigned to node "${bound}"`
  if (listAt(pod, 'spec', 'schedulingGates').length > 0) {
    return `pod ${pod.metadata.name} has non-empty .spec.schedulingGates`
  }
  return node === '' ? 'no node' : undefined
}

function bindingDetails(call: Call): { name: string; kind: string } {
  return { name: call.name, kind: 'pods/binding' }
}
