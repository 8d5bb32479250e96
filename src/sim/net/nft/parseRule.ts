import { canonicalAddress, parsePrefix } from '../address.js'
import { RuleError, splitWords } from '../rules/words.js'
import type { NftElements, NftField, NftLookup, NftStatement, NftVerdict } from './types.js'

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
  const split = splitWords(text.replace(/,/g, ' , ').replace(/([{}])/g, ' $1 '))
  if (split === undefined) return [{ kind: 'unknown', text }]
  const reader = openReader(split.words)
  const statements: NftStatement[] = []
  try {
    while (!reader.done) statements.push(...readStatement(reader))
    return statements
  } catch (error) {
    if (error instanceof RuleError) return [{ kind: 'unknown', text: `${text} (${error.message})` }]
    throw error
  }
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
    case 'masquerade': {
      reader.take()
      const isRandom = reader.peek() === 'fully-random' || reader.peek() === 'random'
      if (isRandom) reader.take()
      return [{ kind: 'masquerade', random: isRandom }]
    }
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
      break
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

function readMark(reader: Reader): NftStatement {
  reader.take()
  reader.take()
  if (reader.peek() === 'set') {
    reader.take()
    if (reader.peek() === 'meta') {
      reader.take()
      expectWord(reader, 'mark')
      const operator = reader.take()
      if (operator !== '|' && operator !== '^' && operator !== '&') throw new RuleError(`operator "${operator}"`)
      return { kind: 'mark-set', operator, value: number(reader.take()) }
    }
    return { kind: 'mark-set', operator: '', value: number(reader.take()) }
  }
  let mask = 0xffff_ffff
  if (reader.peek() === '&') {
    reader.take()
    mask = number(reader.take())
  }
  const negated = readOperator(reader)
  return { kind: 'mark-match', mask, value: number(reader.take()), negated }
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

function readNat(reader: Reader): NftStatement {
  const kind = reader.take() === 'dnat' ? 'dnat' : 'snat'
  if (reader.peek() === 'ip' || reader.peek() === 'ip6') reader.take()
  expectWord(reader, 'to')
  if (reader.peek() !== 'numgen') return { kind, options: [natOption(reader.take())] }
  const count = readNumgen(reader)
  expectWord(reader, 'map')
  return { kind, options: inOrder(readElements(reader), count).map(natOption) }
}

/** `10.0.0.1:80`, `[fd00::1]:80`, `10.0.0.1 . 80`, `10.0.0.1`. */
function natOption(text: string): { readonly ip: string; readonly port: number | undefined } {
  const [address = '', joined] = text.split(' . ')
  const direct = /^\[(.+)\]:(\d+)$/.exec(address) ?? /^([\d.]+):(\d+)$/.exec(address)
  const ip = canonicalAddress(direct?.[1] ?? address)
  if (ip === undefined) throw new RuleError(`"${text}" is no address`)
  const port = direct?.[2] ?? joined
  return { ip, port: port === undefined ? undefined : number(port) }
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
  return `icmp-${type.replace(/^icmpx?-/, '')}`
}

/** A verdict from the text of a map's element. */
export function verdictOf(text: string): NftVerdict {
  return readVerdict(openReader(text.split(' ')))
}

function readFields(reader: Reader): readonly NftField[] {
  const fields = [readField(reader)]
  while (reader.peek() === '.') {
    reader.take()
    fields.push(readField(reader))
  }
  return fields
}

function readField(reader: Reader): NftField {
  const first = reader.take()
  if (first === 'iifname' || first === 'oifname') return first
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
  if (reader.peek() !== '!=' && reader.peek() !== '==') return false
  return reader.take() === '!='
}

function readMatch(reader: Reader): readonly NftStatement[] {
  // `tcp dport 80` asks for the protocol, too.
  const transport = reader.peek()
  const isTransport = TRANSPORTS.has(transport)
  const implied: readonly NftStatement[] = isTransport
    ? [{ kind: 'match', fields: ['l4proto'], negated: false, among: inline([transport]) }]
    : []
  let fields: readonly NftField[]
  if (isTransport) {
    reader.take()
    const side = reader.take()
    if (side !== 'dport' && side !== 'sport') throw new RuleError(`${transport} ${side}`)
    fields = [side]
  } else fields = readFields(reader)
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

/** Elements sorted into those that are looked up and those that hold a range of addresses. */
export function toElements(entries: Iterable<readonly [string, string]>): NftElements {
  const exact = new Map<string, string>()
  const prefixes: { prefix: NonNullable<ReturnType<typeof parsePrefix>>; data: string }[] = []
  for (const [key, data] of entries) {
    const prefix = key.includes('/') ? parsePrefix(key) : undefined
    if (prefix === undefined) exact.set(key, data)
    else prefixes.push({ prefix, data })
  }
  return { exact, prefixes }
}
