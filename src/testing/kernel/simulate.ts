import type { StepInput } from '../../sim/core/step.js'
import { explore } from '../../sim/net/chooser.js'
import type { Ending } from '../../sim/net/follow.js'
import { firstPacket, followRequest } from '../../sim/net/follow.js'
import type { Hop } from '../../sim/net/hops.js'
import { hopsOf } from '../../sim/net/hops.js'
import type { Kernel } from '../../sim/net/kernel.js'
import { createScratch } from '../../sim/net/kernel.js'
import type { HostName, NetState } from '../../sim/net/state.js'

/** A connection to make, in the simulation and for real. */
export interface Probe {
  readonly name: string
  readonly from: HostName
  readonly proto: 'tcp' | 'udp'
  readonly ip: string
  readonly port: number
  /** The Node to which the router hands packets for this address, which no host has. */
  readonly deliverTo?: HostName
}

/** One way that a probe can take, as the simulation says. */
export interface Outcome {
  readonly probability: number
  readonly ending: Ending
  readonly hops: readonly Hop[]
  readonly reply: readonly Hop[]
}

/** Every way that a probe can take. Nothing is left behind. */
export function simulate(net: NetState, probe: Probe): readonly Outcome[] {
  return explore((chooser) => {
    const entries: StepInput[] = []
    const kernel: Kernel = {
      net,
      now: 0,
      scratch: createScratch(),
      chooser,
      random: () => 0.5,
      trace: (entry) => entries.push(entry),
      direction: 'request',
      ...(probe.deliverTo === undefined ? {} : { deliverTo: { ip: probe.ip, node: probe.deliverTo } }),
    }
    const packet = firstPacket(kernel, probe.from, probe, 40_000)
    if (packet === undefined) throw new Error(`${probe.from} has no source address for ${probe.ip}`)
    return { ending: followRequest(kernel, { kind: 'own', host: probe.from }, packet), ...hopsOf(entries) }
  }).map(({ value, probability }) => ({ probability, ...value }))
}
