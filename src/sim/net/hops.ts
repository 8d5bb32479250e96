import type { Hook } from '../core/vocabulary.js'
import type { Note } from './note.js'
import type { Packet } from './packet.js'
import { tupleText } from './packet.js'

/** A rule that a packet matched on its way. */
export interface Hop {
  readonly node: string
  readonly host: string
  readonly hook: Hook
  readonly table: string
  readonly chain: string
  /** Counts from 1 within its chain. */
  readonly rule: number
  readonly text: string
  readonly action: string
  /** `tcp 203.0.113.7:40000 > 172.18.0.11:30080`, as it was at this rule. */
  readonly packet: string
}

/**
 * The rules that were matched, in order: on the way there, and on the way back. A packet that goes round in a circle is told once round.
 *
 * @param nodeOf the Node that a host belongs to, for hosts that are no Nodes.
 */
export function hopsOf(
  notes: readonly Note[],
  nodeOf: (host: string) => string = (host) => host,
): { readonly hops: readonly Hop[]; readonly reply: readonly Hop[] } {
  const hops: Hop[] = []
  const reply: Hop[] = []
  const visited = new Set<string>()
  let circling = false
  let written: { readonly packet: Packet; readonly text: string } | undefined
  for (const note of notes) {
    const { packet, host, direction } = note
    if (note.kind === 'packet-hook' && note.hook === 'PREROUTING' && direction === 'request') {
      const key = `${host} ${note.inDevice} ${tupleText(packet)}`
      if (visited.has(key)) circling = true
      visited.add(key)
    }
    if (note.kind !== 'rule' || (direction === 'request' && circling)) continue
    // Most rules in a row see the same packet.
    if (written?.packet !== packet) written = { packet, text: tupleText(packet) }
    const { hook, rule } = note
    const { table, chain, position, text, action } = rule
    const ways = direction === 'request' ? hops : reply
    ways.push({ node: nodeOf(host), host, hook, table, chain, rule: position, text, action, packet: written.text })
  }
  return { hops, reply }
}
