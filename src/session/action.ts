import type { SimTime, ThingId } from '../sim/index.js'

/** A request as a person (or a scenario) asks for it. */
export interface RequestSpec {
  /** `client`, `client/IP`, `node/NAME`, `pod/NAMESPACE/NAME`. */
  readonly from: string
  /** `IP:PORT`, `HOST:PORT`, an `http://` URL, or `service/NAMESPACE/NAME[:PORT]`, `pod/NAMESPACE/NAME[:PORT]`. */
  readonly to: string
  readonly proto: 'tcp' | 'udp' | 'sctp'
  /** Chance is overruled: the way that ends at this endpoint, `IP:PORT`, and through this Node where one is named. */
  readonly force?: { readonly endpoint: string; readonly node?: string }
  /** More than one: that many new connections, told as one step. */
  readonly count?: number
  /** Send on the connection of this earlier request flow instead of a new one. */
  readonly sameConnectionAs?: string
}

/**
 * What a person does to the cluster: all that a link needs, beside the scenario and the seed, to make everything happen again.
 * Plain data.
 */
export type Action =
  /** A kubectl command; `files` are what its `-f` finds. The editor's Apply is `apply -f manifests.yaml`. */
  | { readonly type: 'kubectl'; readonly args: readonly string[]; readonly files: Readonly<Record<string, string>> }
  | { readonly type: 'request'; readonly request: RequestSpec }
  /** Breaks something (`active`) or mends it again. `fault` is a code of the simulation's list of faults. */
  | {
      readonly type: 'fault'
      readonly fault: string
      readonly target: ThingId
      readonly active: boolean
      /** Of `slow-kube-proxy` (whose target `kube-proxy/*` means every Node's): how much later changes reach the rules, in microseconds. */
      readonly lag?: SimTime
    }
  /** Lets virtual time pass, in microseconds. */
  | { readonly type: 'wait'; readonly us: SimTime }

/** An action with its place in history: after how many handled events it was done. */
export interface ActionRecord {
  readonly event: number
  readonly at: SimTime
  readonly action: Action
}
