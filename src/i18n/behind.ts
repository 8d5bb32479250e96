import type { SceneChange } from '../protocol/index.js'
import { type Phrase, phrase } from './message.js'

/** `Knows EndpointSlice default/web-x7k2p in generation 3; the rules are of generation 2.` */
export function changePhrase({ service, slice, before, after }: SceneChange): Phrase {
  if (slice === undefined)
    return service === '' ? phrase('behind.all') : phrase('behind.service', { service: `Service ${service}` })
  const named = { slice: `EndpointSlice ${slice}` }
  if (after === undefined) return phrase('behind.slice.gone', { ...named, before: before ?? '?' })
  return before === undefined
    ? phrase('behind.slice.new', { ...named, after })
    : phrase('behind.slice', { ...named, before, after })
}
