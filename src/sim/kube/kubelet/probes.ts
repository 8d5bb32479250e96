import type { Container, Probe } from '../../../generated/kubeTypes.js'
import { BACKGROUND, type FlowId } from '../../core/step.js'
import { thing } from '../../core/thing.js'
import { MS, SECOND } from '../../core/time.js'
import { socketFor } from '../../net/topology.js'
import { courseOf } from '../../workload/command.js'
import type { Ctx } from '../context.js'
import { ownFlow } from '../faults/news.js'
import type { PodWorker, ProbeKind, ProbeState, RuntimeContainer } from './part.js'
import { containerOf, objectRef, stopContainer } from './runtime.js'
import { podEvent } from './tell.js'
import { kubeletOf, memoryOf, remember, workerOf } from './workers.js'

const KINDS: readonly ProbeKind[] = ['startup', 'readiness', 'liveness']
const TITLE = { startup: 'Startup', readiness: 'Readiness', liveness: 'Liveness' } as const

export function probeOf(container: Container, kind: ProbeKind): Probe | undefined {
  switch (kind) {
    case 'startup':
      return container.startupProbe
    case 'readiness':
      return container.readinessProbe
    case 'liveness':
      return container.livenessProbe
  }
}

/** Starts a worker for each probe of a container that has just begun. Source: kubernetes pkg/kubelet/prober/worker.go */
export function startProbes(ctx: Ctx, node: string, worker: PodWorker, container: Container, id: string): void {
  for (const kind of KINDS) {
    const probe = probeOf(container, kind)
    if (probe !== undefined)
      schedule(
        ctx,
        node,
        worker.uid,
        container.name,
        id,
        kind,
        (probe.initialDelaySeconds ?? 0) * SECOND + 10 * MS,
        kind === 'liveness',
      )
  }
}

function schedule(
  ctx: Ctx,
  node: string,
  uid: string,
  container: string,
  id: string,
  probe: ProbeKind,
  delay: number,
  quiet: boolean,
): void {
  const { run } = kubeletOf(ctx, node)
  ctx.send(
    { kind: 'kubelet', instance: node },
    { type: 'probe', uid, container, id, probe, run },
    delay,
    quiet ? { background: true, flow: BACKGROUND } : { background: false },
  )
}

/** All probes of the containers that still run: after the kubelet itself has started again. */
export function resumeProbes(ctx: Ctx, node: string, worker: PodWorker): void {
  for (const container of [...(worker.pod.spec?.initContainers ?? []), ...(worker.pod.spec?.containers ?? [])]) {
    const { id } = memoryOf(worker, container.name)
    if (id !== '' && containerOf(ctx, node, id)?.state === 'running') startProbes(ctx, node, worker, container, id)
  }
}

/**
 * One probe of one container. A result counts when enough of the same have come in a row: readiness opens or closes the Pod to traffic,
 * liveness and startup failures end the container.
 *
 * Source: kubernetes pkg/kubelet/prober/worker.go doProbe; pkg/kubelet/prober/prober.go probe
 */
export function runProbe(
  ctx: Ctx,
  node: string,
  message: { readonly uid: string; readonly container: string; readonly id: string; readonly probe: ProbeKind },
): void {
  const worker = workerOf(ctx, node, message.uid)
  const isInit = worker?.pod.spec?.initContainers?.some((each) => each.name === message.container) ?? false
  const container = [...(worker?.pod.spec?.initContainers ?? []), ...(worker?.pod.spec?.containers ?? [])].find(
    (each) => each.name === message.container,
  )
  const held = containerOf(ctx, node, message.id)
  if (worker === undefined || container === undefined || held?.state !== 'running') return
  const memory = memoryOf(worker, container.name)
  const probe = probeOf(container, message.probe)
  if (memory.id !== message.id || probe === undefined) return
  if (worker.terminating !== 'no' && message.probe !== 'readiness') return
  const period = (probe.periodSeconds ?? 10) * SECOND
  const { started } = memory
  if (message.probe === 'startup' && started) return
  if (message.probe !== 'startup' && !started) {
    schedule(ctx, node, worker.uid, container.name, message.id, message.probe, 1 * SECOND, true)
    return
  }
  const verdict = probeContainer(ctx, held, container, probe)
  const before: ProbeState = memory.probes[message.probe] ?? { result: 'unknown', streak: 0, last: false, tries: 0 }
  const streak = before.tries > 0 && before.last === verdict.ok ? before.streak + 1 : 1
  const tries = before.tries + 1
  const threshold = verdict.ok ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3)
  const result = streak >= threshold ? (verdict.ok ? 'success' : 'failure') : before.result
  remember(ctx, node, worker, container.name, {
    probes: { ...memory.probes, [message.probe]: { result, streak, last: verdict.ok, tries } },
  })
  const decided = before.result !== result
  // The first verdict belongs to the start of the container; a later change of mind is news of its own.
  const flow = decided && before.result !== 'unknown' ? ownFlow(ctx, node) : ctx.flow
  if (decided || !verdict.ok) {
    ctx.emit({
      kind: 'probe',
      flow,
      facts: {
        node,
        pod: objectRef(worker.pod),
        container: container.name,
        probe: message.probe,
        ok: verdict.ok,
        message: verdict.message,
      },
      from: thing.kubelet(node),
      to: thing.container(worker.pod.metadata?.namespace ?? 'default', worker.pod.metadata?.name ?? '', container.name),
    })
  }
  if (!verdict.ok) {
    podEvent(
      ctx,
      node,
      worker,
      'Warning',
      'Unhealthy',
      `${TITLE[message.probe]} probe failed: ${verdict.message}`,
      container.name,
      isInit,
    )
  }
  if (decided) apply(ctx, node, worker, container, message.id, message.probe, result, isInit, flow)
  // A container that is being ended for this is not asked again; the next one is.
  if (message.probe !== 'readiness' && result === 'failure') return
  const unready = message.probe !== 'liveness' && result !== 'success' && tries < Math.max(3, probe.failureThreshold ?? 3)
  schedule(ctx, node, worker.uid, container.name, message.id, message.probe, period, !unready)
}

