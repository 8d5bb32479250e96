import type { Direction, FlowId, FlowInfo, PacketView, Position, Step, StepId, ThingId } from '../../protocol/index.js'
import { houseOf, thing } from './things.js'

/** Kinds of steps that say where a packet is. conntrack's are not among them: the packet does not go to the ledger. */
const PLACED: ReadonlySet<string> = new Set([
  'packet-sent',
  'packet-link',
  'packet-hook',
  'rule',
  'policy',
  'rewrite',
  'route',
  'bridge',
  'tunnel',
  'lb-choice',
  'delivered',
  'answered',
  'stopped',
])

/** Steps that begin a new stay: what was met before them is over. */
const ARRIVALS: ReadonlySet<string> = new Set(['packet-sent', 'packet-link', 'packet-hook', 'answered'])

/** A place on the way, and the step that brought the packet there. */
export interface Stop {
  readonly step: StepId
  readonly thing: ThingId
  readonly direction: Direction
}

export type RuleMet = Step<'rule'>

/** One packet's way, as far as it is known, seen from the present position. */
export interface Journey {
  readonly flow: FlowId
  readonly stops: readonly Stop[]
  /** Index of the stop at which the packet is; stops after it are the way to come. */
  readonly here: number
  readonly packet: PacketView
  readonly direction: Direction
  /** The header as it was on arrival here, when it has been rewritten since. */
  readonly was: PacketView | undefined
  /** Rules met at this hook until now, in order. */
  readonly rules: readonly RuleMet[]
  readonly end: 'stopped' | 'delivered' | undefined
  /** What this stay will have come to when the packet goes on. */
  readonly grown: Pick<Journey, 'packet' | 'was' | 'rules'>
  /** Names of the Nodes entered until now, the latest last. */
  readonly entered: readonly string[]
}

/** The flow that the picture follows: the chosen one, or with `all` that of the latest step that is not background. */
export function activeFlow(
  steps: readonly Step[],
  index: number,
  following: FlowId | 'all',
  flows: readonly FlowInfo[],
): FlowInfo | undefined {
  if (following !== 'all') return flows.find((flow) => flow.id === following)
  for (let at = index; at >= 0 && at > index - 4000; at--) {
    const step = steps[at]
    if (step !== undefined && step.flow !== 'background') return flows.find((flow) => flow.id === step.flow)
  }
  return undefined
}

/**
 * The way of the packet of one flow.
 *
 * @param steps those of this flow, in order.
 * @returns undefined before its first step, and for flows without packets.
 */
export function journeyOf(steps: readonly Step[], position: Pick<Position, 'step'>): Journey | undefined {
  const stops: Stop[] = []
  const entered: string[] = []
  const stay: Stay = { was: undefined, rules: [], end: undefined }
  let grown: (Stay & { packet: PacketView }) | undefined
  let isOver = false
  let here = -1
  let packet: PacketView | undefined
  let direction: Direction = 'request'
  for (const step of steps) {
    const isPast = step.id <= position.step
    if (PLACED.has(step.kind)) addStops(stops, step)
    if (!isPast) {
      if (packet === undefined || isOver || !('direction' in step.facts)) continue
      grown ??= { ...stay, packet }
      isOver = step.kind === 'route' || ARRIVALS.has(step.kind)
      if (isOver) continue
      live(grown, step)
      grown.packet = packetOf(step.facts)
      continue
    }
    here = stops.length - 1
    if (!('direction' in step.facts)) continue
    direction = step.facts.direction
    packet = packetOf(step.facts)
    live(stay, step)
    enter(entered, stops.at(-1)?.thing)
  }
  const first = steps[0]
  if (first === undefined || packet === undefined || here < 0) return undefined
  return { flow: first.flow, stops, here, packet, direction, entered, ...stay, grown: grown ?? { ...stay, packet } }
}

function packetOf(facts: { readonly packet: PacketView } | { readonly after: PacketView }): PacketView {
  return 'packet' in facts ? facts.packet : facts.after
}

interface Stay {
  was: PacketView | undefined
  rules: readonly RuleMet[]
  end: Journey['end']
}

/** What a step adds to the stay at one place. */
function live(stay: Stay, step: Step): void {
  if (ARRIVALS.has(step.kind)) {
    stay.was = undefined
    stay.rules = []
    stay.end = undefined
  }
  switch (step.kind) {
    case 'route':
      // The hook is behind it; what it rewrote can still be seen on the packet.
      stay.rules = []
      break
    case 'rule':
      stay.rules = [...stay.rules, step]
      break
    case 'rewrite':
      stay.was ??= step.facts.before
      break
    case 'stopped':
      stay.end = 'stopped'
      break
    case 'delivered':
      stay.end = 'delivered'
      break
    default:
      break
  }
}

function addStops(stops: Stop[], step: Step): void {
  const direction = 'direction' in step.facts ? step.facts.direction : 'request'
  for (const named of [step.from, step.to]) {
    const thing = named === undefined ? undefined : processOf(named, step)
    if (thing === undefined || stops.at(-1)?.thing === thing) continue
    stops.push({ step: step.id, thing, direction })
  }
}

/** What answers in a Node's own network is a process of a Pod on that network, or of the Node itself. */
function processOf(named: ThingId, step: Step): ThingId {
  if (!named.startsWith('node/')) return named
  const who = step.kind === 'delivered' ? step.facts.socket : step.kind === 'answered' ? step.facts.by : ''
  const pod = /in Pod ([^/\s]+)\/(\S+)$/.exec(who)
  if (pod === null) return named
  const [, namespace = '', name = ''] = pod
  return namespace === 'kube-system' && name.startsWith('kube-apiserver-') ? thing.apiServer : `pod/${namespace}/${name}`
}

function enter(entered: string[], thing: ThingId | undefined): void {
  const node = thing === undefined ? undefined : houseOf(thing)
  if (node === undefined || entered.at(-1) === node) return
  const known = entered.indexOf(node)
  if (known >= 0) entered.splice(known, 1)
  entered.push(node)
}

/** The stops between two positions of one journey, in the order in which the token passes them; backwards when time does. */
export function stopsBetween(stops: readonly Stop[], from: number, to: number): readonly Stop[] {
  return from <= to ? stops.slice(from, to + 1) : stops.slice(to, from + 1).toReversed()
}
