import type { Prefix } from '../../../net/address.js'
import { formatIPv4, formatIPv6 } from '../../../net/address.js'

/** Addresses from the first to the last, both within. */
interface Span {
  readonly from: bigint
  readonly to: bigint
}

/**
 * Blocks as nft prints them in an anonymous set: in order of address, those that touch or overlap as one, a single one without braces.
 * Where several were written the braces stay, even when one is left of them.
 *
 * Source: nftables src/intervals.c set_overlap, set_automerge; src/segtree.c interval_map_decompose; src/optimize of single elements in src/evaluate.c
 */
export function anonymousSet(prefixes: readonly Prefix[]): string {
  const [first] = prefixes
  if (first === undefined) return '{ }'
  const bits = first.family === 6 ? 128 : 32
  const spans = prefixes.map((prefix) => spanOf(prefix, bits)).toSorted((a, b) => compare(a.from, b.from))
  const merged: Span[] = []
  for (const span of spans) {
    const last = merged.at(-1)
    if (last === undefined || span.from > last.to + 1n) merged.push(span)
    else if (span.to > last.to) merged[merged.length - 1] = { from: last.from, to: span.to }
  }
  const texts = merged.map((span) => spanText(span, bits))
  return prefixes.length === 1 ? (texts[0] ?? '') : `{ ${texts.join(', ')} }`
}

function spanOf({ base, length }: Prefix, bits: number): Span {
  const from = BigInt(base)
  return { from, to: from + (1n << BigInt(bits - length)) - 1n }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** An address, a block where it is one, else a range. */
function spanText({ from, to }: Span, bits: number): string {
  const size = to - from + 1n
  const address = (value: bigint): string => (bits === 32 ? formatIPv4(Number(value)) : formatIPv6(value))
  if (size === 1n) return address(from)
  const isBlock = (size & (size - 1n)) === 0n && from % size === 0n
  return isBlock ? `${address(from)}/${bits + 1 - size.toString(2).length}` : `${address(from)}-${address(to)}`
}
