import { runKubectl } from '../kubectl/index.js'
import type { SimTime } from '../sim/index.js'
import type { History } from './history.js'
import type { Tools } from './person.js'
import type { Session, SessionInput } from './session.js'
import { openSessionWith, openUnsettledWith } from './session.js'

/** All tools, at once at hand. */
export const TOOLS: Tools = { kubectl: runKubectl }

/**
 * Brings a scenario's cluster up; history begins there.
 *
 * @param until virtual time to which it runs; until it has settled when absent.
 */
export function openSession(input: SessionInput, until?: SimTime): Session {
  return openSessionWith(input, TOOLS, until)
}

/** A history on a fresh world in which nothing has run yet, not even the start-up. */
export function openUnsettled(input: SessionInput): History {
  return openUnsettledWith(input, TOOLS)
}
