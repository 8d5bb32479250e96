import type { Prefix } from '../address.js'
import { addressAt, canonicalAddress, parsePrefix } from '../address.js'
import type { NatRange } from '../rules/types.js'
import { RuleError } from '../rules/words.js'
import { readFields } from './parseFields.js'
import { inOrder, readElements, readLookup, readNumgen } from './parseLookup.js'
import type { Reader } from './reader.js'
import { expectWord, number } from './reader.js'
import type { NftStatement } from './types.js'

const PLAIN_RANGE: NatRange = { address: undefined, ports: undefined, random: false, randomFully: false, persistent: false }

/** `dnat to 10.0.0.1:80`, `snat to 10.0.0.1-10.0.0.9 persistent`, `dnat ip to numgen random mod 2 map { … }`. */
export function readNat(reader: Reader): readonly NftStatement[] {
  const kind = reader.take() === 'dnat' ? 'dnat' : 'snat'
  const first = reader.peek()
  const family = first === 'ip' ? { family: 4 as const } : first === 'ip6' ? { family: 6 as const } : {}
  if (first === 'ip' || first === 'ip6') reader.take()
  // `dnat ip addr . port to …` says what kind of data the map has, which its data say, too.
  if (reader.peek() === 'addr') for (const word of ['addr', '.', 'port']) expectWord(reader, word)
  expectWord(reader, 'to')
  if (reader.peek() === 'numgen') {
    const count = readNumgen(reader)
    expectWord(reader, 'map')
    return [{ kind, options: inOrder(readElements(reader), count).map(natOption), ...family }]
  }
  if (!isFieldWord(reader.peek())) {
    const option = natOption(reader.take())
    return [{ kind, options: [{ ...option, ...readNatFlags(reader) }], ...family }]
  }
  const { fields, implied } = readFields(reader)
  expectWord(reader, 'map')
  const map = readLookup(reader)
  if (map.kind === 'inline') for (const data of map.elements.exact.values()) natOption(data)
  return [...implied, { kind: 'nat-map', nat: kind, fields, map, flags: readNatFlags(reader), ...family }]
}

/** `tcp` of `tcp dport map`: an address begins with a digit, a colon or a bracket. */
function isFieldWord(word: string): boolean {
  return /^[a-z][a-z0-9]*$/.test(word)
}

/** `masquerade to :1000-2000 fully-random`, `redirect to :80`. */
export function readPortNat(reader: Reader): NftStatement {
  const kind = reader.take() === 'redirect' ? 'redirect' : 'masquerade'
  let ports: NatRange['ports']
  if (reader.peek() === 'to') {
    reader.take()
    ports = portRange(reader.take().replace(/^:/, ''))
  }
  return { kind, range: { ...PLAIN_RANGE, ports, ...readNatFlags(reader) } }
}

function readNatFlags(reader: Reader): Partial<NatRange> {
  let flags: Partial<NatRange> = {}
  for (;;) {
    const word = reader.peek()
    if (word === 'random') flags = { ...flags, random: true }
    else if (word === 'fully-random') flags = { ...flags, randomFully: true }
    else if (word === 'persistent') flags = { ...flags, persistent: true }
    else if (word !== ',') return flags
    reader.take()
  }
}

/** Where a packet is sent, from the text of a rule or of a map's element: `10.0.0.1:80`, `10.0.0.1-10.0.0.9:80-90`, `[fd00::1]:80`, `10.0.0.1 . 80`, `:80`, `10.0.0.1`. */
export function natOption(text: string): NatRange {
  const [address = '', joined] = text.split(' . ')
  const direct = /^\[(.+)\]:([\d-]+)$/.exec(address) ?? /^([\d./-]*):([\d-]+)$/.exec(address)
  const ends = (direct?.[1] ?? address).split('-')
  // A range that is a block is shown as one.
  const block = ends[0]?.includes('/') === true ? parsePrefix(ends[0]) : undefined
  const from = block === undefined ? canonicalAddress(ends[0] ?? '') : addressAt(block, 0)
  const to = block === undefined ? (ends[1] === undefined ? from : canonicalAddress(ends[1])) : lastOf(block)
  const port = direct?.[2] ?? joined
  const ports = port === undefined ? undefined : portRange(port)
  if (from === undefined || to === undefined) {
    if (ends[0] !== '' || ports === undefined) throw new RuleError(`"${text}" is no address`)
    return { ...PLAIN_RANGE, ports }
  }
  return { ...PLAIN_RANGE, address: { from, to }, ports }
}

function lastOf(block: Prefix): string | undefined {
  return block.family === 4
    ? addressAt(block, 2 ** (32 - block.length) - 1)
    : block.length === 128
      ? addressAt(block, 0)
      : undefined
}

function portRange(text: string): { readonly from: number; readonly to: number } {
  const [from = '', to = from] = text.split('-')
  return { from: number(from), to: number(to) }
}
