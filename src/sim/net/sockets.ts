import type { Family } from './address.js'
import type { Protocol } from './packet.js'

/**
 * A listening socket of a host, and what stands behind it. Plain data: the workload decides the response when it starts to listen.
 */
export interface Socket {
  readonly proto: Protocol
  readonly port: number
  /** Listens on this address alone; on all of the host's when absent. */
  readonly address?: string
  /** Absent: both families. */
  readonly family?: Family
  /** Who listens, as a person would say it: `nginx in Pod default/web-1`, `kubelet`. */
  readonly owner: string
  readonly response: SocketResponse
}

/** What a request is answered with, and how long that takes. */
export interface SocketResponse {
  readonly status: number
  readonly body: string
  /** Virtual microseconds between the request's arrival and the answer. */
  readonly latencyUs: number
  /** Who says that it answered: `default/web-1`. */
  readonly servedBy: string
}

/** Key of a socket among its host's: protocol, address or `*`, port. */
export function socketKey(socket: Pick<Socket, 'proto' | 'port' | 'address'>): string {
  return `${socket.proto} ${socket.address ?? '*'}:${socket.port}`
}
