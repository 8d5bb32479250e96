import { thing } from '../../../core/thing.js'
import { toTimestamp } from '../../../core/time.js'
import type { Controller, Run, StoredPod, SyncOutcome } from '../framework.js'
import { isChangeOf, refOf, retry, SETTLED } from '../framework.js'
import { semanticEqual } from '../plain.js'
import { isPodTerminal, keyOfPod } from '../pods.js'
import { toleranceOf } from './tolerations.js'

/** Deletes Pods that do not tolerate a NoExecute taint of their Node, at once or when their time is over. Source: kubernetes pkg/controller/tainteviction/taint_eviction.go */
export const taintEvictionController: Controller = {
  name: 'taint-eviction-controller',
  watches: ['nodes', 'pods'],
  changed(run, change) {
    if (isChangeOf(change, 'pods')) {
      if (change.type === 'DELETED') run.part.taintEvictions.delete(change.key)
      else if (change.old === undefined || hasMoved(change.object, change.old)) run.add(change.key)
    } else if (isChangeOf(change, 'nodes') && !semanticEqual(change.old?.spec?.taints, change.object.spec?.taints)) {
      for (const pod of run.cache.podsOnNode(change.key)) run.add(keyOfPod(pod))
    }
  },
  sync,
}

function hasMoved(pod: StoredPod, old: StoredPod): boolean {
  return pod.spec?.nodeName !== old.spec?.nodeName || !semanticEqual(pod.spec?.tolerations, old.spec?.tolerations)
}

function sync(run: Run, key: string): SyncOutcome {
  const pod = run.cache.get('pods', key)
  const node = pod?.spec?.nodeName ?? ''
  if (pod === undefined || node === '' || isFrozen(run, pod)) return SETTLED
  const taints = (run.cache.get('nodes', node)?.spec?.taints ?? []).filter((taint) => taint.effect === 'NoExecute')
  const due = run.part.taintEvictions.get(key)
  if (taints.length === 0) {
    if (due !== undefined) cancel(run, pod)
    return SETTLED
  }
  if (pod.metadata.deletionTimestamp !== undefined) return SETTLED
  const tolerance = toleranceOf(pod.spec?.tolerations ?? [], taints)
  switch (tolerance.kind) {
    case 'forever':
      if (due !== undefined) cancel(run, pod)
      return SETTLED
    case 'none':
      return evict(run, pod)
    case 'for':
      break
  }
  if (due === undefined) {
    run.decide(pod, 'evict-later', { seconds: tolerance.time / 1_000_000, taints: taints.map((taint) => taint.key).join(',') })
    run.part.taintEvictions.set(key, run.now + tolerance.time)
    run.addAfter(key, tolerance.time, true)
    return SETTLED
  }
  if (run.now >= due) return evict(run, pod)
  run.addAfter(key, due - run.now, true)
  return SETTLED
}

function cancel(run: Run, pod: StoredPod): void {
  run.part.taintEvictions.delete(keyOfPod(pod))
  const name = keyOfPod(pod)
  run.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${name}`)
}

/** Source: taint_eviction.go deletePodHandler, addConditionAndDeletePod */
function evict(run: Run, pod: StoredPod): SyncOutcome {
  const key = keyOfPod(pod)
  run.part.taintEvictions.delete(key)
  run.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`)
  run.ctx.emit({
    kind: 'pod-evicted',
    facts: { pod: refOf(pod), node: pod.spec?.nodeName ?? '', reason: 'TaintManagerEviction' },
    from: run.thing,
    to: thing.pod(pod.metadata.namespace ?? '', pod.metadata.name),
  })
  const error = markDisrupted(run, pod, 'DeletionByTaintManager', 'Taint manager: deleting due to NoExecute taint', false)
  if (error !== undefined) return error
  const deleted = run.api.delete('pods', key)
  return deleted.ok || deleted.error.code === 404 ? SETTLED : retry(deleted.error)
}

/** Tells in the Pod's status that the system ends it; `fails` also ends its phase. Undefined: done. */
export function markDisrupted(
  run: Run,
  pod: StoredPod,
  reason: string,
  message: string,
  fails: boolean,
): SyncOutcome | undefined {
  const fresh = run.api.get('pods', keyOfPod(pod))
  if (!fresh.ok) return fresh.error.code === 404 ? SETTLED : retry(fresh.error)
  if (fresh.value.metadata.uid !== pod.metadata.uid) return SETTLED
  const others = (fresh.value.status?.conditions ?? []).filter((each) => each.type !== 'DisruptionTarget')
  const generation = fresh.value.metadata.generation
  const condition = {
    type: 'DisruptionTarget',
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    status: 'True',
    lastTransitionTime: toTimestamp(run.now),
    reason,
    message,
  }
  const phase = fails && !isPodTerminal(fresh.value) ? { phase: 'Failed' } : {}
  const status = { ...fresh.value.status, ...phase, conditions: [...others, condition] }
  const updated = run.api.updateStatus('pods', { ...fresh.value, status })
  return updated.ok || updated.error.code === 404 ? undefined : retry(updated.error)
}

/** A Pod that came with its status is taken as it stands. */
export function isFrozen(run: Run, pod: StoredPod): boolean {
  return run.ctx.world.parts.cluster.frozenPods.has(pod.metadata.uid)
}
