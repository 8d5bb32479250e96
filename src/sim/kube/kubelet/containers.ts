import type { Container } from '../../../generated/kubeTypes.js'
import { own } from '../../core/own.js'
import { thing } from '../../core/thing.js'
import { MINUTE, MS, SECOND, type SimTime } from '../../core/time.js'
import { findImage, parseImage, pullError } from '../../workload/images.js'
import type { Ctx } from '../context.js'
import type { PodWorker, Sandbox } from './part.js'
import { startProbes } from './probes.js'
import { containerOf, objectRef, startContainer } from './runtime.js'
import { restartPolicyOf, shouldRestart, terminatedState } from './status.js'
import { nodeApi, podEvent, syncLater } from './tell.js'
import { kubeletOf, memoryOf, remember } from './workers.js'

/** Source: kubernetes pkg/kubelet/kubelet.go MaxCrashLoopBackOff, initialBackOff; pkg/kubelet/images */
const FIRST_BACK_OFF = 10 * SECOND
const LONGEST_BACK_OFF = 5 * MINUTE
/** After a run this long an earlier crash is forgotten. */
const FORGET_AFTER = 10 * MINUTE

export type ContainerOutcome =
  | 'running'
  /** Not running yet, or waiting for its back-off. */
  | 'waiting'
  | 'done'
  | 'failed'

/**
 * Brings one container nearer to running: pulls, starts, restarts with back-off. Says how it stands.
 *
 * Source: kubernetes pkg/kubelet/kuberuntime/kuberuntime_manager.go computePodActions, doBackOff; kuberuntime_container.go startContainer
 */
export function driveContainer(
  ctx: Ctx,
  node: string,
  worker: PodWorker,
  container: Container,
  sandbox: Sandbox,
  isInit: boolean,
): ContainerOutcome {
  const memory = memoryOf(worker, container.name)
  const held = memory.id === '' ? undefined : containerOf(ctx, node, memory.id)
  if (held?.state === 'running') return 'running'
  if (memory.pulling) return 'waiting'
  let restarting = false
  if (held?.state === 'exited') {
    const policy = restartPolicyOf(worker.pod, container)
    const goesOn =
      isInit && container.restartPolicy !== 'Always' && worker.pod.spec?.restartPolicy !== 'Never' ? 'OnFailure' : policy
    if (!shouldRestart(goesOn, held.exitCode)) return held.exitCode === 0 ? 'done' : 'failed'
    restarting = true
    if (isHeldBack(ctx, node, worker, container, held.startedAt, held.finishedAt, isInit)) return 'waiting'
  }
  if (!isImageReady(ctx, node, worker, container, isInit)) return 'waiting'
  const problem = configProblem(ctx, node, worker, container)
  if (problem !== undefined) {
    const waiting = { reason: 'CreateContainerConfigError', message: problem }
    if (memory.waiting?.reason !== waiting.reason)
      podEvent(ctx, node, worker, 'Warning', 'Failed', `Error: ${problem}`, container.name, isInit)
    remember(ctx, node, worker, container.name, { waiting })
    syncLater(ctx, node, worker.uid, 10 * SECOND, true)
    return 'waiting'
  }
  return start(ctx, node, worker, container, sandbox, isInit, restarting)
}

