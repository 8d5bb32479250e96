import { SimBug } from '../../core/result.js'
import type { ChainIndex } from './chainIndex.js'
import { indexOf } from './chainIndex.js'
import type { Chain, Rule, Table } from './types.js'

/** A chain as it is walked: within its table, indexed, and with the chains that its rules call, each found when it is first called. */
export interface LinkedChain {
  readonly table: Table
  readonly chain: Chain
  readonly index: ChainIndex | undefined
  readonly called: Map<Rule, LinkedChain>
}

/** Built from immutable tables; can be rebuilt. */
const linked = new WeakMap<Table, Map<string, LinkedChain>>()

/** A chain of a table; undefined when there is none of that name. */
export function linkChain(table: Table, name: string): LinkedChain | undefined {
  let links = linked.get(table)
  if (links === undefined) {
    links = new Map()
    linked.set(table, links)
  }
  const known = links.get(name)
  const chain = table.chains.get(name)
  if (known !== undefined || chain === undefined) return known
  const made = { table, chain, index: indexOf(chain), called: new Map<Rule, LinkedChain>() }
  links.set(name, made)
  return made
}

/** The chain that a rule calls. @throws SimBug `unknown-chain`: loading a table refuses such rules. */
export function chainCalledBy(from: LinkedChain, rule: Rule): LinkedChain {
  let to = from.called.get(rule)
  if (to === undefined) {
    const name = rule.target.kind === 'jump' ? rule.target.chain : ''
    to = linkChain(from.table, name)
    if (to === undefined) throw new SimBug('unknown-chain', { chain: name })
    from.called.set(rule, to)
  }
  return to
}
