/** Splits a command line into words as a shell does: single and double quotes, backslashes; no expansion. */
export function splitWords(line: string): readonly string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let index = 0; index < line.length; index++) {
    const char = line.charAt(index)
    if (quote === "'") {
      if (char === "'") quote = ''
      else word = (word ?? '') + char
    } else if (char === '\\' && index + 1 < line.length) {
      index++
      const next = line.charAt(index)
      word = (word ?? '') + (quote === '"' && next !== '"' && next !== '\\' && next !== '$' ? `\\${next}` : next)
    } else if (quote === '"') {
      if (char === '"') quote = ''
      else word = (word ?? '') + char
    } else if (char === "'" || char === '"') {
      quote = char
      word ??= ''
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      word = (word ?? '') + char
    }
  }
  if (word !== undefined) words.push(word)
  return words
}
