import type { Tuple } from './packet.js'

/** A line of the connection table, held under both its directions. Immutable: replaced at each change. */
export interface ConntrackEntry {
  readonly original: Tuple
  readonly reply: Tuple
  /** A packet of the other direction was seen. */
  readonly replied: boolean
  readonly assured: boolean
  readonly dnat: boolean
  readonly snat: boolean
  readonly mark: number
  /** TCP's state as `conntrack -L` names it; empty for others. */
  readonly state: string
  /** Virtual time at which it is forgotten. */
  readonly expires: number
  /** Virtual time at which its first packet came. */
  readonly since?: number | undefined
  /** NAT gave it another source port, which the same socket gets towards other destinations too. */
  readonly remapped?: boolean | undefined
}

/**
 * A hash table as the kernel's own: hash of a direction's tuple to the entries that it leads to, hardly ever more than one.
 * In a scratch, an empty bucket hides the state's.
 */
export type ConntrackTable = Map<number, readonly ConntrackEntry[]>
