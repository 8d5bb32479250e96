import { maskOf } from './address.js'
import type { Route } from './state.js'

/** What looking up a route says of an address. */
export type RouteResult =
  | { readonly kind: 'local' }
  | { readonly kind: 'forward'; readonly route: Route; readonly nextHop: string }
  | { readonly kind: 'unreachable' }

interface Route4 {
  readonly route: Route
  readonly mask: number
  readonly base: number
}

/** A host's own routes, longest prefix first; those of IPv4 with mask and base as 32-bit numbers. */
export interface RouteTable {
  readonly v4: readonly Route4[]
  readonly v6: readonly Route[]
}

const NO_ROUTES: readonly Route[] = []

/** Built from immutable lists of routes; can be rebuilt. */
const tables = new WeakMap<readonly Route[], RouteTable>()

/** The table of a host's list of routes. */
export function compileRoutes(routes: readonly Route[] = NO_ROUTES): RouteTable {
  let table = tables.get(routes)
  if (table === undefined) {
    const v4 = routes.flatMap((route) => {
      const { base, length } = route.prefix
      return typeof base === 'number' ? [{ route, mask: maskOf(length), base: base | 0 }] : []
    })
    table = { v4, v6: routes.filter((route) => route.prefix.family === 6) }
    tables.set(routes, table)
  }
  return table
}
