import type { TermId } from '../../i18n/index.js'

export type StoryPiece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'term'; readonly text: string; readonly term: TermId }

/** A term of the glossary and how the story's language writes it. */
export interface TermWord {
  readonly term: TermId
  readonly word: string
}

/**
 * A text of a story with its terms marked where they are first used; what earlier texts have used is known.
 *
 * @param words longer ones first win: `API server` before `server`.
 */
export function storyPieces(text: string, earlier: readonly string[], words: readonly TermWord[]): readonly StoryPiece[] {
  const found = words
    .flatMap((each) => {
      const use = usesOf(each.word)
      if (earlier.some((before) => use.test(before))) return []
      const at = use.exec(text)
      return at === null ? [] : [{ term: each.term, from: at.index, to: at.index + at[0].length }]
    })
    .toSorted((a, b) => a.from - b.from || b.to - a.to)
  const pieces: StoryPiece[] = []
  let done = 0
  for (const { term, from, to } of found) {
    if (from < done) continue
    if (from > done) pieces.push({ type: 'text', text: text.slice(done, from) })
    pieces.push({ type: 'term', text: text.slice(from, to), term })
    done = to
  }
  if (done < text.length) pieces.push({ type: 'text', text: text.slice(done) })
  return pieces
}

/** Latin words stand alone, with a plural at most: `Pod` is not in `podCIDR`, nor `Node` in `nodePort`. */
function usesOf(word: string): RegExp {
  const plain = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return /^[\w -]+$/.test(word) ? new RegExp(`(?<![\\w/.-])${plain}s?(?![\\w/-])`) : new RegExp(plain)
}
