import { RuleError } from '../rules/words.js'
import type { Reader } from './reader.js'
import { openReader } from './reader.js'
import type { NftVerdict } from './types.js'

/** `accept`, `goto CHAIN`, `reject with tcp reset`. */
export function readVerdict(reader: Reader): NftVerdict {
  const word = reader.take()
  switch (word) {
    case 'accept':
    case 'drop':
    case 'return':
    case 'continue':
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
  return `icmp-${type.replace(/^icmpx?-/, '').replace(/^prot-/, 'proto-')}`
}

/** A verdict from the text of a map's element. */
export function verdictOf(text: string): NftVerdict {
  return readVerdict(openReader(text.split(' ')))
}
