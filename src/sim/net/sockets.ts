import type { Family } from './address.js'
import { familyOf } from './address.js'
import type { Protocol } from './packet.js'
import { portKey } from './packet.js'

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

/** A host's sockets by protocol and port. */
export type SocketIndex = ReadonlyMap<number, readonly Socket[]>

const NO_SOCKETS: SocketIndex = new Map()

export function indexSockets(sockets: ReadonlyMap<string, Socket> | undefined): SocketIndex {
  if (sockets === undefined || sockets.size === 0) return NO_SOCKETS
  const index = new Map<number, Socket[]>()
  for (const socket of sockets.values()) {
    const key = portKey(socket.proto, socket.port)
    const there = index.get(key)
    if (there === undefined) index.set(key, [socket])
    else there.push(socket)
  }
  return index
}

/** The socket that a packet to this address and port reaches: one of that address before one of all; undefined when nobody listens. */
export function socketAt(index: SocketIndex, proto: Protocol, address: string, port: number): Socket | undefined {
  let ofAll: Socket | undefined
  for (const socket of index.get(portKey(proto, port)) ?? []) {
    if (socket.proto !== proto) continue
    if (socket.address === address) return socket
    if (socket.address === undefined && takes(socket, address)) ofAll = socket
  }
  return ofAll
}

function takes({ family }: Socket, address: string): boolean {
  return family === undefined || family === familyOf(address)
}

/** Key of a socket among its host's: protocol, address or `*` (with the family, of one for all addresses of a family), port. */
export function socketKey(socket: Pick<Socket, 'proto' | 'port' | 'address' | 'family'>): string {
  return `${socket.proto} ${socket.address ?? `*${socket.family ?? ''}`}:${socket.port}`
}
