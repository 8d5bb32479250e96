import { canonicalAddress, parsePrefix } from '../address.js'
import { parseSides } from './extraModules.js'
import { parseDscp, parseTos } from './serviceField.js'
import type { NatRange, Target } from './types.js'
import { number, parseMasked, parsePortRange } from './values.js'
import type { WordReader } from './words.js'
import { RuleError } from './words.js'

const PLAIN_RANGE: NatRange = { address: undefined, ports: undefined, random: false, randomFully: false, persistent: false }

/** Parses what stands after `-j NAME`; a name that is no known target is a chain to jump to when it has no options of its own. */
export function parseTarget(name: string, goto: boolean, reader: WordReader): Target {
  if (goto) return { kind: 'jump', chain: name, goto: true }
  switch (name) {
    case 'ACCEPT':
      return { kind: 'accept' }
    case 'DROP':
      return { kind: 'drop' }
    case 'RETURN':
      return { kind: 'return' }
    case 'REJECT':
      return { kind: 'reject', with: readReject(reader) }
    case 'MARK':
      return readMark(reader)
    case 'CONNMARK':
      return readConnmark(reader)
    case 'DNAT':
      return { kind: 'dnat', range: readNat(reader, '--to-destination') }
    case 'SNAT':
      return { kind: 'snat', range: readNat(reader, '--to-source') }
    case 'MASQUERADE':
      return { kind: 'masquerade', range: readNat(reader, '--to-ports') }
    case 'REDIRECT':
      return { kind: 'redirect', range: readNat(reader, '--to-ports') }
    case 'LOG':
      return { kind: 'log', words: rest(reader) }
    case 'NOTRACK':
      return { kind: 'notrack' }
    case 'TTL':
    case 'HL':
      return readTtl(name, reader)
    case 'SET':
      return readSet(reader)
    case 'TOS':
      return readTos(reader)
    case 'DSCP': {
      const option = reader.take() ?? ''
      if (option !== '--set-dscp' && option !== '--set-dscp-class') throw new RuleError(`unknown option "${option}"`)
      return { kind: 'tos', name, ...parseDscp(value(reader, option), option) }
    }
    case 'NETMAP': {
      const option = reader.take() ?? ''
      const to = option === '--to' ? parsePrefix(value(reader, option)) : undefined
      if (to === undefined) throw new RuleError('option "--to" must be specified')
      return { kind: 'netmap', to }
    }
    case 'CT': {
      const words = rest(reader)
      return { kind: 'ct', notrack: words.length === 1 && words[0] === '--notrack', words }
    }
    default:
      if (PASSING.has(name)) return { kind: 'pass', name, words: rest(reader) }
      if (KNOWN_ELSEWHERE.has(name) || reader.peek()?.startsWith('--') === true)
        return { kind: 'unknown', name, words: rest(reader) }
      return { kind: 'jump', chain: name, goto: false }
  }
}

/**
 * Targets after which the next rule follows, and that change neither where a packet goes nor anything that a modelled match asks:
 * logs, the size of segments, checksums, marks of SELinux.
 */
const PASSING = new Set([
  'AUDIT',
  'CHECKSUM',
  'CLASSIFY',
  'CONNSECMARK',
  'IDLETIMER',
  'LED',
  'NFLOG',
  'RATEEST',
  'SECMARK',
  'TCPMSS',
  'TCPOPTSTRIP',
  'TRACE',
  'ULOG',
])

/** Targets that exist but are not modelled: without options they would look like chains. */
const KNOWN_ELSEWHERE = new Set(['HMARK', 'NFQUEUE', 'QUEUE', 'SYNPROXY', 'TEE', 'TPROXY'])

function rest(reader: WordReader): readonly string[] {
  const words: string[] = []
  for (let word = reader.take(); word !== undefined; word = reader.take()) words.push(word)
  return words
}

function value(reader: WordReader, option: string): string {
  const taken = reader.argument()
  if (taken === undefined) throw new RuleError(`option "${option}" requires an argument`)
  return taken
}

/** Short names that `--reject-with` takes too. Source: iptables libipt_REJECT.c reject_table */
const REJECT_ALIASES: Readonly<Record<string, string>> = {
  'net-unreach': 'icmp-net-unreachable',
  'host-unreach': 'icmp-host-unreachable',
  'proto-unreach': 'icmp-proto-unreachable',
  'port-unreach': 'icmp-port-unreachable',
  'net-prohib': 'icmp-net-prohibited',
  'host-prohib': 'icmp-host-prohibited',
  'tcp-rst': 'tcp-reset',
  'admin-prohib': 'icmp-admin-prohibited',
}

const REJECT_KINDS = new Set([
  ...Object.values(REJECT_ALIASES),
  'icmp6-no-route',
  'icmp6-adm-prohibited',
  'icmp6-addr-unreachable',
  'icmp6-port-unreachable',
  'icmp6-policy-fail',
  'icmp6-reject-route',
])

function readReject(reader: WordReader): string {
  if (reader.peek() !== '--reject-with') return 'icmp-port-unreachable'
  reader.take()
  const text = value(reader, '--reject-with')
  const kind = REJECT_ALIASES[text] ?? text
  if (!REJECT_KINDS.has(kind)) throw new RuleError(`unknown reject type "${text}"`)
  return kind
}

