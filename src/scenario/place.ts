/** A place in a text. Lines and columns count from 1, columns in UTF-16 code units as editors do. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/**
 * What is wrong with a file, and where. `message` is English and complete; `code` and `params` are for the page, which tells it in its
 * reader's language.
 */
export interface SourceError extends Place {
  readonly code:
    | 'too-large'
    | 'syntax'
    | 'too-many-aliases'
    | 'too-deep'
    | 'too-many-objects'
    | 'duplicate-key'
    | 'not-an-object'
    | 'missing-field'
    | 'bad-field'
    | 'unknown-field'
    | 'unsupported-document'
  readonly message: string
  readonly params: Readonly<Record<string, string>>
}

/** As compilers and the command line print it: `web.yaml:4:1: message`. */
export function formatSourceError(error: SourceError): string {
  return `${error.file}:${error.line}:${error.column}: ${error.message}`
}

/** Turns offsets of one text into places; built once per text. */
export class LineIndex {
  private readonly starts: number[] = [0]

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.starts.push(at + 1)
  }

  placeOf(file: string, offset: number): Place {
    let low = 0
    let high = this.starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { file, line: low + 1, column: offset - (this.starts[low] ?? 0) + 1 }
  }
}
