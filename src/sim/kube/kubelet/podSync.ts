import type { Pod, PodStatus, Volume } from '../../../generated/kubeTypes.js'
import { addPod, removePod } from '../../cni/bridge.js'
import { byCodeUnit, digestOf } from '../../core/digest.js'
import { thing } from '../../core/thing.js'
import { MS, SECOND, toTimestamp } from '../../core/time.js'
import { cacheOf } from '../api/informer.js'
import type { Ctx } from '../context.js'
import { admissionProblem } from './admission.js'
import { driveContainer } from './containers.js'
import type { PodWorker, RuntimeContainer, Sandbox } from './part.js'
import {
  containerOf,
  newId,
  objectRef,
  podRef,
  removeContainers,
  removeSandbox,
  sandboxOf,
  setSandbox,
  stopContainer,
} from './runtime.js'
import { isSidecar, podStatus } from './status.js'
import { nodeApi, podEvent, syncLater } from './tell.js'
import { kubeletOf, memoryOf, update, workerOf, workersOf } from './workers.js'

/** Making a sandbox: the pause container and its namespaces. */
const SANDBOX_TIME = 120 * MS
/** Source: kubernetes pkg/util/goroutinemap/exponentialbackoff: mounts are tried again after 0.5 s, doubled each time, at most 2 min 2 s */
const MOUNT_RETRY = 500 * MS
const LONGEST_MOUNT_RETRY = 122 * SECOND

/**
 * Looks at one Pod: compares what its spec asks for with what the runtime holds, acts, and reports.
 *
 * Source: kubernetes pkg/kubelet/kubelet.go SyncPod, SyncTerminatingPod; pkg/kubelet/kuberuntime/kuberuntime_manager.go SyncPod
 */
export function syncPod(ctx: Ctx, node: string, uid: string): void {
  const worker = workerOf(ctx, node, uid)
  if (worker === undefined) return
  if (worker.terminating !== 'no') {
    syncTerminating(ctx, node, worker)
    return
  }
  const admitted = checkDeadline(ctx, node, worker.admitted ? worker : admit(ctx, node, worker))
  if (admitted.failure !== undefined) finish(ctx, node, admitted)
  else if (admitted.rejection === undefined) drive(ctx, node, admitted)
  report(ctx, node, uid)
}

function admit(ctx: Ctx, node: string, worker: PodWorker): PodWorker {
  const object = cacheOf(ctx).get('nodes', node)
  const others = [...workersOf(ctx, node).values()].filter(
    (each) => each.uid !== worker.uid && each.admitted && !hasEnded(ctx, node, each),
  )
  const problem =
    worker.isStatic || object === undefined
      ? undefined
      : admissionProblem(
          worker.pod,
          object,
          others.map((each) => each.pod),
        )
  if (problem !== undefined) {
    podEvent(ctx, node, worker, 'Warning', problem.reason, problem.message.replace(/^Pod was rejected: /, ''))
    return update(ctx, node, worker, { admitted: true, rejection: problem })
  }
  ctx.emit({
    kind: 'kubelet-sync',
    facts: { node, pod: objectRef(worker.pod), doing: 'admit' },
    from: thing.kubelet(node),
    to: thing.pod(podRef(worker.pod).namespace, podRef(worker.pod).name),
  })
  return update(ctx, node, worker, { admitted: true })
}

