import { type Phrase, phrase } from '../../i18n/index.js'
import type { Diagnostic } from '../../protocol/index.js'

/** Kubernetes' own words where it is Kubernetes that speaks, else the code with its facts. */
export function diagnosticPhrase(problem: Diagnostic): Phrase {
  if (problem.message !== '') return phrase('thing.other', { name: problem.message })
  return phrase('diagnostic.other', { code: problem.code, details: Object.values(problem.params).join(' ') })
}
