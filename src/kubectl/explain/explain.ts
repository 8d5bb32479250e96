import { FIELDS, KINDS, REQUIRED } from '../../generated/kubeFields.js'
import { apiVersionOf, byCodeUnit, findByAnyName, goTypes, own } from '../../sim/index.js'
import type { KubectlResult } from '../environment.js'
import { parseFlags } from '../flags.js'
import { ENUMS } from './enums.js'
import { REFERENCES } from './references.js'
import { indentLines, wrapWords } from './wrap.js'

/** What the API's documentation says of each type and its fields. */
export type ApiDocs = Readonly<Record<string, { readonly text: string; readonly fields: Readonly<Record<string, string>> }>>

const FLAGS = {
  recursive: { kind: 'bool' },
  'api-version': { kind: 'string' },
  output: { kind: 'string', short: 'o' },
} as const

/**
 * Runs `kubectl explain` (words behind `explain`). The documentation is large, so that whoever has it brings it.
 * Source: kubernetes kubectl pkg/explain/v2/templates/plaintext.tmpl
 */
export function runExplain(args: readonly string[], docs: ApiDocs): KubectlResult {
  const parsed = parseFlags(args, FLAGS)
  if ('error' in parsed) return refusal(`error: ${parsed.error}\nSee 'kubectl explain --help' for usage.`)
  const [path = ''] = parsed.words
  if (path === '') {
    return refusal(
      'error: You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.',
    )
  }
  const [name = '', ...fields] = path.split('.')
  const info = findByAnyName(name)
  if (info === undefined) return refusal(`error: the server doesn't have a resource type "${name}"`)
  const type = own(KINDS, `${apiVersionOf(info)}/${info.kind}`)
  if (type === undefined)
    return refusal(`error: GVR (${apiVersionOf(info)}, Resource=${info.resource}) not found in OpenAPI schema`)
  const head = `${info.group === '' ? '' : `GROUP:      ${info.group}\n`}KIND:       ${info.kind}\nVERSION:    ${info.version}\n\n`
  const body = follow({ docs, isRecursive: parsed.flag('recursive') }, type, fields)
  if (body === undefined) return refusal(`error: field "${fields.at(-1) ?? ''}" does not exist`)
  return { exit: 0, stdout: `${head}${body}\n`, stderr: '' }
}

function refusal(message: string): KubectlResult {
  return { exit: 1, stdout: '', stderr: `${message}\n` }
}

interface Explaining {
  readonly docs: ApiDocs
  readonly isRecursive: boolean
}

function follow(how: Explaining, type: string, fields: readonly string[]): string | undefined {
  const [field, ...rest] = fields
  if (field === undefined) return describeType(how, [own(how.docs, type)?.text ?? ''], type)
  const expression = expressionOf(type, field)
  if (expression === undefined) return undefined
  const inner = innerType(expression)
  if (rest.length > 0) return own(FIELDS, inner) === undefined ? undefined : follow(how, inner, rest)
  const values = Object.keys(own(ENUMS, `${type}.${field}`) ?? {})
  const list = values.length === 0 ? '' : `ENUM:${values.map((each) => `\n    ${each}`).join('')}`
  const texts = [fieldText(how.docs, type, field), own(how.docs, inner)?.text ?? '']
  return `FIELD: ${field} <${typeText(expression)}>\n${list}\n\n${describeType(how, texts, inner)}`
}

function describeType(how: Explaining, texts: readonly string[], type: string): string {
  const text = texts
    .filter((each) => each !== '')
    .map((each) => `${each}\n`)
    .join('')
  const list = fieldList(how, type, 1, [])
  const description = indentLines(wrapWords(text === '' ? '<empty>' : text, 76), 4)
  return `DESCRIPTION:\n${description}\n${list === '' ? '' : `FIELDS:\n${list}`}`
}

function fieldList(how: Explaining, type: string, level: number, above: readonly string[]): string {
  if (above.includes(type)) return ''
  const names = Object.keys(own(FIELDS, type) ?? {}).sort(byCodeUnit)
  return names.map((name) => fieldDetail(how, type, name, level, above)).join('')
}

function fieldDetail(how: Explaining, type: string, name: string, level: number, above: readonly string[]): string {
  const margin = ' '.repeat(level * 2)
  const expression = expressionOf(type, name) ?? 'any'
  const required = own(REQUIRED, type)?.includes(name) === true ? ' -required-' : ''
  const line = `${margin}${name}\t<${typeText(expression)}>${required}${enumLine(type, name, margin)}\n`
  if (how.isRecursive) return line + fieldList(how, innerType(expression), level + 1, [...above, type])
  const text = fieldText(how.docs, type, name)
  const shown = indentLines(wrapWords(text === '' ? '<no description>' : text, 78 - level * 2), level * 2 + 2)
  return `${line}${shown}\n\n`
}

const SHOWN_VALUES = 4

function enumLine(type: string, name: string, margin: string): string {
  const values = Object.keys(own(ENUMS, `${type}.${name}`) ?? {})
  if (values.length === 0) return ''
  return `\n${margin}enum: ${values.slice(0, SHOWN_VALUES).join(', ')}${values.length > SHOWN_VALUES ? ', ....' : ''}`
}

/** What a field is for, with the values that it may have. */
function fieldText(docs: ApiDocs, type: string, field: string): string {
  const text = own(REFERENCES, `${type}.${field}`) ?? own(own(docs, type)?.fields ?? {}, field) ?? ''
  const values = Object.entries(own(ENUMS, `${type}.${field}`) ?? {})
  if (values.length === 0) return text
  return `${text}\n\nPossible enum values:\n${values.map(([value, remark]) => ` - \`"${value}"\`${remark}`).join('\n')}`
}

function expressionOf(type: string, field: string): string | undefined {
  const expression = own(own(FIELDS, type) ?? {}, field)
  return expression !== undefined && goTypes.isQuantity(type, field) ? expression.replace(/string$/, 'Quantity') : expression
}

function innerType(expression: string): string {
  return expression.replace(/^(?:\[\]|map\[\])+/, '')
}

const PLAIN: Readonly<Record<string, string>> = {
  int32: 'integer',
  int64: 'integer',
  Time: 'string',
  MicroTime: 'string',
  bytes: 'string',
  any: 'Object',
}

/** `[]Container`, `map[string]string`, `integer`. */
function typeText(expression: string): string {
  if (expression.startsWith('[]')) return `[]${typeText(expression.slice(2))}`
  if (expression.startsWith('map[]')) return `map[string]${typeText(expression.slice(5))}`
  return own(PLAIN, expression) ?? expression.replace(/^(?:V2|DiscoveryV1|CoreV1|RbacV1|EventsV1)(?=[A-Z])/, '')
}
