import type { Chooser } from '../../net/chooser.js'
import type { Kernel, Scratch } from '../../net/kernel.js'
import type { Ctx } from '../context.js'
import { FIRST_PORT, LAST_PORT } from './part.js'
import type { RequestSpec } from './requestSpec.js'

/** A kernel for one event: what happens becomes steps, chance is the world's. */
export function openKernel(
  ctx: Ctx,
  options: {
    readonly chooser: Chooser
    readonly forced?: boolean
    readonly scratch?: Scratch
    readonly direction?: Kernel['direction']
  },
  spec: RequestSpec,
  ip: string | undefined,
): Kernel {
  return {
    net: ctx.world.parts.net,
    now: ctx.now,
    scratch: options.scratch,
    chooser: options.chooser,
    random: () => ctx.random('network.port').next(),
    trace: (entry) => void ctx.emit(entry),
    direction: options.direction ?? 'request',
    ...(options.forced === true ? { forced: true } : {}),
    ...(spec.deliverTo === undefined || ip === undefined ? {} : { deliverTo: { ip, node: spec.deliverTo } }),
  }
}

/** The next source port that the sender's kernel gives out. */
export function takePort(ctx: Ctx): number {
  const { traffic } = ctx.world.parts
  const port = traffic.nextPort
  traffic.nextPort = port >= LAST_PORT ? FIRST_PORT : port + 1
  return port
}
