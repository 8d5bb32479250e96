import type { SimTime } from '../sim/index.js'
import { MINUTE, MS } from '../sim/index.js'
import type { Action } from './action.js'
import { advance, cutFuture, runUntil, runUntilSettled, seekOrdinal } from './history.js'
import type { KubectlOutput } from './part.js'
import type { Session } from './session.js'

/** What a command takes of virtual time, as typing and the way to the API server do. */
const COMMAND_US: SimTime = 100 * MS
/** A command that waits for longer is left to itself. */
const MAX_WAIT = 30 * MINUTE
const MAX_EVENTS = 2_000_000

/**
 * Does something as in a terminal: no more time passes than the command itself takes, so that the next one finds the cluster still at work.
 * A command that waits (`rollout status`) takes as long as it waits.
 *
 * @returns kubectl's answer, for an action of type kubectl.
 */
export function actInTerminal(session: Session, action: Action): KubectlOutput | undefined {
  standAtHead(session)
  const { history } = session
  cutFuture(history)
  const { world } = history
  const id = `a${history.actions.length}`
  const latest = world.now + MAX_WAIT
  history.actions = [...history.actions, { event: world.ordinal, at: world.now, action }]
  if (action.type === 'wait') {
    runUntil(history, world.now + action.us)
  } else {
    for (let events = 0; events < MAX_EVENTS && isBusy(session, id, action) && history.world.now < latest; events++) {
      if (!advance(history)) break
    }
    runUntil(history, history.world.now + COMMAND_US)
  }
  standAtHead(session)
  return history.world.parts.person.outputs.get(id)
}

/** Whether the action is still to be done, or its command waits. */
function isBusy({ history }: Session, id: string, action: Action): boolean {
  const { queue, parts } = history.world
  if (action.type === 'kubectl' && !parts.person.outputs.has(id)) return true
  if (history.actions.length > parts.person.done) return true
  return queue.some(({ to, message }) => to.kind === 'person' && isAbout(message, id))
}

function isAbout(message: unknown, id: string): boolean {
  return typeof message === 'object' && message !== null && 'id' in message && message.id === id
}

/** Lets the cluster come to rest. */
export function settle(session: Session): void {
  standAtHead(session)
  const { now } = session.history.world
  runUntilSettled(session.history, { atLeast: now, atMost: now + MAX_WAIT, events: MAX_EVENTS })
  standAtHead(session)
}

/** Stands behind the last event there was: also where that made no step, a command has taken its time. */
function standAtHead(session: Session): void {
  seekOrdinal(session.history, session.history.head)
  session.position = session.history.steps.at(-1)?.id ?? 0
}
