/** Words of a rule with a place in them; every reader takes what it understands and leaves the rest. */
export interface WordReader {
  peek(): string | undefined
  take(): string | undefined
  /** The next word if it is no option, else undefined. */
  argument(): string | undefined
}

/** What is wrong with a rule, in words like those of `iptables-restore`. */
export class RuleError {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

/**
 * Splits a line of rules into words as `iptables-restore` does: double quotes group, a backslash takes the next character as it is.
 *
 * @returns undefined when a quote is left open. `quoted` tells which words stood in quotes.
 */
export function splitWords(line: string): { readonly words: readonly string[]; readonly quoted: readonly boolean[] } | undefined {
  const words: string[] = []
  const quoted: boolean[] = []
  const length = line.length
  let at = 0
  while (at < length) {
    const code = line.charCodeAt(at)
    if (isBlank(code)) {
      at++
      continue
    }
    // Most words are plain and cut out of the line as they stand.
    let end = at
    while (end < length && !isBlank(line.charCodeAt(end)) && !isSpecial(line.charCodeAt(end))) end++
    if (end === length || isBlank(line.charCodeAt(end))) {
      words.push(line.slice(at, end))
      quoted.push(false)
      at = end
      continue
    }
    const read = readQuoted(line, at)
    if (read === undefined) return undefined
    words.push(read.word)
    quoted.push(read.hadQuotes)
    at = read.end
  }
  return { words, quoted }
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 13
}

/** A quote or a backslash. */
function isSpecial(code: number): boolean {
  return code === 34 || code === 92
}

function readQuoted(
  line: string,
  start: number,
): { readonly word: string; readonly hadQuotes: boolean; readonly end: number } | undefined {
  const pieces: string[] = []
  let inQuotes = false
  let hadQuotes = false
  let at = start
  for (; at < line.length; at++) {
    const code = line.charCodeAt(at)
    if (code === 92 && at + 1 < line.length) pieces.push(line.charAt(++at))
    else if (code === 34) {
      inQuotes = !inQuotes
      hadQuotes = true
    } else if (!inQuotes && isBlank(code)) break
    else pieces.push(line.charAt(at))
  }
  return inQuotes ? undefined : { word: pieces.join(''), hadQuotes, end: at }
}

/** A word as `iptables-save` writes it: in quotes unless it is letters, digits, `_` and `-` alone. Source: iptables xtables_save_string */
export function quoteWord(text: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(text)) return text
  return `"${text.replace(/["\\']/g, (char) => `\\${char}`)}"`
}
