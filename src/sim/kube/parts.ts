import type { ControllersPart } from './controllers/part.js'
import type { EventsPart } from './events.js'
import type { ApiPart, InformersPart } from './api/part.js'
import type { EtcdPart } from './etcd/store.js'

/**
 * The state of each component by name. Each part's type stands in its component's own module; this is the list of them all.
 * A part is a record of containers (Maps, Sets, arrays) and scalars; what containers hold is immutable (core/world.ts).
 */
export interface Parts {
  etcd: EtcdPart
  api: ApiPart
  informers: InformersPart
  controllers: ControllersPart
  events: EventsPart
}
