import type { DaemonSetStatus } from '../../../../generated/kubeTypes.js'
import { SECOND } from '../../../core/time.js'
import type { ApiError } from '../../api/apiError.js'
import type { StoredOf } from '../../api/resources.js'
import { keyOf } from '../../api/resources.js'
import { podTemplateHash } from '../../podTemplateHash/podTemplateHash.js'
import { claim } from '../claim.js'
import { creationObserved, deletionObserved, expectBoth, forgetExpectations, isSatisfied } from '../expectations.js'
import type { Controller, Run, StoredPod, SyncOutcome } from '../framework.js'
import { isChangeOf, retry, SETTLED } from '../framework.js'
import { scaledValue, semanticEqual } from '../plain.js'
import {
  byAge,
  controllerOf,
  isPodAvailable,
  isPodReady,
  isPodTerminal,
  keyOfPod,
  podFromTemplate,
  untilNextAvailable,
} from '../pods.js'
import { isNamespaceTerminating } from '../replicaset/replicaSetController.js'
import { slowStart } from '../replicaset/replicas.js'
import { ensureRevision, revisionData, sortRevisions, truncateHistory } from '../revisionHistory.js'
import { isEmptySelector, selects } from '../selectors.js'
import { daemonTemplate, fitOf } from './nodes.js'

type StoredDaemonSet = StoredOf<'daemonsets'>
type StoredNode = StoredOf<'nodes'>

const BURST = 250
const HASH_LABEL = 'controller-revision-hash'
const FIRST_BACK_OFF = SECOND
const MAX_BACK_OFF = 15 * 60 * SECOND

/** Runs one Pod on each Node that fits. Source: kubernetes pkg/controller/daemon/daemon_controller.go */
export const daemonSetController: Controller = {
  name: 'daemonset-controller',
  watches: ['daemonsets', 'pods', 'nodes', 'controllerrevisions'],
  changed(run, change) {
    if (isChangeOf(change, 'daemonsets')) {
      if (change.type === 'DELETED') forgetExpectations(run, change.key)
      run.add(change.key)
    } else if (isChangeOf(change, 'nodes')) nodeChanged(run, change.object, change.old, change.type)
    else if (isChangeOf(change, 'pods')) podChanged(run, change.object, change.old, change.type)
  },
  sync,
}

function nodeChanged(run: Run, node: StoredNode, old: StoredNode | undefined, type: string): void {
  for (const ds of run.cache.list('daemonsets')) {
    const template = ds.spec?.template ?? {}
    const now = fitOf(template, node)
    const before = old === undefined ? { run: false, stay: false } : fitOf(template, old)
    if (type === 'DELETED' ? now.stay : now.run !== before.run || now.stay !== before.stay) run.add(keyOf(ds))
  }
}

function podChanged(run: Run, pod: StoredPod, old: StoredPod | undefined, type: string): void {
  const owner = controllerOf(pod)
  const namespace = pod.metadata.namespace ?? ''
  if (owner?.kind === 'DaemonSet') {
    const key = `${namespace}/${owner.name}`
    if (type === 'ADDED' && pod.metadata.deletionTimestamp === undefined) creationObserved(run, key)
    if (type === 'DELETED' || pod.metadata.deletionTimestamp !== undefined) deletionObserved(run, key, keyOfPod(pod))
    run.add(key)
    return
  }
  const before = old === undefined ? undefined : controllerOf(old)
  if (before?.kind === 'DaemonSet') run.add(`${namespace}/${before.name}`)
  if (owner !== undefined || type === 'DELETED') return
  for (const ds of run.cache.list('daemonsets', namespace))
    if (selects(ds.spec?.selector, pod.metadata.labels)) run.add(keyOf(ds))
}

