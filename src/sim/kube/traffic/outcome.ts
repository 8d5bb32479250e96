import type { StepInput } from '../../core/step.js'
import type { Verdict } from '../../core/vocabulary.js'
import type { Ending } from '../../net/follow.js'
import type { Hop } from '../../net/hops.js'
import { hopsOf } from '../../net/hops.js'
import type { NetState } from '../../net/state.js'

/** Where a packet was headed after all NAT; `pod` and `node` are absent where no Pod has that address. */
export interface Destination {
  readonly ip: string
  readonly port: number
  readonly pod?: string
  readonly node?: string
}

/** One distinct sequence of choices and what came of it: the form of `trace --json`. */
export interface TraceOutcome {
  readonly probability: number
  readonly verdict: Verdict
  readonly to?: Destination
  readonly sourceSeen?: string
  readonly masqueraded: boolean
  readonly with?: string
  readonly hops: readonly Hop[]
  readonly reply: readonly Hop[]
}

/** Names the Pod and Node of an address. */
export function destinationOf(net: NetState, to: { readonly ip: string; readonly port: number }): Destination {
  const host = net.hosts.get(net.owners.get(to.ip) ?? '')
  if (host?.kind !== 'pod') return to
  return { ...to, pod: host.name.slice('pod/'.length), ...(host.node === undefined ? {} : { node: host.node }) }
}

export function outcomeOf(net: NetState, ending: Ending, entries: readonly StepInput[], probability: number): TraceOutcome {
  return {
    probability,
    verdict: ending.verdict,
    to: destinationOf(net, ending.to),
    ...(ending.sourceSeen === undefined ? {} : { sourceSeen: ending.sourceSeen }),
    masqueraded: ending.masqueraded,
    ...(ending.with === undefined ? {} : { with: ending.with }),
    ...hopsOf(entries),
  }
}
