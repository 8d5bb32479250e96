import type { Document, YAMLError } from 'yaml'
import { isAlias, isMap, isNode, isScalar, isSeq, parseAllDocuments, visit } from 'yaml'
import type { Result } from '../sim/index.js'
import { fail, ok } from '../sim/index.js'
import { jsonPieces } from './jsonStream.js'
import type { ReadLimits } from './limits.js'
import { LIMITS } from './limits.js'
import { nestingOf } from './nesting.js'
import type { Place, SourceError } from './place.js'
import { LineIndex } from './place.js'
import { YAML_OPTIONS } from './yamlSchema.js'

/** A text with its name, as `-f` gets it. */
export interface SourceFile {
  readonly name: string
  readonly text: string
}

/** One document of a file, or one item of a `List` in it, as plain data, with the way back to the text. */
export interface SourceDocument {
  readonly file: string
  /** Which document of the file, from 0; empty ones count. */
  readonly document: number
  /** Where within the document the object is: empty, or `items[3]`. */
  readonly path: string
  /** Where the object begins. */
  readonly place: Place
  readonly value: unknown
}

export interface ReadDocuments {
  readonly documents: readonly SourceDocument[]
  /** What a careful reader should know although the tools let it pass: duplicate keys. */
  readonly warnings: readonly SourceError[]
}

/**
 * Reads YAML or JSON files into plain data: several documents, `List`s opened, empty documents left out.
 *
 * @returns every syntax error of every file, in order, when there is one: nothing is taken from a text that cannot be read.
 */
export function readDocuments(
  files: readonly SourceFile[],
  limits: ReadLimits = LIMITS,
): Result<ReadDocuments, readonly SourceError[]> {
  const size = files.reduce((sum, file) => sum + file.text.length, 0)
  if (size > limits.text) return fail([tooLarge(files[0]?.name ?? '-', size, limits.text)])
  const documents: SourceDocument[] = []
  const warnings: SourceError[] = []
  const errors: SourceError[] = []
  for (const file of files) {
    const read = readFile(file, limits, warnings)
    if (read.ok) documents.push(...read.value)
    else errors.push(...read.error)
  }
  if (documents.length > LIMITS.objects) {
    const at = documents[LIMITS.objects]?.place ?? { file: '-', line: 1, column: 1 }
    const params = { count: String(documents.length), limit: String(LIMITS.objects) }
    errors.push({ ...at, code: 'too-many-objects', message: `${params.count} objects; at most ${params.limit} are read`, params })
  }
  return errors.length > 0 ? fail(errors) : ok({ documents, warnings })
}

function tooLarge(file: string, size: number, most: number): SourceError {
  const megabytes = (size / 1_000_000).toFixed(1)
  const limit = String(most / 1_000_000)
  const message = `the text is too large: ${megabytes} MB; at most ${limit} MB are read`
  return { file, line: 1, column: 1, code: 'too-large', message, params: { megabytes, limit } }
}

function tooMany(file: string, marks: number, most: number): SourceError {
  const params = { count: String(marks), limit: String(most) }
  const message = `the text has too many lines and items: ${params.count}; at most ${params.limit} are read`
  return { file, line: 1, column: 1, code: 'too-large', message, params }
}

function countMarks(text: string): number {
  let marks = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    // Line feed, comma, brackets, braces.
    if (code === 10 || code === 44 || code === 91 || code === 93 || code === 123 || code === 125) marks++
  }
  return marks
}

/** Keys that stand twice in one map: the last one counts, and the reader should know. */
function duplicateKeys(file: string, document: Document, index: LineIndex): readonly SourceError[] {
  const found: SourceError[] = []
  visit(document, {
    Map(_, map) {
      const seen = new Set<unknown>()
      for (const { key } of map.items) {
        if (!isScalar(key)) continue
        if (seen.has(key.value) && found.length < LIMITS.errors) {
          const message = 'this key is set twice in the same map; the last one counts'
          found.push({
            ...index.placeOf(file, key.range?.[0] ?? 0),
            code: 'duplicate-key',
            message,
            params: { key: String(key.value) },
          })
        }
        seen.add(key.value)
      }
    },
  })
  return found
}

