import { type Phrase, phrase } from '../../i18n/index.js'
import type { EndpointSource, SimTime, Staleness } from '../../protocol/index.js'
import { findStep, useMirror } from '../../state/mirror.js'
import { Say } from '../common/Say.js'
import { StepLink } from '../common/StepLink.js'
import { useClock } from '../common/time.js'
import styles from './Origin.module.css'

/** Why a rule still sends to an endpoint that is gone: which change this Node's rules have not got, since when, until when. */
export function Stale({ node, source }: { readonly node: string; readonly source: EndpointSource }) {
  const clock = useClock()
  const { stale } = source
  if (stale === undefined) return null
  return (
    <span className={styles['stale']}>
      <Say phrase={stalePhrase(node, stale, source.slice ?? '', clock)} /> <HeardIn stale={stale} />
    </span>
  )
}

function HeardIn({ stale }: { readonly stale: Staleness }) {
  const step = stale.kind === 'pending' ? stale.change.step : undefined
  const known = useMirror((mirror) => step !== undefined && mirror.steps[findStep(mirror.steps, step)]?.id === step)
  if (!known || step === undefined) return null
  return (
    <StepLink to={step}>
      <Say phrase={phrase('stale.heard')} terms={false} />
    </StepLink>
  )
}

function stalePhrase(node: string, stale: Staleness, listed: string, clock: (at: SimTime) => Phrase): Phrase {
  switch (stale.kind) {
    case 'stopped':
      return phrase('stale.stopped', { node })
    case 'unheard':
      return phrase('stale.unheard', { node })
    case 'still-listed':
      return phrase('stale.still-listed', { slice: `EndpointSlice ${listed}` })
    case 'pending': {
      const { service, slice, before, after, at } = stale.change
      const facts = { node, at: clock(at), due: stale.due === undefined ? '?' : clock(stale.due) }
      if (slice === undefined) return phrase('stale.pending.other', { ...facts, service: `Service ${service}` })
      const named = { ...facts, slice: `EndpointSlice ${slice}` }
      return after === undefined
        ? phrase('stale.pending.gone', named)
        : phrase('stale.pending', { ...named, before: before ?? '?', after })
    }
  }
}
