import { own } from '../../core/own.js'
import type { Prefix } from '../address.js'
import { addressAt, canonicalAddress, parsePrefix } from '../address.js'
import { icmpCode, icmpNumber } from '../rules/icmp.js'
import type { NatRange } from '../rules/types.js'
import { RuleError, splitWords } from '../rules/words.js'
import type { MarkOwner, NftElements, NftField, NftLookup, NftStatement, NftVerdict } from './types.js'

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

const TRANSPORTS = new Set(['tcp', 'udp', 'sctp'])

interface Reader {
  peek(ahead?: number): string
  take(): string
  readonly done: boolean
}

function openReader(words: readonly string[]): Reader {
  let at = 0
  return {
    peek: (ahead = 0) => words[at + ahead] ?? '',
    take: () => words[at++] ?? '',
    get done() {
      return at >= words.length
    },
  }
}

/** Reads one rule of a chain as `nft list ruleset` prints it; what is not modelled becomes an `unknown` statement. */
export function parseNftRule(text: string): readonly NftStatement[] {
  const split = splitWords(spaced(text))
  if (split === undefined) return [{ kind: 'unknown', text }]
  const reader = openReader(split.words)
  const statements: NftStatement[] = []
  try {
    while (!reader.done) statements.push(...readStatement(reader))
    return statements
  } catch (error) {
    // What stands before is still asked: a packet that does not fit it does not meet the rest.
    if (error instanceof RuleError) return [...statements, { kind: 'unknown', text: `${text} (${error.message})` }]
    throw error
  }
}

