import { RuleError, splitWords } from '../rules/words.js'
import { readIcmp, readLimit, readMaxseg, readRandom, readShare, readTcpFlags } from './parseExtras.js'
import { readFields, readMatch } from './parseFields.js'
import { inline, inOrder, readElements, readNumgen } from './parseLookup.js'
import { readMark } from './parseMark.js'
import { readNat, readPortNat } from './parseNat.js'
import { readVerdict, verdictOf } from './parseVerdict.js'
import type { Reader } from './reader.js'
import { expectWord, openReader, setName, spaced } from './reader.js'
import type { NftStatement } from './types.js'

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
    case 'continue':
      return [{ kind: 'verdict', verdict: readVerdict(reader) }]
    case 'numgen': {
      const count = readNumgen(reader)
      if (reader.peek() !== 'vmap') return [readShare(reader, count)]
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
      return readNat(reader)
    case 'update':
    case 'add': {
      const refreshes = reader.take() === 'update'
      const set = setName(reader.take())
      expectWord(reader, '{')
      const [field, ...more] = readFields(reader).fields
      if (field === undefined || more.length > 0) throw new RuleError('update of a concatenation')
      expectWord(reader, '}')
      return [{ kind: 'update', set, field, refreshes }]
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

const LOG_OPTIONS = ['prefix', 'level', 'flags', 'group', 'snaplen', 'queue-threshold']
const TCP: NftStatement = { kind: 'match', fields: ['l4proto'], negated: false, among: inline(['tcp']) }
