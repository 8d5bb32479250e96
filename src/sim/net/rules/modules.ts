import { conntrackModule } from './conntrackModule.js'
import {
  hashlimitModule,
  iprangeModule,
  lengthModule,
  limitModule,
  ownerModule,
  pkttypeModule,
  rpfilterModule,
  setModule,
  socketModule,
  tosModule,
  ttlModule,
} from './extraModules.js'
import { icmpNumber } from './icmp.js'
import type { Module } from './module.js'
import { connlimitModule, recentModule, statisticModule } from './statefulModules.js'
import type { AddrtypeCondition, Match, PhysdevCondition, PortCondition } from './types.js'
import { argument, inOrder, nameList, parseMasked, parsePortRange, unmodelled } from './values.js'
import { RuleError } from './words.js'

/** Opens a match extension by name; one that is not modelled takes every option and yields an `unknown` match. */
export function openModule(name: string): Module {
  switch (name) {
    case 'tcp':
    case 'udp':
    case 'sctp':
      return transportModule(name)
    case 'icmp':
    case 'icmp6':
    case 'ipv6-icmp':
      return icmpModule(name)
    case 'comment':
      return commentModule()
    case 'conntrack':
    case 'state':
      return conntrackModule(name)
    case 'mark':
    case 'connmark':
      return markModule(name)
    case 'statistic':
      return statisticModule()
    case 'recent':
      return recentModule()
    case 'addrtype':
      return addrtypeModule()
    case 'multiport':
      return multiportModule()
    case 'physdev':
      return physdevModule()
    case 'nfacct':
      return nfacctModule()
    case 'set':
      return setModule()
    case 'limit':
      return limitModule()
    case 'hashlimit':
      return hashlimitModule()
    case 'length':
      return lengthModule()
    case 'ttl':
    case 'hl':
      return ttlModule(name)
    case 'iprange':
      return iprangeModule()
    case 'pkttype':
      return pkttypeModule()
    case 'owner':
      return ownerModule()
    case 'rpfilter':
      return rpfilterModule()
    case 'socket':
      return socketModule()
    case 'dscp':
    case 'tos':
      return tosModule(name)
    case 'connlimit':
      return connlimitModule()
    default:
      return unknownModule(name)
  }
}

function transportModule(name: string): Module {
  const conditions: PortCondition[] = []
  const others: Match[] = []
  return {
    name,
    option(option, negated, reader) {
      switch (option) {
        case '--sport':
        case '--source-port':
          conditions.push({ kind: 'sport', range: parsePortRange(argument(reader, option)), negated })
          return true
        case '--dport':
        case '--destination-port':
          conditions.push({ kind: 'dport', range: parsePortRange(argument(reader, option)), negated })
          return true
        case '--syn':
          if (name !== 'tcp') return false
          conditions.push({ kind: 'flags', mask: ['FIN', 'SYN', 'RST', 'ACK'], set: ['SYN'], negated, syn: true })
          return true
        case '--tcp-flags': {
          if (name !== 'tcp') return false
          const mask = flagNames(argument(reader, option))
          conditions.push({ kind: 'flags', mask, set: flagNames(argument(reader, option)), negated, syn: false })
          return true
        }
        case '--tcp-option':
        case '--chunk-types':
          others.push(unmodelled(name, option, negated, reader))
          return true
        default:
          return false
      }
    },
    close: () =>
      conditions.length === 0 && others.length > 0 ? others : [{ kind: 'transport', protocol: name, conditions }, ...others],
  }
}

const TCP_FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG']

function flagNames(text: string): readonly string[] {
  if (text === 'ALL') return TCP_FLAGS
  if (text === 'NONE') return []
  const names = text.split(',')
  for (const name of names) if (!TCP_FLAGS.includes(name)) throw new RuleError(`Unknown TCP flag \`${name}'`)
  return TCP_FLAGS.filter((flag) => names.includes(flag))
}

