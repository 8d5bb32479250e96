import type { Result } from '../../core/result.js'
import { fail, ok } from '../../core/result.js'
import { MAX_DEPTH, setKey } from './draft.js'

export interface ParsedJson {
  readonly value: unknown
  /** Paths of keys that occur twice: `spec.replicas`. */
  readonly duplicates: readonly string[]
}

class JsonFault extends Error {}

/** Reads JSON as Go does: the same words for what is broken, and keys that occur twice are told. Source: Go encoding/json scanner.go */
export function parseGoJson(text: string): Result<ParsedJson, string> {
  const duplicates: string[] = []
  let at = 0
  const end = (): never => {
    throw new JsonFault('unexpected end of JSON input')
  }
  const bad = (context: string): never => {
    const char = text[at]
    if (char === undefined) return end()
    const quoted = char === "'" ? "'\\''" : char === '"' ? `'"'` : `'${char === '\n' ? '\\n' : char === '\t' ? '\\t' : char}'`
    throw new JsonFault(`invalid character ${quoted} ${context}`)
  }
  const space = (): void => {
    while (at < text.length && ' \t\r\n'.includes(text[at] ?? '')) at++
  }
  const readString = (): string => {
    const start = at
    at++
    while (at < text.length && text[at] !== '"') {
      if ((text[at] ?? '') < ' ') return bad('in string literal')
      if (text[at] === '\\') {
        at++
        if (at < text.length && !'"\\/bfnrtu'.includes(text[at] ?? '')) return bad('in string escape code')
      }
      at++
    }
    if (at >= text.length) return end()
    at++
    return JSON.parse(text.slice(start, at)) as string
  }
  const readValue = (path: string, depth: number): unknown => {
    if (depth > MAX_DEPTH * 10) throw new JsonFault('exceeded max depth')
    space()
    const char = text[at]
    if (char === undefined) return end()
    if (char === '{') return readObject(path, depth)
    if (char === '[') return readArray(path, depth)
    if (char === '"') return readString()
    const word = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)/.exec(text.slice(at, at + 64))?.[0]
    if (word === undefined) return bad('looking for beginning of value')
    at += word.length
    return JSON.parse(word) as unknown
  }
  const readObject = (path: string, depth: number): unknown => {
    const object: Record<string, unknown> = {}
    at++
    space()
    if (text[at] === '}') {
      at++
      return object
    }
    for (;;) {
      space()
      if (text[at] !== '"') return bad('looking for beginning of object key string')
      const key = readString()
      const keyPath = path === '' ? key : `${path}.${key}`
      space()
      if (text[at] !== ':') return bad('after object key')
      at++
      const value = readValue(keyPath, depth + 1)
      if (Object.hasOwn(object, key)) duplicates.push(keyPath)
      setKey(object, key, value)
      space()
      const next = text[at]
      if (next !== ',' && next !== '}') return bad('after object key:value pair')
      at++
      if (next === '}') return object
    }
  }
  const readArray = (path: string, depth: number): unknown => {
    const list: unknown[] = []
    at++
    space()
    if (text[at] === ']') {
      at++
      return list
    }
    for (;;) {
      list.push(readValue(`${path}[${list.length}]`, depth + 1))
      space()
      const next = text[at]
      if (next !== ',' && next !== ']') return bad('after array element')
      at++
      if (next === ']') return list
    }
  }
  try {
    const value = readValue('', 0)
    space()
    if (at < text.length) bad('after top-level value')
    return ok({ value, duplicates })
  } catch (error) {
    if (error instanceof JsonFault) return fail(error.message)
    throw error
  }
}

/** A value as Go's `%v` prints decoded JSON: `map[image:redis:7]`. */
export function goFormat(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goFormat).join(' ')}]`
  if (typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `map[${entries.map(([key, each]) => `${key}:${goFormat(each)}`).join(' ')}]`
  }
  return String(value)
}
