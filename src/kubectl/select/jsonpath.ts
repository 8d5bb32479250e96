import { isRecord } from '../../scenario/index.js'
import type { Result } from '../../sim/index.js'
import { byCodeUnit, fail, ok, own } from '../../sim/index.js'
import { goJson } from '../text/json.js'

/** One part of a template: text, or a path with what it selects. */
type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly steps: readonly PathStep[] }
  | { readonly kind: 'range'; readonly steps: readonly PathStep[]; readonly body: readonly Part[] }

type PathStep =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'recursive' }
  | { readonly kind: 'slice'; readonly from?: number; readonly to?: number; readonly step: number; readonly isIndex: boolean }
  | { readonly kind: 'union'; readonly members: readonly (readonly PathStep[])[] }
  | { readonly kind: 'filter'; readonly left: Operand; readonly operator: string; readonly right?: Operand }

type Operand = { readonly path: readonly PathStep[] } | { readonly value: string | number | boolean }

/**
 * Prints what a JSONPath template selects, as `-o jsonpath=` does.
 * Source: client-go util/jsonpath/jsonpath.go, parser.go
 *
 * @param allowMissing absent keys select nothing instead of failing, as kubectl's printers ask for.
 */
export function runJsonPath(template: string, data: unknown, allowMissing = true): Result<string, string> {
  const parsed = new TemplateParser(template).parse()
  if (!parsed.ok) return fail(`error parsing jsonpath ${template}, ${parsed.error}`)
  const evaluated = printParts(parsed.value, data, { root: data, allowMissing })
  return evaluated.ok ? evaluated : fail(`error executing jsonpath ${JSON.stringify(template)}: ${evaluated.error}`)
}

/** The values behind a bare path such as `.metadata.name` or `{.spec.x}`, as custom columns and `--sort-by` use them. */
export function selectValues(path: string, data: unknown): Result<readonly unknown[], string> {
  const braced = relaxed(path)
  const parsed = new TemplateParser(braced).parse()
  if (!parsed.ok) return fail(`error parsing jsonpath ${braced}, ${parsed.error}`)
  const [part] = parsed.value
  if (part === undefined || part.kind === 'text') return ok([])
  return select(part.steps, [data], { root: data, allowMissing: true })
}

/** `metadata.name`, `.metadata.name` and `{metadata.name}` all mean `{.metadata.name}`. Source: kubectl pkg/cmd/get/customcolumn.go RelaxedJSONPathExpression */
export function relaxed(path: string): string {
  const inner = path.replace(/^\{/, '').replace(/\}$/, '')
  return `{${inner.startsWith('.') || inner.startsWith('[') ? inner : `.${inner}`}}`
}

interface Scope {
  readonly root: unknown
  readonly allowMissing: boolean
}

function printParts(parts: readonly Part[], data: unknown, scope: Scope): Result<string, string> {
  let text = ''
  for (const part of parts) {
    if (part.kind === 'text') {
      text += part.text
      continue
    }
    const selected = select(part.steps, [data], scope)
    if (!selected.ok) return selected
    if (part.kind === 'path') {
      text += selected.value.map(valueText).join(' ')
      continue
    }
    for (const value of selected.value) {
      const inner = printParts(part.body, value, scope)
      if (!inner.ok) return inner
      text += inner.value
    }
  }
  return ok(text)
}

export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  return typeof value === 'object' ? goJson(value) : String(value)
}

function select(steps: readonly PathStep[], data: readonly unknown[], scope: Scope): Result<readonly unknown[], string> {
  let current: readonly unknown[] = data
  for (const step of steps) {
    const next = selectStep(step, current, scope)
    if (!next.ok) return next
    current = next.value
  }
  return ok(current)
}

function selectStep(step: PathStep, data: readonly unknown[], scope: Scope): Result<readonly unknown[], string> {
  switch (step.kind) {
    case 'field': {
      const found = data.flatMap((each) => (isRecord(each) && own(each, step.name) !== undefined ? [each[step.name]] : []))
      if (found.length === 0 && data.length > 0 && !scope.allowMissing) return fail(`${step.name} is not found`)
      return ok(found)
    }
    case 'wildcard':
      return ok(data.flatMap(childrenOf))
    case 'recursive':
      return ok(data.flatMap(withDescendants))
    case 'slice':
      return selectSlice(step, data)
    case 'union': {
      const all: unknown[] = []
      for (const member of step.members) {
        const selected = select(member, data, scope)
        if (!selected.ok) return selected
        all.push(...selected.value)
      }
      return ok(all)
    }
    case 'filter':
      return ok(data.flatMap((each) => (Array.isArray(each) ? each : [])).filter((item: unknown) => passes(step, item, scope)))
  }
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (!isRecord(value)) return []
  return Object.keys(value)
    .sort(byCodeUnit)
    .map((key) => value[key])
}

