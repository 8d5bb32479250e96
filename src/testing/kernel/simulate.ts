import type { StepInput } from '../../sim/core/step.js'
import type { Verdict } from '../../sim/core/vocabulary.js'
import type { World } from '../../sim/kube/context.js'
import { traceRequest } from '../../sim/kube/traffic/traceRequest.js'
import { explore } from '../../sim/net/chooser.js'
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
  readonly verdict: Verdict
  /** Host that has the address where the packet was headed after all NAT. */
  readonly who: HostName
  readonly port: number
  readonly source: string
  readonly hops: readonly Pick<Hop, 'host' | 'hook' | 'table' | 'chain' | 'rule'>[]
  readonly reply: readonly Pick<Hop, 'host' | 'hook' | 'table' | 'chain' | 'rule'>[]
}

/** Every way that a probe can take through a network. Nothing is left behind. */
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
  }).map(({ value: { ending, hops, reply }, probability }) => ({
    probability,
    verdict: ending.verdict,
    who: ending.reached ?? '',
    port: ending.to.port,
    source: ending.sourceSeen ?? '',
    hops,
    reply,
  }))
}

/** Every way that a probe can take through a cluster, as `podpath trace --all` tells it. */
export function simulateInCluster(world: World, probe: Probe): readonly Outcome[] {
  const { net } = world.parts
  const who = net.hosts.get(probe.from)?.kind === 'node' ? `node/${probe.from}` : probe.from
  const deliverTo = probe.deliverTo === undefined ? {} : { deliverTo: probe.deliverTo }
  const traced = traceRequest(
    world,
    { kind: 'request', from: who, to: `${probe.ip}:${probe.port}`, proto: probe.proto, ...deliverTo },
    { all: true },
  )
  if (!traced.ok) throw new Error(`${probe.name}: ${traced.error.message}`)
  return traced.value.outcomes.map((outcome) => ({
    probability: outcome.probability,
    verdict: outcome.verdict,
    who: net.owners.get(outcome.to?.ip ?? '') ?? '',
    port: outcome.to?.port ?? 0,
    source: outcome.sourceSeen ?? '',
    hops: outcome.hops,
    reply: outcome.reply,
  }))
}