function readMark(reader: WordReader): Target {
  const option = reader.take() ?? ''
  const { value: bits, mask, masked } = parseMasked(value(reader, option))
  switch (option) {
    case '--set-xmark':
      return { kind: 'mark', value: bits, mask }
    case '--set-mark':
      return { kind: 'mark', value: bits, mask: masked ? (bits | mask) >>> 0 : mask }
    case '--and-mark':
      return { kind: 'mark', value: 0, mask: ~bits >>> 0 }
    case '--or-mark':
      return { kind: 'mark', value: bits, mask: bits }
    case '--xor-mark':
      return { kind: 'mark', value: bits, mask: 0 }
    default:
      throw new RuleError(`unknown option "${option}"`)
  }
}

function readConnmark(reader: WordReader): Target {
  const option = reader.take() ?? ''
  const plain = { kind: 'connmark', value: 0, mask: 0xffff_ffff, nfmask: 0xffff_ffff, ctmask: 0xffff_ffff } as const
  if (option === '--set-xmark' || option === '--set-mark') {
    const { value: bits, mask, masked } = parseMasked(value(reader, option))
    return { ...plain, operation: 'set', value: bits, mask: option === '--set-mark' && masked ? (bits | mask) >>> 0 : mask }
  }
  if (option !== '--save-mark' && option !== '--restore-mark') throw new RuleError(`unknown option "${option}"`)
  let nfmask = 0xffff_ffff
  let ctmask = 0xffff_ffff
  for (let word = reader.peek(); word?.startsWith('--') === true; word = reader.peek()) {
    reader.take()
    const { value: bits } = parseMasked(value(reader, word))
    if (word === '--nfmask') nfmask = bits
    else if (word === '--ctmask') ctmask = bits
    else if (word === '--mask') nfmask = ctmask = bits
    else throw new RuleError(`unknown option "${word}"`)
  }
  return { ...plain, operation: option === '--save-mark' ? 'save' : 'restore', nfmask, ctmask }
}

function readTtl(name: 'TTL' | 'HL', reader: WordReader): Target {
  const option = reader.take() ?? ''
  const operation = /^--(?:ttl|hl)-(set|dec|inc)$/.exec(option)?.[1]
  if (operation !== 'set' && operation !== 'dec' && operation !== 'inc') throw new RuleError(`unknown option "${option}"`)
  return { kind: 'ttl', name, operation, value: number(value(reader, option), option) }
}

/** Source: iptables libxt_TOS.c tos_tg_parse */
function readTos(reader: WordReader): Target {
  const option = reader.take() ?? ''
  const { value: bits, mask } = parseTos(value(reader, option))
  const tos = { kind: 'tos', name: 'TOS' } as const
  switch (option) {
    case '--set-tos':
      return { ...tos, value: bits, mask }
    case '--and-tos':
      return { ...tos, value: 0, mask: ~bits & 0xff }
    case '--or-tos':
      return { ...tos, value: bits, mask: bits }
    case '--xor-tos':
      return { ...tos, value: bits, mask: 0 }
    default:
      throw new RuleError(`unknown option "${option}"`)
  }
}

/** Source: iptables libxt_SET.c */
function readSet(reader: WordReader): Target {
  const words = rest(reader)
  const [option, name, sides] = words
  const isModelled = words.every((word) => !word.startsWith('--') || SET_OPTIONS.includes(word))
  if ((option !== '--add-set' && option !== '--del-set') || name === undefined || sides === undefined || !isModelled)
    return { kind: 'unknown', name: 'SET', words }
  const at = words.indexOf('--timeout')
  return {
    kind: 'set',
    operation: option === '--add-set' ? 'add' : 'del',
    name,
    sides: parseSides(sides),
    exist: words.includes('--exist'),
    timeout: at < 0 ? undefined : number(words[at + 1] ?? '', '--timeout'),
  }
}

const SET_OPTIONS = ['--add-set', '--del-set', '--exist', '--timeout']

function readNat(reader: WordReader, addressOption: '--to-destination' | '--to-source' | '--to-ports'): NatRange {
  let range = PLAIN_RANGE
  for (let word = reader.peek(); word?.startsWith('--') === true; word = reader.peek()) {
    reader.take()
    if (word === '--random') range = { ...range, random: true }
    else if (word === '--random-fully') range = { ...range, randomFully: true }
    else if (word === '--persistent') range = { ...range, persistent: true }
    else if (word === addressOption && word === '--to-ports')
      range = { ...range, ports: parsePortRange(value(reader, word), '-') }
    else if (word === addressOption) range = { ...range, ...parseNatAddress(value(reader, word)) }
    else throw new RuleError(`unknown option "${word}"`)
  }
  if (addressOption !== '--to-ports' && range.address === undefined && range.ports === undefined)
    throw new RuleError(`option "${addressOption}" must be specified`)
  return range
}

/** `10.0.0.1`, `10.0.0.1-10.0.0.9:80-90`, `:8080`, `[fd00::1]:80`. */
function parseNatAddress(text: string): Pick<NatRange, 'address' | 'ports'> {
  const v6 = /^\[([^\]]+)\](?::(.+))?$/.exec(text)
  const v4 = /^([^:]*)(?::([^:]+))?$/.exec(text)
  // An IPv6 address without a port stands without brackets.
  const [addresses, ports] = v6 !== null ? [v6[1] ?? '', v6[2]] : v4 !== null ? [v4[1] ?? '', v4[2]] : [text, undefined]
  const ends = addresses === '' ? [] : addresses.split('-')
  const from = ends[0] === undefined ? undefined : canonicalAddress(ends[0])
  const to = ends[1] === undefined ? from : canonicalAddress(ends[1])
  if (addresses !== '' && (from === undefined || to === undefined || ends.length > 2))
    throw new RuleError(`Bad IP address "${text}"`)
  return {
    address: from === undefined || to === undefined ? undefined : { from, to },
    ports: ports === undefined ? undefined : parsePortRange(ports, '-'),
  }
}
