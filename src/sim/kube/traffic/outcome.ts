import type { Chance, Verdict } from '../../core/vocabulary.js'
import type { Ending } from '../../net/follow.js'
import type { Hop } from '../../net/hops.js'
import { hopsOf } from '../../net/hops.js'
import type { Note } from '../../net/note.js'
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
  /** A rule rejected the request, but its answer never comes to the sender's program, which waits until it gives up. */
  readonly unheard?: true
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

function choicesOf(notes: readonly Note[]): readonly OutcomeChoice[] {
  const choices: OutcomeChoice[] = []
  for (const note of notes) {
    if (note.kind === 'lb-choice') {
      const { loadBalancer, chosen, chance } = note.choice
      choices.push({ by: 'load-balancer', at: loadBalancer, chosen, chance })
    } else if (note.kind === 'rule' && note.direction === 'request' && note.rule.chance !== undefined) {
      const { chain, action, chance } = note.rule
      choices.push({ by: 'rule', at: `${note.host} ${chain}`, chosen: action, chance })
    }
  }
  return choices
}

export function outcomeOf(net: NetState, ending: Ending, notes: readonly Note[], probability: number): TraceOutcome {
  return {
    probability,
    verdict: ending.verdict,
    to: destinationOf(net, ending.to),
    ...(ending.sourceSeen === undefined ? {} : { sourceSeen: ending.sourceSeen }),
    masqueraded: ending.masqueraded,
    ...(ending.with === undefined ? {} : { with: ending.with }),
    ...(ending.unheard === undefined ? {} : { unheard: ending.unheard }),
    choices: choicesOf(notes),
    ...hopsOf(notes),
  }
}