function apply(
  ctx: Ctx,
  node: string,
  worker: PodWorker,
  container: Container,
  id: string,
  kind: ProbeKind,
  result: ProbeState['result'],
  isInit: boolean,
  flow: FlowId,
): void {
  const probe = probeOf(container, kind)
  if (kind === 'readiness') {
    remember(ctx, node, worker, container.name, { ready: result === 'success' })
    resyncSoon(ctx, node, worker.uid, flow)
    return
  }
  if (result === 'success') {
    if (kind === 'startup') {
      remember(ctx, node, worker, container.name, { started: true, ready: container.readinessProbe === undefined })
      resyncSoon(ctx, node, worker.uid, flow)
    }
    return
  }
  const grace = probe?.terminationGracePeriodSeconds ?? worker.pod.spec?.terminationGracePeriodSeconds ?? 30
  podEvent(
    ctx,
    node,
    worker,
    'Normal',
    'Killing',
    `Container ${container.name} failed ${kind} probe, will be restarted`,
    container.name,
    isInit,
  )
  stopContainer(ctx, node, id, grace * SECOND)
}

/** What a probe found is news: it is told in a flow of its own, in the foreground. */
function resyncSoon(ctx: Ctx, node: string, uid: string, flow: FlowId): void {
  const { run } = kubeletOf(ctx, node)
  ctx.send({ kind: 'kubelet', instance: node }, { type: 'sync', uid, run }, 1 * MS, { background: false, flow })
}

interface ProbeVerdict {
  readonly ok: boolean
  readonly message: string
}

function probeContainer(ctx: Ctx, held: RuntimeContainer, container: Container, probe: Probe): ProbeVerdict {
  if (probe.exec !== undefined) return execProbe(ctx, held, container, probe.exec.command ?? [])
  const timeout = (probe.timeoutSeconds ?? 1) * SECOND
  if (probe.httpGet !== undefined) {
    const { path = '/', scheme = 'HTTP' } = probe.httpGet
    const port = portNumber(container, probe.httpGet.port)
    const host = probe.httpGet.host ?? held.ip
    const url = `${scheme.toLowerCase()}://${host}:${port}${path.startsWith('/') ? path : `/${path}`}`
    const socket = socketFor(ctx.world.parts.net, held.host, 'tcp', held.ip, port)
    if (socket === undefined) return { ok: false, message: `Get "${url}": dial tcp ${host}:${port}: connect: connection refused` }
    if (socket.response.latencyUs > timeout) {
      return { ok: false, message: `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)` }
    }
    const known = held.workload.paths === undefined || held.workload.paths.includes(path.replace(/\?.*$/, ''))
    const status = known ? socket.response.status : 404
    return status >= 200 && status < 400
      ? { ok: true, message: '' }
      : { ok: false, message: `HTTP probe failed with statuscode: ${status}` }
  }
  const wanted = probe.tcpSocket?.port ?? probe.grpc?.port
  if (wanted === undefined) return { ok: true, message: '' }
  const port = portNumber(container, wanted)
  const address = `${probe.tcpSocket?.host ?? held.ip}:${port}`
  if (socketFor(ctx.world.parts.net, held.host, 'tcp', held.ip, port) !== undefined) return { ok: true, message: '' }
  return probe.grpc === undefined
    ? { ok: false, message: `dial tcp ${address}: connect: connection refused` }
    : {
        ok: false,
        message: `timeout: failed to connect service "${address}" within ${timeout / SECOND}s: context deadline exceeded`,
      }
}

/** A named port is one of the container's own. */
function portNumber(container: Container, port: number | string): number {
  if (typeof port === 'number') return port
  if (/^\d+$/.test(port)) return Number(port)
  return container.ports?.find((each) => each.name === port)?.containerPort ?? 0
}

/**
 * Simplified: a command in a container is not run; it fails when its words say so (`false`, `exit 1`), or when it looks for a file that
 * the container's own script has removed by then.
 */
function execProbe(ctx: Ctx, held: RuntimeContainer, container: Container, command: readonly string[]): ProbeVerdict {
  const course = courseOf(command)
  if (course.kind === 'exit' && course.code !== 0) return { ok: false, message: '' }
  const file = command[0] === 'cat' ? command[1] : undefined
  const script = [...(container.command ?? []), ...(container.args ?? [])].join(' ')
  if (file !== undefined && script.includes(`rm -f ${file}`)) {
    const before = script.slice(0, script.indexOf(`rm -f ${file}`))
    const seconds = [...before.matchAll(/\bsleep\s+(\d+)/g)].reduce((sum, match) => sum + Number(match[1]), 0)
    if (ctx.now - held.startedAt >= seconds * SECOND)
      return { ok: false, message: `cat: can't open '${file}': No such file or directory\n` }
  }
  return { ok: true, message: '' }
}
