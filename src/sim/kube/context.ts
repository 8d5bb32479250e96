import type { Context, Behaviour as CoreBehaviour } from '../core/engine.js'
import type { World as CoreWorld } from '../core/world.js'
import type { Messages } from './messages.js'
import type { Parts } from './parts.js'

/** The world of a cluster. */
export type World = CoreWorld<Parts>

/** What a component may do while it handles a message. */
export type Ctx = Context<Parts, Messages>

/** A component of the cluster: behaviour for its own kind of message. */
export type Behaviour<Kind extends keyof Messages> = CoreBehaviour<Parts, Messages, Messages[Kind]>
