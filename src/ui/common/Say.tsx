import type { Phrase, Segment } from '../../i18n/index.js'
import { usePhrases } from '../../i18n/index.js'
import { Term } from './Term.js'

/** A sentence with its facts marked as English that is not to be translated, and its terms opening their definitions. */
export function Say({
  phrase,
  terms = true,
}: {
  readonly phrase: Phrase /** Off inside buttons and links. */
  readonly terms?: boolean
}) {
  const { segments } = usePhrases()
  // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one sentence, replaced as a whole
  return segments(phrase).map((segment, index) => <Piece key={`${index}-${segment.text}`} segment={segment} terms={terms} />)
}

function Piece({ segment, terms }: { readonly segment: Segment; readonly terms: boolean }) {
  switch (segment.type) {
    case 'text':
      return segment.text
    case 'fact':
      return <Fact>{segment.text}</Fact>
    case 'term':
      return terms ? <Term id={segment.term}>{segment.text}</Term> : segment.text
  }
}

/** A name, rule, reason or address in Kubernetes' own words. */
export function Fact({ children }: { readonly children: string }) {
  return (
    <span lang="en" translate="no" className="fact">
      {children}
    </span>
  )
}
