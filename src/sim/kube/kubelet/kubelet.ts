import type { Pod } from '../../../generated/kubeTypes.js'
import { BACKGROUND } from '../../core/step.js'
import { thing } from '../../core/thing.js'
import { MS, SECOND } from '../../core/time.js'
import { listen } from '../../net/topology.js'
import type { WatchMessage } from '../api/client.js'
import { applyWatch, startInformer, stopInformers, type WatchChange } from '../api/informer.js'
import type { Machine } from '../bootstrap/part.js'
import { unlayRestoredPod } from '../bootstrap/restore.js'
import type { Behaviour, Ctx } from '../context.js'
import { finishPull } from './containers.js'
import { registerNode, renewLease, reportNode, scheduleLease, scheduleStatus, takePodRange } from './nodeStatus.js'
import type { ContainerMemory, PodWorker } from './part.js'
import { reconcileStatus, report } from './podReport.js'
import { beginTermination, finishSandbox, forget, killOrphan, syncPod } from './podSync.js'
import { resumeProbes, runProbe } from './probes.js'
import { stopContainer } from './runtime.js'
import { controlPlanePods, ensureMirror, type StaticComponent } from './staticPods.js'
import { nodeApi } from './tell.js'
import { kubeletOf, newWorker, update, updateKubelet, workerOf, workersOf } from './workers.js'

const REGISTER_RETRY = 1 * SECOND
/** The network plugin writes its configuration a moment after the Node's range is known. */
const NETWORK_SETUP = 300 * MS

/**
 * kubelet: registers its Node, keeps its lease, and runs the Pods that are bound to it (or lie in its manifest folder).
 * It asks the API server for what it should do and goes on with what it knows when nobody answers.
 *
 * Source: kubernetes pkg/kubelet/kubelet.go syncLoopIteration
 */
export const kubeletBehaviour: Behaviour<'kubelet'> = (ctx, message) => {
  const node = ctx.self.instance
  if (message.type === 'start') {
    start(ctx, node)
    return
  }
  const state = kubeletOf(ctx, node)
  const machine = ctx.world.parts.cluster.machines.get(node)
  if (!state.running || machine === undefined) return
  if (message.type === 'watch' || message.type === 'watch-closed') {
    takeChanges(ctx, node, machine, message)
    return
  }
  if (message.run !== state.run) return
  switch (message.type) {
    case 'register':
      register(ctx, machine)
      return
    case 'lease':
      heartbeat(ctx, machine)
      return
    case 'node-status':
      if (!state.registered) register(ctx, machine)
      else reportNode(ctx, machine)
      scheduleStatus(ctx, node)
      return
    case 'network-ready':
      if (machine.kubelet !== 'frozen') reportNode(ctx, machine)
      for (const worker of [...workersOf(ctx, node).values()]) syncPod(ctx, node, worker.uid)
      return
    case 'sync':
      syncPod(ctx, node, message.uid)
      return
    case 'sandbox-created':
      finishSandbox(ctx, node, message.uid)
      return
    case 'stop-container':
      stopContainer(ctx, node, message.id, message.grace)
      return
    case 'pulled': {
      const worker = workerOf(ctx, node, message.uid)
      if (worker === undefined) return
      finishPull(ctx, node, worker, message)
      syncPod(ctx, node, message.uid)
      return
    }
    case 'probe':
      runProbe(ctx, node, message)
      return
  }
}

/** Begins, or begins again: containers that run are found and kept. */
function start(ctx: Ctx, node: string): void {
  const machine = ctx.world.parts.cluster.machines.get(node)
  const before = kubeletOf(ctx, node)
  if (machine === undefined || before.running) return
  updateKubelet(ctx, node, {
    running: true,
    run: before.run + 1,
    registered: false,
    leaseFailures: 0,
    networkReady: (before.networkReady || machine.kubelet === 'frozen') && machine.podCIDR !== '',
    leaseTicking: false,
    podsSynced: false,
  })
  listen(ctx.world.parts.net, node, {
    proto: 'tcp',
    port: 10250,
    owner: 'kubelet',
    response: { status: 401, body: 'Unauthorized', latencyUs: 1 * MS, servedBy: `kubelet of ${node}` },
  })
  startInformer(ctx, ['nodes'], { fieldSelector: `metadata.name=${node}` })
  startInformer(ctx, ['pods'], { fieldSelector: `spec.nodeName=${node}` })
  readManifests(ctx, machine)
  for (const worker of [...workersOf(ctx, node).values()]) {
    update(ctx, node, worker, { sandboxBusy: false, reported: '', containers: afterRestart(worker.containers) })
    const kept = workerOf(ctx, node, worker.uid)
    if (kept !== undefined) resumeProbes(ctx, node, kept)
    syncPod(ctx, node, worker.uid)
  }
  // A Node that came with its status is not reported on; what is put on it from now on is run all the same.
  if (machine.kubelet === 'frozen') return
  register(ctx, machine)
  scheduleStatus(ctx, node)
}