/** The text with blanks around what separates; what stands in quotes stays. */
function spaced(text: string): string {
  return text
    .split(/("[^"]*")/)
    .map((piece) => (piece.startsWith('"') ? piece : piece.replace(/([,{}()])/g, ' $1 ')))
    .join('')
}

function readStatement(reader: Reader): readonly NftStatement[] {
  switch (reader.peek()) {
    case 'comment':
      reader.take()
      reader.take()
      return []
    case 'counter':
      reader.take()
      if (reader.peek() === 'packets') for (let word = 0; word < 4; word++) reader.take()
      return []
    case 'accept':
    case 'drop':
    case 'return':
    case 'jump':
    case 'goto':
    case 'reject':
      return [{ kind: 'verdict', verdict: readVerdict(reader) }]
    case 'numgen': {
      const count = readNumgen(reader)
      expectWord(reader, 'vmap')
      return [{ kind: 'numgen-vmap', options: inOrder(readElements(reader), count).map(verdictOf) }]
    }
    case 'masquerade':
    case 'redirect':
      return [readPortNat(reader)]
    case 'notrack':
      reader.take()
      return [{ kind: 'notrack' }]
    case 'log':
      reader.take()
      while (LOG_OPTIONS.includes(reader.peek())) {
        reader.take()
        reader.take()
        while (reader.peek() === ',') {
          reader.take()
          reader.take()
        }
      }
      return [{ kind: 'pass', name: 'log' }]
    case 'limit':
      return [readLimit(reader)]
    case 'xt':
      // A comment fits everything; of other extensions nft prints no more than the name.
      if (reader.peek(1) === 'match' && reader.peek(2) === 'comment') {
        for (let word = 0; word < 3; word++) reader.take()
        return []
      }
      throw new RuleError(
        `what "${['xt', reader.peek(1), reader.peek(2)].join(' ')}" asks stands in the text of iptables-save, not here`,
      )
    case 'dnat':
    case 'snat':
      return [readNat(reader)]
    case 'update':
    case 'add': {
      reader.take()
      const set = setName(reader.take())
      expectWord(reader, '{')
      const [field, ...more] = readFields(reader)
      if (field === undefined || more.length > 0) throw new RuleError('update of a concatenation')
      expectWord(reader, '}')
      return [{ kind: 'update', set, field }]
    }
    case 'meta':
      if (reader.peek(1) === 'mark') return [readMark(reader)]
      if (reader.peek(1) === 'random') return [readRandom(reader)]
      break
    case 'ct':
      if (reader.peek(1) === 'mark') return [readMark(reader)]
      break
    case 'tcp':
      if (reader.peek(1) === 'flags') return [TCP, readTcpFlags(reader)]
      if (reader.peek(1) === 'option' && reader.peek(4) === 'set') return readMaxseg(reader)
      break
    case 'icmp':
    case 'icmpv6':
      return readIcmp(reader)
    default:
  }
  return readMatch(reader)
}

function expectWord(reader: Reader, word: string): void {
  const seen = reader.take()
  if (seen !== word) throw new RuleError(`expected ${word}, saw "${seen}"`)
}

function setName(word: string): string {
  if (!word.startsWith('@')) throw new RuleError(`expected a set, saw "${word}"`)
  return word.slice(1)
}

const LOG_OPTIONS = ['prefix', 'level', 'flags', 'group', 'snaplen', 'queue-threshold']
const TCP: NftStatement = { kind: 'match', fields: ['l4proto'], negated: false, among: inline(['tcp']) }

const ALL = 0xffff_ffff

/** `meta mark & 0x4000 == 0x4000`, `meta mark set mark or 0x4000`, `ct mark set meta mark and 0xff xor 0x1`. */
function readMark(reader: Reader): NftStatement {
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

/** `meta random & 2147483647 < 1073741824`: how iptables' statistic is shown. */
function readRandom(reader: Reader): NftStatement {
  reader.take()
  reader.take()
  expectWord(reader, '&')
  const range = number(reader.take()) + 1
  const operator = reader.take()
  const share = number(reader.take()) / range
  if (operator !== '<' && operator !== '>=') throw new RuleError(`operator "${operator}"`)
  return { kind: 'random', probability: operator === '<' ? share : 1 - share }
}

/** `limit rate over 5/minute burst 3 packets`; of bytes nothing is known. */
function readLimit(reader: Reader): NftStatement {
  reader.take()
  expectWord(reader, 'rate')
  const over = reader.peek() === 'over'
  if (over) reader.take()
  const parts = /^(\d+)\/(second|minute|hour|day|week)$/.exec(reader.take())
  if (parts === null) throw new RuleError('limit of bytes')
  const perUs = LIMIT_UNITS[parts[2] ?? ''] ?? 1_000_000
  let burst = 5
  if (reader.peek() === 'burst') {
    reader.take()
    burst = number(reader.take())
    expectWord(reader, 'packets')
  }
  return { kind: 'limit', rate: { packets: Number(parts[1]), perUs }, burst, over }
}

const LIMIT_UNITS: Readonly<Record<string, number>> = {
  second: 1_000_000,
  minute: 60_000_000,
  hour: 3_600_000_000,
  day: 86_400_000_000,
  week: 604_800_000_000,
}

/** `tcp flags syn`, `tcp flags syn / fin,syn,rst,ack`, `tcp flags & (fin | syn) == syn`. */
function readTcpFlags(reader: Reader): NftStatement {
  reader.take()
  reader.take()
  if (reader.peek() === '&') {
    reader.take()
    const mask = readFlagList(reader)
    const negated = readOperator(reader)
    return { kind: 'tcp-flags', mask, set: readFlagList(reader), negated }
  }
  const negated = readOperator(reader)
  const first = readFlagList(reader)
  if (reader.peek() === '/') {
    reader.take()
    return { kind: 'tcp-flags', mask: readFlagList(reader), set: first, negated }
  }
  return { kind: 'tcp-flags', mask: first, set: undefined, negated }
}

const TCP_FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECN', 'CWR']

function readFlagList(reader: Reader): readonly string[] {
  const isGroup = reader.peek() === '(' || reader.peek() === '{'
  if (isGroup) reader.take()
  const flags: string[] = []
  for (;;) {
    const flag = reader.take().toUpperCase()
    if (flag !== '0X0' && !TCP_FLAGS.includes(flag)) throw new RuleError(`flag "${flag}"`)
    if (flag !== '0X0') flags.push(flag)
    if (reader.peek() !== '|' && reader.peek() !== ',') break
    reader.take()
  }
  if (isGroup) reader.take()
  return flags
}

/** `tcp option maxseg size set rt mtu` changes nothing that is modelled. */
function readMaxseg(reader: Reader): readonly NftStatement[] {
  for (let word = 0; word < 5; word++) reader.take()
  if (reader.peek() === 'rt') reader.take()
  reader.take()
  return [{ kind: 'pass', name: 'maxseg' }]
}

/** `icmp type echo-request`, `icmp code 3`: types are kept as numbers. */
function readIcmp(reader: Reader): readonly NftStatement[] {
  const family = reader.take() === 'icmp' ? 4 : 6
  const what = reader.take()
  if (what !== 'type' && what !== 'code') throw new RuleError(`icmp ${what}`)
  const negated = readOperator(reader)
  const lookup = readLookup(reader)
  if (lookup.kind === 'named') throw new RuleError('a set of ICMP types')
  const numbers = [...lookup.elements.exact.keys()].map((name) => {
    const known = what === 'type' ? icmpNumber(name, family)?.split('/')[0] : icmpCode(name, family)
    if (known === undefined) throw new RuleError(`icmp ${what} "${name}"`)
    return known
  })
  const protocol = {
    kind: 'match',
    fields: ['l4proto'],
    negated: false,
    among: inline([family === 4 ? 'icmp' : 'ipv6-icmp']),
  } as const
  return [protocol, { kind: 'match', fields: [what === 'type' ? 'icmp type' : 'icmp code'], negated, among: inline(numbers) }]
}

function number(word: string): number {
  const value = Number(word)
  if (word === '' || !Number.isInteger(value)) throw new RuleError(`"${word}" is no number`)
  return value
}

/** `numgen random mod N`; returns N. */
function readNumgen(reader: Reader): number {
  reader.take()
  expectWord(reader, 'random')
  expectWord(reader, 'mod')
  return number(reader.take())
}

/** Data of keys 0 to N-1. */
function inOrder(elements: NftElements, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const data = elements.exact.get(String(index))
    if (data === undefined) throw new RuleError(`no element ${index}`)
    return data
  })
}

