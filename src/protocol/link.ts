import { deflateSync, Inflate, strFromU8, strToU8 } from 'fflate'
import * as v from 'valibot'
import type { ActionRecord, Result } from '../session/index.js'
import { fail, ok } from '../session/index.js'
import { ActionSchema, INFLATED_MAX, text, whole } from './actionSchema.js'
import { LINK_DICTIONARY } from './linkDictionary.js'
import type { ViewState } from './messages.js'

/** The form of links that is written; all earlier ones can be read. */
const LINK_VERSION = 1

const TEXT_MAX = 400_000

/** What a link holds: actions, never results. */
export interface LinkContent {
  readonly engine: string
  /** Name of the built-in scenario that it began as; empty otherwise. */
  readonly id: string
  readonly files: readonly { readonly name: string; readonly text: string }[]
  readonly seed: string
  readonly actions: readonly ActionRecord[]
  readonly position: { readonly step: number; readonly at: number }
  readonly view: ViewState
}

export type LinkError = { readonly code: 'bad-link' | 'link-from-the-future' | 'link-too-large' }

/** Short keys: they are in every link. */
const WireSchema = v.object({
  e: text(40),
  i: text(200),
  f: v.pipe(v.array(v.tuple([text(300), text(INFLATED_MAX)])), v.maxLength(100)),
  s: text(200),
  a: v.pipe(v.array(v.tuple([whole, whole, ActionSchema])), v.maxLength(10_000)),
  p: v.tuple([whole, whole]),
  v: v.record(text(100), text(100_000)),
})

/** The text of a link, of URL-safe characters: its version, then the content deflated against a dictionary of what manifests say. */
export function encodeLink(content: LinkContent): string {
  const wire: v.InferOutput<typeof WireSchema> = {
    e: content.engine,
    i: content.id,
    f: content.files.map(({ name, text: body }) => [name, body]),
    s: content.seed,
    a: content.actions.map(({ event, at, action }) => [event, at, toMutable(action)]),
    p: [content.position.step, content.position.at],
    v: { ...content.view },
  }
  const deflated = deflateSync(strToU8(JSON.stringify(wire)), { level: 9, mem: 12, dictionary: strToU8(LINK_DICTIONARY) })
  return `${LINK_VERSION}${toBase64Url(deflated)}`
}

/** An action as the schema's own type: a copy without `readonly`. */
function toMutable(action: ActionRecord['action']): v.InferOutput<typeof ActionSchema> {
  return v.parse(ActionSchema, action)
}

/** Reads a link's text (without the `#/s/`), whoever made it. Bounded in time and memory: a small text that inflates without end is refused. */
export function decodeLink(link: string): Result<LinkContent, LinkError> {
  if (link.length > TEXT_MAX) return fail({ code: 'link-too-large' })
  const match = /^(\d+)([A-Za-z0-9_-]+)$/.exec(link.trim())
  const version = /^1/.test(link) ? 1 : Number(/^\d/.exec(link)?.[0] ?? 0)
  if (match === null || version === 0) return fail({ code: 'bad-link' })
  if (version > LINK_VERSION) return fail({ code: 'link-from-the-future' })
  const bytes = fromBase64Url(link.trim().slice(1))
  if (bytes === undefined) return fail({ code: 'bad-link' })
  const inflated = inflateBounded(bytes)
  if (!inflated.ok) return inflated
  const parsed = parseJson(strFromU8(inflated.value))
  const checked = v.safeParse(WireSchema, parsed)
  if (!checked.success) return fail({ code: 'bad-link' })
  const wire = checked.output
  return ok({
    engine: wire.e,
    id: wire.i,
    files: wire.f.map(([name, body]) => ({ name, text: body })),
    seed: wire.s,
    actions: wire.a.map(([event, at, action]) => ({ event, at, action })),
    position: { step: wire.p[0], at: wire.p[1] },
    view: wire.v,
  })
}

function inflateBounded(bytes: Uint8Array): Result<Uint8Array, LinkError> {
  const chunks: Uint8Array[] = []
  let size = 0
  let isComplete = false
  let isTooLarge = false
  const inflate = new Inflate({ dictionary: strToU8(LINK_DICTIONARY) }, (chunk, final) => {
    size += chunk.length
    if (size > INFLATED_MAX) isTooLarge = true
    else chunks.push(chunk)
    if (final) isComplete = true
  })
  // Fed in small pieces, so that the bound is met before much has been made.
  const PIECE = 1_024
  try {
    for (let at = 0; at < bytes.length && !isTooLarge; at += PIECE)
      inflate.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length)
  } catch {
    return fail({ code: 'bad-link' })
  }
  if (isTooLarge) return fail({ code: 'link-too-large' })
  if (!isComplete) return fail({ code: 'bad-link' })
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return ok(whole)
}

const SavedSchema = v.object({
  link: text(TEXT_MAX),
  undo: v.pipe(
    v.array(
      v.object({
        actions: v.pipe(v.array(v.tuple([whole, whole, ActionSchema])), v.maxLength(10_000)),
        head: whole,
        position: whole,
      }),
    ),
    v.maxLength(20),
  ),
})

/** What can be taken back, beside the state itself. */
export interface SavedState {
  readonly link: string
  readonly undo: readonly { readonly actions: readonly ActionRecord[]; readonly head: number; readonly position: number }[]
}

/** The text of what a reload must not lose: kept by the page in its own storage. */
export function encodeSaved({ link, undo }: SavedState): string {
  const wire = undo.map(({ actions, head, position }) => ({
    actions: actions.map(({ event, at, action }) => [event, at, action]),
    head,
    position,
  }))
  return JSON.stringify({ link, undo: wire })
}

/** Reads what `encodeSaved` wrote; undefined for anything else. */
export function decodeSaved(saved: string): SavedState | undefined {
  const parsed = v.safeParse(SavedSchema, parseJson(saved))
  if (!parsed.success) return undefined
  const { link, undo } = parsed.output
  return {
    link,
    undo: undo.map(({ actions, head, position }) => ({
      actions: actions.map(([event, at, action]) => ({ event, at, action })),
      head,
      position,
    })),
  }
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source)
  } catch {
    return undefined
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const VALUES: ReadonlyMap<string, number> = new Map([...ALPHABET].map((letter, value) => [letter, value]))

function toBase64Url(bytes: Uint8Array): string {
  let out = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3)
    const group = (a << 16) | (b << 8) | c
    const letters = Math.min(4, bytes.length - at + 1)
    for (let letter = 0; letter < letters; letter++) out += ALPHABET[(group >> (18 - 6 * letter)) & 63]
  }
  return out
}

function fromBase64Url(letters: string): Uint8Array | undefined {
  if (letters.length % 4 === 1) return undefined
  const bytes = new Uint8Array(Math.floor((letters.length * 3) / 4))
  let at = 0
  for (let from = 0; from < letters.length; from += 4) {
    let group = 0
    for (let letter = 0; letter < 4; letter++) {
      const value = from + letter < letters.length ? VALUES.get(letters[from + letter] ?? '') : 0
      if (value === undefined) return undefined
      group = (group << 6) | value
    }
    for (let byte = 0; byte < 3 && at < bytes.length; byte++) bytes[at++] = (group >> (16 - 8 * byte)) & 255
  }
  return bytes
}
