import type { en } from './en/index.js'
import type { TermId } from './terms.js'

type En = typeof en

/** Every sentence of the page by its key; English is the source. */
export type MessageKey = keyof En

/** A whole language: exactly the keys of English. */
export type Catalogue = Readonly<Record<MessageKey, string>>

/** Names of the placeholders of a template: `{name}`, or `{count:step/steps}` with a singular and a plural. */
type Names<S extends string> = S extends `${string}{${infer Inside}}${infer Rest}`
  ? (Inside extends `${infer Name}:${string}` ? Name : Inside) | Names<Rest>
  : never

/** What a placeholder may hold: text, a number, another sentence, or a list of them. */
export type Value = string | number | Phrase | ValueList

export interface ValueList {
  readonly list: readonly Value[]
}

export type ParamsOf<K extends MessageKey> = { readonly [N in Names<En[K]>]: Value }

/** A sentence not yet put into a language: what selectors hand to views. Made by `phrase`. */
export interface Phrase {
  readonly key: MessageKey
  readonly params: Readonly<Record<string, Value>>
}

type Args<K extends MessageKey> = [Names<En[K]>] extends [never] ? [] : [params: ParamsOf<K>]

/** A sentence with its facts, checked against the English template's placeholders. */
export function phrase<K extends MessageKey>(key: K, ...args: Args<K>): Phrase {
  return { key, params: args[0] ?? {} }
}

export type Translate = <K extends MessageKey>(key: K, ...args: Args<K>) => string

/** A piece of a sentence, so that views can mark up facts (English, not to be translated) and terms (with a definition). */
export type Segment =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'fact'; readonly text: string }
  | { readonly type: 'term'; readonly text: string; readonly term: TermId }

type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'term'; readonly text: string; readonly term: TermId }
  | { readonly type: 'hole'; readonly name: string; readonly one?: string; readonly many?: string }

const parsed = new Map<string, readonly Part[]>()

/** `[words](term)` or `{name}` or `{name:one/many}`. */
const MARK = /\[([^\]]+)\]\(([a-z0-9-]+)\)|\{([A-Za-z0-9]+)(?::([^/}]*)\/([^}]*))?\}/g

function parse(template: string): readonly Part[] {
  const known = parsed.get(template)
  if (known !== undefined) return known
  const parts: Part[] = []
  let done = 0
  for (const match of template.matchAll(MARK)) {
    if (match.index > done) parts.push({ type: 'text', text: template.slice(done, match.index) })
    const [whole, words, term, name, one, many] = match
    // Templates are ours; a test checks that every term named in one exists.
    if (words !== undefined && term !== undefined) parts.push({ type: 'term', text: words, term: term as TermId })
    else if (name !== undefined)
      parts.push(one === undefined || many === undefined ? { type: 'hole', name } : { type: 'hole', name, one, many })
    done = match.index + whole.length
  }
  if (done < template.length) parts.push({ type: 'text', text: template.slice(done) })
  parsed.set(template, parts)
  return parts
}

/** Names of a template's placeholders, each once. */
export function placeholdersOf(template: string): ReadonlySet<string> {
  return new Set(parse(template).flatMap((part) => (part.type === 'hole' ? [part.name] : [])))
}

/** Terms that a template links to. */
export function termsOf(template: string): readonly string[] {
  return parse(template).flatMap((part) => (part.type === 'term' ? [part.term] : []))
}

/** A sentence in a language, in pieces. A term opens its definition once a sentence: later uses are plain text. */
export function segmentsOf(catalogue: Catalogue, said: Phrase): readonly Segment[] {
  const seen = new Set<TermId>()
  return joinText(fill(catalogue, said, seen))
}

/** A sentence in a language, as plain text. */
export function textOf(catalogue: Catalogue, said: Phrase): string {
  return segmentsOf(catalogue, said)
    .map((segment) => segment.text)
    .join('')
}

function fill(catalogue: Catalogue, said: Phrase, seen: Set<TermId>): readonly Segment[] {
  // A page older or newer than the words it loaded may lack a sentence: its key is shown rather than nothing at all.
  const template: string | undefined = catalogue[said.key]
  if (template === undefined) return [{ type: 'fact', text: said.key }]
  return parse(template).flatMap((part) => partSegments(catalogue, part, said, seen))
}

function partSegments(catalogue: Catalogue, part: Part, said: Phrase, seen: Set<TermId>): readonly Segment[] {
  switch (part.type) {
    case 'text':
      return [part]
    case 'term': {
      if (seen.has(part.term)) return [{ type: 'text', text: part.text }]
      seen.add(part.term)
      return [part]
    }
    case 'hole': {
      const value = said.params[part.name]
      if (value === undefined) return []
      const filled = valueSegments(catalogue, value, seen)
      if (part.many === undefined) return filled
      return [...filled, { type: 'text', text: ` ${value === 1 ? (part.one ?? '') : part.many}` }]
    }
  }
}

function valueSegments(catalogue: Catalogue, value: Value, seen: Set<TermId>): readonly Segment[] {
  if (typeof value === 'string') return value === '' ? [] : [{ type: 'fact', text: value }]
  if (typeof value === 'number') return [{ type: 'text', text: numberText(value) }]
  if ('key' in value) return fill(catalogue, value, seen)
  return value.list.flatMap((item, index) => {
    const before: readonly Segment[] = index === 0 ? [] : [{ type: 'text', text: catalogue['list.separator'] }]
    return [...before, ...valueSegments(catalogue, item, seen)]
  })
}

/** A number as all three languages write it: `1,000`, `12.8`. What is no quantity (a port, a revision) is text, not a number. */
export function numberText(value: number): string {
  const [whole = '', fraction] = String(value).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/** A name filled into a Chinese sentence may be Chinese itself: no space between two of its characters, nor before punctuation. */
const HAN_SPACE = /(?<=[\p{Script=Han}，。；：、（「“”」）]) (?=[\p{Script=Han}，。；：、（「“”」）])/gu

function joinText(segments: readonly Segment[]): readonly Segment[] {
  return mergeText(segments).map((segment) =>
    segment.type === 'text' ? { type: 'text', text: segment.text.replace(HAN_SPACE, '') } : segment,
  )
}

function mergeText(segments: readonly Segment[]): readonly Segment[] {
  const joined: Segment[] = []
  for (const segment of segments) {
    const last = joined.at(-1)
    if (segment.type === 'text' && last?.type === 'text')
      joined[joined.length - 1] = { type: 'text', text: last.text + segment.text }
    else joined.push(segment)
  }
  return joined
}
