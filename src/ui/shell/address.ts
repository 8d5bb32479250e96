import type { Source } from '../../protocol/index.js'

/** The scenario that opens when the address names none. */
export const FIRST_SCENARIO = 'first-request'

/** What a URL's fragment asks for: `#/s/<link>`, `#/scenario/<id>`; undefined for any other. */
export function sourceOfHash(hash: string): Source | undefined {
  const link = /^#\/s\/(.+)$/s.exec(hash)?.[1]
  if (link !== undefined) return { type: 'link', text: link }
  const id = /^#\/scenario\/([A-Za-z0-9-]+)$/.exec(hash)?.[1]
  return id === undefined ? undefined : { type: 'builtin', id }
}

/** The address under which this link opens, wherever the page is served. */
export function addressOfLink(place: { readonly origin: string; readonly pathname: string }, link: string): string {
  return `${place.origin}${place.pathname}#/s/${link}`
}
