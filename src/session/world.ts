import type { CoreWorld, Messages, Parts } from '../sim/index.js'
import type { PersonMessage, PersonPart } from './part.js'

/** The cluster's parts, and the person's beside them. */
export interface SessionParts extends Parts {
  person: PersonPart
}

export interface SessionMessages extends Messages {
  person: PersonMessage
}

/** A cluster's world with somebody in it who acts. */
export type SessionWorld = CoreWorld<SessionParts>
