import type { Result } from '../../core/result.js'
import { fail, ok } from '../../core/result.js'
import { canonicalAddress, formatIPv4, parseIPv4, parsePrefix } from '../address.js'
import { RuleError, splitWords } from '../rules/words.js'
import type { Ipset, IpsetDimension, IpsetElement, Ipsets } from './types.js'

/** Members that one line may stand for: more is a slip of the pen. */
const MOST_MEMBERS = 65_536

const DIMENSIONS: Readonly<Record<string, readonly IpsetDimension[]>> = {
  'bitmap:ip': ['ip'],
  'bitmap:port': ['port'],
  'hash:ip': ['ip'],
  'hash:net': ['net'],
  'hash:net,net': ['net', 'net'],
  'hash:ip,port': ['ip', 'port'],
  'hash:net,port': ['net', 'port'],
  'hash:ip,port,ip': ['ip', 'port', 'ip'],
  'hash:ip,port,net': ['ip', 'port', 'net'],
  'hash:net,port,net': ['net', 'port', 'net'],
  'hash:ip,mark': ['ip', 'mark'],
  'hash:net,iface': ['net', 'iface'],
  'list:set': ['set'],
  'bitmap:ip,mac': ['ip', 'mac'],
  'hash:mac': ['mac'],
  'hash:ip,mac': ['ip', 'mac'],
}

/** Whether a line is one of `ipset save` rather than of `iptables-save`. */
export function isIpsetLine(line: string): boolean {
  return /^(create|add) \S+ \S/.test(line)
}

/** A set while its lines are read. */
interface Draft {
  readonly set: Omit<Ipset, 'elements'>
  readonly elements: IpsetElement[]
  notModelled: string | undefined
}

/** Reads the lines of `ipset save` one by one, wherever they stand in a dump. */
export interface IpsetReader {
  /** @returns what is wrong with the line, in words like ipset's. */
  read(line: string): Result<true, string>
  finish(): Ipsets
}

export function createIpsetReader(): IpsetReader {
  const drafts = new Map<string, Draft>()
  return {
    read(line) {
      const words = splitWords(line)?.words
      if (words === undefined) return fail('unbalanced quotes')
      const [command = '', name = '', ...rest] = words
      try {
        if (command === 'create') {
          if (drafts.has(name)) return fail('Set cannot be created: set with the same name already exists')
          drafts.set(name, readCreate(name, rest, line))
          return ok(true)
        }
        const draft = drafts.get(name)
        if (draft === undefined) return fail(`The set with the given name does not exist: ${name}`)
        const element = readElement(draft, rest)
        if (draft.set.type === 'list:set' && !drafts.has(element.keys[0] ?? ''))
          return fail(`The set with the given name does not exist: ${element.keys[0]}`)
        draft.elements.push(element)
        return ok(true)
      } catch (error) {
        if (error instanceof RuleError) return fail(error.message)
        throw error
      }
    },
    finish: () =>
      new Map([...drafts].map(([name, { set, elements, notModelled }]) => [name, { ...set, elements, notModelled }] as const)),
  }
}

/** Source: ipset lib/ipset_*.c, each type's options of `create` */
function readCreate(name: string, words: readonly string[], line: string): Draft {
  const [type = '', ...options] = words
  const dimensions = DIMENSIONS[type]
  const optionOf = (option: string): string | undefined => {
    const at = options.indexOf(option)
    return at < 0 ? undefined : options[at + 1]
  }
  const netmask = optionOf('netmask')
  const markmask = optionOf('markmask')
  const hasAddresses = dimensions?.some((dimension) => dimension === 'ip' || dimension === 'net') ?? false
  const family = !hasAddresses ? 0 : optionOf('family') === 'inet6' ? 6 : 4
  const notModelled =
    dimensions === undefined || dimensions.includes('mac')
      ? `set type ${type}`
      : options.includes('bitmask')
        ? `bitmask of set ${name}`
        : undefined
  const set = {
    name,
    type,
    dimensions: dimensions ?? [],
    family,
    text: line,
    netmask: netmask === undefined ? undefined : Number(netmask),
    markmask: markmask === undefined ? 0xffff_ffff : Number(markmask),
    notModelled,
  } as const
  return { set, elements: [], notModelled }
}

const VALUE_OPTIONS = ['timeout', 'packets', 'bytes', 'comment', 'skbmark', 'skbprio', 'skbqueue', 'before', 'after']

