import type { StepFacts, Verdict } from '../../core/vocabulary.js'
import { createChooser, explore } from '../../net/chooser.js'
import type { Ending } from '../../net/follow.js'
import { firstPacket, followRequest } from '../../net/follow.js'
import { createScratch } from '../../net/kernel.js'
import type { NetView } from '../../net/machine.js'
import { openView } from '../../net/machine.js'
import { hostThing } from '../../net/noteSteps.js'
import { endpointText } from '../../net/packet.js'
import type { Ctx } from '../context.js'
import { tryOut } from './force.js'
import { openKernel, takePort } from './open.js'
import { destinationOf } from './outcome.js'
import type { RequestSpec } from './requestSpec.js'
import type { Target } from './target.js'

/** More than this many requests at once are cut: the counts would not get more telling. */
const MOST_REQUESTS = 10_000

type Result = { to: string; verdict: Verdict; pod: string | undefined; seen: number; probability: number }

/**
 * Sends many requests, each a new connection that is closed at once, and tells in one step where they went beside the exact theory.
 * Rules count them and `recent` lists remember them; connections and their entries are gone again.
 */
export function countRequests(ctx: Ctx, spec: RequestSpec, from: string, target: Target): void {
  const results = new Map<string, Result>()
  const { net } = ctx.world.parts
  const note = (ending: Ending): Result => {
    const to = endpointText(ending.to.ip, ending.to.port)
    const key = `${to} ${ending.verdict}`
    const known = results.get(key) ?? {
      to,
      verdict: ending.verdict,
      pod: destinationOf(net, ending.to).pod,
      seen: 0,
      probability: 0,
    }
    results.set(key, known)
    return known
  }
  for (const { value, probability } of explore((chooser) => tryOut(ctx, spec, from, target, chooser))) {
    note(value.ending).probability += probability
  }
  const count = Math.min(spec.count ?? 1, MOST_REQUESTS)
  const view = openView(net)
  for (let sent = 0; sent < count; sent++) note(sendOne(ctx, view, spec, from, target)).seen++
  const facts: StepFacts['requests-counted'] = {
    from: spec.from,
    asked: spec.to,
    count,
    results: [...results.values()].map(({ pod, ...each }) => (pod === undefined ? each : { ...each, pod })),
  }
  const place = hostThing(net, from)
  ctx.emit({ kind: 'requests-counted', from: place, to: place, facts })
}

function sendOne(ctx: Ctx, view: NetView, spec: RequestSpec, from: string, target: Target): Ending {
  const chooser = createChooser([], () => ctx.random('network.choice').next())
  const weights = target.addresses.map(() => 1 / target.addresses.length)
  const ip = target.addresses[target.addresses.length === 1 ? 0 : chooser.choose({ what: 'dns', host: from, weights })] ?? ''
  const kernel = openKernel(ctx, { view, chooser, scratch: createScratch(), trace: () => undefined, counts: true }, spec, ip)
  const packet = firstPacket(kernel, from, { proto: spec.proto, ip, port: target.port }, takePort(ctx))
  if (packet === undefined) return { verdict: 'no-route', to: { ip, port: target.port }, masqueraded: false }
  return followRequest(kernel, { kind: 'own', host: from }, packet)
}
