import type { Chooser } from '../../net/chooser.js'
import { explore } from '../../net/chooser.js'
import type { Ending } from '../../net/follow.js'
import { firstPacket, followRequest } from '../../net/follow.js'
import { createScratch } from '../../net/kernel.js'
import type { Note } from '../../net/note.js'
import type { Ctx } from '../context.js'
import { openKernel } from './open.js'
import type { RequestSpec } from './requestSpec.js'
import type { Target } from './target.js'
import { endsAt } from './traceRuns.js'

export interface Tried {
  readonly ending: Ending
  readonly notes: readonly Note[]
}

/** Tries a request out without leaving anything behind, not even a drawn number. */
export function tryOut(ctx: Ctx, spec: RequestSpec, from: string, target: Target, chooser: Chooser): Tried {
  const notes: Note[] = []
  const weights = target.addresses.map(() => 1 / target.addresses.length)
  const ip = target.addresses[target.addresses.length === 1 ? 0 : chooser.choose({ what: 'dns', host: from, weights })] ?? ''
  const trace = (note: Note): void => void notes.push(note)
  const kernel = openKernel(ctx, { scratch: createScratch(), chooser, random: () => 0.5, trace }, spec, ip)
  const packet = firstPacket(kernel, from, { proto: spec.proto, ip, port: target.port }, ctx.world.parts.traffic.nextPort)
  if (packet === undefined) {
    return { ending: { verdict: 'no-route', to: { ip, port: target.port }, masqueraded: false }, notes }
  }
  return { ending: followRequest(kernel, { kind: 'own', host: from }, packet), notes }
}

/** The choices that lead to an endpoint, the likeliest way first; undefined when none does. */
export function force(
  ctx: Ctx,
  spec: RequestSpec,
  from: string,
  target: Target,
  wanted: NonNullable<RequestSpec['force']>,
): readonly number[] | undefined {
  let best: { readonly script: readonly number[]; readonly probability: number } | undefined
  for (const { value, probability, script } of explore((chooser) => tryOut(ctx, spec, from, target, chooser))) {
    if (endsAt(value.ending, value.notes, wanted) && probability > (best?.probability ?? 0)) best = { script, probability }
  }
  return best?.script
}
