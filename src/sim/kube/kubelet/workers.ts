import type { Pod } from '../../../generated/kubeTypes.js'
import { own } from '../../core/own.js'
import type { Ctx } from '../context.js'
import type { ContainerMemory, KubeletState, PodWorker } from './part.js'

export const FRESH_MEMORY: ContainerMemory = {
  id: '',
  restartCount: 0,
  lastState: undefined,
  waiting: undefined,
  backOff: 0,
  backOffUntil: 0,
  pullBackOff: 0,
  pullBackOffUntil: 0,
  pulling: false,
  probes: {},
  started: false,
  ready: false,
  attempts: 0,
}

export function kubeletOf(ctx: Ctx, node: string): KubeletState {
  return (
    ctx.world.parts.kubelet.kubelets.get(node) ?? {
      running: false,
      run: 0,
      registered: false,
      leaseFailures: 0,
      networkReady: false,
      leaseTicking: false,
      podsSynced: false,
      reported: '',
      reportedAt: 0,
    }
  )
}

export function updateKubelet(ctx: Ctx, node: string, change: Partial<KubeletState>): void {
  ctx.world.parts.kubelet.kubelets.set(node, { ...kubeletOf(ctx, node), ...change })
}

export function workersOf(ctx: Ctx, node: string): Map<string, PodWorker> {
  const { pods } = ctx.world.parts.kubelet
  let own = pods.get(node)
  if (own === undefined) {
    own = new Map()
    pods.set(node, own)
  }
  return own
}

export function workerOf(ctx: Ctx, node: string, uid: string): PodWorker | undefined {
  return ctx.world.parts.kubelet.pods.get(node)?.get(uid)
}

export function newWorker(ctx: Ctx, pod: Pod, isStatic: boolean): PodWorker {
  return {
    uid: pod.metadata?.uid ?? '',
    key: `${pod.metadata?.namespace ?? 'default'}/${pod.metadata?.name ?? ''}`,
    pod,
    isStatic,
    admitted: false,
    rejection: undefined,
    startTime: ctx.now,
    sandboxBusy: false,
    mountFailures: 0,
    containers: {},
    terminating: 'no',
    deadline: 0,
    failure: undefined,
    reported: '',
    conditions: {},
  }
}

/** Replaces what is kept of a Pod, and gives back the new record. */
export function update(ctx: Ctx, node: string, worker: PodWorker, change: Partial<PodWorker>): PodWorker {
  const next = { ...(workerOf(ctx, node, worker.uid) ?? worker), ...change }
  workersOf(ctx, node).set(worker.uid, next)
  return next
}

export function memoryOf(worker: PodWorker, container: string): ContainerMemory {
  return own(worker.containers, container) ?? FRESH_MEMORY
}

export function remember(
  ctx: Ctx,
  node: string,
  worker: PodWorker,
  container: string,
  change: Partial<ContainerMemory>,
): PodWorker {
  const current = workerOf(ctx, node, worker.uid) ?? worker
  return update(ctx, node, current, {
    containers: { ...current.containers, [container]: { ...memoryOf(current, container), ...change } },
  })
}
