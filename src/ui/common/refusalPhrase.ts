import { type Phrase, phrase } from '../../i18n/index.js'
import type { Refusal } from '../../protocol/index.js'

/** Why something could not be done, as a sentence. */
export function refusalPhrase(refusal: Refusal): Phrase {
  const { code, params } = refusal
  const detail = Object.values(params).join(' ')
  switch (code) {
    case 'bad-request':
      return phrase('refusal.bad-request', { why: params['why'] ?? params['reason'] ?? detail })
    case 'not-found':
      return phrase('refusal.not-found', { name: params['name'] ?? detail })
    case 'limit':
      return phrase('refusal.limit', { why: params['why'] ?? detail })
    default:
      return phrase(`refusal.${code}`)
  }
}
