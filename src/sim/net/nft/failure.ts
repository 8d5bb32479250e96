import type { Kernel } from '../kernel.js'
import type { Skb } from '../skb.js'
import { isList, listFits, lookUp } from './lookUp.js'
import type { Walk } from './readPacket.js'
import { markOf, readField, tcpFlagsFit } from './readPacket.js'
import type { NftField, NftLookup, NftRule, NftTable } from './types.js'

/** Says which condition of a rule a packet fails, as the rule states it and as the packet has it; undefined when it fits. */
export function failureOf(
  kernel: Kernel,
  skb: Skb,
  table: NftTable,
  rule: NftRule,
): { readonly wanted: string; readonly saw: string } | undefined {
  const walk = { kernel, skb, table }
  for (const statement of rule.statements) {
    switch (statement.kind) {
      case 'match': {
        const other = otherFamily(skb, statement.family)
        if (other !== undefined) return other
        const isStatus = statement.fields.length === 1 && isList(statement.fields[0])
        const found = isStatus ? listFits(walk, statement.among) : lookUp(walk, statement.among, statement.fields) !== undefined
        if (found !== statement.negated) break
        const wanted = `${statement.fields.join(' . ')} ${statement.negated ? '!= ' : ''}${lookupText(statement.among)}`
        return { wanted, saw: isStatus ? 'none of these' : sawText(walk, statement.fields) }
      }
      case 'vmap':
      case 'nat-map': {
        const other = otherFamily(skb, statement.family)
        if (other !== undefined) return other
        if (lookUp(walk, statement.map, statement.fields) !== undefined) break
        return {
          wanted: `${statement.fields.join(' . ')} ${statement.kind === 'vmap' ? 'vmap' : 'map'} ${lookupText(statement.map)}`,
          saw: sawText(walk, statement.fields),
        }
      }
      case 'mark-match':
        if (((markOf(skb, statement.of) & statement.mask) >>> 0 === statement.value) !== statement.negated) break
        return {
          wanted: `${statement.of} mark & 0x${statement.mask.toString(16)} ${statement.negated ? '!=' : '=='} 0x${statement.value.toString(16)}`,
          saw: `0x${markOf(skb, statement.of).toString(16)}`,
        }
      case 'tcp-flags':
        if (tcpFlagsFit(skb, statement)) break
        return { wanted: `tcp flags ${(statement.set ?? statement.mask).join(',').toLowerCase()}`, saw: skb.packet.flags }
      case 'random':
        return { wanted: 'meta random', saw: 'a draw that was too high' }
      case 'limit':
        return { wanted: 'limit rate', saw: statement.over ? 'a packet within the rate' : 'one packet too many' }
      default:
        // What follows acts and has no condition of its own.
        return undefined
    }
  }
  return undefined
}

function otherFamily(skb: Skb, family: Skb['family'] | undefined): { readonly wanted: string; readonly saw: string } | undefined {
  const name = (of: Skb['family']): string => (of === 4 ? 'ipv4' : 'ipv6')
  return family === undefined || family === skb.family ? undefined : { wanted: `nfproto ${name(family)}`, saw: name(skb.family) }
}

function sawText(walk: Walk, fields: readonly NftField[]): string {
  return fields.map((field) => readField(walk, field)).join(' . ')
}

function lookupText(lookup: NftLookup): string {
  if (lookup.kind === 'named') return `@${lookup.name}`
  const { exact, prefixes, patterns = [] } = lookup.elements
  const all = [...exact.keys(), ...prefixes.map(({ prefix }) => prefix.text), ...patterns.map(({ parts }) => parts.join(' . '))]
  return all.length === 1 ? (all[0] ?? '') : `{ ${all.join(', ')} }`
}
