import type { Chooser } from '../../net/chooser.js'
import { createChooser } from '../../net/chooser.js'
import type { Ending, Entrance } from '../../net/follow.js'
import { firstOf, firstPacket, followRequest } from '../../net/follow.js'
import type { Kernel } from '../../net/kernel.js'
import { createKernel, createScratch } from '../../net/kernel.js'
import type { Note } from '../../net/note.js'
import type { Packet } from '../../net/packet.js'
import { endpointText } from '../../net/packet.js'
import type { World } from '../context.js'
import { FIRST_PORT, LAST_PORT } from './part.js'
import type { TracePlan } from './tracePlan.js'

/** One way that a planned trace took, with its record. */
export interface Run {
  readonly ending: Ending
  readonly notes: readonly Note[]
}

type RunOptions = Pick<Kernel, 'view' | 'chooser' | 'scratch' | 'random'>

/** Follows what is planned once, from a source port. */
export function runOnce(world: World, plan: TracePlan, { view, chooser, scratch, random }: RunOptions, sport: number): Run {
  const notes: Note[] = []
  const { addresses, port } = plan.target
  const host = plan.entrance.kind === 'own' ? plan.entrance.host : plan.entrance.transit.at.host
  const ip = addresses.length === 1 ? (addresses[0] ?? '') : chooseAddress(chooser, host, addresses)
  const kernel = createKernel({
    net: plan.net,
    view,
    now: world.now,
    scratch,
    chooser,
    random,
    trace: (note) => void notes.push(note),
    deliverTo: plan.deliverTo === undefined ? undefined : { ip, node: plan.deliverTo },
  })
  const packet = beginWith(kernel, plan, host, ip, port, sport)
  if (packet === undefined) {
    return { ending: { verdict: 'no-route', with: 'ENETUNREACH', to: { ip, port }, masqueraded: false }, notes }
  }
  const { entrance } = plan
  const used: Entrance = entrance.kind === 'own' ? entrance : { kind: 'device', transit: { ...entrance.transit, packet } }
  return { ending: followRequest(kernel, used, packet), notes }
}

function chooseAddress(chooser: Chooser, host: string, addresses: readonly string[]): string {
  return addresses[chooser.choose({ what: 'dns', host, weights: addresses.map(() => 1 / addresses.length) })] ?? ''
}

function beginWith(kernel: Kernel, plan: TracePlan, host: string, ip: string, port: number, sport: number): Packet | undefined {
  if (plan.src === undefined) return firstPacket(kernel, host, { proto: plan.proto, ip, port }, sport)
  return firstOf({ proto: plan.proto, src: plan.src, sport, dst: ip, dport: port })
}

/** Sends one request after the other, each on a connection of its own that is closed, and forgotten, before the next begins. */
export function countRuns(
  world: World,
  plan: TracePlan,
  count: number,
  {
    view,
    draw,
    random,
    record,
  }: Pick<Kernel, 'view' | 'random'> & { readonly record: ((notes: readonly Note[]) => void) | undefined } & {
    readonly draw: () => number
  },
): Record<string, number> {
  const tally = createTally()
  const scratch = createScratch()
  const first = world.parts.traffic.nextPort - FIRST_PORT
  for (let sent = 0; sent < count; sent++) {
    const sport = FIRST_PORT + ((first + sent) % (LAST_PORT - FIRST_PORT))
    const { ending, notes } = runOnce(world, plan, { view, chooser: createChooser([], draw), scratch, random }, sport)
    record?.(notes)
    tally.add(ending.to)
    scratch.conntrack.clear()
    scratch.steered.clear()
  }
  return tally.counts()
}

interface Seen {
  readonly ip: string
  readonly port: number
  times: number
}

/** Counts where requests end, in the order in which a place was first reached. */
function createTally() {
  const places: Seen[] = []
  const known = new Map<string, Seen[]>()
  return {
    add({ ip, port }: Ending['to']): void {
      const there = known.get(ip) ?? []
      let seen = there.find((each) => each.port === port)
      if (seen === undefined) {
        seen = { ip, port, times: 0 }
        places.push(seen)
        known.set(ip, [...there, seen])
      }
      seen.times++
    },
    counts: (): Record<string, number> =>
      Object.fromEntries(places.map(({ ip, port, times }) => [endpointText(ip, port), times])),
  }
}

/** The likeliest way that ends where it should. */
export function bestOf<T extends { readonly run: Run; readonly probability: number }>(
  outcomes: readonly T[],
  force: { readonly endpoint: string; readonly node?: string },
): readonly T[] {
  const fitting = outcomes.filter(({ run }) => endsAt(run.ending, run.notes, force))
  const best = fitting.reduce<T | undefined>((a, b) => (a === undefined || b.probability > a.probability ? b : a), undefined)
  return best === undefined ? [] : [best]
}

/** Whether a way ends at an endpoint, and enters the cluster by a Node where one is named. */
export function endsAt(
  ending: Pick<Ending, 'to'>,
  notes: readonly Note[],
  force: { readonly endpoint: string; readonly node?: string },
): boolean {
  if (endpointText(ending.to.ip, ending.to.port) !== force.endpoint) return false
  if (force.node === undefined) return true
  return notes.find((note) => note.kind === 'packet-hook')?.host === force.node
}
