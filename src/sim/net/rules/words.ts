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
  let word = ''
  let started = false
  let inQuotes = false
  let hadQuotes = false
  const finish = (): void => {
    if (!started) return
    words.push(word)
    quoted.push(hadQuotes)
    word = ''
    started = false
    hadQuotes = false
  }
  for (let i = 0; i < line.length; i++) {
    const char = line.charAt(i)
    if (char === '\\' && i + 1 < line.length) {
      word += line.charAt(++i)
      started = true
    } else if (char === '"') {
      inQuotes = !inQuotes
      started = true
      hadQuotes = true
    } else if (!inQuotes && (char === ' ' || char === '\t' || char === '\r')) finish()
    else {
      word += char
      started = true
    }
  }
  if (inQuotes) return undefined
  finish()
  return { words, quoted }
}

/** A word as `iptables-save` writes it: in quotes unless it is letters, digits, `_` and `-` alone. Source: iptables xtables_save_string */
export function quoteWord(text: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(text)) return text
  return `"${text.replace(/["\\']/g, (char) => `\\${char}`)}"`
}