/** A new process knows nothing of back-offs and probes; a pull under way is begun anew. */
function afterRestart(containers: Readonly<Record<string, ContainerMemory>>): Readonly<Record<string, ContainerMemory>> {
  return Object.fromEntries(
    Object.entries(containers).map(([name, memory]) => [
      name,
      { ...memory, backOff: 0, pullBackOff: 0, pullBackOffUntil: 0, pulling: false, probes: {}, waiting: undefined },
    ]),
  )
}

/** Static Pods of the manifest folder that are not kept yet; returns them. */
function readManifests(ctx: Ctx, machine: Machine): readonly PodWorker[] {
  if (machine.role !== 'control-plane' || machine.kubelet === 'frozen') return []
  return controlPlanePods(ctx, machine.name, machine.address).flatMap((pod) => {
    if (workerOf(ctx, machine.name, pod.metadata?.uid ?? '') !== undefined) return []
    const worker = newWorker(ctx, pod, true)
    workersOf(ctx, machine.name).set(worker.uid, worker)
    return [worker]
  })
}

/**
 * The manifest of a control-plane process is taken out of the folder, or put back: its kubelet ends or starts the static Pod.
 * That is how one stops such a process; killing it would only make the kubelet start it again.
 */
export function moveManifest(ctx: Ctx, component: StaticComponent, present: boolean): void {
  for (const machine of ctx.world.parts.cluster.machines.values()) {
    const { name: node } = machine
    if (!kubeletOf(ctx, node).running) continue
    if (present) {
      for (const worker of readManifests(ctx, machine)) {
        syncPod(ctx, node, worker.uid)
        if (ensureMirror(ctx, node, worker)) report(ctx, node, worker.uid)
      }
      continue
    }
    for (const worker of [...workersOf(ctx, node).values()]) {
      if (worker.isStatic && worker.key === `kube-system/${component}-${node}`) beginTermination(ctx, node, worker, 30)
    }
  }
}

/** Ends the process. Containers run on: nobody looks after them. */
export function stopKubelet(ctx: Ctx, node: string): void {
  const state = kubeletOf(ctx, node)
  if (!state.running) return
  updateKubelet(ctx, node, { running: false, run: state.run + 1, registered: false })
  stopInformers(ctx, 'kubelet', node)
  ctx.world.parts.net.sockets.get(node)?.delete('tcp *:10250')
}

function register(ctx: Ctx, machine: Machine): void {
  const node = machine.name
  if (!registerNode(ctx, machine)) {
    const { run } = kubeletOf(ctx, node)
    ctx.send({ kind: 'kubelet', instance: node }, { type: 'register', run }, REGISTER_RETRY, {
      background: true,
      flow: BACKGROUND,
    })
    return
  }
  renewLease(ctx, node)
  if (!kubeletOf(ctx, node).leaseTicking) {
    updateKubelet(ctx, node, { leaseTicking: true })
    scheduleLease(ctx, node)
  }
  for (const worker of [...workersOf(ctx, node).values()]) {
    if (worker.isStatic && ensureMirror(ctx, node, worker)) report(ctx, node, worker.uid)
  }
}

/** The lease, and after an outage everything that could not be told in between. */
function heartbeat(ctx: Ctx, machine: Machine): void {
  const node = machine.name
  const { leaseFailures } = kubeletOf(ctx, node)
  const taken = renewLease(ctx, node)
  updateKubelet(ctx, node, { leaseFailures: taken ? 0 : leaseFailures + 1 })
  scheduleLease(ctx, node)
  if (!taken || leaseFailures === 0) return
  reportNode(ctx, machine)
  catchUp(ctx, node)
}

/** Tells the API server what happened while it could not be reached. */
function catchUp(ctx: Ctx, node: string): void {
  for (const worker of [...workersOf(ctx, node).values()]) {
    if (worker.isStatic) ensureMirror(ctx, node, worker)
    if (worker.terminating === 'stopped') syncPod(ctx, node, worker.uid)
    else report(ctx, node, worker.uid)
  }
}

function takeChanges(ctx: Ctx, node: string, machine: Machine, message: WatchMessage): void {
  const relisted = message.type === 'watch' && message.synced === true
  for (const change of applyWatch(ctx, message)) {
    if (change.resource === 'pods') takePod(ctx, node, change as WatchChange<'pods'>)
    else if (change.resource === 'nodes') takeNode(ctx, machine, change as WatchChange<'nodes'>)
  }
  if (!relisted || message.resource !== 'pods') return
  const first = !kubeletOf(ctx, node).podsSynced
  updateKubelet(ctx, node, { podsSynced: true })
  // Pods that were deleted while this kubelet did not run are still here.
  if (first) dropUnknown(ctx, node)
  catchUp(ctx, node)
}

