import type { Direction } from '../core/vocabulary.js'
import type { Packet } from './packet.js'
import type { HostName, Port } from './state.js'
import type { Stop } from './stop.js'

/** A packet between two hosts: on a link, about to come in at a port. */
export interface Transit {
  readonly packet: Packet
  readonly direction: Direction
  readonly at: Port
  /** Whom the frame is addressed to on the link; the port itself unless a bridge lies between. */
  readonly target: Port
}

/** A packet that reached a host's sockets. */
export interface Arrival {
  readonly direction: Direction
  readonly host: HostName
  readonly packet: Packet
}

/** Where a packet ended without reaching a socket. */
export interface Loss extends Stop {
  readonly direction: Direction
  readonly host: HostName
  readonly packet: Packet
  /** The host knows at once: what its own packet gets instead of an answer. */
  readonly ownError?: string
}

/** What came of one host's handling of a packet: packets on their way (errors that it sends among them), arrivals, losses. */
export interface Handled {
  readonly transits: Transit[]
  readonly arrivals: Arrival[]
  readonly losses: Loss[]
  /** A rule gave the request another source, even if it came out the same. */
  masqueraded: boolean
}

export function createHandled(): Handled {
  return { transits: [], arrivals: [], losses: [], masqueraded: false }
}
