import type { SimTime, Step } from '../sim/index.js'
import { enqueue, nextEventAt, runNext, snapshotWorld, worldSize } from '../sim/index.js'
import type { Action, ActionRecord } from './action.js'
import type { SessionBehaviours } from './person.js'
import type { SessionMessages, SessionParts, SessionWorld } from './world.js'

/** A world at an ordinal, from which any later one can be reached by running. */
interface Checkpoint {
  readonly ordinal: number
  readonly world: SessionWorld
  /** Entries that the copy holds of its own. */
  readonly size: number
}

/** Events between two checkpoints: stepping back costs at most this many, in a world of ordinary size. */
const CHECKPOINT_EVERY = 64
/** A large world is copied less often: one more event between for this many entries, so that copying never costs more than running. */
const ENTRIES_PER_EVENT = 150
const CHECKPOINTS_MAX = 256
/** What all checkpoints together may hold, some 50 bytes each. */
const ENTRIES_MAX = 4_000_000

/** Steps that are remembered; older ones are forgotten, and it is said how many. */
export const STEPS_MAX = 40_000

/**
 * A world with its past. `world` stands anywhere between the start and the head; the list of actions and the initial world
 * decide everything, so that any moment can be reached again by running.
 */
export interface History {
  readonly behaviours: SessionBehaviours
  world: SessionWorld
  /** Ordinal up to which steps have been recorded. */
  head: number
  actions: readonly ActionRecord[]
  steps: Step[]
  forgotten: number
  checkpoints: Checkpoint[]
  /** More of them just before where somebody looks around, the latest first: the next step back shall be a short run. */
  near: readonly Checkpoint[]
  /** False while a cluster starts: nobody goes back there, so neither steps nor checkpoints are kept. */
  remembers: boolean
}

/** Events before the moment sought at which such a checkpoint is left, the farthest first. */
const NEAR: readonly number[] = [1024, 256, 64, 16]

/** @param world a world that was never run; it belongs to the history from now on. */
export function openHistory(world: SessionWorld, behaviours: SessionBehaviours): History {
  return {
    behaviours,
    world,
    head: world.ordinal,
    actions: [],
    steps: [],
    forgotten: 0,
    checkpoints: [checkpointOf(world)],
    near: [],
    remembers: true,
  }
}

function checkpointOf(world: SessionWorld): Checkpoint {
  return { ordinal: world.ordinal, world: snapshotWorld(world), size: worldSize(world) }
}

/** Handles one event, queueing first the actions whose moment has come. @returns false when nothing is queued. */
export function advance(history: History): boolean {
  const { world } = history
  queueDueActions(history)
  const isNew = world.ordinal >= history.head && history.remembers
  const more = runNext<SessionParts, SessionMessages>(
    world,
    history.behaviours,
    isNew ? (step) => history.steps.push(step) : ignore,
  )
  if (world.ordinal > history.head) {
    history.head = world.ordinal
    forgetSteps(history)
  }
  if (!history.remembers) return more
  const last = history.checkpoints.at(-1)
  if (more && last !== undefined && world.ordinal - last.ordinal >= gapAfter(last)) addCheckpoint(history)
  return more
}

function ignore(): void {}

function queueDueActions({ world, actions }: History): void {
  const { person } = world.parts
  for (let record = actions[person.done]; record !== undefined && record.event <= world.ordinal; record = actions[person.done]) {
    queueAction(world, `a${person.done}`, record.action, world.now)
    person.done++
  }
}

const FLOW_OF: Readonly<Record<Action['type'], string>> = { kubectl: 'change', request: 'request', fault: 'fault', wait: 'wait' }

/** Queues an action as an event of its own flow. */
export function queueAction(world: SessionWorld, id: string, action: Action, at: SimTime): void {
  const { flows } = world.parts.person
  const kind = FLOW_OF[action.type]
  const earlier = [...flows.values()].filter((each) => each.startsWith(`${kind}-`)).length
  const flow = `${kind}-${earlier + 1}`
  flows.set(id, flow)
  enqueue<SessionParts, SessionMessages, 'person'>(world, {
    to: { kind: 'person' },
    message: { type: 'act', id, action },
    at,
    flow,
  })
}

function forgetSteps(history: History): void {
  const excess = history.steps.length - STEPS_MAX
  if (excess < STEPS_MAX / 4) return
  history.steps.splice(0, excess)
  history.forgotten += excess
}

