import { own } from '../../core/own.js'
import type { Family } from '../address.js'
import { RuleError } from '../rules/words.js'
import { inline, readLookup, readOperator, readRange } from './parseLookup.js'
import type { Reader } from './reader.js'
import { expectWord } from './reader.js'
import type { NftField, NftStatement } from './types.js'

/** Two-word fields, by how nft writes them; which family's address it is, the table says. */
const FIELDS: Readonly<Record<string, NftField>> = {
  'ip saddr': 'saddr',
  'ip daddr': 'daddr',
  'ip6 saddr': 'saddr',
  'ip6 daddr': 'daddr',
  'meta l4proto': 'l4proto',
  'ip protocol': 'l4proto',
  'ip6 nexthdr': 'l4proto',
  'th sport': 'sport',
  'th dport': 'dport',
  'meta iifname': 'iifname',
  'meta oifname': 'oifname',
  'ct state': 'ct state',
  'ct status': 'ct status',
  'ct direction': 'ct direction',
  'ip ttl': 'ttl',
  'ip6 hoplimit': 'ttl',
  'meta pkttype': 'pkttype',
  'meta nfproto': 'nfproto',
  'meta iif': 'iifname',
  'meta oif': 'oifname',
}

/** `ct original ip saddr`, `ct reply proto-dst`. */
const CT_ENDS: Readonly<Record<string, NftField>> = {
  'original saddr': 'ct original saddr',
  'original daddr': 'ct original daddr',
  'original proto-src': 'ct original proto-src',
  'original proto-dst': 'ct original proto-dst',
  'reply saddr': 'ct reply saddr',
  'reply daddr': 'ct reply daddr',
  'reply proto-src': 'ct reply proto-src',
  'reply proto-dst': 'ct reply proto-dst',
}

/** Fields that can be more or less than others. */
const NUMBERS: readonly NftField[] = ['sport', 'dport', 'ttl']

const TRANSPORTS = new Set(['tcp', 'udp', 'sctp'])

/** What a rule asks of a packet. */
export interface AskedFields {
  readonly fields: readonly NftField[]
  /** What must be so before: `tcp dport` asks for the protocol, too. */
  readonly implied: readonly NftStatement[]
  /** `ip saddr` asks packets of IPv4 alone. */
  readonly family?: Family
}

/** One field or several of a concatenation. */
export function readFields(reader: Reader): AskedFields {
  const fields: NftField[] = []
  const implied: NftStatement[] = []
  let family: Family | undefined
  for (;;) {
    const first = reader.peek()
    if (first === 'ip' || first === 'ip6') family = first === 'ip' ? 4 : 6
    fields.push(readEither(reader, implied))
    if (reader.peek() !== '.') return { fields, implied, ...(family === undefined ? {} : { family }) }
    reader.take()
  }
}

function readEither(reader: Reader, implied: NftStatement[]): NftField {
  const transport = reader.peek()
  if (!TRANSPORTS.has(transport)) return readField(reader)
  reader.take()
  const side = reader.take()
  if (side !== 'dport' && side !== 'sport') throw new RuleError(`${transport} ${side}`)
  implied.push({ kind: 'match', fields: ['l4proto'], negated: false, among: inline([transport]) })
  return side
}

function readField(reader: Reader): NftField {
  const first = reader.take()
  if (first === 'iifname' || first === 'oifname') return first
  if (first === 'iif' || first === 'oif') return first === 'iif' ? 'iifname' : 'oifname'
  if (first === 'ct' && (reader.peek() === 'original' || reader.peek() === 'reply')) {
    const side = reader.take()
    if (reader.peek() === 'ip' || reader.peek() === 'ip6') reader.take()
    const end = reader.take()
    const known = own(CT_ENDS, `${side} ${end}`)
    if (known === undefined) throw new RuleError(`"ct ${side} ${end}" is not modelled`)
    return known
  }
  if (first === 'fib') {
    const side = reader.take()
    expectWord(reader, 'type')
    if (side !== 'saddr' && side !== 'daddr') throw new RuleError(`fib ${side}`)
    return `fib ${side} type`
  }
  const second = reader.take()
  const field = FIELDS[`${first} ${second}`]
  if (field === undefined) throw new RuleError(`"${first} ${second}" is not modelled`)
  return field
}

/** `ip daddr . tcp dport { … }`, `ct state new`, `ip daddr vmap @name`: fields and what they are looked up in. */
export function readMatch(reader: Reader): readonly NftStatement[] {
  const { implied, ...asked } = readFields(reader)
  if (reader.peek() === 'vmap') {
    reader.take()
    return [...implied, { kind: 'vmap', ...asked, map: readLookup(reader) }]
  }
  const [field] = asked.fields
  if (asked.fields.length === 1 && field !== undefined && NUMBERS.includes(field) && /^[<>]/.test(reader.peek()))
    return [...implied, { kind: 'match', ...asked, negated: false, among: readRange(reader) }]
  const negated = readOperator(reader)
  return [...implied, { kind: 'match', ...asked, negated, among: readLookup(reader) }]
}
