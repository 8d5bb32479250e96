import { isRecord } from '../../scenario/index.js'
import { byCodeUnit } from '../../sim/index.js'

/**
 * Data as `kubectl -o yaml` writes it: keys sorted, lists not indented under their key, quotes only where YAML 1.1 would read something
 * else, several lines as a block.
 * Source: sigs.k8s.io/yaml goyaml.v2/encode.go
 */
export function goYaml(value: unknown): string {
  const lines: string[] = []
  writeNode(value, 0, lines)
  return `${lines.join('\n')}\n`
}

function writeNode(value: unknown, indent: number, lines: string[]): void {
  const pad = ' '.repeat(indent)
  if (Array.isArray(value) && value.length > 0) {
    for (const item of value) writeItem(item, indent, lines)
  } else if (isRecord(value) && Object.keys(value).length > 0) {
    const fields = Object.entries(value).filter(([, each]) => each !== undefined)
    for (const [key, each] of fields.sort(([a], [b]) => byCodeUnit(a, b))) writeField(key, each, indent, lines)
  } else {
    lines.push(pad + scalar(value, indent))
  }
}

function writeField(key: string, value: unknown, indent: number, lines: string[]): void {
  const head = `${' '.repeat(indent)}${text(key, indent, true)}:`
  if (Array.isArray(value) && value.length > 0) {
    lines.push(head)
    writeNode(value, indent, lines)
  } else if (isRecord(value) && Object.keys(value).length > 0) {
    lines.push(head)
    writeNode(value, indent + 2, lines)
  } else {
    lines.push(`${head} ${scalar(value, indent + 2)}`)
  }
}

/** An item's first line stands behind its dash. */
function writeItem(item: unknown, indent: number, lines: string[]): void {
  const inner: string[] = []
  writeNode(item, indent + 2, inner)
  const [first = '', ...rest] = inner
  lines.push(`${' '.repeat(indent)}- ${first.slice(indent + 2)}`, ...rest)
}

function scalar(value: unknown, indent: number): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return text(value, indent, false)
  if (Array.isArray(value)) return '[]'
  if (typeof value === 'object') return '{}'
  if (typeof value === 'number') return number(value)
  return String(value)
}

function number(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value)
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2')
}

/** Plain words that a YAML 1.1 reader would not take for text. Source: goyaml.v2/resolve.go, yaml11 base-60 check in encode.go */
const RESOLVES =
  /^(?:|~|null|Null|NULL|y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF|true|True|TRUE|false|False|FALSE|<<|=|\.nan|\.NaN|\.NAN|[-+]?\.(?:inf|Inf|INF))$/
const NUMBER =
  /^(?:[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|[0-9][0-9_]*)|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)$/
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/
const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]|[ \t]+)\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d*)?\s*(?:Z|[-+]\d{1,2}(?::\d{2})?)?)?$/

function text(value: string, indent: number, isKey: boolean): string {
  const isReserved = RESOLVES.test(value) || NUMBER.test(value) || BASE_60.test(value) || TIMESTAMP.test(value)
  if (isReserved) return doubleQuoted(value)
  if (value.includes('\n') && !isKey) return isBlockAllowed(value) ? block(value, indent) : doubleQuoted(value)
  if (hasSpecial(value)) return doubleQuoted(value)
  return isPlain(value) ? value : `'${value.replaceAll("'", "''")}'`
}

/** Control characters, tabs among them, and byte order marks can only be written escaped. */
function hasSpecial(value: string): boolean {
  return /[\p{Cc}\ufeff\ufffe\uffff]/u.test(value)
}

/** Source: goyaml.v2/emitterc.go yaml_emitter_analyze_scalar */
function isBlockAllowed(value: string): boolean {
  return !hasSpecial(value.replaceAll('\n', '')) && !/ \n/.test(value) && !/ $/.test(value)
}

function block(value: string, indent: number): string {
  const chomp = value.endsWith('\n') ? (/\n\n$/.test(value) || value === '\n' ? '+' : '') : '-'
  const hint = /^[ \n]/.test(value) ? '2' : ''
  const body = value.replace(/\n$/, '').split('\n')
  const pad = ' '.repeat(indent)
  return [`|${hint}${chomp}`, ...body.map((line) => (line === '' ? '' : pad + line))].join('\n')
}

function isPlain(value: string): boolean {
  if (/^[-?:](?:\s|$)/.test(value) || /^[,[\]{}#&*!|>'"%@`]/.test(value)) return false
  if (/^(?:---|\.\.\.)/.test(value)) return false
  return !/: |:$| #|^\s|\s$/.test(value)
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
}

function doubleQuoted(value: string): string {
  const escaped = [...value].map((char) => {
    const known = ESCAPES[char]
    if (known !== undefined) return known
    const code = char.codePointAt(0) ?? 0
    if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`
    if (code === 0xfeff || (code >= 0x80 && code < 0xa0)) return `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`
    return char
  })
  return `"${escaped.join('')}"`
}
