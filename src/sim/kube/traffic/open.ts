import type { Kernel, KernelOptions } from '../../net/kernel.js'
import { createKernel } from '../../net/kernel.js'
import { stepOf } from '../../net/noteSteps.js'
import type { Ctx } from '../context.js'
import { FIRST_PORT, LAST_PORT } from './part.js'
import type { RequestSpec } from './requestSpec.js'

/** A kernel for one event: what happens becomes steps, chance is the world's. */
export function openKernel(ctx: Ctx, options: Omit<KernelOptions, 'net'>, spec: RequestSpec, ip: string | undefined): Kernel {
  const { net } = ctx.world.parts
  const { deliverTo } = spec
  return createKernel({
    net,
    now: ctx.now,
    random: () => ctx.random('network.port').next(),
    trace: (note) => void ctx.emit(stepOf(net, note)),
    deliverTo: deliverTo === undefined || ip === undefined ? undefined : { ip, node: deliverTo },
    ...options,
  })
}

/** The next source port that the sender's kernel gives out. */
export function takePort(ctx: Ctx): number {
  const { traffic } = ctx.world.parts
  const port = traffic.nextPort
  traffic.nextPort = port >= LAST_PORT ? FIRST_PORT : port + 1
  return port
}
