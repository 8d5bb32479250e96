import { parsePrefix } from '../address.js'
import type { Module } from './module.js'
import type { ConntrackCondition, Match } from './types.js'
import { argument, inOrder, nameList, parsePortRange, unmodelled } from './values.js'
import { RuleError } from './words.js'

/** In the order in which `iptables-save` prints them. Source: iptables libxt_conntrack.c print_state */
const STATES = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT']
const STATUSES = ['NONE', 'EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED']

/** `-m conntrack` and `-m state`: what is known of the packet's connection. Source: iptables libxt_conntrack.c */
export function conntrackModule(name: 'conntrack' | 'state'): Module {
  const conditions: ConntrackCondition[] = []
  const others: Match[] = []
  return {
    name,
    option(option, negated, reader) {
      if (name === 'state' ? option === '--state' : option === '--ctstate') {
        conditions.push({ kind: 'ctstate', states: nameList(argument(reader, option), STATES, 'ctstate'), negated })
        return true
      }
      if (name === 'state') return false
      switch (option) {
        case '--ctproto':
          conditions.push({ kind: 'ctproto', protocol: argument(reader, option).toLowerCase(), negated })
          return true
        case '--ctorigsrc':
        case '--ctorigdst':
        case '--ctreplsrc':
        case '--ctrepldst': {
          const text = argument(reader, option)
          const prefix = parsePrefix(text)
          if (prefix === undefined) throw new RuleError(`host/network "${text}" not found`)
          conditions.push({ kind: CT_ADDRESS[option], prefix, negated })
          return true
        }
        case '--ctorigsrcport':
        case '--ctorigdstport':
        case '--ctreplsrcport':
        case '--ctrepldstport':
          conditions.push({ kind: CT_PORT[option], range: parsePortRange(argument(reader, option)), negated })
          return true
        case '--ctstatus':
          conditions.push({ kind: 'ctstatus', statuses: nameList(argument(reader, option), STATUSES, 'ctstatus'), negated })
          return true
        case '--ctexpire':
          others.push(unmodelled(name, option, negated, reader))
          return true
        case '--ctdir': {
          const direction = argument(reader, option).toUpperCase()
          if (direction !== 'ORIGINAL' && direction !== 'REPLY') throw new RuleError(`Bad ctdir "${direction}"`)
          conditions.push({ kind: 'ctdir', direction })
          return true
        }
        default:
          return false
      }
    },
    close: () => [
      ...(conditions.length === 0
        ? []
        : [{ kind: 'conntrack' as const, conditions: inOrder(conditions, CT_ORDER), module: name }]),
      ...others,
    ],
  }
}

/** In the order in which `iptables-save` prints them. Source: iptables libxt_conntrack.c conntrack_dump */
const CT_ORDER: readonly ConntrackCondition['kind'][] = [
  'ctstate',
  'ctproto',
  'ctorigsrc',
  'ctorigdst',
  'ctreplsrc',
  'ctrepldst',
  'ctorigsrcport',
  'ctorigdstport',
  'ctreplsrcport',
  'ctrepldstport',
  'ctstatus',
  'ctdir',
]

const CT_ADDRESS = {
  '--ctorigsrc': 'ctorigsrc',
  '--ctorigdst': 'ctorigdst',
  '--ctreplsrc': 'ctreplsrc',
  '--ctrepldst': 'ctrepldst',
} as const

const CT_PORT = {
  '--ctorigsrcport': 'ctorigsrcport',
  '--ctorigdstport': 'ctorigdstport',
  '--ctreplsrcport': 'ctreplsrcport',
  '--ctrepldstport': 'ctrepldstport',
} as const