function sync(run: Run, key: string): SyncOutcome {
  const ds = run.cache.get('daemonsets', key)
  if (ds === undefined) {
    forgetExpectations(run, key)
    return SETTLED
  }
  if (isEmptySelector(ds.spec?.selector)) {
    run.event(ds, 'Warning', 'SelectingAll', 'This daemon set is selecting all pods. A non-empty selector is required.')
    return SETTLED
  }
  if (ds.metadata.deletionTimestamp !== undefined) return SETTLED
  const claimed = claim(run, 'pods', ds, 'daemonsets', ds.spec?.selector)
  if (claimed.error !== undefined) return retry(claimed.error)
  const revisions = sortRevisions(claim(run, 'controllerrevisions', ds, 'daemonsets', ds.spec?.selector).objects)
  const hash = podTemplateHash(ds.spec?.template ?? {}, ds.status?.collisionCount)
  const revision = ensureRevision(run, ds, revisions, {
    name: `${ds.metadata.name}-${hash}`,
    data: revisionData(ds.spec?.template),
    labels: { ...ds.spec?.template.metadata?.labels, [HASH_LABEL]: hash },
    annotations: ds.metadata.annotations,
  })
  if (!revision.ok && revision.error.reason !== 'AlreadyExists') return retry(revision.error)
  run.looked(key, claimed.objects.length + run.cache.count('nodes'))
  const state: State = { run, key, ds, hash, pods: claimed.objects, nodes: run.cache.list('nodes') }
  let error: ApiError | undefined
  if (isSatisfied(run, key)) error = manage(state)
  if (error === undefined && isSatisfied(run, key) && ds.spec?.updateStrategy?.type !== 'OnDelete') error = rollOut(state)
  error = writeStatus(state) ?? error
  if (error !== undefined) return retry(error)
  const live = new Set([
    `${ds.metadata.name}-${hash}`,
    ...state.pods.map((pod) => `${ds.metadata.name}-${pod.metadata.labels?.[HASH_LABEL] ?? ''}`),
  ])
  truncateHistory(run, revisions, live, ds.spec?.revisionHistoryLimit ?? 10)
  const wait = untilNextAvailable(state.pods, ds.spec?.minReadySeconds ?? 0, run.now)
  if (wait !== undefined) run.addAfter(key, wait)
  return SETTLED
}

interface State {
  readonly run: Run
  readonly key: string
  readonly ds: StoredDaemonSet
  readonly hash: string
  readonly pods: readonly StoredPod[]
  readonly nodes: readonly StoredNode[]
}

/** Node on which a Pod is or is to be. Source: util.GetTargetNodeName */
function targetNode(pod: StoredPod): string {
  if ((pod.spec?.nodeName ?? '') !== '') return pod.spec?.nodeName ?? ''
  const terms = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  return terms.flatMap((term) => term.matchFields ?? []).find((each) => each.key === 'metadata.name')?.values?.[0] ?? ''
}

function podsByNode(pods: readonly StoredPod[]): ReadonlyMap<string, readonly StoredPod[]> {
  const byNode = new Map<string, StoredPod[]>()
  for (const pod of pods) byNode.set(targetNode(pod), [...(byNode.get(targetNode(pod)) ?? []), pod])
  return byNode
}

/** Source: daemon_controller.go manage, podsShouldBeOnNode */
function manage(state: State): ApiError | undefined {
  const { ds, nodes, run } = state
  const byNode = podsByNode(state.pods)
  const missing: string[] = []
  const surplus: StoredPod[] = []
  for (const node of nodes) {
    const { name } = node.metadata
    const fit = fitOf(ds.spec?.template ?? {}, node)
    const here = byNode.get(name) ?? []
    if (fit.run && here.length === 0) missing.push(name)
    else if (fit.stay) surplus.push(...superfluous(state, name, here))
    else surplus.push(...here.filter((pod) => pod.metadata.deletionTimestamp === undefined))
  }
  const names = new Set(nodes.map((node) => node.metadata.name))
  for (const pod of state.pods) {
    if ((pod.spec?.nodeName ?? '') === '' && !names.has(targetNode(pod)) && pod.metadata.deletionTimestamp === undefined)
      surplus.push(pod)
  }
  if (missing.length + surplus.length > 0)
    run.decide(ds, 'sync-nodes', { create: missing.length, delete: surplus.length, nodes: nodes.length })
  return apply(state, missing, surplus)
}

