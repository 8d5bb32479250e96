import type { SourceError } from '../../scenario/index.js'

interface GoFault {
  readonly text: string
  /** Found by the scanner, which counts lines from 1; the parser counts from 0. */
  readonly byScanner: boolean
  /** Lines behind the place that our reader names. */
  readonly further?: number
}

const scanner = (text: string, further = 0): GoFault => ({ text, byScanner: true, further })
const parser = (text: string, further = 0): GoFault => ({ text, byScanner: false, further })

const NO_MAPPING = 'mapping values are not allowed in this context'
const NO_START = 'found character that cannot start any token'
const NO_CONTENT = 'did not find expected node content'

/** What Go's YAML reader says where ours finds this. */
function faultOf(error: SourceError, lines: readonly string[], text: string): GoFault {
  const { message } = error
  const line = lines[error.line - 1] ?? ''
  if (/^Flow (?:map|sequence)/.test(message)) {
    const isAtEnd =
      lines
        .slice(error.line - 1)
        .join('')
        .slice(error.column - 1)
        .trim() === ''
    const eof = isAtEnd && !text.endsWith('\n') ? 1 : 0
    if (isAtEnd && /[:,{[]\s*$/.test(text)) return parser(NO_CONTENT, eof)
    return parser(`did not find expected ',' or '${message.startsWith('Flow map') ? '}' : ']'}'`, eof)
  }
  if (message.startsWith('Missing closing')) return scanner('found unexpected end of stream')
  if (message.startsWith('Implicit map keys need')) return scanner("could not find expected ':'", 1)
  if (message.startsWith('Unresolved alias')) return parser(`unknown anchor '${aliasIn(message)}' referenced`, -error.line)
  switch (error.params['yaml']) {
    case 'TAB_AS_INDENT':
    case 'BAD_SCALAR_START':
      return scanner(NO_START)
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return scanner(NO_MAPPING, linesToColon(line.slice(error.column - 1), lines.slice(error.line)))
    case 'BAD_ALIAS':
      return scanner('did not find expected alphabetic or numeric character')
    case 'BAD_DQ_ESCAPE':
      return scanner('found unknown escape character')
    case 'MISSING_CHAR':
    case 'BLOCK_IN_FLOW':
      return parser("did not find expected ',' or '}'")
    case 'UNEXPECTED_TOKEN':
      if (message.includes('flow-seq-end')) return parser(NO_CONTENT)
      return parser(isInSequence(lines, error) ? "did not find expected '-' indicator" : 'did not find expected key')
    case 'BAD_INDENT':
      return parser('did not find expected key')
    default:
      return parser(NO_CONTENT)
  }
}

function aliasIn(message: string): string {
  return /: \*?(\S+)$/.exec(message)?.[1] ?? ''
}

/** How many lines below the colon stands that makes a mapping of what had begun as a word. */
function linesToColon(rest: string, below: readonly string[]): number {
  const isMapping = (text: string): boolean => /:(?:\s|$)/.test(text)
  return isMapping(rest) ? 0 : below.findIndex(isMapping) + 1
}

/** Whether items of a list stand above, at the same column. */
function isInSequence(lines: readonly string[], { line, column }: SourceError): boolean {
  const above = lines.slice(0, line - 1).findLast((each) => each.trim() !== '' && each.search(/\S/) <= column - 1)
  return above !== undefined && above.search(/\S/) === column - 1 && above.trimStart().startsWith('-')
}

/**
 * A syntax error in the words of Go's YAML reader, which kubectl uses. Lines are counted within the document, and the first is not named.
 * Source: sigs.k8s.io/yaml goyaml.v2/decode.go parser.fail
 */
export function goYamlError(text: string, error: SourceError): string {
  // Told by the decoder, which knows no line. Source: goyaml.v2/decode.go decoder.unmarshal
  if (error.code === 'too-many-aliases') return 'yaml: document contains excessive aliasing'
  const fault = faultOf(error, text.split(/\r?\n/), text)
  const before = text.split('\n').slice(0, error.line - 1)
  const start = before.findLastIndex((line) => /^---(?:\s|$)/.test(line)) + 1
  const index = error.line - 1 - start + (fault.further ?? 0)
  return index <= 0 ? `yaml: ${fault.text}` : `yaml: line ${index + (fault.byScanner ? 1 : 0)}: ${fault.text}`
}
