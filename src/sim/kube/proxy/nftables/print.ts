import { inListedOrder } from './elementOrder.js'
import type { NftChain, NftSet, NftTable } from './types.js'

/** What rules put into a set since it was made: key to the rest of the element. */
export type HeldElements = (table: NftTable, set: NftSet) => readonly (readonly [string, string])[]

/** Both families' tables as `nft list ruleset` prints them. */
export function printNftables(tables: readonly NftTable[], held: HeldElements = () => []): string {
  return tables.map((table) => printTable(table, held)).join('')
}

function printTable(table: NftTable, held: HeldElements): string {
  const family = table.family === 'IPv6' ? 'ip6' : 'ip'
  const withHeld = (set: NftSet): NftSet => {
    const more = set.properties === undefined ? [] : held(table, set)
    return more.length === 0 ? set : { ...set, elements: new Map([...set.elements, ...more]) }
  }
  const blocks = [...table.sets.map((set) => printSet(withHeld(set))), ...table.chains.map(printChain)]
  return `table ${family} kube-proxy {\n\tcomment "rules for kube-proxy"\n${blocks.join('\n')}}\n`
}

function printSet(set: NftSet): string {
  const lines = [
    `type ${set.type}`,
    ...(set.comment === undefined ? [] : [`comment "${set.comment}"`]),
    ...(set.properties ?? []),
    ...(set.elements.size === 0 ? [] : [`elements = { ${printElements(set)} }`]),
  ]
  return `\t${set.kind} ${set.name} {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}\n`
}

/** nft puts two IPv4 addresses in a line, of all others one. Source: nftables src/expression.c calculate_delim */
function printElements(set: NftSet): string {
  const perLine = set.type === 'ipv4_addr' ? 2 : 1
  const elements = inListedOrder(set.elements).map(([key, rest]) => `${key}${rest}`)
  let text = ''
  elements.forEach((element, index) => {
    if (index > 0) text += index % perLine === 0 ? ',\n\t\t\t     ' : ', '
    text += element
  })
  return text
}

function printChain(chain: NftChain): string {
  const lines = [
    ...(chain.comment === undefined ? [] : [`comment "${chain.comment}"`]),
    ...(chain.base === undefined ? [] : [chain.base]),
    ...chain.rules,
  ]
  return `\tchain ${chain.name} {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}\n`
}
