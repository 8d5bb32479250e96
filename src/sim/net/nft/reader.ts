import { RuleError } from '../rules/words.js'

/** The words of a rule, one after another. */
export interface Reader {
  peek(ahead?: number): string
  take(): string
  readonly done: boolean
}

/** Reads words from the first on; past the last they are empty. */
export function openReader(words: readonly string[]): Reader {
  let at = 0
  return {
    peek: (ahead = 0) => words[at + ahead] ?? '',
    take: () => words[at++] ?? '',
    get done() {
      return at >= words.length
    },
  }
}

/** The text with blanks around what separates; what stands in quotes stays. */
export function spaced(text: string): string {
  return text
    .split(/("[^"]*")/)
    .map((piece) => (piece.startsWith('"') ? piece : piece.replace(/([,{}()])/g, ' $1 ')))
    .join('')
}

/** Takes a word that must come here. */
export function expectWord(reader: Reader, word: string): void {
  const seen = reader.take()
  if (seen !== word) throw new RuleError(`expected ${word}, saw "${seen}"`)
}

/** The name of a set or map out of `@name`. */
export function setName(word: string): string {
  if (!word.startsWith('@')) throw new RuleError(`expected a set, saw "${word}"`)
  return word.slice(1)
}

/** A whole number, decimal or `0x…`. */
export function number(word: string): number {
  const value = Number(word)
  if (word === '' || !Number.isInteger(value)) throw new RuleError(`"${word}" is no number`)
  return value
}
