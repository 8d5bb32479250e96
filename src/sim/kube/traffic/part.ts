import type { FlowId } from '../../core/step.js'
import type { SimTime } from '../../core/time.js'
import type { Choice } from '../../net/chooser.js'
import type { Progress } from '../../net/follow.js'
import type { Transit } from '../../net/handled.js'
import type { Packet, Tuple } from '../../net/packet.js'

import type { HostName } from '../../net/state.js'
import type { RequestSpec } from './requestSpec.js'

/** A request while it is under way and a while after. Immutable: replaced at each event. */
export interface RequestRecord {
  /** Its flow, with a number behind when several were under way in one. */
  readonly flow: FlowId
  readonly spec: RequestSpec
  readonly startedAt: SimTime
  readonly path: string
  readonly progress: Readonly<Progress>
  /** Choices made so far, and those that were prescribed. */
  readonly trail: readonly Choice[]
  readonly script: readonly number[]
  /** Packets and answers that are still queued. */
  readonly pending: number
  /** Hosts whose conntrack knows the connection, each with the first direction of its entry. */
  readonly connections: readonly { readonly host: HostName; readonly tuple: Tuple }[]
  readonly done: boolean
}

export interface TrafficPart {
  /** By flow, the oldest first. */
  readonly requests: Map<FlowId, RequestRecord>
  /** Source port of the next connection. */
  nextPort: number
}

export type NetworkMessage =
  | { readonly type: 'start'; readonly spec: RequestSpec }
  /** A packet comes in at a port. */
  | { readonly type: 'arrive'; readonly request: FlowId; readonly transit: Transit }
  /** A process has its answer ready. */
  | { readonly type: 'answer'; readonly request: FlowId; readonly host: HostName; readonly packet: Packet }
  /** Handshake, request and response of a connection that stands are over. */
  | { readonly type: 'finish'; readonly request: FlowId }
  /** The sender waits no longer. */
  | { readonly type: 'give-up'; readonly request: FlowId }

/** Where Linux' range of source ports begins and ends. */
export const FIRST_PORT = 32_768
export const LAST_PORT = 60_999

export function createTrafficPart(): TrafficPart {
  return { requests: new Map(), nextPort: 40_000 }
}
