import type { Result } from '../../core/result.js'
import { fail, ok } from '../../core/result.js'
import { canonicalAddress } from '../../net/address.js'
import type { HostName } from '../../net/state.js'

export type RequestProtocol = 'tcp' | 'udp' | 'sctp'

/** A request as a person (or a scenario) asks for it. */
export interface RequestSpec {
  /** `client`, `client/IP`, `node/NAME`, `pod/NAMESPACE/NAME`. */
  readonly from: string
  /** `IP:PORT`, `HOST:PORT`, an `http://` URL, `service/NAMESPACE/NAME[:PORT]` or `pod/NAMESPACE/NAME[:PORT]`. */
  readonly to: string
  readonly proto: RequestProtocol
  /** Chance is overruled: the way that ends at this endpoint, `IP:PORT`, and through this Node where one is named. */
  readonly force?: { readonly endpoint: string; readonly node?: string }
  /** More than one: that many new connections, told as one step. */
  readonly count?: number
  /** Send on the connection of this earlier request flow instead of a new one. */
  readonly sameConnectionAs?: string
  /** The Node to which the fabric outside hands packets for the address asked for, unchanged. */
  readonly deliverTo?: string
}

export const DEFAULT_CLIENT = '203.0.113.7'
/** The same somebody, where the way leads over IPv6. */
export const DEFAULT_CLIENT6 = '2001:db8::7'

export type Who =
  | { readonly kind: 'client'; readonly ip: string }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'pod'; readonly namespace: string; readonly name: string }

/** Reads WHO of a request; the error says what it may be. */
export function parseWho(text: string): Result<Who, string> {
  const [kind, first, second, ...more] = text.split('/')
  const fault = `"${text}" is nobody who can send: expected client, client/IP, node/NAME or pod/NAMESPACE/NAME`
  if (more.length > 0) return fail(fault)
  if (kind === 'client') {
    const ip = first === undefined ? DEFAULT_CLIENT : canonicalAddress(first)
    return ip === undefined || second !== undefined ? fail(fault) : ok({ kind: 'client', ip })
  }
  if (kind === 'node' && first !== undefined && first !== '' && second === undefined) return ok({ kind: 'node', name: first })
  if (kind === 'pod' && first !== undefined && second !== undefined && second !== '')
    return ok({ kind: 'pod', namespace: first, name: second })
  return fail(fault)
}

export function hostOfWho(who: Who): HostName {
  switch (who.kind) {
    case 'client':
      return `client/${who.ip}`
    case 'node':
      return who.name
    case 'pod':
      return `pod/${who.namespace}/${who.name}`
  }
}

/** WHERE of a request: an address, a name that DNS must resolve, or an object. */
export type Where =
  | { readonly kind: 'address'; readonly ip: string; readonly port: number; readonly path: string; readonly isUrl: boolean }
  | { readonly kind: 'name'; readonly name: string; readonly port: number; readonly path: string; readonly isUrl: boolean }
  | {
      readonly kind: 'object'
      readonly object: 'service' | 'pod'
      readonly namespace: string
      readonly name: string
      readonly port: number | undefined
      readonly path: string
    }

/** Reads WHERE of a request. */
export function parseWhere(text: string): Result<Where, string> {
  const fault = (why: string): Result<Where, string> => fail(`"${text}" is nowhere to send to: ${why}`)
  const object = /^(service|svc|pod)\/([^/:]+)\/([^/:]+)(?::(\d+))?$/.exec(text)
  if (object !== null) {
    const port = object[4] === undefined ? undefined : Number(object[4])
    if (port !== undefined && !isPort(port)) return fault('a port is 1 to 65535')
    return ok({
      kind: 'object',
      object: object[1] === 'pod' ? 'pod' : 'service',
      namespace: object[2] ?? '',
      name: object[3] ?? '',
      port,
      path: '/',
    })
  }
  const url = /^(https?):\/\/(\[[^\]]+\]|[^/:?#]+)(?::(\d+))?([/?#].*)?$/i.exec(text)
  if (url !== null) {
    const port = url[3] === undefined ? (url[1]?.toLowerCase() === 'https' ? 443 : 80) : Number(url[3])
    return isPort(port) ? place(url[2] ?? '', port, url[4] ?? '/', true) : fault('a port is 1 to 65535')
  }
  const plain = /^(\[[^\]]+\]|[^:[\]\s]+):(\d+)$/.exec(text)
  if (plain === null) return fault('expected IP:PORT, HOST:PORT or an http:// URL')
  const port = Number(plain[2])
  return isPort(port) ? place(plain[1] ?? '', port, '/', false) : fault('a port is 1 to 65535')
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535
}

function place(host: string, port: number, path: string, isUrl: boolean): Result<Where, string> {
  const ip = canonicalAddress(host.replace(/^\[(.*)\]$/, '$1'))
  if (ip !== undefined) return ok({ kind: 'address', ip, port, path, isUrl })
  // No host name ends in a number: this is an address with a mistake in it.
  if (/(^|\.)\d+\.?$/.test(host)) return fail(`"${host}" is no IP address`)
  if (!/^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?$/.test(host)) return fail(`"${host}" is neither an address nor a name`)
  return ok({ kind: 'name', name: host.toLowerCase(), port, path, isUrl })
}
