import { byCodeUnit } from '../../core/digest.js'
import { fail, ok, type Result } from '../../core/result.js'
import type { SimTime } from '../../core/time.js'
import type { Ctx } from '../context.js'
import { ALL_PROXIES, type Fault, type FaultProblem, MAX_PROXY_LAG, SLOW_PROXY_LAG } from './faultKinds.js'

/**
 * Sets the extra lag of one Node's kube-proxy, or of all. One that is slow already takes the new lag; none (0) mends it.
 * What is said of all Nodes holds for each of them, whatever was said of one before, and for those that join later.
 */
export function slowProxy(ctx: Ctx, fault: Fault): Result<undefined, FaultProblem> {
  const { proxy, faults, cluster } = ctx.world.parts
  const node = fault.target.slice('kube-proxy/'.length)
  const isAll = fault.target === ALL_PROXIES
  if (!isAll && !cluster.machines.has(node)) return fail('no-such-thing')
  const lag = fault.active ? Math.min(fault.lag ?? SLOW_PROXY_LAG, MAX_PROXY_LAG) : 0
  const present = isAll ? [...proxy.extraLag.values(), proxyLag(ctx, '*')] : [proxyLag(ctx, node)]
  if (present.every((each) => each === lag)) return fail('already-so')
  const step = ctx.emit({ kind: 'fault', facts: fault, from: fault.target, to: fault.target })
  const key = `${fault.fault} ${fault.target}`
  if (isAll) for (const each of [...faults.active.keys()]) if (each.startsWith(`${fault.fault} `)) faults.active.delete(each)
  const { fault: code, target } = fault
  const named = fault.lag === undefined ? {} : { lag }
  if (lag > 0) faults.active.set(key, { fault: code, target, since: ctx.now, ...named, flow: ctx.flow, step })
  else faults.active.delete(key)
  if (!isAll) {
    ctx.send({ kind: 'kube-proxy', instance: node }, { type: 'set-lag', lag })
    return ok(undefined)
  }
  if (lag > 0) proxy.extraLag.set('*', lag)
  else proxy.extraLag.delete('*')
  for (const instance of [...proxy.processes.keys()].sort(byCodeUnit))
    ctx.send({ kind: 'kube-proxy', instance }, { type: 'set-lag', lag })
  return ok(undefined)
}

/** How much later this Node's kube-proxy writes than it would by itself, in microseconds; of `*` what holds for Nodes without one of their own. */
export function proxyLag({ world }: Pick<Ctx, 'world'>, node: string): SimTime {
  const { extraLag } = world.parts.proxy
  return extraLag.get(node) ?? extraLag.get('*') ?? 0
}
