import { isRecord } from '../../scenario/index.js'
import { byCodeUnit } from '../../sim/index.js'

/**
 * Data as `kubectl -o kyaml` writes it: flow style, keys in order and bare where they can be, every text in double quotes.
 * Source: sigs.k8s.io/yaml kyaml/kyaml.go Encoder
 */
export function kyaml(value: unknown): string {
  return `---\n${node(value, 0)}\n`
}

function pad(indent: number): string {
  return '  '.repeat(indent)
}

function node(value: unknown, indent: number): string {
  if (Array.isArray(value)) return sequence(value, indent)
  if (isRecord(value)) return mapping(value, indent)
  return typeof value === 'string' ? quoted(value, indent + 1) : String(value ?? null)
}

function mapping(value: Readonly<Record<string, unknown>>, indent: number): string {
  const fields = Object.entries(value).filter(([, each]) => each !== undefined)
  if (fields.length === 0) return '{}'
  const lines = fields
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([key, each]) => `${pad(indent + 1)}${needsQuotes(key) ? quoted(key, indent + 1) : key}: ${node(each, indent + 1)},\n`)
  return `{\n${lines.join('')}${pad(indent)}}`
}

/** Lists of objects and lists are cuddled, others have a line for each item. */
function sequence(items: readonly unknown[], indent: number): string {
  if (items.length === 0) return '[]'
  if (items.every((each) => typeof each === 'object' && each !== null)) {
    return `[${items.map((each) => node(each, indent)).join(', ')}]`
  }
  return `[\n${items.map((each) => `${pad(indent + 1)}${node(each, indent + 1)},\n`).join('')}${pad(indent)}]`
}

const WORDS = /^(?:null|~|true|false|t|f|y|yes|on|n|no|off|[-+]?\.?(?:inf|infinity)|\.?nan)$/i
const NUMBERS = [
  /^[-+]?(?:0b[01]+|0o?[0-7]+|0x[0-9a-f]+|0|[1-9][0-9]*)$/i,
  /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?$/i,
  /^[+-]?[1-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/,
]
const TIME = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)?)?$/

/** Whether a key has to be quoted so that it is read as text. */
function needsQuotes(key: string): boolean {
  const bare = key.replaceAll('_', '')
  if (key === '' || WORDS.test(key) || TIME.test(key)) return true
  if (NUMBERS.some((each) => each.test(bare))) return true
  return !/^[\p{L}\p{N}_](?:[\p{L}\p{N}_./-]*[\p{L}\p{N}_])?$/u.test(key)
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\r': '\\r',
  '\v': '\\v',
  '\0': '\\0',
  '\x1b': '\\e',
  '\x85': '\\N',
  '\xa0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
  '"': '\\"',
  '\\': '\\\\',
}

/** A text of several lines is folded at each of them. */
function quoted(text: string, indent: number): string {
  const isLong = text.includes('\n')
  let result = isLong ? '"\\\n' : '"'
  for (const char of text) {
    if (result.endsWith('\n')) result += pad(indent) + (/\s/.test(char) && char !== '\n' ? '\\' : ' ')
    result += char === '\n' ? '\\n\\\n' : escaped(char)
  }
  if (!isLong) return `${result}"`
  return `${result}${result.endsWith('\n') ? '' : '\\\n'}${pad(indent)}"`
}

function escaped(char: string): string {
  const known = ESCAPES[char]
  if (known !== undefined || char === '\t') return known ?? char
  const code = char.codePointAt(0) ?? 0
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`
  if (/\p{C}|\p{Zl}|\p{Zp}/u.test(char)) {
    return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
  }
  return char
}
