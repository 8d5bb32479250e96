import type { Ctx } from '../context.js'
import { breakWatches, reopenWatches } from './watch.js'

/** Stops the API server: every call fails and every watch breaks. */
export function stopApiServer(ctx: Ctx): void {
  ctx.world.parts.api.running = false
  breakWatches(ctx, () => true)
}

/** Starts it again: informers list anew within a second or two. */
export function startApiServer(ctx: Ctx): void {
  ctx.world.parts.api.running = true
  reopenWatches(ctx)
}

/** Stops etcd: reads and writes fail, and so do watches that are opened; those open stay open, for nothing changes. */
export function stopEtcd(ctx: Ctx): void {
  ctx.world.parts.etcd.running = false
}

export function startEtcd(ctx: Ctx): void {
  ctx.world.parts.etcd.running = true
  reopenWatches(ctx)
}

/** Cuts a Node off: what runs on it cannot reach the API server, and hears nothing from it. */
export function cutNode(ctx: Ctx, node: string): void {
  ctx.world.parts.api.cutNodes.add(node)
  breakWatches(ctx, (watcher) => watcher.node === node)
}

export function reconnectNode(ctx: Ctx, node: string): void {
  ctx.world.parts.api.cutNodes.delete(node)
  reopenWatches(ctx)
}
