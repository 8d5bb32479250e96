import { type Phrase, phrase } from '../../i18n/index.js'
import type { Diagnostic } from '../../protocol/index.js'

/** Faults of YAML's own grammar that have words in the reader's language, by the parser's codes. */
const YAML_FAULTS = [
  'BAD_INDENT',
  'BAD_SCALAR_START',
  'BLOCK_AS_IMPLICIT_KEY',
  'BLOCK_IN_FLOW',
  'MULTILINE_IMPLICIT_KEY',
  'TAB_AS_INDENT',
  'UNEXPECTED_TOKEN',
] as const

/** Kubernetes' own words where it is Kubernetes that speaks; what is wrong with the YAML itself in the reader's. */
export function diagnosticPhrase(problem: Diagnostic): Phrase {
  const { yaml, mark = '', wanted = '' } = problem.params
  if (yaml === 'WIDE_MARK') return phrase('diagnostic.yaml.WIDE_MARK', { mark, wanted })
  const known = YAML_FAULTS.find((code) => code === yaml)
  if (known !== undefined) return phrase(`diagnostic.yaml.${known}`)
  if (problem.message !== '') return phrase('thing.other', { name: problem.message })
  return phrase('diagnostic.other', { code: problem.code, details: Object.values(problem.params).join(' ') })
}
