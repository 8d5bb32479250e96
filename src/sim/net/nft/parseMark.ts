import { RuleError } from '../rules/words.js'
import { readOperator } from './parseLookup.js'
import type { Reader } from './reader.js'
import { expectWord, number } from './reader.js'
import type { MarkOwner, NftStatement } from './types.js'

const ALL = 0xffff_ffff

/** `meta mark & 0x4000 == 0x4000`, `meta mark set mark or 0x4000`, `ct mark set meta mark and 0xff xor 0x1`. */
export function readMark(reader: Reader): NftStatement {
  const of = reader.take() === 'ct' ? 'ct' : 'meta'
  reader.take()
  if (reader.peek() === 'set') {
    reader.take()
    const { from, and, xor } = readMarkValue(reader)
    // Nothing but a number: no bit of what was there stays.
    return { kind: 'mark-set', of, from: from ?? of, and: from === undefined ? 0 : and, xor }
  }
  let mask = ALL
  if (reader.peek() === '&' || reader.peek() === 'and') {
    reader.take()
    mask = number(reader.take())
  }
  const negated = readOperator(reader)
  // The highest bits alone are shown as a prefix: `!= 0x00000000/1`.
  const [word = '', length] = reader.take().split('/')
  const value = number(word)
  if (length !== undefined) mask = highBits(number(length))
  if (reader.peek() === ',' || reader.peek() === '-') throw new RuleError('several marks')
  return { kind: 'mark-match', of, mask, value, negated }
}

/** A mask of this many of the 32 bits, from the highest on. */
function highBits(count: number): number {
  return count === 0 ? 0 : (ALL << (32 - count)) >>> 0
}

function readMarkValue(reader: Reader): { from: MarkOwner | undefined; and: number; xor: number } {
  const first = reader.take()
  let from: MarkOwner | undefined
  let and = ALL
  let xor = 0
  if (first === 'meta' || first === 'ct') {
    expectWord(reader, 'mark')
    from = first
    // `mark or 0x4000`: as iptables' own tables are shown.
  } else if (first === 'mark') from = 'meta'
  else xor = number(first)
  for (;;) {
    const operator = reader.peek()
    if (!['&', 'and', '|', 'or', '^', 'xor'].includes(operator)) return { from, and, xor }
    reader.take()
    const value = number(reader.take())
    if (operator === '&' || operator === 'and') {
      and &= value
      xor &= value
    } else if (operator === '|' || operator === 'or') {
      and &= ~value
      xor |= value
    } else xor ^= value
    and >>>= 0
    xor >>>= 0
  }
}