/** Pods on a Node where one is enough: finished ones, after a while, and all but the oldest. */
function superfluous({ run, ds, key }: State, node: string, here: readonly StoredPod[]): readonly StoredPod[] {
  const surplus: StoredPod[] = []
  const running: StoredPod[] = []
  for (const pod of here) {
    if (pod.metadata.deletionTimestamp !== undefined) continue
    const phase = pod.status?.phase
    const name = keyOfPod(pod)
    if (phase === 'Failed') {
      const wait = backOff(run, `${ds.metadata.uid}/${node}`)
      if (wait > 0) {
        run.addAfter(key, wait)
        continue
      }
      run.event(ds, 'Warning', 'FailedDaemonPod', `Found failed daemon pod ${name} on node ${node}, will try to kill it`)
      surplus.push(pod)
    } else if (phase === 'Succeeded') {
      run.event(ds, 'Normal', 'SucceededDaemonPod', `Found succeeded daemon pod ${name} on node ${node}, will try to delete it`)
      surplus.push(pod)
    } else running.push(pod)
  }
  const { maxSurge } = ds.spec?.updateStrategy?.rollingUpdate ?? {}
  if (maxSurge === undefined || maxSurge === 0 || maxSurge === '0%') surplus.push(...[...running].sort(byAge).slice(1))
  return surplus
}

/** Microseconds still to wait before a failed Pod of a Node is replaced again; 0 takes a turn. */
function backOff(run: Run, id: string): number {
  const { moments } = run.part
  const [until, length] = [`${run.name}/until/${id}`, `${run.name}/back-off/${id}`]
  const end = moments.get(until) ?? 0
  if (run.now < end) return end - run.now
  const before = moments.get(length) ?? 0
  const next = before === 0 || run.now - end > 2 * MAX_BACK_OFF ? FIRST_BACK_OFF : Math.min(before * 2, MAX_BACK_OFF)
  moments.set(length, next)
  moments.set(until, run.now + next)
  return 0
}

