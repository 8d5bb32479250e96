import { icmpCode, icmpNumber } from '../rules/icmp.js'
import { RuleError } from '../rules/words.js'
import { inline, readLookup, readOperator } from './parseLookup.js'
import type { Reader } from './reader.js'
import { expectWord, number } from './reader.js'
import type { NftStatement } from './types.js'

/** `meta random & 2147483647 < 1073741824`: how iptables' statistic is shown. */
export function readRandom(reader: Reader): NftStatement {
  reader.take()
  reader.take()
  expectWord(reader, '&')
  const range = number(reader.take()) + 1
  const operator = reader.take()
  const share = number(reader.take()) / range
  if (operator !== '<' && operator !== '>=') throw new RuleError(`operator "${operator}"`)
  return { kind: 'random', probability: operator === '<' ? share : 1 - share }
}

/** `numgen random mod 4 0`, `numgen random mod 100 < 5`: a share of all packets. */
export function readShare(reader: Reader, count: number): NftStatement {
  const operator = /^[<>]=?$|^[!=]=$/.test(reader.peek()) ? reader.take() : '=='
  const value = number(reader.take())
  const below = (numbers: number): number => Math.min(Math.max(numbers, 0), count) / count
  const one = value < count ? 1 / count : 0
  const shares: Readonly<Record<string, number>> = {
    '==': one,
    '!=': 1 - one,
    '<': below(value),
    '<=': below(value + 1),
    '>': 1 - below(value + 1),
    '>=': 1 - below(value),
  }
  const probability = shares[operator]
  if (probability === undefined) throw new RuleError(`operator "${operator}"`)
  return { kind: 'random', probability }
}

/** `limit rate over 5/minute burst 3 packets`; of bytes nothing is known. */
export function readLimit(reader: Reader): NftStatement {
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
export function readTcpFlags(reader: Reader): NftStatement {
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
export function readMaxseg(reader: Reader): readonly NftStatement[] {
  for (let word = 0; word < 5; word++) reader.take()
  if (reader.peek() === 'rt') reader.take()
  reader.take()
  return [{ kind: 'pass', name: 'maxseg' }]
}

/** `icmp type echo-request`, `icmp code 3`: types are kept as numbers. */
export function readIcmp(reader: Reader): readonly NftStatement[] {
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
