import { isRecord } from '../../scenario/index.js'
import type { Result } from '../../sim/index.js'
import { byCodeUnit, fail, ok, own } from '../../sim/index.js'
import { goJson } from '../text/json.js'

type Token = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'action'; readonly text: string }

interface Frame {
  readonly root: unknown
  readonly dot: unknown
  readonly variables: ReadonlyMap<string, unknown>
}

/**
 * The part of Go's templates that people use with kubectl: fields, `range`, `if`/`else`, `with`, variables, `index`, `len`, `eq`, `print`.
 * Source: Go text/template
 */
export function runGoTemplate(template: string, data: unknown): Result<string, string> {
  const tokens = tokenize(template)
  try {
    const walker = new Walker(tokens)
    return ok(walker.block({ root: data, dot: data, variables: new Map() }, true))
  } catch (error) {
    if (error instanceof TemplateError) return fail(`error parsing template ${template}, ${error.message}`)
    throw error
  }
}

class TemplateError extends Error {}

function tokenize(template: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  for (const match of template.matchAll(/\{\{(-?)\s*(.*?)\s*(-?)\}\}/gs)) {
    let text = template.slice(at, match.index)
    if (match[1] === '-') text = text.trimEnd()
    if (tokens.length > 0 && at > 0 && template.slice(at - 3, at) === '-}}') text = text.trimStart()
    tokens.push({ kind: 'text', text }, { kind: 'action', text: match[2] ?? '' })
    at = match.index + match[0].length
  }
  tokens.push({ kind: 'text', text: template.slice(at) })
  return tokens
}

class Walker {
  private at = 0
  private readonly tokens: readonly Token[]

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  /** Prints up to the matching `end` or `else`; `isShown` false only skips. */
  block(start: Frame, isShown: boolean): string {
    let frame = start
    let text = ''
    for (; this.at < this.tokens.length; this.at++) {
      const token = this.tokens[this.at]
      if (token === undefined) break
      if (token.kind === 'text') {
        if (isShown) text += token.text
        continue
      }
      const [word = ''] = token.text.split(/\s+/, 1)
      if (word === 'end' || word === 'else') return text
      if (token.text.startsWith('/*')) continue
      if (word === 'range' || word === 'if' || word === 'with') {
        text += this.structure(word, token.text.slice(word.length).trim(), frame, isShown)
        continue
      }
      if (!isShown) continue
      const assign = /^(\$\w+)\s*:?=\s*(.*)$/s.exec(token.text)
      if (assign !== null)
        frame = { ...frame, variables: new Map([...frame.variables, [assign[1] ?? '', evaluate(assign[2] ?? '', frame)]]) }
      else text += show(evaluate(token.text, frame))
    }
    return text
  }

  private structure(word: string, expression: string, frame: Frame, isShown: boolean): string {
    this.at++
    const bodyAt = this.at
    const declared = /^(\$\w+)(?:\s*,\s*(\$\w+))?\s*:=\s*(.*)$/s.exec(expression)
    const value = isShown ? evaluate(declared?.[3] ?? expression, frame) : undefined
    let text = ''
    const items = word === 'range' ? entriesOf(value) : isTrue(value) ? [['', value] as const] : []
    for (const [key, item] of isShown ? items : []) {
      this.at = bodyAt
      const variables = new Map(frame.variables)
      if (declared?.[1] !== undefined) variables.set(declared[1], declared[2] === undefined ? item : key)
      if (declared?.[2] !== undefined) variables.set(declared[2], item)
      text += this.block({ ...frame, dot: word === 'if' ? frame.dot : item, variables }, true)
    }
    if (items.length === 0 || !isShown) this.block(frame, false)
    const stop = this.tokens[this.at]
    if (stop === undefined) throw new TemplateError('unexpected EOF')
    if (!stop.text.startsWith('else')) return text
    const rest = stop.text.slice('else'.length).trim()
    const showElse = isShown && items.length === 0
    if (rest.startsWith('if')) return text + this.structure('if', rest.slice(2).trim(), frame, showElse)
    this.at++
    return text + this.block(frame, showElse)
  }
}