function apply({ run, key, ds, hash }: State, missing: readonly string[], surplus: readonly StoredPod[]): ApiError | undefined {
  const create = missing.slice(0, BURST)
  const remove = surplus.slice(0, BURST)
  if (create.length + remove.length === 0) return undefined
  expectBoth(run, key, create.length, remove.map(keyOfPod))
  const generation = ds.metadata.annotations?.['deprecated.daemonset.template.generation']
  let failed: ApiError | undefined
  let made = 0
  for (const size of slowStart(create.length)) {
    for (const node of create.slice(made, made + size)) {
      const template = daemonTemplate(ds.spec?.template ?? {}, node, hash, generation)
      const created = run.api.create('pods', podFromTemplate(template, ds, ds.metadata.namespace ?? ''))
      if (created.ok) run.event(ds, 'Normal', 'SuccessfulCreate', `Created pod: ${created.value.metadata.name}`)
      else {
        creationObserved(run, key)
        if (isNamespaceTerminating(created.error)) continue
        failed ??= created.error
        run.event(ds, 'Warning', 'FailedCreate', `Error creating: ${created.error.message}`)
      }
    }
    made += size
    if (failed !== undefined) {
      creationObserved(run, key, create.length - made)
      break
    }
  }
  for (const pod of remove) {
    const deleted = run.api.delete('pods', keyOfPod(pod))
    if (deleted.ok) run.event(ds, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
    else {
      deletionObserved(run, key, keyOfPod(pod))
      if (deleted.error.code !== 404) failed ??= deleted.error
    }
  }
  return failed
}

/** Replaces old Pods as far as enough stay available. Source: kubernetes pkg/controller/daemon/update.go rollingUpdate */
function rollOut(state: State): ApiError | undefined {
  const { run, ds, hash, nodes } = state
  const fitting = nodes.filter((node) => fitOf(ds.spec?.template ?? {}, node).run)
  const rolling = ds.spec?.updateStrategy?.rollingUpdate
  const surge = scaledValue(rolling?.maxSurge, fitting.length, true) ?? 0
  const unavailableLimit = scaledValue(rolling?.maxUnavailable ?? (surge > 0 ? 0 : 1), fitting.length, true) ?? 1
  const byNode = podsByNode(state.pods)
  const isNew = (pod: StoredPod): boolean => pod.metadata.labels?.[HASH_LABEL] === hash
  const minReady = ds.spec?.minReadySeconds ?? 0
  const remove: StoredPod[] = []
  const candidates: StoredPod[] = []
  const extra: string[] = []
  let unavailable = 0
  let surging = 0
  for (const node of fitting) {
    const here = (byNode.get(node.metadata.name) ?? []).filter(
      (pod) => pod.metadata.deletionTimestamp === undefined && !isPodTerminal(pod),
    )
    const fresh = here.find(isNew)
    const old = here.find((pod) => !isNew(pod))
    if (surge > 0) {
      if (old === undefined) continue
      if (fresh === undefined) extra.push(node.metadata.name)
      else if (isPodAvailable(fresh, minReady, run.now)) remove.push(old)
      else surging++
      continue
    }
    if ((old === undefined) === (fresh === undefined)) unavailable++
    else if (fresh !== undefined) unavailable += isPodAvailable(fresh, minReady, run.now) ? 0 : 1
    else if (old !== undefined && !isPodAvailable(old, minReady, run.now)) remove.push(old)
    else if (old !== undefined) candidates.push(old)
  }
  if (surge === 0) remove.push(...candidates.slice(0, Math.max(0, unavailableLimit - unavailable)))
  const create = surge === 0 ? [] : extra.slice(0, Math.max(0, surge - surging))
  if (remove.length + create.length > 0)
    run.decide(ds, 'roll-out', { replace: remove.length, surge: create.length, revision: hash })
  return apply(state, create, remove)
}

/** Source: daemon_controller.go updateDaemonSetStatus */
function writeStatus({ run, ds, hash, nodes, pods }: State): ApiError | undefined {
  const byNode = podsByNode(pods)
  let [desired, current, misscheduled, ready, updated, available] = [0, 0, 0, 0, 0, 0]
  for (const node of nodes) {
    const here = [...(byNode.get(node.metadata.name) ?? [])].sort(byAge)
    const fit = fitOf(ds.spec?.template ?? {}, node)
    // A Pod that would not be placed there today, but may stay, still counts as wanted.
    if (!fit.run && !(fit.stay && here.length > 0)) {
      if (here.length > 0) misscheduled++
      continue
    }
    desired++
    const pod = here[0]
    if (pod === undefined) continue
    current++
    if (isPodReady(pod)) ready++
    if (isPodAvailable(pod, ds.spec?.minReadySeconds ?? 0, run.now)) available++
    if (pod.metadata.labels?.[HASH_LABEL] === hash) updated++
  }
  const unavailable = desired - available
  const status: DaemonSetStatus = {
    currentNumberScheduled: current,
    numberMisscheduled: misscheduled,
    desiredNumberScheduled: desired,
    numberReady: ready,
    ...(ds.metadata.generation === undefined ? {} : { observedGeneration: ds.metadata.generation }),
    ...(updated === 0 ? {} : { updatedNumberScheduled: updated }),
    ...(available === 0 ? {} : { numberAvailable: available }),
    ...(unavailable === 0 ? {} : { numberUnavailable: unavailable }),
    ...(ds.status?.collisionCount === undefined ? {} : { collisionCount: ds.status.collisionCount }),
  }
  if (semanticEqual(status, ds.status)) return undefined
  const written = run.api.updateStatus('daemonsets', { ...ds, status })
  return written.ok || written.error.code === 404 ? undefined : written.error
}