const PLAIN_RANGE: NatRange = { address: undefined, ports: undefined, random: false, randomFully: false, persistent: false }

function readNat(reader: Reader): NftStatement {
  const kind = reader.take() === 'dnat' ? 'dnat' : 'snat'
  if (reader.peek() === 'ip' || reader.peek() === 'ip6') reader.take()
  expectWord(reader, 'to')
  if (reader.peek() !== 'numgen') {
    const option = natOption(reader.take())
    const flags = readNatFlags(reader)
    return { kind, options: [{ ...option, ...flags }] }
  }
  const count = readNumgen(reader)
  expectWord(reader, 'map')
  return { kind, options: inOrder(readElements(reader), count).map(natOption) }
}

/** `masquerade to :1000-2000 fully-random`, `redirect to :80`. */
function readPortNat(reader: Reader): NftStatement {
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

/** `10.0.0.1:80`, `10.0.0.1-10.0.0.9:80-90`, `[fd00::1]:80`, `10.0.0.1 . 80`, `:80`, `10.0.0.1`. */
function natOption(text: string): NatRange {
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

function readVerdict(reader: Reader): NftVerdict {
  const word = reader.take()
  switch (word) {
    case 'accept':
    case 'drop':
    case 'return':
      return { kind: word }
    case 'jump':
    case 'goto':
      return { kind: word, chain: reader.take() }
    case 'reject':
      return { kind: 'reject', with: readReject(reader) }
    default:
      throw new RuleError(`verdict "${word}"`)
  }
}

/** `reject with icmp port-unreachable`, `reject with tcp reset`, or plain. */
function readReject(reader: Reader): string {
  if (reader.peek() !== 'with') return 'icmp-port-unreachable'
  reader.take()
  const family = reader.take()
  if (reader.peek() === 'type') reader.take()
  const type = reader.take()
  if (family === 'tcp') return 'tcp-reset'
  return `icmp-${type.replace(/^icmpx?-/, '').replace(/^prot-/, 'proto-')}`
}

/** A verdict from the text of a map's element. */
export function verdictOf(text: string): NftVerdict {
  return readVerdict(openReader(text.split(' ')))
}

/** Fields of a concatenation; `tcp dport` among them asks for the protocol, too. */
function readFields(reader: Reader, implied: NftStatement[] = []): readonly NftField[] {
  const fields = [readEither(reader, implied)]
  while (reader.peek() === '.') {
    reader.take()
    fields.push(readEither(reader, implied))
  }
  return fields
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

function readOperator(reader: Reader): boolean {
  if (/^[<>]=?$/.test(reader.peek())) throw new RuleError(`operator "${reader.peek()}"`)
  if (reader.peek() !== '!=' && reader.peek() !== '==') return false
  return reader.take() === '!='
}

function readMatch(reader: Reader): readonly NftStatement[] {
  const implied: NftStatement[] = []
  const fields = readFields(reader, implied)
  if (reader.peek() === 'vmap') {
    reader.take()
    return [...implied, { kind: 'vmap', fields, map: readLookup(reader) }]
  }
  const negated = readOperator(reader)
  return [...implied, { kind: 'match', fields, negated, among: readLookup(reader) }]
}

function inline(values: readonly string[]): NftLookup {
  return { kind: 'inline', elements: toElements(values.map((value) => [value, ''] as const)) }
}

function readLookup(reader: Reader): NftLookup {
  if (reader.peek().startsWith('@')) return { kind: 'named', name: setName(reader.take()) }
  if (reader.peek() === '{') return { kind: 'inline', elements: readElements(reader) }
  const values = [reader.take()]
  while (reader.peek() === ',') {
    reader.take()
    values.push(reader.take())
  }
  return inline(values)
}

/** `{ key : data, key : data }` */
function readElements(reader: Reader): NftElements {
  expectWord(reader, '{')
  const entries: (readonly [string, string])[] = []
  let words: string[] = []
  const finish = (): void => {
    if (words.length > 0) entries.push(toEntry(words))
    words = []
  }
  for (;;) {
    if (reader.done) throw new RuleError('"{" is not closed')
    const word = reader.take()
    if (word === '}') break
    if (word === ',') finish()
    else words.push(word)
  }
  finish()
  return toElements(entries)
}

function toEntry(words: readonly string[]): readonly [string, string] {
  const colon = words.indexOf(':')
  return colon < 0 ? [words.join(' '), ''] : [words.slice(0, colon).join(' '), words.slice(colon + 1).join(' ')]
}

/** `80-90`, `10.0.0.1-10.0.0.9`, `10.0.0.0/8` in a concatenation, `eth*`. */
function isPattern(part: string): boolean {
  if (part.endsWith('*') || (part.includes('/') && parsePrefix(part) !== undefined)) return true
  const [from = '', to, ...more] = part.split('-')
  if (to === undefined || more.length > 0) return false
  return (/^\d+$/.test(from) && /^\d+$/.test(to)) || (canonicalAddress(from) !== undefined && canonicalAddress(to) !== undefined)
}

/** Elements sorted into those that are looked up and those that hold a range of addresses. */
export function toElements(entries: Iterable<readonly [string, string]>): NftElements {
  const exact = new Map<string, string>()
  const prefixes: { prefix: NonNullable<ReturnType<typeof parsePrefix>>; data: string }[] = []
  const patterns: { parts: readonly string[]; data: string }[] = []
  for (const [key, data] of entries) {
    const prefix = key.includes('/') ? parsePrefix(key) : undefined
    const parts = key.split(' . ')
    if (prefix !== undefined) prefixes.push({ prefix, data })
    else if (parts.some(isPattern)) patterns.push({ parts, data })
    else exact.set(key, data)
  }
  return patterns.length === 0 ? { exact, prefixes } : { exact, prefixes, patterns }
}
