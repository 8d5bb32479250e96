import type { Pod, Volume } from '../../../generated/kubeTypes.js'
import { addPod, removePod } from '../../cni/bridge.js'
import { thing } from '../../core/thing.js'
import { MS, SECOND } from '../../core/time.js'
import { cacheOf } from '../api/informer.js'
import { addressesOfMachine } from '../bootstrap/layout.js'
import type { Ctx } from '../context.js'
import { admissionProblem } from './admission.js'
import { driveContainer } from './containers.js'
import type { PodWorker, RuntimeContainer, Sandbox } from './part.js'
import { report, viewOf } from './podReport.js'
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
  const own = machine === undefined ? undefined : addressesOfMachine(machine)
  const ips = hostNetwork ? own : addPod(ctx, node, machine?.podCIDRs ?? [machine?.podCIDR ?? ''], ref)
  const ip = ips?.[0]
  if (ips === undefined || ip === undefined) {
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
    ...(ips.length > 1 ? { ips } : {}),
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
  // In a real cluster the scheduler binds a Pod only when its claims are bound.
  if (!hasBoundClaims(ctx, node, worker.pod)) {
    syncLater(ctx, node, worker.uid, MOUNT_RETRY, true)
    return false
  }
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

function hasBoundClaims(ctx: Ctx, node: string, pod: Pod): boolean {
  const { namespace } = podRef(pod)
  return (pod.spec?.volumes ?? []).every(({ persistentVolumeClaim: wanted }) => {
    if (wanted === undefined) return true
    const claim = nodeApi(ctx, node).get('persistentvolumeclaims', `${namespace}/${wanted.claimName}`)
    // Without the API server a Pod that ran before is started from what is on the Node.
    return !claim.ok || claim.value.status?.phase === 'Bound'
  })
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
