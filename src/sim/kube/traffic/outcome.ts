import type { StepInput } from '../../core/step.js'
import type { Chance, Verdict } from '../../core/vocabulary.js'
import type { Ending } from '../../net/follow.js'
import type { Hop } from '../../net/hops.js'
import { hopsOf } from '../../net/hops.js'
import type { NetState } from '../../net/state.js'
import type { HttpAnswer } from '../proxy/httpAnswers.js'

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
  /** What an `http://` URL was answered with, where an answer came. */
  readonly http?: HttpAnswer
  /** What was left to chance on the way there: a load balancer's Node, a rule's endpoint. */
  readonly choices: readonly OutcomeChoice[]
  readonly hops: readonly Hop[]
  readonly reply: readonly Hop[]
}

export interface OutcomeChoice {
  readonly by: 'load-balancer' | 'rule'
  /** The load balancer, or the chain, where it was made. */
  readonly at: string
  /** The Node; or what the rule that took the packet does: `jump KUBE-SEP-...`. */
  readonly chosen: string
  readonly chance: Chance
}

/** Names the Pod and Node of an address. */
export function destinationOf(net: NetState, to: { readonly ip: string; readonly port: number }): Destination {
  const host = net.hosts.get(net.owners.get(to.ip) ?? '')
  if (host?.kind !== 'pod') return to
  return { ...to, pod: host.name.slice('pod/'.length), ...(host.node === undefined ? {} : { node: host.node }) }
}

function choicesOf(entries: readonly StepInput[]): readonly OutcomeChoice[] {
  return entries.flatMap((entry): readonly OutcomeChoice[] => {
    if (entry.kind === 'lb-choice') {
      const { loadBalancer, chosen, chance } = entry.facts
      return [{ by: 'load-balancer', at: loadBalancer, chosen, chance }]
    }
    if (entry.kind === 'rule' && entry.facts.chance !== undefined && entry.facts.direction === 'request') {
      const { host, chain, action, chance } = entry.facts
      return [{ by: 'rule', at: `${host} ${chain}`, chosen: action, chance }]
    }
    return []
  })
}

export function outcomeOf(net: NetState, ending: Ending, entries: readonly StepInput[], probability: number): TraceOutcome {
  return {
    probability,
    verdict: ending.verdict,
    to: destinationOf(net, ending.to),
    ...(ending.sourceSeen === undefined ? {} : { sourceSeen: ending.sourceSeen }),
    masqueraded: ending.masqueraded,
    ...(ending.with === undefined ? {} : { with: ending.with }),
    choices: choicesOf(entries),
    ...hopsOf(entries),
  }
}
