import { canonicalAddress } from '../address.js'
import type { Module } from './module.js'
import { parseDscp, parseTos } from './serviceField.js'
import type { HashlimitMatch, IprangeCondition, Match, Rate } from './types.js'
import { argument, inOrder, number, parsePortRange } from './values.js'
import { RuleError } from './words.js'

/** `src,dst,src`: which end each dimension of a set asks. */
export function parseSides(text: string): readonly ('src' | 'dst')[] {
  return text.split(',').map((side) => {
    if (side !== 'src' && side !== 'dst') throw new RuleError('You must specify (the comma separated list of) `src` or `dst`.')
    return side
  })
}

/** `-m set`: whether a packet's addresses are in a set of `ipset`. Source: iptables libxt_set.c */
export function setModule(): Module {
  let name: string | undefined
  let sides: readonly ('src' | 'dst')[] = []
  let isNegated = false
  let returnNomatch = false
  let hasCounters = false
  const flags: string[] = []
  const words = ['set']
  return {
    name: 'set',
    option(option, negated, reader) {
      const start = words.length
      if (negated) words.push('!')
      words.push(option)
      switch (option) {
        case '--match-set': {
          name = argument(reader, option)
          const text = argument(reader, option)
          sides = parseSides(text)
          isNegated = negated
          words.push(name, text)
          return true
        }
        case '--return-nomatch':
          returnNomatch = true
          return true
        case '--update-counters':
        case '--update-subcounters':
          if (negated) flags.push(option)
          return true
        case '--packets-eq':
        case '--packets-lt':
        case '--packets-gt':
        case '--bytes-eq':
        case '--bytes-lt':
        case '--bytes-gt':
          hasCounters = true
          words.push(argument(reader, option))
          return true
        default:
          words.length = start
          return false
      }
    },
    close() {
      if (name === undefined) throw new RuleError('You must specify `--match-set` with proper arguments')
      if (hasCounters) return [{ kind: 'unknown', words }]
      return [{ kind: 'set', name, sides, negated: isNegated, returnNomatch, flags }]
    },
  }
}

/** Units of a rate, as long as they are in microseconds. Source: iptables libxt_limit.c rates */
export const RATE_UNITS = [
  { name: 'day', us: 86_400_000_000 },
  { name: 'hour', us: 3_600_000_000 },
  { name: 'min', us: 60_000_000 },
  { name: 'sec', us: 1_000_000 },
] as const

/** `5/min`, `3/hour`, `10`: a unit may be given by any of its first letters. Source: iptables libxt_limit.c parse_rate */
export function parseRate(text: string): Rate {
  const parts = /^(\d+)(?:\/([a-z]+))?$/i.exec(text)
  const unit = parts?.[2]?.toLowerCase()
  const known =
    unit === undefined
      ? RATE_UNITS[3]
      : RATE_UNITS.find(({ name }) => name.startsWith(unit) || LONG_UNITS[name]?.startsWith(unit) === true)
  const packets = Number(parts?.[1])
  if (known === undefined || !(packets > 0)) throw new RuleError(`bad rate "${text}"`)
  if (packets / (known.us / 1_000_000) > 10_000) throw new RuleError(`Rate too fast "${text}"`)
  return { packets, perUs: known.us }
}

const LONG_UNITS: Readonly<Record<string, string>> = { min: 'minute', sec: 'second', hour: 'hour', day: 'day' }

/** Packets that may come at once where a rule says nothing of it. */
const USUAL_BURST = 5

/** `-m limit`: a bucket of tokens. */
export function limitModule(): Module {
  let rate: Rate = { packets: 3, perUs: 3_600_000_000 }
  let burst = USUAL_BURST
  let isNegated = false
  return {
    name: 'limit',
    option(option, negated, reader) {
      switch (option) {
        case '--limit':
          rate = parseRate(argument(reader, option))
          isNegated = negated
          return true
        case '--limit-burst':
          burst = number(argument(reader, option), option)
          return true
        default:
          return false
      }
    },
    close: () => [{ kind: 'limit', rate, burst, negated: isNegated }],
  }
}

const HASHLIMIT_KEYS = ['srcip', 'srcport', 'dstip', 'dstport'] as const

/** `-m hashlimit`: a bucket of tokens for each address or port. Source: iptables libxt_hashlimit.c */
export function hashlimitModule(): Module {
  const words = ['hashlimit']
  let rate: Rate | undefined
  let above = false
  let burst = USUAL_BURST
  let name: string | undefined
  let mode: HashlimitMatch['mode'] = []
  let srcMask: number | undefined
  let dstMask: number | undefined
  let expireUs: number | undefined
  let sweepUs = 1_000_000
  let isModelled = true
  return {
    name: 'hashlimit',
    option(option, negated, reader) {
      if (!option.startsWith('--hashlimit')) return false
      const text = reader.argument()
      if (negated) words.push('!')
      words.push(option, ...(text === undefined ? [] : [text]))
      const value = text ?? ''
      switch (option) {
        case '--hashlimit':
        case '--hashlimit-upto':
        case '--hashlimit-above':
          above = (option === '--hashlimit-above') !== negated
          // A rate in bytes needs the lengths of all packets.
          if (/b\/s/i.test(value)) isModelled = false
          else rate = parseRate(value)
          return true
        case '--hashlimit-burst':
          if (/b$/i.test(value)) isModelled = false
          else burst = number(value, option)
          return true
        case '--hashlimit-name':
          name = value
          return true
        case '--hashlimit-mode':
          mode = HASHLIMIT_KEYS.filter((key) => value.split(',').includes(key))
          return true
        case '--hashlimit-srcmask':
          srcMask = number(value, option)
          return true
        case '--hashlimit-dstmask':
          dstMask = number(value, option)
          return true
        case '--hashlimit-htable-expire':
          expireUs = number(value, option) * 1_000
          return true
        case '--hashlimit-htable-gcinterval':
          sweepUs = Math.max(1, number(value, option)) * 1_000
          return true
        case '--hashlimit-htable-size':
        case '--hashlimit-htable-max':
          return true
        default:
          isModelled = false
          return true
      }
    },
    close() {
      if (name === undefined) throw new RuleError('hashlimit: option "--hashlimit-name" must be specified')
      if (!isModelled) return [{ kind: 'unknown', words }]
      if (rate === undefined) throw new RuleError('hashlimit: option "--hashlimit-upto" or "--hashlimit-above" must be specified')
      const expire = expireUs ?? rate.perUs
      return [{ kind: 'hashlimit', name, rate, burst, above, mode, srcMask, dstMask, expireUs: expire, sweepUs, words }]
    },
  }
}

