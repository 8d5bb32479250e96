import { thing } from '../../core/thing.js'
import type { SimTime } from '../../core/time.js'
import type { ApiClient } from '../api/client.js'
import { openApi } from '../api/openApi.js'
import type { Ctx } from '../context.js'
import { recordEvent } from '../events.js'
import type { PodWorker } from './part.js'
import { kubeletOf } from './workers.js'

/** The API as a Node's kubelet sees it. */
export function nodeApi(ctx: Ctx, node: string): ApiClient {
  return openApi(ctx, { name: `system:node:${node}`, thing: thing.kubelet(node), node })
}

/** Tells an event about a Pod or one of its containers. */
export function podEvent(
  ctx: Ctx,
  node: string,
  worker: PodWorker,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
  container?: string,
  isInit = false,
): void {
  const { metadata } = worker.pod
  recordEvent(ctx, nodeApi(ctx, node), {
    about: { apiVersion: 'v1', kind: 'Pod', metadata: metadata ?? {} },
    type,
    reason,
    message,
    component: 'kubelet',
    host: node,
    ...(container === undefined ? {} : { fieldPath: `spec.${isInit ? 'initContainers' : 'containers'}{${container}}` }),
  })
}

/** Asks this kubelet to look at a Pod again later; `quiet` waits keep nobody from calling the world settled. */
export function syncLater(ctx: Ctx, node: string, uid: string, delay: SimTime, quiet: boolean): void {
  const { run } = kubeletOf(ctx, node)
  ctx.send({ kind: 'kubelet', instance: node }, { type: 'sync', uid, run }, delay, { background: quiet })
}
