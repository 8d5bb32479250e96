import type { PodStatus } from '../../../generated/kubeTypes.js'
import { byCodeUnit, digestOf } from '../../core/digest.js'
import { thing } from '../../core/thing.js'
import { toTimestamp } from '../../core/time.js'
import { addressesOfMachine } from '../bootstrap/layout.js'
import type { Ctx } from '../context.js'
import type { PodWorker, RuntimeContainer } from './part.js'
import { containerOf, objectRef, podRef, sandboxOf } from './runtime.js'
import { type PodView, podStatus } from './status.js'
import { nodeApi } from './tell.js'
import { update, workerOf } from './workers.js'

/** What the kubelet sees of a Pod just now. */
export function viewOf(ctx: Ctx, node: string, worker: PodWorker): PodView {
  const containers = new Map<string, RuntimeContainer>()
  for (const [name, { id }] of Object.entries(worker.containers)) {
    const held = id === '' ? undefined : containerOf(ctx, node, id)
    if (held !== undefined) containers.set(name, held)
  }
  const machine = ctx.world.parts.cluster.machines.get(node)
  const hostIPs = machine === undefined ? [''] : addressesOfMachine(machine)
  const hostIP = hostIPs[0] ?? ''
  return { worker, sandbox: sandboxOf(ctx, node, worker.uid), containers, hostIP, hostIPs, now: ctx.now }
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
