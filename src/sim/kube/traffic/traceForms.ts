import type { Note } from '../../net/note.js'
import type { Miss } from '../../net/rules/explain.js'
import type { TraceOutcome } from './outcome.js'
import type { RequestProtocol } from './requestSpec.js'

/** What `trace` is asked: a request of somebody, or one packet put into a Node's stack. */
export type TraceSpec =
  | {
      readonly kind: 'request'
      readonly from: string
      readonly to: string
      readonly proto: RequestProtocol
      /** The Node to which the fabric hands packets for the address asked for, unchanged. */
      readonly deliverTo?: string
    }
  | { readonly kind: 'packet'; readonly at: string; readonly src: string; readonly dst: string; readonly proto: RequestProtocol }

export interface TraceOptions {
  /** Every outcome with its exact probability; else one is drawn. */
  readonly all?: boolean
  /** Sends that many new connections and counts where they went. */
  readonly count?: number
  /** With `count`: gets the record of each request in turn. */
  readonly record?: ((notes: readonly Note[]) => void) | undefined
  /** The world's own when absent. */
  readonly seed?: string
  /** Only the way that ends at this endpoint, `IP:PORT`, and through this Node where one is named. */
  readonly force?: { readonly endpoint: string; readonly node?: string }
  /** Dumps by Node, held by its kernel in place of what kube-proxy wrote; several of one Node after each other: its IPv4 and its IPv6. */
  readonly rules?: Iterable<readonly [node: string, text: string]>
  /** Adds the rules that did not match and why. */
  readonly verbose?: boolean
}

export interface TraceResult {
  readonly outcomes: readonly (TraceOutcome & { readonly misses?: readonly Miss[] })[]
  /** With `count`: endpoint as `ip:port` to how many ended there, or by verdict for what ended nowhere. */
  readonly counts?: Readonly<Record<string, number>>
}

/** A trace that cannot be made: `usage` when what was asked makes no sense, `cluster` when the cluster has no such thing. */
export interface TraceError {
  readonly kind: 'usage' | 'cluster'
  readonly message: string
}
