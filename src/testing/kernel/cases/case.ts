/** A connection to make: `a1 > 10.244.2.2:8080`, with the protocol, the source port and a time to wait before it where they matter. */
export interface Send {
  readonly from: string
  readonly to: string
  readonly proto?: 'tcp' | 'udp'
  readonly sport?: number
  /** Seconds that pass before. */
  readonly wait?: number
  /** Milliseconds after which an error may come: a host looks for an absent neighbour for three seconds. */
  readonly patience?: number
}

/** Rules of node1, and connections made one after the other under them. */
export interface NetfilterCase {
  readonly name: string
  /** `table CHAIN: rest of the rule` lines. */
  readonly rules: string
  readonly sends: readonly Send[]
  /** Rules of other Nodes than node1. */
  readonly others?: Readonly<Record<string, string>>
  /** `ipset save` text. */
  readonly sets?: string
  readonly family?: 4 | 6
  /** Rules may stop what follows the handshake, which is not walked: an answer to the first packet is enough. */
  readonly handshakeOnly?: true
  /** Seconds after which node1 forgets connections, by state: `udp new`, `udp replied`, `SYN_SENT`, `TIME_WAIT`, `CLOSE`. */
  readonly timeouts?: Readonly<Record<string, number>>
  /** `bridge-nf-call-iptables` of the Node. */
  readonly bridgeNf?: false
}

export const A1 = 'pod/default/a1'
export const B1 = 'pod/default/b1'
export const A2 = 'pod/default/a2'
export const CLIENT = 'client/203.0.113.7'
export const CLIENT6 = 'client/2001:db8::7'

export const tcp = (from: string, to: string, more: Partial<Send> = {}): Send => ({ from, to, ...more })
export const udp = (from: string, to: string, more: Partial<Send> = {}): Send => ({ from, to, proto: 'udp', ...more })

export const ACROSS = tcp(A1, '10.244.2.2:8080')
export const BESIDE = tcp(A1, '10.244.1.3:8080')
export const INTO = tcp('node2', '172.18.0.11:32000')
export const OUT = tcp('node1', '10.244.2.2:8080')
export const CLOSED = tcp(A1, '10.244.2.2:81')
export const UDP = udp(A1, '10.244.2.2:5353')
export const UDP_CLOSED = udp(A1, '10.244.2.2:54')

/** A rule that shows whether a packet meets a condition, in FORWARD, for first packets. */
export const asked = (...conditions: readonly string[]): string =>
  conditions.map((each) => `filter FORWARD: ${each} -m comment --comment met`).join('\n')
