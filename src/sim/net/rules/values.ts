import type { Match, PortRange } from './types.js'
import type { WordReader } from './words.js'
import { RuleError } from './words.js'

/** The word that an option needs. */
export function argument(reader: WordReader, option: string): string {
  const value = reader.argument()
  if (value === undefined) throw new RuleError(`option "${option}" requires an argument`)
  return value
}

/** A number below 2^32, decimal or hexadecimal. */
export function number(text: string, what: string): number {
  const value = /^(0[xX][0-9a-fA-F]+|\d+)$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isInteger(value) || value > 0xffff_ffff) throw new RuleError(`bad value for ${what}: "${text}"`)
  return value
}

/** `80`, `1024:65535`, `:1023`, `1024:`. */
export function parsePortRange(text: string, separator = ':'): PortRange {
  const parts = text.split(separator)
  const port = (part: string | undefined, open: number): number => {
    if (part === undefined || part === '') return open
    const value = number(part, 'port')
    if (value > 65_535) throw new RuleError(`invalid port/service \`${part}' specified`)
    return value
  }
  const from = port(parts[0], 0)
  const to = parts.length === 1 ? from : port(parts[1], 65_535)
  if (parts.length > 2 || to < from || text === '') throw new RuleError(`invalid portrange (min > max) "${text}"`)
  return { from, to }
}

/** `0x4000/0x4000`, `1`: value and mask. */
export function parseMasked(text: string): { readonly value: number; readonly mask: number; readonly masked: boolean } {
  const parts = text.split('/')
  const value = number(parts[0] ?? '', 'mark')
  const mask = parts[1] === undefined ? 0xffff_ffff : number(parts[1], 'mark mask')
  return { value, mask, masked: parts[1] !== undefined }
}

/** Conditions in the order in which `iptables-save` prints them, whatever order they were given in. */
export function inOrder<Kind extends string, Condition extends { readonly kind: Kind }>(
  conditions: readonly Condition[],
  order: readonly Kind[],
): readonly Condition[] {
  return conditions.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
}

/** Names out of those that are known, in their order. */
export function nameList(text: string, known: readonly string[], what: string): readonly string[] {
  const names = text.toUpperCase().split(',')
  for (const name of names) if (!known.includes(name)) throw new RuleError(`Bad ${what} "${name}"`)
  return known.filter((name) => names.includes(name))
}

/** An option of a known module that is not modelled: a match of its own, which names it and stops the walk. */
export function unmodelled(name: string, option: string, negated: boolean, reader: WordReader): Match {
  const words = negated ? [name, '!', option] : [name, option]
  for (let word = reader.argument(); word !== undefined; word = reader.argument()) words.push(word)
  return { kind: 'unknown', words }
}
