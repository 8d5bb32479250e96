import type { SourceError } from '../../scenario/index.js'

/** The message of Go's YAML reader for each of our reader's findings, and whether the scanner or the parser finds it. */
const MESSAGES: Readonly<Record<string, { readonly text: string; readonly byScanner: boolean }>> = {
  TAB_AS_INDENT: { text: 'found character that cannot start any token', byScanner: true },
  BLOCK_AS_IMPLICIT_KEY: { text: 'mapping values are not allowed in this context', byScanner: true },
  UNEXPECTED_TOKEN: { text: 'did not find expected key', byScanner: false },
  BAD_INDENT: { text: 'did not find expected key', byScanner: false },
  BAD_SCALAR_START: { text: 'found character that cannot start any token', byScanner: true },
  MISSING_CHAR: { text: "did not find expected ',' or '}'", byScanner: false },
  BLOCK_IN_FLOW: { text: "did not find expected ',' or '}'", byScanner: false },
  BAD_ALIAS: { text: 'did not find expected alphabetic or numeric character', byScanner: true },
  BAD_DQ_ESCAPE: { text: 'found unknown escape character', byScanner: true },
  MULTILINE_IMPLICIT_KEY: { text: "could not find expected ':'", byScanner: true },
}

/**
 * A syntax error in the words of Go's YAML reader, which kubectl uses. Lines are counted within the document. Its parser reports the line before.
 * Source: sigs.k8s.io/yaml goyaml.v2/decode.go parser.fail
 */
export function goYamlError(text: string, error: SourceError): string {
  if (error.code === 'too-many-aliases') return 'yaml: document contains excessive aliasing'
  const code = error.params['yaml'] ?? ''
  const known = MESSAGES[code] ?? { text: 'did not find expected node content', byScanner: false }
  const before = text.split('\n').slice(0, error.line - 1)
  const start = before.findLastIndex((line) => /^---(?:\s|$)/.test(line)) + 1
  const line = error.line - start - (known.byScanner ? 0 : 1)
  return line <= 0 ? `yaml: ${known.text}` : `yaml: line ${line}: ${known.text}`
}