function readFile(
  file: SourceFile,
  limits: ReadLimits,
  warnings: SourceError[],
): Result<readonly SourceDocument[], readonly SourceError[]> {
  const json = readJson(file)
  if (json !== undefined) return ok(openLists(json))
  if (file.text.length > limits.yaml) return fail([tooLarge(file.name, file.text.length, limits.yaml)])
  const marks = countMarks(file.text)
  if (marks > limits.marks) return fail([tooMany(file.name, marks, limits.marks)])
  const index = new LineIndex(file.text)
  const nesting = nestingOf(file.text)
  if (nesting.depth > LIMITS.nesting) return fail([tooDeep(file.name, index.placeOf(file.name, nesting.offset))])
  const errors: SourceError[] = []
  const found: SourceDocument[] = []
  let parsed: readonly Document[]
  try {
    const all = parseAllDocuments(file.text, YAML_OPTIONS)
    parsed = Array.isArray(all) ? all : []
  } catch (error) {
    if (error instanceof RangeError) return fail([tooDeep(file.name, { file: file.name, line: 1, column: 1 })])
    throw error
  }
  for (const [number, document] of parsed.entries()) {
    const faults = document.errors.slice(0, LIMITS.errors).map((error) => syntaxError(file, index, error))
    if (faults.length > 0) {
      errors.push(...faults)
      continue
    }
    if (document.contents === null) continue
    warnings.push(...duplicateKeys(file.name, document, index))
    const start = isNode(document.contents) ? (document.contents.range?.[0] ?? 0) : 0
    const place = index.placeOf(file.name, start)
    const value = toPlain(document, place)
    if (!value.ok) errors.push(value.error)
    else if (value.value !== null) found.push({ file: file.name, document: number, path: '', place, value: value.value })
  }
  if (errors.length > 0) return fail(errors)
  return ok(openLists(found, (path, document) => placeIn(parsed[document], index, file.name, path)))
}

/** JSON is read by the fast reader; what is not quite JSON goes the long way, which knows how to point at the fault. */
function readJson(file: SourceFile): readonly SourceDocument[] | undefined {
  if (!/^\s*[{[]/.test(file.text)) return undefined
  const whole = parseJson(file.text)
  if (whole !== undefined) {
    const place = new LineIndex(file.text).placeOf(file.name, file.text.search(/\S/))
    return [{ file: file.name, document: 0, path: '', place, value: whole }]
  }
  const values = jsonPieces(file.text).map(({ start, text }) => ({ start, value: parseJson(text) }))
  if (values.length < 2 || values.some(({ value }) => value === undefined)) return undefined
  const index = new LineIndex(file.text)
  return values.map(({ start, value }, document) => ({
    file: file.name,
    document,
    path: '',
    place: index.placeOf(file.name, start),
    value,
  }))
}

/** Undefined for what is no JSON, or nested too deep to be looked at further. */
function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return depthOf(value) > LIMITS.depth ? undefined : value
  } catch {
    return undefined
  }
}

function toPlain(document: Document, place: Place): Result<unknown, SourceError> {
  try {
    const value: unknown = document.toJS({ maxAliasCount: LIMITS.aliases })
    return depthOf(value) > LIMITS.depth ? fail(tooDeep(place.file, place)) : ok(value)
  } catch (error) {
    if (error instanceof RangeError) return fail(tooDeep(place.file, place))
    // Only the YAML reader runs in there: what it throws is about the text (an alias to nothing, a merge of what is no map).
    if (!(error instanceof Error)) throw error
    const params = { limit: String(LIMITS.aliases) }
    const isCount = error.message.includes('alias count')
    const message = isCount ? `the document expands more than ${params.limit} aliases` : error.message
    return fail({ ...place, code: isCount ? 'too-many-aliases' : 'syntax', message, params })
  }
}

function tooDeep(file: string, place: Place): SourceError {
  const limit = String(LIMITS.depth)
  return { ...place, file, code: 'too-deep', message: `maps and lists are nested more than ${limit} deep`, params: { limit } }
}

function depthOf(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null || depth > LIMITS.depth) return depth
  let deepest = depth
  for (const each of Object.values(value)) deepest = Math.max(deepest, depthOf(each, depth + 1))
  return deepest
}

function syntaxError(file: SourceFile, index: LineIndex, error: YAMLError): SourceError {
  const place = index.placeOf(file.name, error.pos[0])
  const wide = wideMarkIn(file.text.split('\n', place.line)[place.line - 1] ?? '')
  if (wide === undefined) return { ...place, code: 'syntax', message: tidyMessage(error), params: { yaml: error.code } }
  const message = `the full-width ${wide.mark} is no mark of YAML: it wants ${wide.wanted}`
  return {
    ...place,
    column: wide.column,
    code: 'syntax',
    message,
    params: { yaml: 'WIDE_MARK', mark: wide.mark, wanted: wide.wanted },
  }
}