function gapAfter({ size }: Checkpoint): number {
  return Math.max(CHECKPOINT_EVERY, Math.floor(size / ENTRIES_PER_EVENT))
}

function addCheckpoint(history: History): void {
  history.checkpoints.push(checkpointOf(history.world))
  while (history.checkpoints.length > 2 && isTooMuch(history.checkpoints)) {
    // Thin the older half: far back, a longer run is acceptable.
    const half = history.checkpoints.length / 2
    history.checkpoints = history.checkpoints.filter((_, index) => index === 0 || index >= half || index % 2 === 0)
  }
}

function isTooMuch(checkpoints: readonly Checkpoint[]): boolean {
  if (checkpoints.length > CHECKPOINTS_MAX) return true
  let entries = 0
  for (const { size } of checkpoints) entries += size
  return entries > ENTRIES_MAX
}

/** Brings the world to the moment after its first `ordinal` events. Cost: the events since the nearest checkpoint. */
export function seekOrdinal(history: History, ordinal: number): void {
  const standing = history.world.ordinal
  const checkpoint = latestCheckpoint(history, ordinal)
  if (ordinal < standing || checkpoint.ordinal > standing) history.world = snapshotWorld(checkpoint.world)
  if (ordinal < standing) rememberNear(history, ordinal)
  while (history.world.ordinal < ordinal && advance(history));
}

/** Runs up to shortly before a moment, leaving checkpoints on the way where the run is a long one. */
function rememberNear(history: History, ordinal: number): void {
  if (ordinal - history.world.ordinal <= CHECKPOINT_EVERY) return
  const left: Checkpoint[] = []
  const latest = history.checkpoints.at(-1)
  // In a large world a copy costs more than the run that it would save.
  const worth = latest === undefined ? 0 : gapAfter(latest) / 4
  for (const distance of NEAR) {
    if (distance < worth || ordinal - distance <= history.world.ordinal) continue
    while (history.world.ordinal < ordinal - distance && advance(history));
    left.unshift(checkpointOf(history.world))
  }
  history.near = left
}

function latestCheckpoint(history: History, ordinal: number): Checkpoint {
  let best = history.checkpoints[0]
  for (const checkpoint of history.checkpoints) if (checkpoint.ordinal <= ordinal) best = checkpoint
  for (const checkpoint of history.near)
    if (checkpoint.ordinal <= ordinal && checkpoint.ordinal > (best?.ordinal ?? 0)) best = checkpoint
  if (best === undefined) throw new RangeError('a history has its first checkpoint always')
  return best
}

/** Forgets everything after the present moment: actions not yet queued here, steps, checkpoints. */
export function cutFuture(history: History): void {
  const { ordinal } = history.world
  history.actions = history.actions.slice(0, history.world.parts.person.done)
  history.head = ordinal
  history.steps = history.steps.filter((step) => step.event <= ordinal)
  history.checkpoints = history.checkpoints.filter((checkpoint) => checkpoint.ordinal <= ordinal)
  history.near = history.near.filter((checkpoint) => checkpoint.ordinal <= ordinal)
}

export interface Limits {
  /** Runs at least up to this virtual time. */
  readonly atLeast: SimTime
  /** Never beyond this virtual time. */
  readonly atMost: SimTime
  /** Never more events than this. */
  readonly events: number
  /** Asked before each event: whether whoever waits has waited long enough. Decides only how far it runs, never what happens. */
  readonly isLate?: (() => boolean) | undefined
}

/** Runs until nothing but background remains to be done. @returns whether it came to rest within the limits. */
export function runUntilSettled(history: History, limits: Limits): boolean {
  for (let handled = 0; handled < limits.events; handled++) {
    const { world } = history
    const at = nextEventAt(world)
    const isActionDue = history.actions.length > world.parts.person.done
    if (!isActionDue) {
      if (at === undefined) return true
      if (world.foreground === 0 && at > limits.atLeast) return true
      if (at > limits.atMost) return false
    }
    if (handled > 0 && limits.isLate?.() === true) return false
    if (!advance(history)) return true
  }
  return false
}

/** Handles every event up to and including this virtual time. */
export function runUntil(history: History, time: SimTime): void {
  for (;;) {
    const at = nextEventAt(history.world)
    const pending = history.actions[history.world.parts.person.done]
    const isActionDue = pending !== undefined && pending.event <= history.world.ordinal
    if (!isActionDue && (at === undefined || at > time)) return
    if (!advance(history)) return
  }
}
