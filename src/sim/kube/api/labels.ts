import type { LabelSelector } from '../../../generated/kubeTypes.js'
import { byCodeUnit } from '../../core/digest.js'
import type { Result } from '../../core/result.js'
import { fail, ok } from '../../core/result.js'
import { isRecord, listAt, textAt } from './draft.js'
import { labelKeyFault, labelValueFault } from './validation/names.js'

export interface LabelRequirement {
  readonly key: string
  readonly operator: 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt'
  readonly values: readonly string[]
}

type Labels = Readonly<Record<string, string>>

/** Whether labels satisfy all requirements. Source: apimachinery pkg/labels/selector.go Requirement.Matches */
export function matchesRequirements(requirements: readonly LabelRequirement[], labels: Labels): boolean {
  return requirements.every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined
    switch (operator) {
      case 'in':
        return value !== undefined && values.includes(value)
      case 'notin':
        return value === undefined || !values.includes(value)
      case 'exists':
        return value !== undefined
      case '!':
        return value === undefined
      case 'gt':
      case 'lt': {
        if (value === undefined || !/^-?\d+$/.test(value)) return false
        return operator === 'gt' ? Number(value) > Number(values[0]) : Number(value) < Number(values[0])
      }
      default:
        return false
    }
  })
}

/** Whether labels satisfy a `LabelSelector`; an empty one takes all, a missing one none. */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  if (selector === undefined) return false
  const own = labels ?? {}
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => Object.hasOwn(own, key) && own[key] === value)
  if (!equal) return false
  const requirements = (selector.matchExpressions ?? []).map(({ key, operator, values }): LabelRequirement => {
    const name = operator === 'In' ? 'in' : operator === 'NotIn' ? 'notin' : operator === 'Exists' ? 'exists' : '!'
    return { key, operator: name, values: values ?? [] }
  })
  return matchesRequirements(requirements, own)
}

interface Token {
  readonly text: string
  readonly kind: 'identifier' | 'operator' | 'end'
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  const pattern = /\s*(?:(==|=|!=|!|>|<|\(|\)|,)|([^\s=!><(),]+))/y
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text)
    if (match === null) break
    tokens.push(match[1] === undefined ? { text: match[2] ?? '', kind: 'identifier' } : { text: match[1], kind: 'operator' })
  }
  return tokens
}

/**
 * Reads a label selector as kubectl's `-l` takes it: `app=web,tier!=db,env in (a,b),!old`.
 * The error is the API server's text. Source: apimachinery pkg/labels/selector.go Parser
 */
export function parseLabelSelector(text: string): Result<readonly LabelRequirement[], string> {
  const tokens = tokenize(text)
  const requirements: LabelRequirement[] = []
  let at = 0
  const peek = (): Token => tokens[at] ?? { text: '', kind: 'end' }
  const take = (): Token => {
    const token = peek()
    at++
    return token
  }
  const parseOne = (): string | undefined => {
    const isNegated = peek().text === '!'
    if (isNegated) at++
    const name = take()
    if (name.kind !== 'identifier') return `unable to parse requirement: found '${name.text}', expected: identifier`
    const fault = labelKeyFault(name.text)
    if (fault !== undefined) return `unable to parse requirement: <nil>: Invalid value: "${name.text}": ${fault}`
    const next = peek()
    if (isNegated || next.kind === 'end' || next.text === ',') {
      requirements.push({ key: name.text, operator: isNegated ? '!' : 'exists', values: [] })
      return undefined
    }
    return parseOperator(name.text)
  }
  const parseOperator = (key: string): string | undefined => {
    const operator = take()
    switch (operator.text) {
      case '=':
      case '==':
      case '!=':
      case '>':
      case '<': {
        const value = peek()
        if (value.kind === 'operator' && value.text !== ',') {
          return `unable to parse requirement: found '${value.text}', expected: identifier`
        }
        if (value.kind === 'identifier') at++
        const word = value.kind === 'identifier' ? value.text : ''
        return add(key, operator.text === '!=' ? 'notin' : operator.text === '>' ? 'gt' : operator.text === '<' ? 'lt' : 'in', [
          word,
        ])
      }
      case 'in':
      case 'notin':
        return parseValues(key, operator.text)
      default:
        return `unable to parse requirement: found '${operator.text}', expected: in, notin, =, ==, !=, gt, lt`
    }
  }
  const parseValues = (key: string, operator: 'in' | 'notin'): string | undefined => {
    const open = take()
    if (open.text !== '(') return `unable to parse requirement: found '${open.text}' expected: '('`
    const values: string[] = []
    for (;;) {
      const token = take()
      if (token.kind === 'identifier') {
        values.push(token.text)
        const after = take()
        if (after.text === ')') break
        if (after.text !== ',') return `unable to parse requirement: found '${after.text}', expected: ',', or ')'`
        if (peek().text === ')') {
          values.push('')
          at++
          break
        }
      } else if (token.text === ',') values.push('')
      else if (token.text === ')') {
        if (values.length === 0) values.push('')
        break
      } else return `unable to parse requirement: found '${token.text}', expected: ',', ')' or identifier`
    }
    return add(key, operator, values)
  }
  const add = (key: string, operator: LabelRequirement['operator'], values: readonly string[]): string | undefined => {
    for (const [index, value] of values.entries()) {
      if ((operator === 'gt' || operator === 'lt') && !/^-?\d+$/.test(value)) {
        return `unable to parse requirement: values[${index}][${key}]: Invalid value: "${value}": for 'Gt', 'Lt' operators, the value must be an integer`
      }
      const fault = labelValueFault(value)
      if (fault !== undefined) return `unable to parse requirement: values[${index}][${key}]: Invalid value: "${value}": ${fault}`
    }
    requirements.push({ key, operator, values })
    return undefined
  }
  while (at < tokens.length) {
    const error = parseOne()
    if (error !== undefined) return fail(error)
    const next = take()
    if (next.kind === 'end') break
    if (next.text !== ',') return fail(`found '${next.text}', expected: ',' or 'end of string'`)
    if (peek().kind === 'end') return fail(`found '', expected: identifier after ','`)
  }
  return ok(requirements)
}

/** A selector as `metav1.FormatLabelSelector` prints it: `app=web,tier in (a,b)`; keys in order. */
export function formatSelector(selector: unknown, isPlainMap = false): string {
  if (!isRecord(selector)) return ''
  const equal = isPlainMap ? selector : isRecord(selector['matchLabels']) ? selector['matchLabels'] : {}
  const terms = Object.entries(equal).map(([key, value]) => ({ key, text: `${key}=${String(value)}` }))
  for (const each of isPlainMap ? [] : listAt(selector, 'matchExpressions')) {
    const key = textAt(each, 'key')
    const values = listAt(each, 'values').map(String).sort(byCodeUnit).join(',')
    switch (textAt(each, 'operator')) {
      case 'In':
        terms.push({ key, text: `${key} in (${values})` })
        break
      case 'NotIn':
        terms.push({ key, text: `${key} notin (${values})` })
        break
      case 'Exists':
        terms.push({ key, text: key })
        break
      default:
        terms.push({ key, text: `!${key}` })
    }
  }
  return terms
    .sort((a, b) => byCodeUnit(a.key, b.key))
    .map((each) => each.text)
    .join(',')
}