function readElement(draft: Draft, words: readonly string[]): IpsetElement {
  const [entry, ...options] = words
  if (entry === undefined) throw new RuleError('Missing second mandatory argument to command add')
  const { dimensions, name } = draft.set
  let nomatch = false
  let wildcard = false
  for (let at = 0; at < options.length; at++) {
    const option = options[at] ?? ''
    if (option === 'nomatch') nomatch = true
    else if (option === 'wildcard') wildcard = true
    else if (VALUE_OPTIONS.includes(option)) at++
    else throw new RuleError(`Unknown argument: \`${option}'`)
  }
  const text = [entry, ...options.map((word) => (/[\s"]/.test(word) || word === '' ? `"${word}"` : word))].join(' ')
  if (draft.notModelled !== undefined) return { text, keys: [], nomatch, wildcard }
  const parts = entry.split(',')
  if (parts.length !== dimensions.length) throw new RuleError(`Syntax error: ${entry} does not fit ${draft.set.type}`)
  const members = dimensions.map((dimension, index) => membersOf(draft, dimension, parts[index] ?? ''))
  if (members.some((each) => each.length === 0)) draft.notModelled = `${entry} in set ${name}`
  let keys: readonly string[] = ['']
  for (const [index, each] of members.entries()) {
    if (keys.length * each.length > MOST_MEMBERS) throw new RuleError(`${entry} stands for too many members`)
    keys = keys.flatMap((key) => each.map((member) => (index === 0 ? member : `${key},${member}`)))
  }
  return { text, keys, nomatch, wildcard }
}

/** What one part of an element stands for: one member, or each of a range. Empty when it is not modelled. */
function membersOf(draft: Draft, dimension: IpsetDimension, text: string): readonly string[] {
  switch (dimension) {
    case 'ip':
      return addresses(text, draft.set.netmask)
    case 'net': {
      const prefix = parsePrefix(text)
      if (prefix === undefined) {
        if (text.includes('-')) return []
        throw new RuleError(
          `Syntax error: cannot parse ${text}: resolving to ${draft.set.family === 6 ? 'IPv6' : 'IPv4'} address failed`,
        )
      }
      return [prefix.text]
    }
    case 'port':
      return ports(text, draft.set.type === 'bitmap:port')
    case 'iface':
      return text.startsWith('physdev:') ? [] : [text]
    case 'mark':
      return [String((Number(text) & draft.set.markmask) >>> 0)]
    case 'set':
      return [text]
    default:
      return []
  }
}

function addresses(text: string, netmask: number | undefined): readonly string[] {
  const cut = (ip: string): string => (netmask === undefined ? ip : networkBase(ip, netmask))
  const single = canonicalAddress(text)
  if (single !== undefined) return [cut(single)]
  const [first = '', last] = text.split('-')
  const prefix = last === undefined ? parsePrefix(text) : undefined
  const from = prefix === undefined ? parseIPv4(first) : typeof prefix.base === 'number' ? prefix.base : undefined
  const to = prefix === undefined ? parseIPv4(last ?? '') : from === undefined ? undefined : from + 2 ** (32 - prefix.length) - 1
  if (from === undefined || to === undefined || to < from)
    throw new RuleError(`Syntax error: cannot parse ${text}: resolving to IPv4 address failed`)
  if (to - from >= MOST_MEMBERS) throw new RuleError(`${text} stands for too many members`)
  return [...new Set(Array.from({ length: to - from + 1 }, (_, index) => cut(formatIPv4(from + index))))]
}

/** The first address of the network of this length around an address. */
export function networkBase(ip: string, length: number): string {
  const text = parsePrefix(`${ip}/${length}`)?.text ?? ip
  return text.slice(0, text.indexOf('/'))
}

/** `80`, `tcp:80`, `udp:53-60`, `sctp:0`; a port without protocol is one of TCP, in a bitmap of any. */
function ports(text: string, isBitmap: boolean): readonly string[] {
  const parts = /^(?:([a-z0-9-]+):)?(\d+)(?:-(\d+))?$/.exec(text)
  if (parts === null) return []
  const from = Number(parts[2])
  const to = parts[3] === undefined ? from : Number(parts[3])
  const proto = isBitmap ? '' : `${parts[1] ?? 'tcp'}:`
  return Array.from({ length: Math.max(0, Math.min(to, 65_535) - from + 1) }, (_, index) => `${proto}${from + index}`)
}

/** Writes sets as `ipset save` does. */
export function printIpsets(sets: Ipsets): string {
  const lines: string[] = []
  for (const set of sets.values()) {
    lines.push(set.text)
    for (const element of set.elements) lines.push(`add ${set.name} ${element.text}`)
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}
