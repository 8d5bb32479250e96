import type { RuleLine } from './ruleLines.js'

/** A chain (of nftables also a set or map) where one can go. */
export interface ChainPlace {
  readonly table: string
  readonly chain: string
  /** Its first rule; where it has none, the line that names it. */
  readonly line: number
}

export type ChainPlaces = ReadonlyMap<string, ChainPlace>

/** Every chain of a Node's rules by `table chain`, in the order of the text. */
export function placesOf(lines: readonly RuleLine[]): ChainPlaces {
  const places = new Map<string, ChainPlace>()
  const hasRules = new Set<string>()
  for (const { table, chain, number, rule } of lines) {
    if (table === undefined || chain === undefined) continue
    const key = `${table} ${chain}`
    if (rule === undefined ? places.has(key) : hasRules.has(key)) continue
    places.set(key, { table, chain, line: number })
    if (rule !== undefined) hasRules.add(key)
  }
  return places
}

/** Chains to which a line leads: the target of a rule, those that the elements of a map name. */
export function targetsOf({ table, text }: RuleLine, places: ChainPlaces): readonly ChainPlace[] {
  const names = [...text.matchAll(/(?: -[jg]|\b(?:jump|goto)) ([^\s,}]+)/g)].map(([, name = '']) => `${table} ${name}`)
  return [...new Set(names)].flatMap((name) => places.get(name) ?? [])
}

/** Rules that lead into the chain of a line, in the order of the text; of nftables also elements of maps. */
export function callersOf(lines: readonly RuleLine[], { table, chain }: RuleLine, most: number): readonly RuleLine[] {
  const found: RuleLine[] = []
  if (chain === undefined) return found
  for (const line of lines) {
    if (found.length >= most) break
    if (line.table !== table || !line.text.includes(chain)) continue
    if ([...line.text.matchAll(/(?: -[jg]|\b(?:jump|goto)) ([^\s,}]+)/g)].some(([, name]) => name === chain)) found.push(line)
  }
  return found
}
