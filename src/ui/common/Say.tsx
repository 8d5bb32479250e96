import { Fragment } from 'react'
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
  const pieces = segments(phrase)
  return pieces.map((segment, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one sentence, replaced as a whole
    <Fragment key={`${index}-${segment.text}`}>
      <Piece segment={segment} terms={terms} />
      {pieces[index + 1]?.type === 'term' && /[(（]$/.test(segment.text) && WORD_JOINER}
    </Fragment>
  ))
}

/** A term is a button, before which a line may break: not after an opening bracket. */
const WORD_JOINER = '\u2060'

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