function icmpModule(name: string): Module {
  const matches: Match[] = []
  return {
    name,
    option(option, negated, reader) {
      if (option !== '--icmp-type' && option !== '--icmpv6-type') return false
      const text = argument(reader, option)
      const type = text === 'any' ? text : icmpNumber(text, name === 'icmp' ? 4 : 6)
      if (type === undefined) throw new RuleError(`Unknown ICMP type \`${text}'`)
      matches.push({ kind: 'icmp', type, negated, module: name })
      return true
    },
    close: () => (matches.length > 0 ? matches : [{ kind: 'icmp', type: 'any', negated: false, module: name }]),
  }
}

function commentModule(): Module {
  let text = ''
  return {
    name: 'comment',
    option(option, _negated, reader) {
      if (option !== '--comment') return false
      const words = [argument(reader, option)]
      // Dumps that people retype often lose the quotes; the words up to the next option are the comment.
      for (let word = reader.argument(); word !== undefined; word = reader.argument()) words.push(word)
      text = words.join(' ')
      return true
    },
    close: () => [{ kind: 'comment', text }],
  }
}

function markModule(name: 'mark' | 'connmark'): Module {
  const matches: Match[] = []
  return {
    name,
    option(option, negated, reader) {
      if (option !== '--mark') return false
      const { value, mask } = parseMasked(argument(reader, option))
      matches.push({ kind: 'mark', value, mask, negated, module: name })
      return true
    },
    close() {
      if (matches.length === 0) throw new RuleError(`${name}: option "--mark" must be specified`)
      return matches
    },
  }
}

const ADDRESS_TYPES = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
]

function addrtypeModule(): Module {
  const conditions: AddrtypeCondition[] = []
  let limitIn = false
  let limitOut = false
  return {
    name: 'addrtype',
    option(option, negated, reader) {
      switch (option) {
        case '--src-type':
        case '--dst-type': {
          const types = nameList(argument(reader, option), ADDRESS_TYPES, 'address type')
          conditions.push({ kind: option === '--src-type' ? 'src-type' : 'dst-type', types, negated })
          return true
        }
        case '--limit-iface-in':
          limitIn = true
          return true
        case '--limit-iface-out':
          limitOut = true
          return true
        default:
          return false
      }
    },
    close: () => [{ kind: 'addrtype', conditions: inOrder(conditions, ['src-type', 'dst-type']), limitIn, limitOut }],
  }
}

function multiportModule(): Module {
  const matches: Match[] = []
  const sides = {
    '--sports': 'sports',
    '--source-ports': 'sports',
    '--dports': 'dports',
    '--destination-ports': 'dports',
    '--ports': 'ports',
  } as const
  return {
    name: 'multiport',
    option(option, negated, reader) {
      const side = option in sides ? sides[option as keyof typeof sides] : undefined
      if (side === undefined) return false
      const ports = argument(reader, option)
        .split(',')
        .map((part) => parsePortRange(part))
      matches.push({ kind: 'multiport', side, ports, negated })
      return true
    },
    close: () => matches,
  }
}

function physdevModule(): Module {
  const conditions: PhysdevCondition[] = []
  return {
    name: 'physdev',
    option(option, negated, reader) {
      switch (option) {
        case '--physdev-in':
        case '--physdev-out':
          conditions.push({ kind: option === '--physdev-in' ? 'in' : 'out', pattern: argument(reader, option), negated })
          return true
        case '--physdev-is-in':
        case '--physdev-is-out':
        case '--physdev-is-bridged':
          conditions.push({
            kind: option === '--physdev-is-in' ? 'is-in' : option === '--physdev-is-out' ? 'is-out' : 'is-bridged',
            pattern: '',
            negated,
          })
          return true
        default:
          return false
      }
    },
    close: () => [{ kind: 'physdev', conditions: inOrder(conditions, ['is-in', 'in', 'is-out', 'out', 'is-bridged']) }],
  }
}

function nfacctModule(): Module {
  let name = ''
  return {
    name: 'nfacct',
    option(option, _negated, reader) {
      if (option !== '--nfacct-name') return false
      name = argument(reader, option)
      return true
    },
    close: () => [{ kind: 'nfacct', name }],
  }
}

function unknownModule(name: string): Module {
  const words = [name]
  return {
    name,
    option(option, negated, reader) {
      if (negated) words.push('!')
      words.push(option)
      for (let word = reader.argument(); word !== undefined; word = reader.argument()) words.push(word)
      return true
    },
    close: () => [{ kind: 'unknown', words }],
  }
}
