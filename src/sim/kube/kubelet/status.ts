import type { Container, ContainerState, ContainerStatus, Pod, PodCondition, PodStatus } from '../../../generated/kubeTypes.js'
import { hashText } from '../../core/digest.js'
import { type SimTime, toTimestamp } from '../../core/time.js'
import { fullImageName } from '../../workload/images.js'
import type { ContainerMemory, PodWorker, RuntimeContainer, Sandbox } from './part.js'
import { memoryOf } from './workers.js'

/** What the kubelet sees of one Pod when it writes its status. */
export interface PodView {
  readonly worker: PodWorker
  readonly sandbox: Sandbox | undefined
  /** Newest container of each name. */
  readonly containers: ReadonlyMap<string, RuntimeContainer>
  readonly hostIP: string
  readonly hostIPs?: readonly string[]
  readonly now: SimTime
}

export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always'
}

/** Which restart policy decides for a container. */
export function restartPolicyOf(pod: Pod, container: Container): string {
  return container.restartPolicy ?? pod.spec?.restartPolicy ?? 'Always'
}

/** Whether a container that ended is to be started again. Source: kubernetes pkg/kubelet/container/helpers.go ShouldContainerBeRestarted */
export function shouldRestart(policy: string, exitCode: number): boolean {
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

/**
 * The status that the kubelet reports.
 *
 * Source: kubernetes pkg/kubelet/kubelet_pods.go generateAPIPodStatus, getPhase, convertToAPIContainerStatuses; pkg/kubelet/status/generate.go
 */
export function podStatus(view: PodView): PodStatus {
  const { worker, sandbox, hostIP } = view
  const { pod } = worker
  const startTime = toTimestamp(worker.startTime)
  if (worker.rejection !== undefined) {
    return {
      phase: 'Failed',
      reason: worker.rejection.reason,
      message: worker.rejection.message,
      startTime,
      ...generationOf(pod),
    }
  }
  const init = (pod.spec?.initContainers ?? []).map((each) => containerStatus(view, each, true))
  const main = (pod.spec?.containers ?? []).map((each) => containerStatus(view, each, false))
  const phase = worker.failure !== undefined ? 'Failed' : phaseOf(pod, init, main, worker.terminating !== 'no')
  const ip = sandbox?.ip ?? ''
  const ended = phase === 'Succeeded' || phase === 'Failed'
  return {
    phase,
    ...(worker.failure === undefined ? {} : worker.failure),
    ...generationOf(pod),
    startTime,
    hostIP,
    hostIPs: (view.hostIPs ?? [hostIP]).map((each) => ({ ip: each })),
    ...(ip === '' || (ended && sandbox === undefined)
      ? {}
      : { podIP: ip, podIPs: (sandbox?.ips ?? [ip]).map((each) => ({ ip: each })) }),
    conditions: conditions(view, phase, init, main),
    ...(init.length === 0 ? {} : { initContainerStatuses: init }),
    containerStatuses: main,
  }
}

function generationOf(pod: Pod): { readonly observedGeneration?: number } {
  const generation = pod.metadata?.generation
  return generation === undefined ? {} : { observedGeneration: generation }
}

/** Source: kubernetes pkg/kubelet/kubelet_pods.go getPhase */
export function phaseOf(
  pod: Pod,
  init: readonly ContainerStatus[],
  main: readonly ContainerStatus[],
  terminating = false,
): string {
  const policy = pod.spec?.restartPolicy ?? 'Always'
  const failedInit = init.some((status, index) => {
    const container = pod.spec?.initContainers?.[index]
    if (container === undefined || isSidecar(container)) return false
    return status.state?.terminated !== undefined && status.state.terminated.exitCode !== 0 && policy === 'Never'
  })
  if (failedInit) return 'Failed'
  const initDone = init.every((status, index) => {
    const container = pod.spec?.initContainers?.[index]
    if (container !== undefined && isSidecar(container)) return status.started === true
    return status.state?.terminated?.exitCode === 0
  })
  const anyBegun = main.some(
    (status) =>
      status.state?.running !== undefined || status.state?.terminated !== undefined || status.lastState?.terminated !== undefined,
  )
  if (!initDone && !anyBegun) return 'Pending'
  let running = 0
  let waiting = 0
  let stopped = 0
  let failed = 0
  for (const status of main) {
    if (status.state?.running !== undefined) running++
    else if (status.state?.terminated !== undefined) {
      stopped++
      if (status.state.terminated.exitCode !== 0) failed++
    } else if (status.lastState?.terminated !== undefined) stopped++
    else waiting++
  }
  if (waiting > 0) return 'Pending'
  if (running > 0) return 'Running'
  if (stopped > 0) {
    if (policy === 'Always' && !terminating) return 'Running'
    if (failed === 0 && main.every((status) => status.state?.terminated !== undefined)) return 'Succeeded'
    return policy === 'Never' || terminating ? 'Failed' : 'Running'
  }
  return 'Pending'
}

function conditions(
  view: PodView,
  phase: string,
  init: readonly ContainerStatus[],
  main: readonly ContainerStatus[],
): readonly PodCondition[] {
  const { pod } = view.worker
  const make = (type: string, status: boolean, reason?: string, message?: string): PodCondition => {
    const before = view.worker.conditions[type]
    const word = status ? 'True' : 'False'
    const since = before?.status === word ? before.since : toTimestamp(view.now)
    return {
      type,
      ...generationOf(pod),
      status: word,
      lastTransitionTime: since,
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
    }
  }
  const sandboxReady = view.sandbox?.ready === true && (view.sandbox.ip !== '' || view.sandbox.hostNetwork)
  const ended = phase === 'Succeeded' || phase === 'Failed'
  const pendingInit = init.filter((status, index) => {
    const container = pod.spec?.initContainers?.[index]
    return container !== undefined && isSidecar(container) ? status.started !== true : status.state?.terminated?.exitCode !== 0
  })
  const initialized =
    pendingInit.length === 0 || phase === 'Succeeded'
      ? make('Initialized', true, phase === 'Succeeded' ? 'PodCompleted' : undefined)
      : make(
          'Initialized',
          false,
          'ContainersNotInitialized',
          `containers with incomplete status: [${pendingInit.map((each) => each.name).join(' ')}]`,
        )
  const sidecars = init.filter((_, index) => {
    const container = pod.spec?.initContainers?.[index]
    return container !== undefined && isSidecar(container)
  })
  const unready = [...sidecars, ...main].filter((status) => !status.ready).map((status) => status.name)
  const readiness = (type: string): PodCondition => {
    if (phase === 'Succeeded') return make(type, false, 'PodCompleted')
    if (phase === 'Failed') return make(type, false, 'PodFailed')
    if (unready.length > 0)
      return make(type, false, 'ContainersNotReady', `containers with unready status: [${unready.join(' ')}]`)
    return make(type, true)
  }
  const containersReady = readiness('ContainersReady')
  const gates = pod.spec?.readinessGates ?? []
  const missing = gates.filter(
    (gate) => pod.status?.conditions?.find((each) => each.type === gate.conditionType)?.status !== 'True',
  )
  const ready =
    containersReady.status === 'True' && missing.length > 0
      ? make(
          'Ready',
          false,
          'ReadinessGatesNotReady',
          gateMessage(
            pod,
            missing.map((each) => each.conditionType),
          ),
        )
      : readiness('Ready')
  return [
    make('PodReadyToStartContainers', sandboxReady && !ended),
    initialized,
    ready,
    containersReady,
    make('PodScheduled', true),
  ]
}

function gateMessage(pod: Pod, missing: readonly string[]): string {
  const known = new Set((pod.status?.conditions ?? []).map((each) => each.type))
  return missing
    .map((type) =>
      known.has(type)
        ? `the status of pod readiness gate "${type}" is not "True", but False`
        : `corresponding condition of pod readiness gate "${type}" does not exist.`,
    )
    .join(', ')
}

function containerStatus(view: PodView, container: Container, isInit: boolean): ContainerStatus {
  const memory = memoryOf(view.worker, container.name)
  const running = view.containers.get(container.name)
  const state = stateOf(view, memory, running, isInit)
  const ready = isInit && !isSidecar(container) ? running?.state === 'exited' && running.exitCode === 0 : memory.ready
  const image = container.image ?? ''
  const resources = container.resources
  return {
    name: container.name,
    state,
    lastState: memory.lastState ?? {},
    ready,
    restartCount: memory.restartCount,
    image: memory.id === '' ? image : fullImageName(image),
    imageID: memory.id === '' ? '' : imageId(image),
    ...(memory.id === '' ? {} : { containerID: `containerd://${memory.id}` }),
    started: state.running !== undefined && (memory.started || container.startupProbe === undefined),
    ...(resources?.requests === undefined ? {} : { allocatedResources: resources.requests }),
    ...(resources?.requests === undefined && resources?.limits === undefined ? {} : { resources: resources ?? {} }),
  }
}

function imageId(image: string): string {
  const full = fullImageName(image)
  const name = full.replace(/(?::[^/:@]+)?(?:@.*)?$/, '')
  return `${name}@sha256:${hashText(full)}${hashText(`${full}#`)}`
}

function stateOf(view: PodView, memory: ContainerMemory, held: RuntimeContainer | undefined, isInit: boolean): ContainerState {
  if (memory.waiting !== undefined && held?.state !== 'running') return { waiting: memory.waiting }
  if (held === undefined) {
    const initWork = (view.worker.pod.spec?.initContainers ?? []).length > 0
    return {
      waiting: {
        reason:
          initWork && (!isInit || view.worker.sandboxBusy || view.sandbox !== undefined)
            ? 'PodInitializing'
            : 'ContainerCreating',
      },
    }
  }
  if (held.state === 'running' || held.state === 'created') return { running: { startedAt: toTimestamp(held.startedAt) } }
  return { terminated: terminatedState(held) }
}

/** How the end of a container is told. */
export function terminatedState(held: RuntimeContainer): NonNullable<ContainerState['terminated']> {
  return {
    exitCode: held.exitCode,
    reason: held.reason,
    ...(held.message === '' ? {} : { message: held.message }),
    startedAt: toTimestamp(held.startedAt),
    finishedAt: toTimestamp(held.finishedAt),
    containerID: `containerd://${held.id}`,
  }
}
