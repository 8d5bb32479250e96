/** Deeper than this the editor's YAML worker is not asked: it reads by recursion, and the API's deepest field is at 12. */
const MOST_DEPTH = 200
/** Aliases multiply: 20 stand for some 1,500 values at most, 60 for millions. */
const MOST_ALIASES = 20
/** Larger texts take the worker longer than one waits for a completion. */
const MOST_CHARS = 400_000

/**
 * Why the language service is not let at a text: it would be busy for minutes with it, or for ever.
 * A glance, never less than the truth: brackets in quotes are counted, too.
 */
export function heaviness(text: string): 'large' | 'deep' | 'aliases' | undefined {
  if (text.length > MOST_CHARS) return 'large'
  if (depthOf(text) > MOST_DEPTH) return 'deep'
  return aliasesOf(text) > MOST_ALIASES ? 'aliases' : undefined
}

function depthOf(text: string): number {
  let open = 0
  let flow = 0
  let block = 0
  let indent = 0
  let atStart = true
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '\n') {
      atStart = true
      indent = 0
    } else if (atStart && ' -?:\t'.includes(char)) {
      indent++
      // A level of block style takes a column at least, two where people wrote it.
      if (char !== ' ') block = Math.max(block, indent)
    } else {
      if (atStart) block = Math.max(block, indent)
      atStart = false
      if (char === '[' || char === '{') flow = Math.max(flow, ++open)
      else if ((char === ']' || char === '}') && open > 0) open--
    }
  }
  return flow + block
}

function aliasesOf(text: string): number {
  let count = 0
  for (const _alias of text.matchAll(/(?:^|[\s,:[{])\*[^\s,\]}]/g)) count++
  return count
}
