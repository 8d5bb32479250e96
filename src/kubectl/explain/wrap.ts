/** Breaks a text into lines of at most `width`; spaces between words stay as they are. Source: mitchellh/go-wordwrap WrapString */
export function wrapWords(text: string, width: number): string {
  let out = ''
  let current = 0
  let space = ''
  let word = ''
  const flush = (): void => {
    current += space.length + word.length
    out += space + word
    space = ''
    word = ''
  }
  for (const char of text) {
    if (char === '\n') {
      if (word === '') space = ''
      flush()
      out += '\n'
      current = 0
    } else if (/\s/.test(char)) {
      if (space === '' || word !== '') flush()
      space += char
    } else {
      word += char
      if (current + space.length + word.length > width && word.length < width) {
        out += '\n'
        current = 0
        space = ''
      }
    }
  }
  if (word === '') space = ''
  flush()
  return out
}

/** Every line, empty ones too, behind so many spaces. */
export function indentLines(text: string, count: number): string {
  const margin = ' '.repeat(count)
  return text
    .split('\n')
    .map((line) => margin + line)
    .join('\n')
}
