import { runKubectl } from '../kubectl/index.js'
import type { History } from './history.js'
import type { Tools } from './person.js'
import type { Session, SessionInput } from './session.js'
import { openSessionWith, openUnsettledWith } from './session.js'

/** All tools, at once at hand. */
export const TOOLS: Tools = { kubectl: runKubectl }

/** Brings a scenario's cluster up and lets it settle; history begins there. */
export function openSession(input: SessionInput): Session {
  return openSessionWith(input, TOOLS)
}

/** A history on a fresh world in which nothing has run yet, not even the start-up. */
export function openUnsettled(input: SessionInput): History {
  return openUnsettledWith(input, TOOLS)
}
