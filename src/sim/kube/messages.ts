import type { ControllerMessage } from './controllers/messages.js'
import type { ApiServerMessage } from './api/part.js'

/**
 * Every component of the cluster by its kind, with the messages that it understands.
 * Each component's message type stands in its own module; this is the list of them all.
 */
export interface Messages {
  apiserver: ApiServerMessage
  controller: ControllerMessage
}