function withDescendants(value: unknown): readonly unknown[] {
  return [value, ...childrenOf(value).flatMap(withDescendants)]
}

function selectSlice(step: Extract<PathStep, { kind: 'slice' }>, data: readonly unknown[]): Result<readonly unknown[], string> {
  const all: unknown[] = []
  for (const each of data) {
    if (!Array.isArray(each)) continue
    const size = each.length
    const at = (index: number): number => (index < 0 ? index + size : index)
    const from = at(step.from ?? 0)
    if (step.isIndex) {
      if (from < 0 || from >= size) return fail(`array index out of bounds: index ${step.from ?? 0}, length ${size}`)
      all.push(each[from])
      continue
    }
    const to = step.to === undefined ? size : at(step.to)
    for (let index = Math.max(0, from); index < Math.min(to, size); index += step.step) all.push(each[index])
  }
  return ok(all)
}

function passes(step: Extract<PathStep, { kind: 'filter' }>, item: unknown, scope: Scope): boolean {
  const left = operandValues(step.left, item, scope)
  if (step.right === undefined) return left.length > 0
  const right = operandValues(step.right, item, scope)
  if (left.length === 0 || right.length === 0) return false
  const [a] = left
  const [b] = right
  switch (step.operator) {
    case '==':
      return a === b || String(a) === String(b)
    case '!=':
      return a !== b && String(a) !== String(b)
    case '<':
      return Number(a) < Number(b)
    case '>':
      return Number(a) > Number(b)
    case '<=':
      return Number(a) <= Number(b)
    case '>=':
      return Number(a) >= Number(b)
    default:
      return false
  }
}

function operandValues(operand: Operand, item: unknown, scope: Scope): readonly unknown[] {
  if ('value' in operand) return [operand.value]
  const selected = select(operand.path, [item], { ...scope, allowMissing: true })
  return selected.ok ? selected.value : []
}

class ParseError extends Error {}

/** Reads a template. Source: client-go util/jsonpath/parser.go */
class TemplateParser {
  private at = 0
  private readonly input: string

  constructor(input: string) {
    this.input = input
  }

  parse(): Result<readonly Part[], string> {
    try {
      return ok(this.parts(false))
    } catch (error) {
      if (error instanceof ParseError) return fail(error.message)
      throw error
    }
  }

  private parts(inRange: boolean): readonly Part[] {
    const parts: Part[] = []
    while (this.at < this.input.length) {
      const open = this.input.indexOf('{', this.at)
      if (open !== this.at) {
        parts.push({ kind: 'text', text: this.input.slice(this.at, open < 0 ? undefined : open) })
        this.at = open < 0 ? this.input.length : open
        continue
      }
      this.at++
      this.skipSpace()
      if (this.takeWord('end')) {
        this.close()
        if (!inRange) throw new ParseError('not in range, nothing to end')
        return parts
      }
      parts.push(...this.action())
    }
    if (inRange) throw new ParseError('unterminated range')
    return parts
  }

  private action(): readonly Part[] {
    if (this.takeWord('range')) {
      this.skipSpace()
      const steps = this.path()
      this.close()
      return [{ kind: 'range', steps, body: this.parts(true) }]
    }
    const parts: Part[] = []
    for (;;) {
      this.skipSpace()
      const char = this.peek()
      if (char === '}') {
        this.at++
        return parts
      }
      if (char === '') throw new ParseError('unclosed action')
      if (char === '"' || char === "'") parts.push({ kind: 'text', text: this.quoted(char) })
      else parts.push({ kind: 'path', steps: this.path() })
    }
  }

  private close(): void {
    this.skipSpace()
    if (this.peek() !== '}') throw new ParseError('unclosed action')
    this.at++
  }

