/** One of several JSON values that follow each other in a text. */
export interface JsonPiece {
  /** Offset of its first character. */
  readonly start: number
  readonly text: string
}

/**
 * Splits a text of JSON objects that follow each other without anything between them, as kubectl reads them: `{...}{...}`.
 *
 * @returns the pieces, unread; none when the text is anything else.
 */
export function jsonPieces(text: string): readonly JsonPiece[] {
  const pieces: JsonPiece[] = []
  let depth = 0
  let start = 0
  let isString = false
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (isString) {
      if (sign === '\\') at++
      else if (sign === '"') isString = false
    } else if (sign === '"' && depth > 0) isString = true
    else if (sign === '{' || sign === '[') {
      if (depth === 0) start = at
      depth++
    } else if (sign === '}' || sign === ']') {
      depth--
      if (depth < 0) return []
      if (depth === 0) pieces.push({ start, text: text.slice(start, at + 1) })
    } else if (depth === 0 && !/\s/.test(sign ?? '')) return []
  }
  return depth === 0 && !isString ? pieces : []
}
