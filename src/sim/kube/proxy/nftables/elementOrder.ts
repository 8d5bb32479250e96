import { byCodeUnit } from '../../../core/digest.js'
import { parseIPv4, parseIPv6 } from '../../../net/address.js'

const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132 }

/**
 * Elements by key in the order in which nft lists them: by value; concatenations by their bytes read from the last to the first, so that
 * the low byte of a port counts most.
 *
 * Source: nftables src/mergesort.c expr_msort_value, concat_expr_msort_value (a little-endian machine)
 */
export function inListedOrder<T>(elements: Iterable<readonly [string, T]>): readonly (readonly [string, T])[] {
  return [...elements]
    .map((element) => ({ element, weight: weightOf(element[0]) }))
    .sort((a, b) => byCodeUnit(a.weight, b.weight))
    .map(({ element }) => element)
}

/** A text that sorts as the key does: one character for a byte. */
function weightOf(key: string): string {
  const parts = key.split(' . ')
  const bytes = parts.flatMap(bytesOf)
  if (parts.length > 1) bytes.reverse()
  return String.fromCharCode(...bytes)
}

function bytesOf(part: string): number[] {
  const v4 = part.includes('.') ? parseIPv4(part) : undefined
  if (v4 !== undefined) return [v4 >>> 24, (v4 >>> 16) & 255, (v4 >>> 8) & 255, v4 & 255]
  const v6 = part.includes(':') ? parseIPv6(part) : undefined
  if (v6 !== undefined) return Array.from({ length: 16 }, (_, at) => Number((v6 >> BigInt(8 * (15 - at))) & 255n))
  const protocol = PROTOCOLS[part]
  if (protocol !== undefined) return [protocol]
  const port = Number(part)
  return [port >> 8, port & 255]
}