/** A Pod that has been active for longer than it may is ended. Source: kubernetes pkg/kubelet/active_deadline.go */
function checkDeadline(ctx: Ctx, node: string, worker: PodWorker): PodWorker {
  const seconds = worker.pod.spec?.activeDeadlineSeconds
  if (seconds === undefined || worker.failure !== undefined || hasEnded(ctx, node, worker)) return worker
  const due = worker.startTime + seconds * SECOND
  if (ctx.now < due) {
    if (worker.reported === '') syncLater(ctx, node, worker.uid, due - ctx.now, true)
    return worker
  }
  podEvent(ctx, node, worker, 'Normal', 'DeadlineExceeded', 'Pod was active on the node longer than the specified deadline')
  const failure = { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' }
  return update(ctx, node, worker, { failure })
}

function hasEnded(ctx: Ctx, node: string, worker: PodWorker): boolean {
  const phase = podStatus(viewOf(ctx, node, worker)).phase
  return phase === 'Succeeded' || phase === 'Failed'
}

function drive(ctx: Ctx, node: string, worker: PodWorker): void {
  const sandbox = sandboxOf(ctx, node, worker.uid)
  if (isFinished(ctx, node, worker)) {
    finish(ctx, node, worker)
    return
  }
  if (sandbox?.ready !== true) {
    prepareSandbox(ctx, node, worker, sandbox)
    return
  }
  const spec = worker.pod.spec
  for (const container of spec?.initContainers ?? []) {
    const outcome = driveContainer(ctx, node, current(ctx, node, worker), container, sandbox, true)
    if (isSidecar(container)) {
      const memory = memoryOf(current(ctx, node, worker), container.name)
      if (outcome !== 'running' || !memory.started) return
    } else if (outcome !== 'done') {
      return
    }
  }
  for (const container of spec?.containers ?? []) driveContainer(ctx, node, current(ctx, node, worker), container, sandbox, false)
  // Something that was started a moment ago may have decided the Pod: look once more before reporting.
  const now = current(ctx, node, worker)
  if (isFinished(ctx, node, now)) finish(ctx, node, now)
}

function current(ctx: Ctx, node: string, worker: PodWorker): PodWorker {
  return workerOf(ctx, node, worker.uid) ?? worker
}

/** All work is done, or can never be. */
function isFinished(ctx: Ctx, node: string, worker: PodWorker): boolean {
  const { phase } = podStatus(viewOf(ctx, node, worker))
  return phase === 'Succeeded' || phase === 'Failed'
}

/** Sidecars end after the others, then the sandbox goes; the Pod object stays until somebody deletes it. */
function finish(ctx: Ctx, node: string, worker: PodWorker): void {
  const running = runningContainers(ctx, node, worker)
  const grace = (worker.pod.spec?.terminationGracePeriodSeconds ?? 30) * SECOND
  for (const container of running) stopContainer(ctx, node, container.id, grace)
  if (running.length === 0) tearDown(ctx, node, worker)
}

function prepareSandbox(ctx: Ctx, node: string, worker: PodWorker, old: Sandbox | undefined): void {
  if (worker.sandboxBusy) return
  const hostNetwork = worker.pod.spec?.hostNetwork === true
  if (!hostNetwork && !kubeletOf(ctx, node).networkReady) {
    podEvent(
      ctx,
      node,
      worker,
      'Warning',
      'NetworkNotReady',
      'network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
    )
    syncLater(ctx, node, worker.uid, 2 * SECOND, true)
    return
  }
  if (!mountVolumes(ctx, node, worker)) return
  if (old !== undefined && !old.ready) {
    if (Object.values(worker.containers).some((each) => each.id !== '')) {
      podEvent(ctx, node, worker, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
    }
    removePod(ctx, node, podRef(worker.pod))
  }
  update(ctx, node, worker, { sandboxBusy: true })
  const { run } = kubeletOf(ctx, node)
  ctx.send({ kind: 'kubelet', instance: node }, { type: 'sandbox-created', uid: worker.uid, run }, SANDBOX_TIME, {
    background: false,
  })
}

/** The runtime has made the namespaces: now the network plugin. */
export function finishSandbox(ctx: Ctx, node: string, uid: string): void {
  const worker = workerOf(ctx, node, uid)
  if (worker === undefined) return
  const next = update(ctx, node, worker, { sandboxBusy: false })
  if (next.terminating !== 'no') {
    syncPod(ctx, node, uid)
    return
  }
  const ref = podRef(worker.pod)
  const hostNetwork = worker.pod.spec?.hostNetwork === true
  const machine = ctx.world.parts.cluster.machines.get(node)
  const ip = hostNetwork ? machine?.address : addPod(ctx, node, machine?.podCIDR ?? '', ref)
  if (ip === undefined) {
    podEvent(
      ctx,
      node,
      worker,
      'Warning',
      'FailedCreatePodSandBox',
      `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set: ${machine?.podCIDR ?? ''}`,
    )
    syncLater(ctx, node, uid, 10 * SECOND, true)
    return
  }
  const old = sandboxOf(ctx, node, uid)
  setSandbox(ctx, node, {
    id: newId(ctx, node),
    podUid: uid,
    podKey: worker.key,
    ready: true,
    hostNetwork,
    ip,
    attempt: (old?.attempt ?? -1) + 1,
  })
  ctx.emit({
    kind: 'sandbox',
    facts: { node, pod: objectRef(worker.pod), state: 'created' },
    from: thing.runtime(node),
    to: thing.pod(ref.namespace, ref.name),
  })
  syncPod(ctx, node, uid)
}

/** ConfigMaps and Secrets must be there before a Pod's containers start. Source: kubernetes pkg/kubelet/volumemanager; pkg/volume/configmap/configmap.go SetUpAt */
function mountVolumes(ctx: Ctx, node: string, worker: PodWorker): boolean {
  const missing = (worker.pod.spec?.volumes ?? []).flatMap((volume) => missingSource(ctx, node, worker.pod, volume))
  if (missing.length === 0) {
    if (worker.mountFailures > 0) update(ctx, node, worker, { mountFailures: 0 })
    return true
  }
  for (const message of missing) podEvent(ctx, node, worker, 'Warning', 'FailedMount', message)
  const delay = Math.min(MOUNT_RETRY * 2 ** worker.mountFailures, LONGEST_MOUNT_RETRY)
  update(ctx, node, worker, { mountFailures: worker.mountFailures + 1 })
  syncLater(ctx, node, worker.uid, delay, true)
  return false
}

function missingSource(ctx: Ctx, node: string, pod: Pod, volume: Volume): readonly string[] {
  const { namespace } = podRef(pod)
  const look = (resource: 'configmaps' | 'secrets', name: string, optional: boolean | undefined): readonly string[] => {
    if (optional === true || name === '') return []
    const found = nodeApi(ctx, node).get(resource, `${namespace}/${name}`)
    if (found.ok || found.error.code !== 404) return []
    return [`MountVolume.SetUp failed for volume "${volume.name}" : ${found.error.message.replace(/s "/, ' "')}`]
  }
  if (volume.configMap !== undefined) return look('configmaps', volume.configMap.name ?? '', volume.configMap.optional)
  if (volume.secret !== undefined) return look('secrets', volume.secret.secretName ?? '', volume.secret.optional)
  return []
}

/** A Pod is asked to end: its containers are told, then killed when their time is over. */
export function beginTermination(ctx: Ctx, node: string, worker: PodWorker, graceSeconds: number): void {
  if (worker.terminating !== 'no') return
  const next = update(ctx, node, worker, { terminating: 'asked', deadline: ctx.now + graceSeconds * SECOND })
  for (const container of runningContainers(ctx, node, next)) {
    const spec = [...(next.pod.spec?.containers ?? []), ...(next.pod.spec?.initContainers ?? [])].find(
      (each) => each.name === container.name,
    )
    podEvent(ctx, node, next, 'Normal', 'Killing', `Stopping container ${container.name}`, container.name)
    const hook = spec?.lifecycle?.preStop
    const slept = Math.min((hook?.sleep?.seconds ?? sleepOf(hook?.exec?.command)) * SECOND, graceSeconds * SECOND)
    if (slept > 0) {
      const { run } = kubeletOf(ctx, node)
      ctx.send(
        { kind: 'kubelet', instance: node },
        { type: 'stop-container', id: container.id, grace: graceSeconds * SECOND - slept, run },
        slept,
        { background: false },
      )
    } else {
      stopContainer(ctx, node, container.id, graceSeconds * SECOND)
    }
  }
  syncPod(ctx, node, worker.uid)
}

function sleepOf(command: readonly string[] | undefined): number {
  const match = /\bsleep\s+(\d+)/.exec((command ?? []).join(' '))
  return match === null ? 0 : Number(match[1])
}

function runningContainers(ctx: Ctx, node: string, worker: PodWorker): readonly RuntimeContainer[] {
  return Object.values(worker.containers).flatMap(({ id }) => {
    const held = id === '' ? undefined : containerOf(ctx, node, id)
    return held?.state === 'running' ? [held] : []
  })
}

/** Once no process is left the sandbox goes, the last status is written, and the object is removed for good. */
function syncTerminating(ctx: Ctx, node: string, worker: PodWorker): void {
  report(ctx, node, worker.uid)
  if (worker.sandboxBusy || runningContainers(ctx, node, worker).length > 0) return
  tearDown(ctx, node, worker)
  update(ctx, node, worker, { terminating: 'stopped' })
  report(ctx, node, worker.uid)
  if (worker.isStatic) {
    nodeApi(ctx, node).delete('pods', worker.key, { gracePeriodSeconds: 0 })
    forget(ctx, node, worker.uid)
    return
  }
  const removed = nodeApi(ctx, node).delete('pods', worker.key, { gracePeriodSeconds: 0, preconditionUid: worker.uid })
  if (removed.ok || removed.error.code === 404 || removed.error.code === 409) forget(ctx, node, worker.uid)
  else syncLater(ctx, node, worker.uid, 10 * SECOND, true)
}

function tearDown(ctx: Ctx, node: string, worker: PodWorker): void {
  const sandbox = sandboxOf(ctx, node, worker.uid)
  if (sandbox === undefined) return
  const ref = podRef(worker.pod)
  if (!sandbox.hostNetwork) removePod(ctx, node, ref)
  removeSandbox(ctx, node, worker.uid)
  ctx.emit({
    kind: 'sandbox',
    facts: { node, pod: objectRef(worker.pod), state: 'removed' },
    from: thing.runtime(node),
    to: thing.pod(ref.namespace, ref.name),
  })
}

export function forget(ctx: Ctx, node: string, uid: string): void {
  removeContainers(ctx, node, uid)
  workersOf(ctx, node).delete(uid)
}

/** The object has gone without waiting (a forced deletion): what still runs is killed. */
export function killOrphan(ctx: Ctx, node: string, worker: PodWorker): void {
  if (worker.terminating === 'no') beginTermination(ctx, node, worker, 2)
  else syncPod(ctx, node, worker.uid)
}

function viewOf(ctx: Ctx, node: string, worker: PodWorker) {
  const containers = new Map<string, RuntimeContainer>()
  for (const [name, { id }] of Object.entries(worker.containers)) {
    const held = id === '' ? undefined : containerOf(ctx, node, id)
    if (held !== undefined) containers.set(name, held)
  }
  const hostIP = ctx.world.parts.cluster.machines.get(node)?.address ?? ''
  return { worker, sandbox: sandboxOf(ctx, node, worker.uid), containers, hostIP, now: ctx.now }
}

/**
 * Writes a Pod's status when it differs from what was written last; tried again when the API server cannot be reached.
 *
 * Source: kubernetes pkg/kubelet/status/status_manager.go syncPod
 */
export function report(ctx: Ctx, node: string, uid: string): void {
  const worker = workerOf(ctx, node, uid)
  if (worker === undefined) return
  const stopped = Object.entries(worker.containers).filter(
    ([, { id }]) => id !== '' && containerOf(ctx, node, id)?.state === 'exited',
  )
  const settled = stopped.some(([, memory]) => memory.ready || memory.started)
    ? update(ctx, node, worker, {
        containers: {
          ...worker.containers,
          ...Object.fromEntries(stopped.map(([name, memory]) => [name, { ...memory, ready: false, started: false }])),
        },
      })
    : worker
  const status = podStatus(viewOf(ctx, node, settled))
  const seen = digestOf(status)
  if (seen === settled.reported) return
  const conditions = Object.fromEntries(
    (status.conditions ?? []).map((each) => [
      each.type,
      { status: each.status, since: each.lastTransitionTime ?? toTimestamp(ctx.now) },
    ]),
  )
  const api = nodeApi(ctx, node)
  const stored = api.get('pods', settled.key)
  if (!stored.ok) return
  const isMirror = stored.value.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined
  if (stored.value.metadata.uid !== settled.uid && !(settled.isStatic && isMirror)) return
  if (isKnown(stored.value.status, status)) {
    update(ctx, node, settled, { reported: seen, conditions })
    return
  }
  const foreign = (stored.value.status?.conditions ?? []).filter(
    (each) => !status.conditions?.some((own) => own.type === each.type),
  )
  const scheduled = stored.value.status?.conditions?.find((each) => each.type === 'PodScheduled' && each.status === 'True')
  const own = (status.conditions ?? []).map((each) =>
    each.type === 'PodScheduled' && scheduled?.lastTransitionTime !== undefined
      ? { ...each, lastTransitionTime: scheduled.lastTransitionTime }
      : each,
  )
  const qosClass = stored.value.status?.qosClass
  const written = api.updateStatus('pods', {
    ...stored.value,
    status: {
      ...status,
      ...(qosClass === undefined ? {} : { qosClass }),
      conditions: [...own, ...foreign].sort((a, b) => byCodeUnit(rankOf(a.type), rankOf(b.type))),
    },
  })
  if (!written.ok) return
  const before = workerOf(ctx, node, uid)
  if (before !== undefined) update(ctx, node, before, { reported: seen, conditions })
  const ready = status.conditions?.find((each) => each.type === 'Ready')?.status === 'True'
  ctx.emit({
    kind: 'pod-status',
    facts: {
      pod: objectRef(settled.pod),
      phase: status.phase ?? '',
      ready,
      ...(status.podIP === undefined ? {} : { ip: status.podIP }),
    },
    from: thing.kubelet(node),
    to: thing.pod(podRef(settled.pod).namespace, podRef(settled.pod).name),
  })
}

/** Whether the API server holds this status already: conditions as we see them, containers as they are. */
function isKnown(stored: PodStatus | undefined, own: PodStatus): boolean {
  if (stored === undefined || stored.phase !== own.phase || stored.podIP !== own.podIP) return false
  const same = (own.conditions ?? []).every((each) => {
    const held = stored.conditions?.find((one) => one.type === each.type)
    return held?.status === each.status && held.reason === each.reason && held.message === each.message
  })
  const containers = (status: PodStatus): string =>
    digestOf([status.containerStatuses ?? [], status.initContainerStatuses ?? [], status.observedGeneration, status.reason])
  return same && containers(stored) === containers(own)
}

/** Somebody else has written a Pod's status otherwise than we see it (the control plane thought the Node dead): it is written anew. */
export function reconcileStatus(ctx: Ctx, node: string, worker: PodWorker, stored: PodStatus | undefined): void {
  const otherwise = Object.entries(worker.conditions).some(
    ([type, own]) => type !== 'PodScheduled' && stored?.conditions?.find((each) => each.type === type)?.status !== own.status,
  )
  if (!otherwise) return
  update(ctx, node, worker, { reported: '' })
  report(ctx, node, worker.uid)
}

/** Conditions stand in the order in which the kubelet writes them; those of others after. */
const KNOWN = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled']
function rankOf(type: string): string {
  const index = KNOWN.indexOf(type)
  return index < 0 ? `9${type}` : String(index)
}