function dropUnknown(ctx: Ctx, node: string): void {
  const known = new Set<string>()
  for (const object of ctx.world.parts.informers.caches.get(`kubelet@${node}/pods`)?.values() ?? [])
    known.add(object.metadata.uid)
  for (const worker of [...workersOf(ctx, node).values()]) {
    if (!worker.isStatic && !known.has(worker.uid)) killOrphan(ctx, node, worker)
  }
}

function takeNode(ctx: Ctx, machine: Machine, { type, object }: WatchChange<'nodes'>): void {
  const node = machine.name
  // A deleted Node comes back only when its kubelet starts anew.
  if (type === 'DELETED') return
  const { networkReady, run } = kubeletOf(ctx, node)
  if (networkReady || !takePodRange(ctx, machine, object)) return
  ctx.send({ kind: 'kubelet', instance: node }, { type: 'network-ready', run }, NETWORK_SETUP, { background: false })
}

function takePod(ctx: Ctx, node: string, change: WatchChange<'pods'>): void {
  const { type, object } = change
  const { uid } = object.metadata
  const mirrorOf = object.metadata.annotations?.['kubernetes.io/config.mirror']
  if (mirrorOf !== undefined) {
    const own = workerOf(ctx, node, mirrorOf)
    if (own === undefined) return
    // A mirror is only an image: deleted, it is made anew.
    if (type === 'DELETED') {
      update(ctx, node, own, { reported: '' })
      if (ensureMirror(ctx, node, own)) report(ctx, node, own.uid)
    } else if (object.metadata.deletionTimestamp !== undefined) {
      ctx.emit({
        kind: 'kubelet-sync',
        facts: { node, pod: refOf(object.metadata), doing: 'recreate-mirror' },
        from: thing.kubelet(node),
        to: thing.kubelet(node),
      })
      removeMirror(ctx, node, own.key)
    }
    return
  }
  if (ctx.world.parts.cluster.frozenPods.has(uid)) {
    takeFrozenPod(ctx, node, change)
    return
  }
  const worker = workerOf(ctx, node, uid)
  if (type === 'DELETED') {
    if (worker === undefined) return
    if (worker.terminating === 'stopped') forget(ctx, node, uid)
    else killOrphan(ctx, node, worker)
    return
  }
  if (object.metadata.deletionTimestamp !== undefined) {
    const ending = worker ?? newWorker(ctx, object, false)
    const kept = worker === undefined ? ending : update(ctx, node, ending, { pod: object })
    if (worker === undefined) workersOf(ctx, node).set(uid, ending)
    beginTermination(ctx, node, kept, object.metadata.deletionGracePeriodSeconds ?? 30)
    return
  }
  if (worker === undefined) {
    const phase = object.status?.phase
    if (phase === 'Succeeded' || phase === 'Failed') return
    workersOf(ctx, node).set(uid, newWorker(ctx, object, false))
    const { run } = kubeletOf(ctx, node)
    ctx.send({ kind: 'kubelet', instance: node }, { type: 'sync', uid, run }, 1 * MS, { background: false })
    return
  }
  const specChanged = worker.pod.metadata?.generation !== object.metadata.generation || gatesChanged(worker.pod, object)
  const kept = update(ctx, node, worker, { pod: object })
  if (specChanged) syncPod(ctx, node, uid)
  else reconcileStatus(ctx, node, kept, object.status)
}

/** A Pod that came as it stands is left alone, until somebody deletes it: then it ends, though no process was behind it. */
function takeFrozenPod(ctx: Ctx, node: string, { type, key, object, old }: WatchChange<'pods'>): void {
  if (type === 'DELETED') {
    unlayRestoredPod(ctx, object)
    return
  }
  const deletedNow =
    type === 'MODIFIED' && object.metadata.deletionTimestamp !== undefined && old?.metadata.deletionTimestamp === undefined
  if (!deletedNow) return
  unlayRestoredPod(ctx, object)
  nodeApi(ctx, node).delete('pods', key, { gracePeriodSeconds: 0, preconditionUid: object.metadata.uid })
}

function gatesChanged(before: Pod, now: Pod): boolean {
  const statusOf = (pod: Pod, type: string): string | undefined =>
    pod.status?.conditions?.find((each) => each.type === type)?.status
  return (now.spec?.readinessGates ?? []).some(
    ({ conditionType }) => statusOf(before, conditionType) !== statusOf(now, conditionType),
  )
}

function refOf(metadata: { readonly namespace?: string; readonly name: string }) {
  return { kind: 'Pod', apiVersion: 'v1', namespace: metadata.namespace ?? '', name: metadata.name }
}

function removeMirror(ctx: Ctx, node: string, key: string): void {
  nodeApi(ctx, node).delete('pods', key, { gracePeriodSeconds: 0 })
}
