import type { Packet } from '../packet.js'
import { portKey } from '../packet.js'
import { isStateful } from './compile.js'
import type { Chain, Match, Rule } from './types.js'

/** Rules of a long chain by what they ask for, so that a packet is tried only against those that may match it. Positions stay the chain's own. */
export interface ChainIndex {
  readonly byDestination: ReadonlyMap<string, readonly Rule[]>
  readonly byPort: ReadonlyMap<number, readonly Rule[]>
  readonly rest: readonly Rule[]
}

/** Chains shorter than this are simply walked. */
const WORTH_INDEXING = 8

/** Built from immutable chains; can be rebuilt. */
const indexes = new WeakMap<Chain, ChainIndex>()

const NONE: readonly Rule[] = []

/** The index of a chain; undefined where it is not worth having. */
export function indexOf(chain: Chain): ChainIndex | undefined {
  if (chain.rules.length < WORTH_INDEXING) return undefined
  let index = indexes.get(chain)
  if (index === undefined) {
    index = buildIndex(chain)
    indexes.set(chain, index)
  }
  return index
}

/** The rules that a packet with these addresses can match, in the chain's order. */
export function candidates(index: ChainIndex, { proto, dst, dport }: Packet): readonly Rule[] {
  const byDestination = index.byDestination.get(dst) ?? NONE
  const byPort = index.byPort.size === 0 ? NONE : (index.byPort.get(portKey(proto, dport)) ?? NONE)
  return merge(merge(byDestination, byPort), index.rest)
}

function buildIndex(chain: Chain): ChainIndex {
  const byDestination = new Map<string, Rule[]>()
  const byPort = new Map<number, Rule[]>()
  const rest: Rule[] = []
  for (const rule of chain.rules) {
    const destination = rule.matches.find(isOneDestination)
    const port = destination === undefined ? portOf(rule) : undefined
    if (destination !== undefined)
      push(byDestination, destination.prefix.text.slice(0, destination.prefix.text.indexOf('/')), rule)
    else if (port !== undefined) push(byPort, port, rule)
    else rest.push(rule)
  }
  return { byDestination, byPort, rest }
}

function isOneDestination(match: Match): match is Extract<Match, { kind: 'destination' }> {
  return match.kind === 'destination' && !match.negated && match.prefix.length === (match.prefix.family === 4 ? 32 : 128)
}

/** Key of a rule for one port. Matches that draw, count or remember must be asked in their turn, so such rules are not passed over. */
function portOf(rule: Rule): number | undefined {
  if (rule.matches.some(isStateful)) return undefined
  for (const match of rule.matches) {
    if (match.kind !== 'transport') continue
    for (const condition of match.conditions) {
      if (condition.kind === 'dport' && !condition.negated && condition.range.from === condition.range.to)
        return portKey(match.protocol, condition.range.from)
    }
  }
  return undefined
}

function push<Key>(map: Map<Key, Rule[]>, key: Key, rule: Rule): void {
  const rules = map.get(key)
  if (rules === undefined) map.set(key, [rule])
  else rules.push(rule)
}

function merge(a: readonly Rule[], b: readonly Rule[]): readonly Rule[] {
  if (a.length === 0) return b
  if (b.length === 0) return a
  const merged: Rule[] = []
  let ia = 0
  let ib = 0
  for (;;) {
    const ra = a[ia]
    const rb = b[ib]
    if (ra === undefined) return [...merged, ...b.slice(ib)]
    if (rb === undefined) return [...merged, ...a.slice(ia)]
    if (ra.position < rb.position) {
      merged.push(ra)
      ia++
    } else {
      merged.push(rb)
      ib++
    }
  }
}