  private path(stops = '} \t\n'): readonly PathStep[] {
    const steps: PathStep[] = []
    for (;;) {
      const char = this.peek()
      if (char === '' || stops.includes(char)) return steps
      if (char === '$' || char === '@') {
        this.at++
      } else if (char === '.') {
        this.at++
        if (this.peek() === '.') {
          this.at++
          steps.push({ kind: 'recursive' })
        }
        if (this.peek() === '[' || this.peek() === '' || stops.includes(this.peek())) continue
        steps.push(this.field())
      } else if (char === '[') {
        this.at++
        steps.push(this.bracket())
      } else if (/[A-Za-z_*]/.test(char)) {
        steps.push(this.field())
      } else {
        throw new ParseError(
          `unrecognized character in action: ${JSON.stringify(char)}`.replace(/"/g, "'").replace(/'(.)'$/, 'U+$1'),
        )
      }
    }
  }

  private field(): PathStep {
    let name = ''
    for (;;) {
      const char = this.peek()
      if (char === '\\') {
        name += this.input.charAt(this.at + 1)
        this.at += 2
      } else if (char === '' || /[\s.[\]{}()<>=!,'"|&]/.test(char)) {
        return name === '*' ? { kind: 'wildcard' } : { kind: 'field', name }
      } else {
        name += char
        this.at++
      }
    }
  }

  private bracket(): PathStep {
    const start = this.at
    let depth = 1
    let quote = ''
    while (depth > 0) {
      const char = this.peek()
      if (char === '') throw new ParseError('unterminated array')
      if (quote !== '') {
        if (char === '\\') this.at++
        else if (char === quote) quote = ''
      } else if (char === '"' || char === "'") quote = char
      else if (char === '[') depth++
      else if (char === ']') depth--
      this.at++
    }
    return parseBracket(this.input.slice(start, this.at - 1).trim())
  }

  quoted(quote: string): string {
    this.at++
    let text = ''
    for (;;) {
      const char = this.peek()
      if (char === '') throw new ParseError('unterminated quoted string')
      this.at++
      if (char === quote) return text
      if (char !== '\\') {
        text += char
        continue
      }
      const next = this.peek()
      this.at++
      text += { n: '\n', t: '\t', r: '\r' }[next] ?? next
    }
  }

  wholePath(): readonly PathStep[] {
    return this.path('')
  }

  private peek(): string {
    return this.input.charAt(this.at)
  }

  private skipSpace(): void {
    while (/\s/.test(this.peek())) this.at++
  }

  private takeWord(word: string): boolean {
    const follows = this.input.charAt(this.at + word.length)
    if (!this.input.startsWith(word, this.at) || !/[\s}]/.test(follows)) return false
    this.at += word.length
    return true
  }
}

function parseBracket(inner: string): PathStep {
  const filter = /^\?\((.*)\)$/s.exec(inner)
  if (filter !== null) return parseFilter((filter[1] ?? '').trim())
  if (inner === '*') return { kind: 'wildcard' }
  const members = splitUnion(inner)
  if (members.length > 1) return { kind: 'union', members: members.map((each) => [parseBracket(each.trim())]) }
  const quoted = /^(['"])(.*)\1$/s.exec(inner)
  if (quoted !== null) return { kind: 'field', name: (quoted[2] ?? '').replace(/\\(.)/g, '$1') }
  if (/^-?\d+$/.test(inner)) return { kind: 'slice', from: Number(inner), step: 1, isIndex: true }
  const slice = /^(-?\d*):(-?\d*)(?::(-?\d*))?$/.exec(inner)
  if (slice === null) throw new ParseError(`invalid array index ${inner}`)
  const number = (text: string | undefined): number | undefined => (text === undefined || text === '' ? undefined : Number(text))
  const from = number(slice[1])
  const to = number(slice[2])
  return {
    kind: 'slice',
    step: number(slice[3]) ?? 1,
    isIndex: false,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
}

function splitUnion(inner: string): readonly string[] {
  return inner.match(/(?:'(?:\\.|[^'])*'|"(?:\\.|[^"])*"|[^,])+/g) ?? []
}

function parseFilter(text: string): PathStep {
  const match = /^(.*?)\s*(==|!=|<=|>=|<|>)\s*(.*)$/s.exec(text)
  if (match === null) return { kind: 'filter', left: operand(text), operator: 'exists' }
  return { kind: 'filter', left: operand(match[1] ?? ''), operator: match[2] ?? '==', right: operand(match[3] ?? '') }
}

function operand(text: string): Operand {
  const trimmed = text.trim()
  const quoted = /^(['"])(.*)\1$/s.exec(trimmed)
  if (quoted !== null) return { value: (quoted[2] ?? '').replace(/\\(.)/g, '$1') }
  if (trimmed === 'true' || trimmed === 'false') return { value: trimmed === 'true' }
  if (/^-?\d+(?:\.\d+)?$/.test(trimmed)) return { value: Number(trimmed) }
  return { path: new TemplateParser(trimmed).wholePath() }
}
