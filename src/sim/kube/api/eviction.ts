import type { PodDisruptionBudget } from '../../../generated/kubeTypes.js'
import { fail, ok } from '../../core/result.js'
import { toTimestamp } from '../../core/time.js'
import type { StoredObject } from '../etcd/store.js'
import { getStored, listIndexed } from '../etcd/store.js'
import type { ApiError } from './apiError.js'
import type { Call } from './call.js'
import { emitRequest, refuse, writeObject } from './call.js'
import type { ApiResult, DeleteOptions } from './client.js'
import { isRecord, listAt, recordAt, textAt } from './draft.js'
import { badRequest, forbidden, notFound } from './errors.js'
import { infoOf } from './kinds.js'
import { matchesSelector } from './labels.js'
import type { Stored } from './resources.js'
import { deleteStored, unservable } from './serve.js'

/** Pods under way to be evicted that a budget may hold. Source: kubernetes pkg/registry/core/pod/storage/eviction.go MaxDisruptedPodSize */
const MAX_DISRUPTED_PODS = 2000

type Budget = Stored<PodDisruptionBudget>

/** Deletes a Pod if its disruption budget allows. Source: kubernetes pkg/registry/core/pod/storage/eviction.go EvictionREST.Create */
export function evictPod(call: Call, eviction: unknown): ApiResult<undefined> {
  emitRequest(call)
  const away = unservable(call)
  if (away !== undefined) return refuse(call, away)
  const result = evict(call, eviction)
  return result.ok ? result : refuse(call, result.error)
}

function evict(call: Call, eviction: unknown): ApiResult<undefined> {
  const named = textAt(eviction, 'metadata', 'name')
  if (named !== '' && named !== call.name) return fail(badRequest('name in URL does not match name in Eviction object'))
  const pod = getStored(call.ctx.world.parts.etcd, 'pods', `${call.namespace}/${call.name}`)
  if (pod === undefined) return fail(notFound(call.info, call.name))
  const asked = deleteOptionsOf(recordAt(eviction, 'deleteOptions'))
  const deletion: Call = { ...call, verb: 'delete', subresource: '', options: { ...call.options, ...asked } }
  if (!canIgnoreBudgets(pod)) {
    const refused = spendBudget(call, pod)
    if (refused !== undefined) return fail(refused)
  }
  const deleted = deleteStored(deletion, pod)
  return deleted.ok ? ok(undefined) : deleted
}

function deleteOptionsOf(options: unknown): DeleteOptions {
  if (!isRecord(options)) return {}
  const grace = options['gracePeriodSeconds']
  const uid = textAt(options, 'preconditions', 'uid')
  return { ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}), ...(uid === '' ? {} : { preconditionUid: uid }) }
}

function canIgnoreBudgets(pod: StoredObject): boolean {
  const phase = textAt(pod, 'status', 'phase')
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined
}

function spendBudget(call: Call, pod: StoredObject): ApiError | undefined {
  const budgets = budgetsOf(call, pod)
  if (budgets.length > 1) {
    const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'
    return { code: 500, reason: '', message }
  }
  const budget = budgets[0]
  if (budget === undefined) return undefined
  const {
    observedGeneration = 0,
    disruptionsAllowed = 0,
    currentHealthy = 0,
    desiredHealthy = 0,
    disruptedPods = {},
  } = budget.status ?? {}
  if (!isReady(pod)) {
    const always = budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow'
    if (always || (currentHealthy >= desiredHealthy && desiredHealthy > 0)) return undefined
  }
  if (observedGeneration < (budget.metadata.generation ?? 0)) {
    return tooMany(`The disruption budget ${budget.metadata.name} is still being processed by the server.`, 10)
  }
  const info = { ...infoOf('poddisruptionbudgets'), resource: 'poddisruptionbudgets' as const }
  if (disruptionsAllowed < 0) return forbidden(info, budget.metadata.name, 'pdb disruptions allowed is negative')
  if (Object.keys(disruptedPods).length > MAX_DISRUPTED_PODS) {
    return forbidden(info, budget.metadata.name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller')
  }
  if (disruptionsAllowed === 0) {
    const why = `The disruption budget ${budget.metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
    return tooMany(why)
  }
  const { now } = call.ctx
  const next = {
    ...budget,
    status: {
      ...budget.status,
      disruptionsAllowed: disruptionsAllowed - 1,
      disruptedPods: { ...disruptedPods, [pod.metadata.name]: toTimestamp(now) },
      ...(disruptionsAllowed === 1 ? { conditions: exhausted(budget, toTimestamp(now)) } : {}),
    },
  }
  // The budget came out of the store and keeps its form.
  writeObject({ ...call, info }, next as unknown as StoredObject, budget as unknown as StoredObject)
  return undefined
}

/** Source: component-helpers apps/poddisruptionbudget UpdateDisruptionAllowedCondition */
function exhausted(budget: Budget, now: string): readonly object[] {
  const others = (budget.status?.conditions ?? []).filter((each) => each.type !== 'DisruptionAllowed')
  return [
    ...others,
    {
      type: 'DisruptionAllowed',
      status: 'False',
      reason: 'InsufficientPods',
      message: '',
      lastTransitionTime: now,
      ...(budget.status?.observedGeneration === undefined ? {} : { observedGeneration: budget.status.observedGeneration }),
    },
  ]
}

function budgetsOf(call: Call, pod: StoredObject): readonly Budget[] {
  const all = listIndexed(
    call.ctx.world.parts.etcd,
    'poddisruptionbudgets',
    'namespace',
    call.namespace,
  ) as unknown as readonly Budget[]
  return all.filter((each) => {
    const selector = each.spec?.selector
    const isEmpty =
      selector === undefined ||
      (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0)
    return !isEmpty && matchesSelector(selector, pod.metadata.labels)
  })
}

function isReady(pod: StoredObject): boolean {
  return listAt(pod, 'status', 'conditions').some((each) => textAt(each, 'type') === 'Ready' && textAt(each, 'status') === 'True')
}

function tooMany(cause: string, retryAfterSeconds?: number): ApiError {
  return {
    code: 429,
    reason: 'TooManyRequests',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: {
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      causes: [{ reason: 'DisruptionBudget', message: cause }],
    },
  }
}
