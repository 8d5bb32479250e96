import type { StepInput } from '../core/step.js'
import type { Hook } from '../core/vocabulary.js'
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
  entries: readonly StepInput[],
  nodeOf: (host: string) => string = (host) => host,
): { readonly hops: readonly Hop[]; readonly reply: readonly Hop[] } {
  const hops: Hop[] = []
  const reply: Hop[] = []
  const visited = new Set<string>()
  let circling = false
  for (const entry of entries) {
    if (entry.kind === 'packet-hook' && entry.facts.hook === 'PREROUTING' && entry.facts.direction === 'request') {
      const key = `${entry.facts.host} ${entry.facts.inDevice} ${tupleText(entry.facts.packet)}`
      if (visited.has(key)) circling = true
      visited.add(key)
    }
    if (entry.kind !== 'rule') continue
    const { facts } = entry
    if (facts.direction === 'request' && circling) continue
    const hop: Hop = {
      node: nodeOf(facts.host),
      host: facts.host,
      hook: facts.hook,
      table: facts.table,
      chain: facts.chain,
      rule: facts.rule,
      text: facts.text,
      action: facts.action,
      packet: tupleText(facts.packet),
    }
    if (facts.direction === 'request') hops.push(hop)
    else reply.push(hop)
  }
  return { hops, reply }
}