function entriesOf(value: unknown): readonly (readonly [unknown, unknown])[] {
  if (Array.isArray(value)) return value.map((item: unknown, index) => [index, item] as const)
  if (!isRecord(value)) return []
  return Object.entries(value).sort(([a], [b]) => byCodeUnit(a, b))
}

function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (isRecord(value)) return Object.keys(value).length > 0
  return Boolean(value)
}

function evaluate(expression: string, frame: Frame): unknown {
  const stages = splitPipes(expression)
  let piped: readonly unknown[] = []
  for (const stage of stages) piped = [call(stage, frame, piped)]
  return piped[0]
}

function splitPipes(expression: string): readonly string[] {
  return (expression.match(/(?:"(?:\\.|[^"])*"|`[^`]*`|\([^)]*\)|[^|"`(])+/g) ?? []).map((each) => each.trim())
}

function call(stage: string, frame: Frame, piped: readonly unknown[]): unknown {
  const words = stage.match(/"(?:\\.|[^"])*"|`[^`]*`|\((?:[^()]|\([^()]*\))*\)(?:\.[\w.]+)?|[^\s]+/g) ?? []
  const [name = '', ...rest] = words
  const values = (): readonly unknown[] => [...rest.map((word) => term(word, frame)), ...piped]
  switch (name) {
    case 'index':
      return values().reduce((from, key) =>
        Array.isArray(from) ? from[Number(key)] : isRecord(from) ? own(from, String(key)) : undefined,
      )
    case 'len': {
      const [value] = values()
      return typeof value === 'string' || Array.isArray(value) ? value.length : isRecord(value) ? Object.keys(value).length : 0
    }
    case 'eq': {
      const [first, ...others] = values()
      return others.some((each) => each === first)
    }
    case 'ne':
      return values()[0] !== values()[1]
    case 'not':
      return !isTrue(values()[0])
    case 'and':
      return values().find((each) => !isTrue(each)) ?? values().at(-1)
    case 'or':
      return values().find(isTrue) ?? values().at(-1)
    case 'print':
      return values().map(show).join('')
    case 'println':
      return `${values().map(show).join(' ')}\n`
    case 'printf': {
      const [format, ...args] = values()
      let next = 0
      return String(format).replace(/%[-\d.]*[svdq]/g, (verb) =>
        verb.endsWith('q') ? JSON.stringify(args[next++]) : show(args[next++]),
      )
    }
    case 'base64decode':
      return atob(String(values()[0]))
    default:
      return term(name, frame)
  }
}

function term(word: string, frame: Frame): unknown {
  if (word.startsWith('"')) return JSON.parse(word) as unknown
  if (word.startsWith('`')) return word.slice(1, -1)
  if (/^-?\d+$/.test(word)) return Number(word)
  if (word === 'true' || word === 'false') return word === 'true'
  if (word.startsWith('(')) {
    const close = word.lastIndexOf(')')
    return fieldsOf(evaluate(word.slice(1, close), frame), word.slice(close + 1))
  }
  const variable = /^(\$\w*)(.*)$/s.exec(word)
  if (variable !== null) {
    const [, name = '', path = ''] = variable
    return fieldsOf(name === '$' ? frame.root : frame.variables.get(name), path)
  }
  if (word.startsWith('.')) return fieldsOf(frame.dot, word)
  throw new TemplateError(`function "${word}" not defined`)
}

function fieldsOf(value: unknown, path: string): unknown {
  return path
    .split('.')
    .filter((name) => name !== '')
    .reduce<unknown>((from, name) => (isRecord(from) ? own(from, name) : undefined), value)
}

function show(value: unknown): string {
  if (value === undefined || value === null) return '<no value>'
  if (Array.isArray(value)) return `[${value.map(show).join(' ')}]`
  if (isRecord(value))
    return `map[${entriesOf(value)
      .map(([key, each]) => `${String(key)}:${show(each)}`)
      .join(' ')}]`
  return typeof value === 'string' ? value : goJson(value)
}
