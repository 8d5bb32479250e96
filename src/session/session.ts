import type { ClusterSpec, FlowId, SimTime, Step, StepId } from '../sim/index.js'
import { createCluster, digestOf, MINUTE, nextEventAt, SECOND } from '../sim/index.js'
import type { Action, ActionRecord } from './action.js'
import type { History } from './history.js'
import { advance, cutFuture, openHistory, queueAction, runUntil, runUntilSettled, seekOrdinal } from './history.js'
import type { KubectlOutput } from './part.js'
import { createPersonPart } from './part.js'
import type { Tools } from './person.js'
import { behavioursWith } from './person.js'
import type { SessionWorld } from './world.js'

/** Everything that decides a session before anybody acts. */
export interface SessionInput {
  readonly spec: ClusterSpec
  /** What the scenario's clock does by itself. */
  readonly timed: readonly { readonly at: SimTime; readonly action: Action }[]
}

/** A cluster that somebody works with: its history, where they stand in it, and what they can take back. */
export interface Session {
  readonly input: SessionInput
  readonly history: History
  /** Ordinal at which the cluster had settled, before anybody acted; its steps are not told. */
  readonly start: number
  /** The step at which we stand; 0 at the start. */
  position: StepId
  /** Futures and pasts that can be had back, the latest last. */
  undo: Undoable[]
  /** What is still to be followed of the latest action, because whoever waited was answered before the world was at rest. */
  unfinished?: Follow | undefined
  ghosts: readonly { readonly id: StepId; readonly flow: FlowId }[]
}

/** How far an action is followed, in virtual time. */
interface Follow {
  readonly atLeast: SimTime
  readonly atMost: SimTime
}

interface Undoable {
  readonly actions: readonly ActionRecord[]
  readonly head: number
  readonly position: StepId
}

const UNDO_MAX = 20
const GHOSTS_MAX = 400
/** A world that does not come to rest within these is stopped there; what follows can be had by waiting. */
const MAX_EVENTS = 400_000
const MAX_REST = 10 * MINUTE
const MAX_START = 60 * MINUTE

/** How long a fault is followed at least, so that its consequences are seen: a dead Node's Pods leave after 50 s + 300 s. */
const FOLLOW: ReadonlyMap<string, SimTime> = new Map([
  ['stop-node', 420 * SECOND],
  ['stop-kubelet', 420 * SECOND],
  ['cut-node', 420 * SECOND],
  ['kill-container', 15 * SECOND],
])

/** A session on a fresh world in which nothing has run yet, not even the start-up. */
export function openUnsettledWith(input: SessionInput, tools: Tools): History {
  const cluster = createCluster(input.spec)
  const world: SessionWorld = { ...cluster, parts: { ...cluster.parts, person: createPersonPart() } }
  input.timed.forEach(({ at, action }, index) => {
    queueAction(world, `s${index}`, action, at)
  })
  return openHistory(world, behavioursWith(tools))
}

/**
 * Brings a scenario's cluster up; history begins there.
 *
 * @param until virtual time to which it runs; until it has settled when absent.
 * @param isLate asked before each event: whoever opens it gives up then, and must not use what comes back.
 */
export function openSessionWith(input: SessionInput, tools: Tools, until?: SimTime, isLate?: () => boolean): Session {
  const history = openUnsettledWith(input, tools)
  history.remembers = false
  runStart(history, until, isLate)
  beginHere(history)
  return { input, history, start: history.world.ordinal, position: 0, undo: [], ghosts: [] }
}

function runStart(history: History, until: SimTime | undefined, isLate?: () => boolean): void {
  if (until === undefined) runUntilSettled(history, { atLeast: 0, atMost: MAX_START, events: MAX_EVENTS, isLate })
  else runUntil(history, until)
}

/**
 * Runs a world from its first event, going far back and forth again `detours` times on the way: no detour may change where it arrives.
 *
 * @param until virtual time; until it has settled when absent.
 */
export function runWithDetours(history: History, detours: number, until?: SimTime): SessionWorld {
  runStart(history, until)
  return goDetours(history, detours)
}

/** Goes far back and forth again `detours` times, and stands where it stood. */
export function goDetours(history: History, detours: number): SessionWorld {
  const { ordinal } = history.world
  const [first] = history.checkpoints
  const from = first?.world.ordinal ?? ordinal
  for (let round = 1; round <= detours; round++) {
    seekOrdinal(history, from + Math.floor(((ordinal - from) * round) / (detours + 1)))
    seekOrdinal(history, ordinal)
  }
  return history.world
}

/** Forgets the steps so far, and the way back to before. */
function beginHere(history: History): void {
  const fresh = openHistory(history.world, history.behaviours)
  history.steps = []
  history.forgotten = 0
  history.checkpoints = fresh.checkpoints
  history.near = fresh.near
  history.remembers = true
}

/** What an action led to. */
export interface Acted {
  readonly flow: FlowId
  readonly first: StepId
  readonly kubectl: KubectlOutput | undefined
  /** What lay ahead and was put aside. */
  readonly dropped: { readonly steps: number; readonly actions: number }
  /** False when the world did not come to rest within the limits. */
  readonly settled: boolean
}

/**
 * Does something at the present position and follows it until the world is at rest; what lay ahead is put aside.
 * Afterwards we stand at the first step of the action's own flow.
 *
 * @param isLate asked before each event: whether it shall be followed no further for now. `followOn` goes on.
 */
