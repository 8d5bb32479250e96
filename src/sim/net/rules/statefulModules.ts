import type { Module } from './module.js'
import { argument, number } from './values.js'
import { RuleError } from './words.js'

/** `-m statistic`: by chance or in turn. */
export function statisticModule(): Module {
  let mode = ''
  let probability = 0
  let every = 0
  let packet = 0
  let isNegated = false
  return {
    name: 'statistic',
    option(option, negated, reader) {
      switch (option) {
        case '--mode':
          mode = argument(reader, option)
          if (mode !== 'random' && mode !== 'nth') throw new RuleError(`Bad mode "${mode}"`)
          return true
        case '--probability': {
          const text = argument(reader, option)
          const value = Number(text)
          if (!(value >= 0 && value <= 1)) throw new RuleError(`statistic: bad value for option "--probability": "${text}"`)
          probability = value
          isNegated = negated
          return true
        }
        case '--every':
          every = number(argument(reader, option), '--every')
          isNegated = negated
          if (every === 0) throw new RuleError('statistic: bad value for option "--every"')
          return true
        case '--packet':
          packet = number(argument(reader, option), '--packet')
          return true
        default:
          return false
      }
    },
    close() {
      if (mode === 'random') return [{ kind: 'random', probability: quantise(probability), negated: isNegated }]
      if (mode === 'nth' && every > packet) return [{ kind: 'nth', every, packet, negated: isNegated }]
      throw new RuleError(mode === '' ? 'statistic: option "--mode" must be specified' : 'the --packet p must be 0 <= p <= n-1')
    },
  }
}

/** The kernel keeps a probability as a multiple of 2^-31. Source: iptables libxt_statistic.c */
function quantise(probability: number): number {
  return Math.round(probability * 0x8000_0000) / 0x8000_0000
}

/** `-m recent`: lists of addresses that rules keep. */
export function recentModule(): Module {
  let operation: 'set' | 'rcheck' | 'update' | 'remove' | undefined
  let isNegated = false
  let seconds = 0
  let reap = false
  let hitcount = 0
  let name = 'DEFAULT'
  let mask = '255.255.255.255'
  let side: 'rsource' | 'rdest' = 'rsource'
  let rttl = false
  return {
    name: 'recent',
    option(option, negated, reader) {
      switch (option) {
        case '--set':
        case '--rcheck':
        case '--update':
        case '--remove':
          operation = RECENT_OPERATIONS[option]
          isNegated = negated
          return true
        case '--seconds':
          seconds = number(argument(reader, option), option)
          return true
        case '--hitcount':
          hitcount = number(argument(reader, option), option)
          return true
        case '--reap':
          reap = true
          return true
        case '--name':
          name = argument(reader, option)
          return true
        case '--mask':
          mask = argument(reader, option)
          return true
        case '--rttl':
          rttl = true
          return true
        case '--rsource':
        case '--rdest':
          side = option === '--rsource' ? 'rsource' : 'rdest'
          return true
        default:
          return false
      }
    },
    close() {
      if (operation === undefined)
        throw new RuleError("recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'")
      return [{ kind: 'recent', operation, negated: isNegated, seconds, reap, hitcount, rttl, name, mask, side }]
    },
  }
}

const RECENT_OPERATIONS = { '--set': 'set', '--rcheck': 'rcheck', '--update': 'update', '--remove': 'remove' } as const

/** `-m connlimit`. Source: iptables libxt_connlimit.c */
export function connlimitModule(): Module {
  let limit: number | undefined
  let upto = false
  let mask: number | undefined
  let side: 'saddr' | 'daddr' = 'saddr'
  return {
    name: 'connlimit',
    option(option, negated, reader) {
      switch (option) {
        case '--connlimit-upto':
        case '--connlimit-above':
          limit = number(argument(reader, option), option)
          upto = (option === '--connlimit-upto') !== negated
          return true
        case '--connlimit-mask':
          mask = number(argument(reader, option), option)
          return true
        case '--connlimit-saddr':
        case '--connlimit-daddr':
          side = option === '--connlimit-saddr' ? 'saddr' : 'daddr'
          return true
        default:
          return false
      }
    },
    close() {
      if (limit === undefined) throw new RuleError('You must specify "--connlimit-above" or "--connlimit-upto".')
      return [{ kind: 'connlimit', limit, upto, mask, side }]
    },
  }
}
