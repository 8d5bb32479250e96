import { Lexer } from 'yaml'

/** Up to this a text is simply read: the reader itself tells what is nested too deep, and in which place. */
const HARMLESS = 200

/**
 * How deep maps and lists may be nested in a text, at most: what is read by recursion has to be bounded before it is read.
 * A text that nests little is told apart at a glance; any other is cut into tokens. Offset: where the deepest place is.
 */
export function nestingOf(text: string): { readonly depth: number; readonly offset: number } {
  return glance(text) <= HARMLESS ? { depth: 0, offset: 0 } : measure(text)
}

/** Never less than the nesting: counts brackets in quotes and block scalars, too. */
function glance(text: string): number {
  let open = 0
  let most = 0
  let deepest = 0
  let atStart = true
  let column = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 10) {
      atStart = true
      column = 0
    } else if (atStart && (code === 32 || code === 45 || code === 63 || code === 9 || code === 58)) {
      // Space, dash, question mark, tab, colon: what a line of a deep block begins with.
      column++
      if (column > deepest) deepest = column
    } else {
      atStart = false
      if (code === 91 || code === 123) most = Math.max(most, ++open)
      // What is closed without having been opened in this count must not hide what is opened later.
      else if ((code === 93 || code === 125) && open > 0) open--
    }
  }
  return most + deepest
}

function measure(text: string): { readonly depth: number; readonly offset: number } {
  /** Columns at which the blocks around begin. */
  let blocks: number[] = []
  let flow = 0
  let offset = 0
  let lineStart = 0
  let most = { depth: 0, offset: 0 }
  for (const token of new Lexer().lex(text)) {
    const at = offset
    const first = token[0] ?? ''
    // The lexer's own marks (of a document, a scalar, the end of a flow) take no room in the text.
    if (first === '\u0002' || first === '\u0018' || first === '\u001f' || first === '\ufeff') continue
    offset += token.length
    if (token.includes('\n')) lineStart = offset - (token.length - token.lastIndexOf('\n') - 1)
    if (token === '---' || token === '...') {
      blocks = []
      flow = 0
    } else if (first === ' ' || first === '\t' || first === '\n' || first === '\r' || first === '#' || token === '') {
      continue
    } else if (token === '[' || token === '{') flow++
    else if (token === ']' || token === '}') flow = Math.max(0, flow - 1)
    else if (flow === 0) {
      const column = at - lineStart
      while ((blocks.at(-1) ?? -1) >= column && column >= 0) blocks.pop()
      blocks.push(column)
    }
    if (blocks.length + flow > most.depth) most = { depth: blocks.length + flow, offset: at }
  }
  return most
}