export function act(session: Session, action: Action, isLate?: () => boolean): Acted {
  const { history } = session
  remember(session)
  const dropped = cutAhead(session)
  const { world } = history
  const id = `a${history.actions.length}`
  history.actions = [...history.actions, { event: world.ordinal, at: world.now, action }]
  const nextStep = world.nextStep
  const settled = followAction(session, action, isLate)
  const { flows, outputs } = history.world.parts.person
  const flow = flows.get(id) ?? ''
  const kubectl = outputs.get(id)
  const first = firstOf(history.steps, flow, nextStep)
  seekStep(session, first)
  return { flow, first, kubectl, dropped, settled }
}

/** Puts aside what lies ahead; counts the actions among it and the steps that they had led to. */
function cutAhead(session: Session): Acted['dropped'] {
  const { history } = session
  const { done, flows } = history.world.parts.person
  const ahead = history.steps.filter((step) => step.event > history.world.ordinal && step.flow !== 'background')
  const dropped = history.actions.length - done
  session.ghosts = dropped === 0 ? [] : ahead.slice(0, GHOSTS_MAX).map(({ id, flow }) => ({ id, flow }))
  const known = new Set(flows.values())
  cutFuture(history)
  return { actions: dropped, steps: ahead.filter((step) => !known.has(step.flow)).length }
}

function firstOf(steps: readonly Step[], flow: FlowId, from: StepId): StepId {
  for (const step of steps) if (step.id >= from && step.flow === flow) return step.id
  return from
}

function followAction(session: Session, action: Action, isLate?: () => boolean): boolean {
  const { now } = session.history.world
  const follow = action.type === 'wait' ? action.us : action.type === 'fault' && action.active ? followTime(action.fault) : 0
  session.unfinished = { atLeast: now + follow, atMost: now + follow + MAX_REST }
  return followOn(session, isLate)
}

function followTime(fault: string): SimTime {
  return FOLLOW.get(fault) ?? 2 * SECOND
}

/**
 * Follows the latest action further, from the head, until the world is at rest or it is late. Where we stand stays open: seek afterwards.
 *
 * @returns whether nothing is left to follow within the limits of one action.
 */
export function followOn(session: Session, isLate?: () => boolean): boolean {
  const { history, unfinished } = session
  if (unfinished === undefined) return true
  seekOrdinal(history, history.head)
  const settled = runUntilSettled(history, { ...unfinished, events: MAX_EVENTS, isLate })
  const at = nextEventAt(history.world)
  // Beyond the time that an action may take nothing is followed: waiting is an action of its own.
  const isOver = settled || (at !== undefined && at > unfinished.atMost)
  session.unfinished = isOver ? undefined : unfinished
  return settled
}

function remember(session: Session): void {
  const { history } = session
  session.undo = [...session.undo, { actions: history.actions, head: history.head, position: session.position }].slice(-UNDO_MAX)
}

/** Takes back the latest action, start-over or put-aside future. @returns false when there is nothing to take back. */
export function undo(session: Session): boolean {
  const past = session.undo.at(-1)
  if (past === undefined) return false
  session.undo = session.undo.slice(0, -1)
  session.ghosts = []
  restoreActions(session, past)
  return true
}

/** Back to the scenario's start, without any action; can be undone. */
export function startOver(session: Session): void {
  remember(session)
  session.ghosts = []
  restoreActions(session, { actions: [], head: session.start, position: 0 })
}

/** Makes these the session's actions, runs to their head and stands at their position. */
export function restoreActions(session: Session, to: Undoable, isLate?: () => boolean): void {
  const { history } = session
  session.unfinished = undefined
  const same = commonLength(history.actions, to.actions)
  const fork = Math.min(history.actions[same]?.event ?? to.head, to.actions[same]?.event ?? to.head, to.head)
  seekOrdinal(history, Math.max(session.start, fork))
  cutFuture(history)
  history.actions = to.actions
  while (history.world.ordinal < to.head && isLate?.() !== true && advance(history));
  seekStep(session, to.position)
}

/**
 * Does all of a link's actions again, each at its own moment, and stands at its position.
 *
 * @param isLate asked before each event: whoever opens the link gives up then, and must not use the session.
 */
export function replayActions(
  session: Session,
  actions: readonly ActionRecord[],
  position: StepId,
  isLate?: () => boolean,
): void {
  const { history } = session
  const last = actions.at(-1)
  if (last !== undefined) {
    restoreActions(session, { actions, head: last.event, position: 0 }, isLate)
    if (isLate?.() === true) return
    seekOrdinal(history, last.event)
    followAction(session, last.action, isLate)
  }
  seekStep(session, position)
}

function commonLength(a: readonly ActionRecord[], b: readonly ActionRecord[]): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}

/** Stands at a step: the world is as right after the event that made it. 0 is the start. */
export function seekStep(session: Session, step: StepId): void {
  const { history } = session
  const found = step === 0 ? undefined : history.steps.find((each) => each.id === step)
  session.position = found?.id ?? 0
  seekOrdinal(history, found?.event ?? session.start)
}

/** Stands at the last step there is. */
export function seekEnd(session: Session): void {
  seekStep(session, session.history.steps.at(-1)?.id ?? 0)
}

/** Lets the session's clock run on to a virtual time and stands there, past the last step if need be. */
export function runSessionUntil(session: Session, time: SimTime): void {
  const { history } = session
  seekOrdinal(history, history.head)
  runUntil(history, time)
  session.position = history.steps.at(-1)?.id ?? 0
}

/** One hash of the whole world at the present position. */
export function sessionDigest(session: Session): string {
  return worldDigest(session.history.world)
}

export function worldDigest(world: SessionWorld): string {
  return digestOf(world)
}