/** `-m length`: of the whole packet with its IP header. */
export function lengthModule(): Module {
  const matches: Match[] = []
  return {
    name: 'length',
    option(option, negated, reader) {
      if (option !== '--length') return false
      matches.push({ kind: 'length', range: parsePortRange(argument(reader, option)), negated })
      return true
    },
    close: () => matches,
  }
}

/** `-m ttl` and, of IPv6, `-m hl`. */
export function ttlModule(name: 'ttl' | 'hl'): Module {
  const matches: Match[] = []
  return {
    name,
    option(option, negated, reader) {
      const operator = /^--(?:ttl|hl)(?:-(eq|lt|gt))?$/.exec(option)
      if (operator === null || !option.startsWith(`--${name}`)) return false
      const value = number(argument(reader, option), option)
      const kind = operator[1] === 'lt' || operator[1] === 'gt' ? operator[1] : 'eq'
      matches.push({ kind: 'ttl', module: name, operator: kind, value, negated })
      return true
    },
    close: () => matches,
  }
}

/** `-m iprange`: addresses from one to another. */
export function iprangeModule(): Module {
  const conditions: IprangeCondition[] = []
  return {
    name: 'iprange',
    option(option, negated, reader) {
      if (option !== '--src-range' && option !== '--dst-range') return false
      const text = argument(reader, option)
      const [first = '', last = first] = text.split('-')
      const from = canonicalAddress(first)
      const to = canonicalAddress(last)
      if (from === undefined || to === undefined) throw new RuleError(`iprange: Bad IP address "${text}"`)
      conditions.push({ kind: option === '--src-range' ? 'src-range' : 'dst-range', from, to, negated })
      return true
    },
    close: () => [{ kind: 'iprange', conditions: inOrder(conditions, ['src-range', 'dst-range']) }],
  }
}

/** `-m dscp` and `-m tos`. Source: iptables libxt_dscp.c, libxt_tos.c, tos_values.c */
export function tosModule(name: 'dscp' | 'tos'): Module {
  const matches: Match[] = []
  return {
    name,
    option(option, negated, reader) {
      if (option === '--dscp' || option === '--dscp-class') {
        if (name !== 'dscp') return false
        matches.push({ kind: 'tos', module: name, ...parseDscp(argument(reader, option), option), negated })
        return true
      }
      if (option !== '--tos' || name !== 'tos') return false
      matches.push({ kind: 'tos', module: name, ...parseTos(argument(reader, option)), negated })
      return true
    },
    close: () => matches,
  }
}

/** `-m pkttype`. */
export function pkttypeModule(): Module {
  const matches: Match[] = []
  return {
    name: 'pkttype',
    option(option, negated, reader) {
      if (option !== '--pkt-type') return false
      matches.push({ kind: 'pkttype', type: argument(reader, option), negated })
      return true
    },
    close: () => matches,
  }
}

/** `-m owner`: kept in its words; only what comes from no local process can be answered. */
export function ownerModule(): Module {
  const words = ['owner']
  let isNegated = true
  return {
    name: 'owner',
    option(option, negated, reader) {
      if (negated) words.push('!')
      words.push(option)
      for (let word = reader.argument(); word !== undefined; word = reader.argument()) words.push(word)
      isNegated &&= negated
      return true
    },
    close: () => [{ kind: 'owner', words, negated: isNegated }],
  }
}

/** `-m rpfilter`: whether an answer would leave by the device that the packet came in by. */
export function rpfilterModule(): Module {
  const given = new Set<string>()
  return {
    name: 'rpfilter',
    option(option) {
      if (!RPFILTER.includes(option)) return false
      given.add(option)
      return true
    },
    close: () => [
      {
        kind: 'rpfilter',
        loose: given.has('--loose'),
        acceptLocal: given.has('--accept-local'),
        inverted: given.has('--invert'),
        words: ['rpfilter', ...RPFILTER.filter((option) => given.has(option))],
      },
    ],
  }
}

/** `-m socket`: whether a socket waits for the packet. */
export function socketModule(): Module {
  const given = new Set<string>()
  return {
    name: 'socket',
    option(option) {
      if (!SOCKET.includes(option)) return false
      given.add(option)
      return true
    },
    close: () => [
      {
        kind: 'socket',
        transparent: given.has('--transparent'),
        words: ['socket', ...SOCKET.filter((option) => given.has(option))],
      },
    ],
  }
}

const SOCKET = ['--transparent', '--nowildcard', '--restore-skmark']

const RPFILTER = ['--loose', '--validmark', '--accept-local', '--invert']
