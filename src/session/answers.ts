import type { Chance, ObjectRef, Verdict } from '../sim/index.js'

/** A mark in the editor. Lines and columns count from 1. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'info'
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
  /** In Kubernetes' own words where it is Kubernetes that speaks; else English, and `code` is told by the page. */
  readonly message: string
  readonly code: string
  readonly params: Readonly<Record<string, string>>
  /** A one-click change: replace the whole text by this. */
  readonly fix?: { readonly code: string; readonly text: string }
}

export interface ExploredOutcome {
  readonly probability: number
  readonly verdict: Verdict
  readonly to: { readonly ip: string; readonly port: number; readonly pod?: string; readonly node?: string } | undefined
  readonly sourceSeen: string | undefined
  readonly masqueraded: boolean
  /** The choices made on the way: a load balancer's or a rule's, each with its own share. */
  readonly choices: readonly {
    readonly by: 'load-balancer' | 'rule'
    readonly at: string
    readonly chosen: string
    readonly chance: Chance
  }[]
}

/** A rule that was tried and did not match, with the condition that failed. */
export interface Miss {
  readonly chain: string
  readonly rule: number
  readonly text: string
  /** The first failed condition: what it wanted, what it saw. */
  readonly wanted: string
  readonly saw: string
}

/** What the inspector shows of a thing, at the present position. */
export interface Details {
  readonly object: ObjectRef | undefined
  readonly yaml: string
  readonly describe: string
  readonly events: string
  /** For Nodes (and their iptables, conntrack, routing, eth0, bridge): what their kernel holds. */
  readonly kernel?: KernelDetails
  readonly notSimulated: readonly string[]
}

export interface KernelDetails {
  readonly node: string
  /** `iptables-save -c` text, in the proxy's own format. */
  readonly rules: string
  /** Line (from 1) of each rule in `rules`, by `table chain number`. */
  readonly lines: Readonly<Record<string, number>>
  readonly conntrack: readonly string[]
  readonly routes: readonly string[]
  readonly interfaces: readonly {
    readonly name: string
    readonly addresses: readonly string[]
    readonly up: boolean
    readonly peer: string
  }[]
  readonly sockets: readonly string[]
}
