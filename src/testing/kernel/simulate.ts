import type { SimTime } from '../../sim/core/time.js'
import { SECOND } from '../../sim/core/time.js'
import type { Verdict } from '../../sim/core/vocabulary.js'
import type { World } from '../../sim/kube/context.js'
import { traceRequest } from '../../sim/kube/traffic/traceRequest.js'
import type { Chooser } from '../../sim/net/chooser.js'
import { explore } from '../../sim/net/chooser.js'
import { firstPacket, followRequest } from '../../sim/net/follow.js'
import type { Hop } from '../../sim/net/hops.js'
import { hopsOf } from '../../sim/net/hops.js'
import type { Scratch } from '../../sim/net/kernel.js'
import { createKernel, createScratch } from '../../sim/net/kernel.js'
import type { Note } from '../../sim/net/note.js'
import { endpointText } from '../../sim/net/packet.js'
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
  /** Handed to and fro until its time to live was over: its rules are told once round. */
  readonly circles?: boolean
  readonly hops: readonly Pick<Hop, 'host' | 'hook' | 'table' | 'chain' | 'rule'>[]
  readonly reply: readonly Pick<Hop, 'host' | 'hook' | 'table' | 'chain' | 'rule'>[]
}

/** What a probe left behind: connections, and who was seen when. */
interface Remembered {
  readonly scratch: Scratch
  readonly sport: number
  readonly now: SimTime
}

/** Every way that a probe can take through a network. Nothing is left behind. */
export function simulate(net: NetState, probe: Probe): readonly Outcome[] {
  return run(net, probe, () => ({ scratch: createScratch(), sport: 40_000, now: SECOND })).map(({ outcome }) => outcome)
}

/** Every way that a probe can take after the same one reached `who`, `later` microseconds before. */
export function simulateAgain(net: NetState, probe: Probe, who: HostName, later: SimTime): readonly Outcome[] {
  const first = run(net, probe, () => ({ scratch: createScratch(), sport: 40_000, now: SECOND }))
  return first
    .filter(({ outcome }) => outcome.who === who)
    .flatMap(({ remembered }) => {
      // Only one way is followed at a time, and each begins with a copy of what the first one left.
      const again = (): Remembered => ({
        scratch: structuredClone(remembered.scratch),
        sport: 40_001,
        now: remembered.now + later,
      })
      return run(net, probe, again).map(({ outcome }) => outcome)
    })
}

function run(
  net: NetState,
  probe: Probe,
  remember: () => Remembered,
): readonly { readonly outcome: Outcome; readonly remembered: Remembered }[] {
  return explore((chooser) => {
    const notes: Note[] = []
    const remembered = remember()
    const kernel = createKernel({
      net,
      now: remembered.now,
      scratch: remembered.scratch,
      chooser,
      random: () => 0.5,
      trace: (note) => notes.push(note),
      deliverTo: probe.deliverTo === undefined ? undefined : { ip: probe.ip, node: probe.deliverTo },
    })
    const packet = firstPacket(kernel, probe.from, probe, remembered.sport)
    if (packet === undefined) throw new Error(`${probe.from} has no source address for ${probe.ip}`)
    const ending = followRequest(kernel, { kind: 'own', host: probe.from }, packet)
    const circles = notes.some((note) => note.kind === 'stopped' && note.stop.why === 'ttl')
    return { ending, circles, remembered, ...hopsOf(notes) }
  }).map(({ value: { ending, circles, hops, reply, remembered }, probability }) => ({
    remembered,
    outcome: {
      probability,
      verdict: ending.verdict,
      who: ending.reached ?? '',
      port: ending.to.port,
      source: ending.sourceSeen ?? '',
      circles,
      hops,
      reply,
    },
  }))
}

/** Sends a probe for good: what it leaves behind stays in the network. */
export function sendLive(net: NetState, probe: Probe, sport: number, now: SimTime, chooser: Chooser) {
  const notes: Note[] = []
  const kernel = createKernel({ net, now, chooser, random: () => 0.5, trace: (note) => notes.push(note) })
  const packet = firstPacket(kernel, probe.from, probe, sport)
  if (packet === undefined) throw new Error(`${probe.from} has no source address for ${probe.ip}`)
  const ending = followRequest(kernel, { kind: 'own', host: probe.from }, packet)
  const ports = [...new Set(notes.flatMap(({ direction, packet: each }) => (direction === 'request' ? [each.dport] : [])))]
  return { kernel, packet, ending, ports, ...lossOf(notes, probe.from), ...hopsOf(notes) }
}

/** Whether a packet goes in circles until its life is over, whether its own sender's rules stop it, and whether a rule rejects the answer. */
function lossOf(
  notes: readonly Note[],
  from: HostName,
): { readonly circles: boolean; readonly stoppedByOwn: boolean; readonly isAnswerRejected: boolean } {
  let isAnswerRejected = false
  let circles = false
  let stoppedByOwn = false
  for (const note of notes) {
    if (note.kind !== 'stopped') continue
    if (note.direction === 'reply') {
      isAnswerRejected ||= note.stop.why === 'reject'
      continue
    }
    circles ||= note.stop.why === 'ttl'
    stoppedByOwn ||= note.host === from && (note.hook === 'OUTPUT' || note.hook === 'POSTROUTING')
  }
  return { circles, stoppedByOwn, isAnswerRejected }
}

/** Every way that a probe can take through a cluster, as `podpath trace --all` tells it. */
export function simulateInCluster(world: World, probe: Probe): readonly Outcome[] {
  const { net } = world.parts
  const who = net.hosts.get(probe.from)?.kind === 'node' ? `node/${probe.from}` : probe.from
  const deliverTo = probe.deliverTo === undefined ? {} : { deliverTo: probe.deliverTo }
  const traced = traceRequest(
    world,
    { kind: 'request', from: who, to: endpointText(probe.ip, probe.port), proto: probe.proto, ...deliverTo },
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
