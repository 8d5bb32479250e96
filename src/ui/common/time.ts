import { type Phrase, spanPhrase } from '../../i18n/index.js'
import type { SimTime } from '../../protocol/index.js'
import { useMirror } from '../../state/mirror.js'

export { spanPhrase }

/** Tells a moment as the timeline does: how long after the first thing that anybody did. */
export function useClock(): (at: SimTime) => Phrase {
  const began = useMirror((mirror) => mirror.flows.find((flow) => flow.kind !== 'background')?.at ?? 0)
  return (at) => spanPhrase(Math.max(0, at - began))
}