/** What a keyboard set to Chinese writes in place of YAML's own marks. */
const WIDE_MARKS: Readonly<Record<string, string>> = {
  '：': ':',
  '，': ',',
  '－': '-',
  '“': '"',
  '”': '"',
  '‘': "'",
  '’': "'",
  '［': '[',
  '］': ']',
  '【': '[',
  '】': ']',
  '｛': '{',
  '｝': '}',
  '　': 'a space',
}

/** The first such mark of a line that cannot be read, outside its comment. */
function wideMarkIn(line: string): { readonly mark: string; readonly wanted: string; readonly column: number } | undefined {
  for (const [at, mark] of [...line.replace(/(?:^|\s)#.*$/, '')].entries()) {
    const wanted = WIDE_MARKS[mark]
    if (wanted !== undefined) return { mark, wanted, column: at + 1 }
  }
  return undefined
}

/** The parser's words, with what people meet most put plainly. */
function tidyMessage(error: YAMLError): string {
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return 'a tab cannot indent: YAML is indented with spaces'
    default:
      return error.message.replace(/\s+/g, ' ').trim()
  }
}

function openLists(
  documents: readonly SourceDocument[],
  placeOf: (path: string, document: number) => Place | undefined = () => undefined,
): readonly SourceDocument[] {
  return documents.flatMap((each) => {
    const { value } = each
    if (!isRecord(value) || !Array.isArray(value['items']) || !String(value['kind'] ?? '').endsWith('List')) return [each]
    return value['items'].map((item: unknown, index): SourceDocument => {
      const path = `items[${index}]`
      return { ...each, path, value: item, place: placeOf(path, each.document) ?? each.place }
    })
  })
}

/**
 * Where a field stands in a text: an API error's path (`spec.template.spec.containers[0].ports[0]`) to line and column.
 * Of a field that is not there, the nearest one that holds it.
 *
 * @param within the object's own path in its document, as SourceDocument.path.
 */
export function locate(file: SourceFile, document: number, path: string, within = ''): Place {
  const start = { file: file.name, line: 1, column: 1 }
  // JSON may be larger than what is read as YAML at a bearable speed.
  if (file.text.length > LIMITS.yaml || countMarks(file.text) > LIMITS.marks) return start
  const index = new LineIndex(file.text)
  const pieces = /^\s*\{/.test(file.text) ? jsonPieces(file.text) : []
  const piece = pieces.length > 1 ? pieces[document] : undefined
  const parsed = parseAllDocuments(piece?.text ?? file.text, YAML_OPTIONS)
  const found = Array.isArray(parsed) ? parsed[piece === undefined ? document : 0] : undefined
  const whole = [within, path].filter((part) => part !== '').join('.')
  return placeIn(found, index, file.name, whole, piece?.start) ?? start
}

function placeIn(document: Document | undefined, index: LineIndex, file: string, path: string, base = 0): Place | undefined {
  if (document === undefined || !isNode(document.contents)) return undefined
  let node: unknown = document.contents
  let offset = document.contents.range?.[0] ?? 0
  for (const part of splitPath(path)) {
    const next = childOf(document, node, part)
    if (next === undefined) break
    node = next.node
    offset = next.offset
  }
  return index.placeOf(file, base + offset)
}

/** `spec.ports[0].name`, `data[a.b]`, `metadata.labels[app.kubernetes.io/name]` to its parts. */
export function splitPath(path: string): readonly string[] {
  return [...path.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map((match) => (match[1] ?? match[2] ?? '').replace(/^["']|["']$/g, ''))
}

interface FoundNode {
  readonly node: unknown
  readonly offset: number
}

function childOf(document: Document, parent: unknown, part: string): FoundNode | undefined {
  const node = isAlias(parent) ? parent.resolve(document) : parent
  if (isMap(node)) {
    const pair = node.items.find((each) => (isScalar(each.key) ? String(each.key.value) : '') === part)
    if (pair === undefined) return undefined
    return { node: pair.value, offset: rangeStart(pair.key) ?? rangeStart(pair.value) ?? 0 }
  }
  if (isSeq(node) && /^\d+$/.test(part)) {
    const item = node.items[Number(part)]
    return item === undefined ? undefined : { node: item, offset: rangeStart(item) ?? 0 }
  }
  return undefined
}

function rangeStart(node: unknown): number | undefined {
  return isNode(node) ? (node.range?.[0] ?? undefined) : undefined
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
