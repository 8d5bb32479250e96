import type { Container, EndpointSlice, Pod } from '../../../generated/kubeTypes.js'
import { hashText } from '../../core/digest.js'
import { BACKGROUND } from '../../core/step.js'
import { thing } from '../../core/thing.js'
import { MS, type SimTime } from '../../core/time.js'
import type { ObjectRef } from '../../core/vocabulary.js'
import { hostName } from '../../net/layout.js'
import { socketKey } from '../../net/sockets.js'
import { listen, unlisten } from '../../net/topology.js'
import { workloadOf } from '../../workload/workload.js'
import type { Behaviour, Ctx } from '../context.js'
import { getStored, listStored } from '../etcd/store.js'
import { ownFlow } from '../faults/news.js'
import { startProxyContainer } from '../proxy/container.js'
import type { RuntimeContainer, Sandbox } from './part.js'

/** Time in which a well-behaved program ends when asked. */
const TERM_TIME = 150 * MS
/** A script that waits asks at once, then every two seconds. */
const FIRST_ASK = 50 * MS
const ASK_PERIOD = 2_000 * MS
/** Time until the kubelet hears of a container's end. Simplified: its relist takes up to a second. */
const NOTICE = 100 * MS

export interface PodRef {
  readonly uid: string
  readonly namespace: string
  readonly name: string
}

export function podRef(pod: Pod): PodRef {
  return { uid: pod.metadata?.uid ?? '', namespace: pod.metadata?.namespace ?? 'default', name: pod.metadata?.name ?? '' }
}

export function objectRef(pod: Pod): ObjectRef {
  return { kind: 'Pod', apiVersion: 'v1', namespace: pod.metadata?.namespace ?? 'default', name: pod.metadata?.name ?? '' }
}

export function sandboxOf(ctx: Ctx, node: string, uid: string): Sandbox | undefined {
  return ctx.world.parts.runtime.sandboxes.get(node)?.get(uid)
}

export function setSandbox(ctx: Ctx, node: string, sandbox: Sandbox): void {
  const { sandboxes } = ctx.world.parts.runtime
  const own = sandboxes.get(node) ?? new Map<string, Sandbox>()
  own.set(sandbox.podUid, sandbox)
  sandboxes.set(node, own)
}

export function removeSandbox(ctx: Ctx, node: string, uid: string): void {
  ctx.world.parts.runtime.sandboxes.get(node)?.delete(uid)
}

export function containerOf(ctx: Ctx, node: string, id: string): RuntimeContainer | undefined {
  return ctx.world.parts.runtime.containers.get(node)?.get(id)
}

function setContainer(ctx: Ctx, node: string, container: RuntimeContainer): void {
  const { containers } = ctx.world.parts.runtime
  const own = containers.get(node) ?? new Map<string, RuntimeContainer>()
  own.set(container.id, container)
  containers.set(node, own)
}

/** Removes what is left of a Pod's containers. */
export function removeContainers(ctx: Ctx, node: string, uid: string): void {
  const own = ctx.world.parts.runtime.containers.get(node)
  for (const container of [...(own?.values() ?? [])]) if (container.podUid === uid) own?.delete(container.id)
}

export function newId(ctx: Ctx, node: string): string {
  const { runtime } = ctx.world.parts
  const seed = `${ctx.world.seed}/${node}/${++runtime.counter}`
  return hashText(seed) + hashText(`${seed}#`)
}

/**
 * Creates and starts a container: its program listens on its ports, and does what its workload says.
 * A port that is taken in its network namespace ends it at once, as the program's own `bind` would.
 */
export function startContainer(
  ctx: Ctx,
  input: {
    readonly node: string
    readonly pod: Pod
    readonly container: Container
    readonly sandbox: Sandbox
    readonly restarts: number
  },
): RuntimeContainer {
  const { node, pod, container, sandbox } = input
  const { net } = ctx.world.parts
  const ref = podRef(pod)
  const host = sandbox.hostNetwork ? node : hostName.pod(ref.namespace, ref.name)
  const workload = workloadOf(pod, container, sandbox.ip)
  const taken = workload.listens.find((port) => net.sockets.get(host)?.has(socketKey(port)))
  const refusal = startProxyContainer(ctx, node, pod, container)
  const made: RuntimeContainer = {
    id: newId(ctx, node),
    podUid: ref.uid,
    podKey: `${ref.namespace}/${ref.name}`,
    name: container.name,
    image: container.image ?? '',
    workload: taken === undefined ? workload : { ...workload, listens: [] },
    host,
    ip: sandbox.ip,
    state: 'running',
    createdAt: ctx.now,
    startedAt: ctx.now,
    finishedAt: 0,
    exitCode: 0,
    reason: '',
    message: '',
  }
  setContainer(ctx, node, made)
  ctx.emit({
    kind: 'container-state',
    facts: { node, pod: objectRef(pod), container: container.name, state: 'running', restartCount: input.restarts },
    from: thing.runtime(node),
    to: thing.container(ref.namespace, ref.name, container.name),
  })
  const to = { kind: 'runtime', instance: node } as const
  if (refusal !== undefined) {
    ctx.send(to, { type: 'exit', id: made.id, exitCode: 1, reason: 'Error', message: refusal }, 10 * MS, { background: false })
    return made
  }
  if (taken !== undefined) {
    const message = `listen ${taken.proto} 0.0.0.0:${taken.port}: bind: address already in use`
    ctx.send(to, { type: 'exit', id: made.id, exitCode: 1, reason: 'Error', message }, 10 * MS, { background: false })
    return made
  }
  serve(ctx, made, workload.readyAfter > 0 ? 503 : workload.status)
  if (workload.readyAfter > 0) ctx.send(to, { type: 'serve', id: made.id }, workload.readyAfter, { background: true })
  if (workload.hangAfter !== undefined) ctx.send(to, { type: 'hang', id: made.id }, workload.hangAfter, { background: true })
  if (workload.awaits !== undefined) ctx.send(to, { type: 'ask', id: made.id }, FIRST_ASK, { background: false })
  if (workload.exit !== undefined) {
    const { after, code, reason, message } = workload.exit
    ctx.send(to, { type: 'exit', id: made.id, exitCode: code, reason, message }, after, { background: after > 5_000 * MS })
  }
  return made
}