function start(
  ctx: Ctx,
  node: string,
  worker: PodWorker,
  container: Container,
  sandbox: Sandbox,
  isInit: boolean,
  restarting: boolean,
): ContainerOutcome {
  const memory = memoryOf(worker, container.name)
  const before = memory.id === '' ? undefined : containerOf(ctx, node, memory.id)
  const lastState = before === undefined ? memory.lastState : { terminated: terminatedState(before) }
  const restartCount = memory.id === '' ? memory.restartCount : memory.restartCount + 1
  const backOff = restarting ? nextBackOff(memory.backOff) : memory.backOff
  podEvent(ctx, node, worker, 'Normal', 'Created', 'Container created', container.name, isInit)
  const made = startContainer(ctx, { node, pod: worker.pod, container, sandbox, restarts: restartCount })
  const base = {
    id: made.id,
    restartCount,
    lastState,
    backOff,
    probes: {},
    ready: false,
    started: false,
    attempts: memory.attempts + 1,
  }
  if (made.workload.cannotRun !== undefined) {
    const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "${made.workload.cannotRun}": stat ${made.workload.cannotRun}: no such file or directory`
    podEvent(ctx, node, worker, 'Warning', 'Failed', `Error: ${message}`, container.name, isInit)
    ctx.world.parts.runtime.containers.get(node)?.set(made.id, {
      ...made,
      state: 'exited',
      finishedAt: ctx.now,
      exitCode: 128,
      reason: 'StartError',
      message,
    })
    remember(ctx, node, worker, container.name, { ...base, waiting: undefined })
    syncLater(ctx, node, worker.uid, 10 * MS, false)
    return 'waiting'
  }
  podEvent(ctx, node, worker, 'Normal', 'Started', 'Container started', container.name, isInit)
  const started = container.startupProbe === undefined
  const ready = started && container.readinessProbe === undefined
  const next = remember(ctx, node, worker, container.name, { ...base, waiting: undefined, started, ready })
  startProbes(ctx, node, next, container, made.id)
  return 'running'
}

function nextBackOff(before: SimTime): SimTime {
  return before === 0 ? FIRST_BACK_OFF : Math.min(before * 2, LONGEST_BACK_OFF)
}

/** The first restart comes at once; then the wait counts from the container's end, twice as long each time. */
function isHeldBack(
  ctx: Ctx,
  node: string,
  worker: PodWorker,
  container: Container,
  startedAt: SimTime,
  finishedAt: SimTime,
  isInit: boolean,
): boolean {
  const memory = memoryOf(worker, container.name)
  if (memory.backOff === 0) return false
  if (finishedAt - startedAt >= FORGET_AFTER) {
    remember(ctx, node, worker, container.name, { backOff: 0 })
    return false
  }
  const until = finishedAt + memory.backOff
  if (ctx.now >= until) return false
  const held = containerOf(ctx, node, memory.id)
  const seconds = memory.backOff / SECOND
  const readable = seconds >= 60 ? `${Math.floor(seconds / 60)}m${seconds % 60}s` : `${seconds}s`
  const pod = `${worker.pod.metadata?.name ?? ''}_${worker.pod.metadata?.namespace ?? 'default'}(${worker.uid})`
  if (memory.waiting?.reason !== 'CrashLoopBackOff') {
    podEvent(
      ctx,
      node,
      worker,
      'Warning',
      'BackOff',
      `Back-off restarting failed container ${container.name} in pod ${pod}`,
      container.name,
      isInit,
    )
    ctx.emit({
      kind: 'container-state',
      facts: {
        node,
        pod: objectRef(worker.pod),
        container: container.name,
        state: 'waiting',
        reason: 'CrashLoopBackOff',
        restartCount: memory.restartCount,
        backOffMs: memory.backOff / MS,
      },
      from: thing.kubelet(node),
      to: thing.container(worker.pod.metadata?.namespace ?? 'default', worker.pod.metadata?.name ?? '', container.name),
    })
    syncLater(ctx, node, worker.uid, until - ctx.now, true)
  }
  remember(ctx, node, worker, container.name, {
    waiting: {
      reason: 'CrashLoopBackOff',
      message: `back-off ${readable} restarting failed container=${container.name} pod=${pod}`,
    },
    ...(held === undefined ? {} : { lastState: { terminated: terminatedState(held) } }),
    backOffUntil: until,
  })
  return true
}

/** Image there, or on its way. Source: kubernetes pkg/kubelet/images/image_manager.go EnsureImageExists */
function isImageReady(ctx: Ctx, node: string, worker: PodWorker, container: Container, isInit: boolean): boolean {
  const image = container.image ?? ''
  const memory = memoryOf(worker, container.name)
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
    podEvent(ctx, node, worker, type, reason, message, container.name, isInit)
  if (parseImage(image) === undefined) {
    const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`
    if (memory.waiting === undefined) {
      tell('Warning', 'InspectFailed', message)
      tell('Warning', 'Failed', 'Error: InvalidImageName')
    }
    remember(ctx, node, worker, container.name, { waiting: { reason: 'InvalidImageName', message } })
    return false
  }
  // Pulled for this very start a moment ago.
  if (memory.pullBackOffUntil === -1) {
    remember(ctx, node, worker, container.name, { pullBackOffUntil: 0, pullBackOff: 0 })
    return true
  }
  const present = ctx.world.parts.runtime.images.get(node)?.has(image) === true
  const policy = container.imagePullPolicy ?? 'IfNotPresent'
  if (present && policy !== 'Always') {
    tell('Normal', 'Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`)
    tellPull(ctx, node, worker, image, 'present')
    return true
  }
  if (policy === 'Never') {
    const message = `Container image "${image}" is not present with pull policy of Never`
    if (memory.waiting === undefined) {
      tell('Warning', 'ErrImageNeverPull', message)
      tell('Warning', 'Failed', 'Error: ErrImageNeverPull')
    }
    remember(ctx, node, worker, container.name, { waiting: { reason: 'ErrImageNeverPull', message } })
    return false
  }
  if (ctx.now < memory.pullBackOffUntil) {
    if (memory.waiting?.reason === 'ErrImagePull') {
      const message = `Back-off pulling image "${image}"`
      tell('Normal', 'BackOff', message)
      tell('Warning', 'Failed', 'Error: ImagePullBackOff')
      remember(ctx, node, worker, container.name, {
        waiting: { reason: 'ImagePullBackOff', message: `${message}: ErrImagePull: ${memory.waiting.message ?? ''}` },
      })
    }
    return false
  }
  beginPull(ctx, node, worker, container, present)
  tell('Normal', 'Pulling', `Pulling image "${image}"`)
  return false
}

function tellPull(
  ctx: Ctx,
  node: string,
  worker: PodWorker,
  image: string,
  state: 'pulling' | 'pulled' | 'present' | 'failed',
  message?: string,
): void {
  ctx.emit({
    kind: 'image-pull',
    facts: { node, pod: objectRef(worker.pod), image, state, ...(message === undefined ? {} : { message }) },
    from: thing.runtime(node),
    to: thing.runtime(node),
  })
}

function beginPull(ctx: Ctx, node: string, worker: PodWorker, container: Container, present: boolean): void {
  const { runtime } = ctx.world.parts
  const image = container.image ?? ''
  tellPull(ctx, node, worker, image, 'pulling')
  remember(ctx, node, worker, container.name, { pulling: true })
  const size = megabytesOf(image)
  const chance = ctx.random('runtime.pull').int(400) * MS
  // A registry is asked for the digest even when every layer is there; a missing image is told soon.
  const work = present || pullError(image) !== undefined ? 300 * MS : 500 * MS + Math.min(size, 300) * 4 * MS + chance
  const begin = Math.max(ctx.now, runtime.pullerFreeAt.get(node) ?? 0)
  runtime.pullerFreeAt.set(node, begin + work)
  ctx.send(
    { kind: 'kubelet', instance: node },
    {
      type: 'pulled',
      uid: worker.uid,
      container: container.name,
      image,
      startedAt: ctx.now,
      took: work,
      run: kubeletOf(ctx, node).run,
    },
    begin + work - ctx.now,
    { background: memoryOf(worker, container.name).pullBackOff > 0 },
  )
}

export function megabytesOf(image: string): number {
  return findImage(image)?.megabytes ?? 60
}

/** The puller is done with an image. */
export function finishPull(
  ctx: Ctx,
  node: string,
  worker: PodWorker,
  message: { readonly container: string; readonly image: string; readonly startedAt: SimTime; readonly took: SimTime },
): void {
  const { image, container } = message
  const isInit = (worker.pod.spec?.initContainers ?? []).some((each) => each.name === container)
  const memory = memoryOf(worker, container)
  const error = pullError(image)
  if (error !== undefined) {
    tellPull(ctx, node, worker, image, 'failed', error)
    podEvent(ctx, node, worker, 'Warning', 'Failed', `Failed to pull image "${image}": ${error}`, container, isInit)
    podEvent(ctx, node, worker, 'Warning', 'Failed', 'Error: ErrImagePull', container, isInit)
    const pullBackOff = nextBackOff(memory.pullBackOff)
    remember(ctx, node, worker, container, {
      pulling: false,
      pullBackOff,
      pullBackOffUntil: ctx.now + pullBackOff,
      waiting: { reason: 'ErrImagePull', message: error },
    })
    syncLater(ctx, node, worker.uid, 2 * SECOND, memory.pullBackOff > 0)
    syncLater(ctx, node, worker.uid, pullBackOff, true)
    return
  }
  const { images } = ctx.world.parts.runtime
  const own = images.get(node) ?? new Map<string, number>()
  const size = own.get(image) ?? megabytesOf(image) * 1_048_576 + ((image.length * 7919) % 1_000_000)
  own.set(image, size)
  images.set(node, own)
  tellPull(ctx, node, worker, image, 'pulled')
  const text = `Successfully pulled image "${image}" in ${goDuration(message.took)} (${goDuration(ctx.now - message.startedAt)} including waiting). Image size: ${size} bytes.`
  podEvent(ctx, node, worker, 'Normal', 'Pulled', text, container, isInit)
  remember(ctx, node, worker, container, { pulling: false, pullBackOffUntil: -1, waiting: undefined })
}

/** Milliseconds as Go prints them: `1.234s`, `512ms`. */
function goDuration(us: SimTime): string {
  const ms = Math.floor(us / MS)
  return ms >= 1000 ? `${ms / 1000}s` : `${ms}ms`
}

/** A ConfigMap or Secret that the environment needs and that is not there. Source: kubernetes pkg/kubelet/kubelet_pods.go makeEnvironmentVariables */
function configProblem(ctx: Ctx, node: string, worker: PodWorker, container: Container): string | undefined {
  const namespace = worker.pod.metadata?.namespace ?? 'default'
  const api = nodeApi(ctx, node)
  const missing = (resource: 'configmaps' | 'secrets', name: string): string | undefined => {
    const found = api.get(resource, `${namespace}/${name}`)
    return !found.ok && found.error.code === 404
      ? `${resource === 'configmaps' ? 'configmap' : 'secret'} "${name}" not found`
      : undefined
  }
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef !== undefined && configMapRef.optional !== true) {
      const problem = missing('configmaps', configMapRef.name ?? '')
      if (problem !== undefined) return problem
    }
    if (secretRef !== undefined && secretRef.optional !== true) {
      const problem = missing('secrets', secretRef.name ?? '')
      if (problem !== undefined) return problem
    }
  }
  for (const { valueFrom } of container.env ?? []) {
    const configMap = valueFrom?.configMapKeyRef
    if (configMap !== undefined && configMap.optional !== true) {
      const name = configMap.name ?? ''
      const found = api.get('configmaps', `${namespace}/${name}`)
      if (!found.ok && found.error.code === 404) return `configmap "${name}" not found`
      if (found.ok && own(found.value.data, configMap.key) === undefined)
        return `couldn't find key ${configMap.key} in ConfigMap ${namespace}/${name}`
    }
    const secret = valueFrom?.secretKeyRef
    if (secret !== undefined && secret.optional !== true) {
      const name = secret.name ?? ''
      const found = api.get('secrets', `${namespace}/${name}`)
      if (!found.ok && found.error.code === 404) return `secret "${name}" not found`
      if (found.ok && own(found.value.data, secret.key) === undefined)
        return `couldn't find key ${secret.key} in Secret ${namespace}/${name}`
    }
  }
  return undefined
}
