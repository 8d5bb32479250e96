import { own } from '../../core/own.js'
import type { Result } from '../../core/result.js'
import { fail, ok } from '../../core/result.js'
import type { Prefix } from '../address.js'
import { parsePrefix } from '../address.js'
import { openModule } from './modules.js'
import { printRule } from './printRule.js'
import { parseTarget } from './targets.js'
import type { Match, RuleBody, Target } from './types.js'
import type { WordReader } from './words.js'
import { RuleError, splitWords } from './words.js'

const OPTION = /^(-[A-Za-z]|--[a-z].*|!)$/

/**
 * Parses one `-A CHAIN ...` line, in the form in which people and kube-proxy write rules or the one that `iptables-save` prints.
 * Matches and targets that are not modelled are kept by name (`unknown`): the evaluator stops at them, it never guesses.
 *
 * @returns the rule, or what is wrong with it.
 */
export function parseRule(line: string): Result<RuleBody, string> {
  const split = splitWords(line)
  if (split === undefined) return fail('unbalanced quotes')
  const { words, quoted } = split
  let at = 0
  const isOption = (index: number): boolean => quoted[index] !== true && OPTION.test(words[index] ?? '')
  const reader: WordReader = {
    peek: () => words[at],
    take: () => words[at++],
    argument: () => (at < words.length && !isOption(at) ? words[at++] : undefined),
  }
  const command = reader.take()
  const chain = reader.take()
  if ((command !== '-A' && command !== '--append') || chain === undefined) return fail(`expected -A CHAIN, saw "${line.trim()}"`)
  try {
    const { matches, target } = parseBody(reader)
    const text = printRule({ chain, matches, target })
    // Most lines stand as they are printed: they are kept once.
    return ok({ chain, matches, target, text: text === line ? line : text })
  } catch (error) {
    if (error instanceof RuleError) return fail(error.message)
    throw error
  }
}

function parseBody(reader: WordReader): { readonly matches: readonly Match[]; readonly target: Target } {
  /** In the order in which they are asked and printed. */
  const header: [source?: Match, destination?: Match, inDevice?: Match, outDevice?: Match, protocol?: Match, fragment?: Match] =
    []
  const modules: ReturnType<typeof openModule>[] = []
  let protocol: string | undefined
  let target: Target = { kind: 'none' }
  let negated = false
  const needed = (option: string): string => {
    let value = reader.argument()
    // `-s ! 10.0.0.0/8`: the old place of the negation.
    if (value === undefined && reader.peek() === '!') {
      reader.take()
      negated = true
      value = reader.argument()
    }
    if (value === undefined) throw new RuleError(`option "${option}" requires an argument`)
    return value
  }
  const address = (option: string): Prefix => {
    const text = needed(option)
    const prefix = parsePrefix(text)
    if (prefix === undefined) throw new RuleError(`host/network "${text}" not found`)
    return prefix
  }
  for (let word = reader.take(); word !== undefined; word = reader.take()) {
    switch (word) {
      case '!':
        negated = true
        continue
      case '-s':
      case '--src':
      case '--source': {
        const prefix = address(word)
        if (prefix.length > 0) header[0] = { kind: 'source', prefix, negated }
        break
      }
      case '-d':
      case '--dst':
      case '--destination': {
        const prefix = address(word)
        if (prefix.length > 0) header[1] = { kind: 'destination', prefix, negated }
        break
      }
      case '-i':
      case '--in-interface': {
        const pattern = needed(word)
        header[2] = { kind: 'in-interface', pattern, negated }
        break
      }
      case '-o':
      case '--out-interface': {
        const pattern = needed(word)
        header[3] = { kind: 'out-interface', pattern, negated }
        break
      }
      case '-p':
      case '--proto':
      case '--protocol': {
        const name = needed(word).toLowerCase()
        protocol = own(PROTOCOL_NUMBERS, name) ?? name
        if (protocol !== 'all') header[4] = { kind: 'protocol', protocol, negated }
        break
      }
      case '-f':
      case '--fragment':
        header[5] = { kind: 'fragment', negated }
        break
      case '-m':
      case '--match': {
        const name = needed(word)
        modules.push(openModule(name))
        break
      }
      case '-j':
      case '--jump':
      case '-g':
      case '--goto': {
        const name = needed(word)
        target = parseTarget(name, word === '-g' || word === '--goto', reader)
        break
      }
      case '-c':
      case '--set-counters':
        needed(word)
        needed(word)
        break
      default: {
        if (!word.startsWith('-')) throw new RuleError(`Bad argument \`${word}'`)
        const taken = [...modules].reverse().some((module) => module.option(word, negated, reader))
        if (taken) break
        // `-p tcp --dport 80`: the protocol's own match is loaded by itself.
        const implied =
          protocol === undefined || modules.some((module) => module.name === protocol) ? undefined : openModule(protocol)
        if (implied?.option(word, negated, reader) !== true) throw new RuleError(`unknown option "${word}"`)
        modules.push(implied)
      }
    }
    negated = false
  }
  const matches: Match[] = []
  for (const match of header) if (match !== undefined) matches.push(match)
  for (const module of modules) matches.push(...module.close())
  return { matches, target }
}

const PROTOCOL_NUMBERS: Readonly<Record<string, string>> = {
  '0': 'all',
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '58': 'ipv6-icmp',
  icmpv6: 'ipv6-icmp',
  '132': 'sctp',
}