function serve(ctx: Ctx, container: RuntimeContainer, status: number): void {
  const { workload } = container
  for (const port of workload.listens) {
    listen(ctx.world.parts.net, container.host, {
      ...port,
      owner: `${container.name} in Pod ${container.podKey}`,
      response: { status, body: workload.body, latencyUs: workload.latency, servedBy: container.podKey },
    })
  }
}

function closeSockets(ctx: Ctx, container: RuntimeContainer): void {
  for (const port of container.workload.listens) unlisten(ctx.world.parts.net, container.host, port)
}

/** Asks a container to end (SIGTERM); what ignores it is killed when the grace period is over. */
export function stopContainer(ctx: Ctx, node: string, id: string, grace: SimTime): void {
  const container = containerOf(ctx, node, id)
  if (container?.state !== 'running') return
  const killed = container.workload.ignoresTerm || grace < TERM_TIME
  const exit = killed ? { exitCode: 137, reason: 'Error' } : { exitCode: 0, reason: 'Completed' }
  ctx.send({ kind: 'runtime', instance: node }, { type: 'exit', id, ...exit }, killed ? grace : TERM_TIME, { background: false })
}

/** The power fails: every process is gone, and nobody is told. What the disk holds (records, images) stays. */
export function losePower(ctx: Ctx, node: string): void {
  const { containers, sandboxes } = ctx.world.parts.runtime
  for (const container of containers.get(node)?.values() ?? []) {
    if (container.state !== 'running') continue
    closeSockets(ctx, container)
    setContainer(ctx, node, { ...container, state: 'exited', finishedAt: ctx.now, exitCode: 255, reason: 'Unknown' })
  }
  for (const sandbox of sandboxes.get(node)?.values() ?? []) setSandbox(ctx, node, { ...sandbox, ready: false })
}

/** Ends a process at once, as `kill -9` by somebody on the Node. */
export function killProcess(ctx: Ctx, node: string, id: string): void {
  ctx.send({ kind: 'runtime', instance: node }, { type: 'exit', id, exitCode: 137, reason: 'Error' }, 0, { background: false })
}

/**
 * Whether a Service is there, or has somebody behind it, as a script inside a container would find out.
 *
 * Simplified: asked of the store, not by packets through DNS.
 */
function isThere(ctx: Ctx, container: RuntimeContainer): boolean {
  const { awaits } = container.workload
  if (awaits === undefined) return true
  const [name = '', given] = awaits.host.split('.')
  const namespace = given ?? container.podKey.split('/')[0] ?? 'default'
  if (getStored(ctx.world.parts.etcd, 'services', `${namespace}/${name}`) === undefined) return false
  if (awaits.what === 'name') return true
  const slices = listStored(ctx.world.parts.etcd, 'endpointslices', namespace) as unknown as readonly EndpointSlice[]
  return slices.some(
    (slice) =>
      slice.metadata?.labels?.['kubernetes.io/service-name'] === name &&
      (slice.endpoints ?? []).some((endpoint) => endpoint.conditions?.ready !== false),
  )
}

/** Container runtimes: what happens to processes, whether or not a kubelet looks. */
export const runtimeBehaviour: Behaviour<'runtime'> = (ctx, message) => {
  const node = ctx.self.instance
  const container = containerOf(ctx, node, message.id)
  if (container?.state !== 'running') return
  switch (message.type) {
    case 'serve':
      serve(ctx, container, container.workload.status)
      return
    case 'hang':
      closeSockets(ctx, container)
      return
    case 'ask':
      if (isThere(ctx, container)) {
        ctx.send({ kind: 'runtime', instance: node }, { type: 'exit', id: container.id, exitCode: 0, reason: 'Completed' }, 0, {
          background: false,
          flow: ownFlow(ctx, node),
        })
      } else {
        ctx.send({ kind: 'runtime', instance: node }, { type: 'ask', id: container.id }, ASK_PERIOD, {
          background: true,
          flow: BACKGROUND,
        })
      }
      return
    case 'exit': {
      closeSockets(ctx, container)
      setContainer(ctx, node, {
        ...container,
        state: 'exited',
        finishedAt: ctx.now,
        exitCode: message.exitCode,
        reason: message.reason,
        message: message.message ?? '',
      })
      const flow = ownFlow(ctx, node)
      const [namespace = '', name = ''] = container.podKey.split('/')
      const cause = ctx.emit({
        kind: 'container-state',
        flow,
        facts: {
          node,
          pod: { kind: 'Pod', apiVersion: 'v1', namespace, name },
          container: container.name,
          state: 'terminated',
          reason: message.reason,
          exitCode: message.exitCode,
          restartCount: 0,
        },
        from: thing.runtime(node),
        to: thing.container(namespace, name, container.name),
      })
      const state = ctx.world.parts.kubelet.kubelets.get(node)
      if (state?.running !== true) return
      ctx.send({ kind: 'kubelet', instance: node }, { type: 'sync', uid: container.podUid, run: state.run }, NOTICE, {
        background: false,
        flow,
        cause,
      })
      return
    }
  }
}
