import { canonicalAddress, parsePrefix } from '../address.js'
import { RuleError } from '../rules/words.js'
import type { Reader } from './reader.js'
import { expectWord, number, setName } from './reader.js'
import type { NftElements, NftLookup } from './types.js'

/** Whether what follows is to be different; `==` says nothing. */
export function readOperator(reader: Reader): boolean {
  if (/^[<>]=?$/.test(reader.peek())) throw new RuleError(`operator "${reader.peek()}"`)
  if (reader.peek() !== '!=' && reader.peek() !== '==') return false
  return reader.take() === '!='
}

/** `< 1024`, `>= 5`: the numbers that fit. */
export function readRange(reader: Reader): NftLookup {
  const operator = reader.take()
  const value = number(reader.take())
  switch (operator) {
    case '<':
      return inline([`0-${value - 1}`])
    case '<=':
      return inline([`0-${value}`])
    case '>':
      return inline([`${value + 1}-${HIGHEST}`])
    case '>=':
      return inline([`${value}-${HIGHEST}`])
    default:
      throw new RuleError(`operator "${operator}"`)
  }
}

/** No port is higher. */
const HIGHEST = 65_535

/** Values written in the rule itself. */
export function inline(values: readonly string[]): NftLookup {
  return { kind: 'inline', elements: toElements(values.map((value) => [value, ''] as const)) }
}

/** `@name`, `{ 80, 443 }`, `new,established`, or one value. */
export function readLookup(reader: Reader): NftLookup {
  if (reader.peek().startsWith('@')) return { kind: 'named', name: setName(reader.take()) }
  if (reader.peek() === '{') return { kind: 'inline', elements: readElements(reader) }
  const values = [reader.take()]
  while (reader.peek() === ',') {
    reader.take()
    values.push(reader.take())
  }
  return inline(values)
}

/** `{ key : data, key : data }` */
export function readElements(reader: Reader): NftElements {
  expectWord(reader, '{')
  const entries: (readonly [string, string])[] = []
  let words: string[] = []
  const finish = (): void => {
    if (words.length > 0) entries.push(toEntry(words))
    words = []
  }
  for (;;) {
    if (reader.done) throw new RuleError('"{" is not closed')
    const word = reader.take()
    if (word === '}') break
    if (word === ',') finish()
    else words.push(word)
  }
  finish()
  return toElements(entries)
}

function toEntry(words: readonly string[]): readonly [string, string] {
  const colon = words.indexOf(':')
  return colon < 0 ? [words.join(' '), ''] : [words.slice(0, colon).join(' '), words.slice(colon + 1).join(' ')]
}

/** `80-90`, `10.0.0.1-10.0.0.9`, `10.0.0.0/8` in a concatenation, `eth*`. */
function isPattern(part: string): boolean {
  if (part.endsWith('*') || (part.includes('/') && parsePrefix(part) !== undefined)) return true
  const [from = '', to, ...more] = part.split('-')
  if (to === undefined || more.length > 0) return false
  return (/^\d+$/.test(from) && /^\d+$/.test(to)) || (canonicalAddress(from) !== undefined && canonicalAddress(to) !== undefined)
}

/** Elements sorted into those that are looked up and those that hold a range of addresses. */
export function toElements(entries: Iterable<readonly [string, string]>): NftElements {
  const exact = new Map<string, string>()
  const prefixes: { prefix: NonNullable<ReturnType<typeof parsePrefix>>; data: string }[] = []
  const patterns: { parts: readonly string[]; data: string }[] = []
  for (const [key, data] of entries) {
    const prefix = key.includes('/') ? parsePrefix(key) : undefined
    const parts = key.split(' . ')
    if (prefix !== undefined) prefixes.push({ prefix, data })
    else if (parts.some(isPattern)) patterns.push({ parts, data })
    else exact.set(key, data)
  }
  return patterns.length === 0 ? { exact, prefixes } : { exact, prefixes, patterns }
}

/** `numgen random mod N`; returns N. */
export function readNumgen(reader: Reader): number {
  reader.take()
  expectWord(reader, 'random')
  expectWord(reader, 'mod')
  return number(reader.take())
}

/** Data of keys 0 to N-1. */
export function inOrder(elements: NftElements, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const data = elements.exact.get(String(index))
    if (data === undefined) throw new RuleError(`no element ${index}`)
    return data
  })
}
