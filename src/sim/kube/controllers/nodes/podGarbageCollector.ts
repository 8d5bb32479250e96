import { SECOND } from '../../../core/time.js'
import type { Controller, Run, StoredPod, SyncOutcome } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'
import { byAge, isPodTerminal, keyOfPod } from '../pods.js'
import { isFrozen, markDisrupted } from './taintEvictionController.js'

const PERIOD = 20 * SECOND
/** How long a Node must be gone before its Pods are. */
const QUARANTINE = 40 * SECOND

/**
 * Removes Pods that no kubelet will ever remove: those of Nodes that are gone, those deleted before they had a Node, and the oldest
 * finished ones above the threshold. Source: kubernetes pkg/controller/podgc/gc_controller.go
 */
export const podGarbageCollector: Controller = {
  name: 'pod-garbage-collector-controller',
  watches: ['pods', 'nodes'],
  timers: [{ name: 'collect', every: () => PERIOD }],
  changed(run, change) {
    if (isChangeOf(change, 'nodes') && change.type !== 'DELETED') run.part.missingNodes.delete(change.key)
  },
  tick: collect,
  sync(run, key) {
    const pod = run.cache.get('pods', key)
    return pod === undefined || isFrozen(run, pod) ? SETTLED : remove(run, pod)
  },
}

function collect(run: Run): void {
  const finished: StoredPod[] = []
  const absent = new Map<string, StoredPod[]>()
  for (const pod of run.cache.list('pods')) {
    const node = pod.spec?.nodeName ?? ''
    if (isPodTerminal(pod)) finished.push(pod)
    if (node === '') {
      if (pod.metadata.deletionTimestamp !== undefined) run.add(keyOfPod(pod))
    } else if (run.cache.get('nodes', node) === undefined) absent.set(node, [...(absent.get(node) ?? []), pod])
  }
  const surplus = finished.length - run.part.settings.terminatedPodThreshold
  if (surplus > 0 && run.part.settings.terminatedPodThreshold > 0) {
    for (const pod of finished.sort(byAge).slice(0, surplus)) run.add(keyOfPod(pod))
  }
  for (const [node, pods] of absent) {
    const since = run.part.missingNodes.get(node)
    if (since === undefined) run.part.missingNodes.set(node, run.now)
    else if (run.now - since >= QUARANTINE) for (const pod of pods) run.add(keyOfPod(pod))
  }
  for (const node of run.part.missingNodes.keys()) if (!absent.has(node)) run.part.missingNodes.delete(node)
}

function remove(run: Run, pod: StoredPod): SyncOutcome {
  const node = pod.spec?.nodeName ?? ''
  const isOrphan = node !== '' && run.cache.get('nodes', node) === undefined
  const wasNeverPlaced = node === '' && pod.metadata.deletionTimestamp !== undefined
  if (!isOrphan && !wasNeverPlaced && !isPodTerminal(pod)) return SETTLED
  run.decide(pod, isOrphan ? 'collect-orphan' : wasNeverPlaced ? 'collect-unscheduled' : 'collect-finished', { node })
  if (isOrphan) {
    const outcome = markDisrupted(run, pod, 'DeletionByPodGC', 'PodGC: node no longer exists', true)
    if (outcome !== undefined) return outcome
  } else if (wasNeverPlaced && !isPodTerminal(pod)) {
    const fresh = run.api.get('pods', keyOfPod(pod))
    if (!fresh.ok) return fresh.error.code === 404 ? SETTLED : retry(fresh.error)
    const updated = run.api.updateStatus('pods', { ...fresh.value, status: { ...fresh.value.status, phase: 'Failed' } })
    if (!updated.ok && updated.error.code !== 404) return retry(updated.error)
  }
  const deleted = run.api.delete('pods', keyOfPod(pod), { gracePeriodSeconds: 0 })
  return deleted.ok || deleted.error.code === 404 ? SETTLED : retry(deleted.error)
}
