import type { FlowId, StepId } from '../../core/step.js'
import type { ThingId } from '../../core/thing.js'
import type { SimTime } from '../../core/time.js'

export type FaultCode =
  | 'kill-container'
  | 'delete-pod'
  | 'stop-node'
  | 'stop-kubelet'
  | 'stop-kube-proxy'
  | 'slow-kube-proxy'
  | 'flush-rules'
  | 'cut-node'
  | 'stop-apiserver'
  | 'stop-etcd'
  | 'stop-scheduler'
  | 'stop-controller-manager'
  | 'stop-cloud-controller-manager'

/** Something that a person can break, and on what. */
export interface FaultKind {
  readonly code: FaultCode
  /** Kind of thing it happens to: the first part of its ThingId. */
  readonly target:
    | 'container'
    | 'pod'
    | 'node'
    | 'kubelet'
    | 'kube-proxy'
    | 'apiserver'
    | 'etcd'
    | 'scheduler'
    | 'controller-manager'
    | 'cloud-controller-manager'
  /** True where it lasts until undone; a killed container, a deleted Pod or flushed rules are healed by the cluster itself. */
  readonly lasts: boolean
}

/** Every fault, in the order of a menu: from the smallest thing to the largest. */
export const FAULT_KINDS: readonly FaultKind[] = [
  { code: 'kill-container', target: 'container', lasts: false },
  { code: 'delete-pod', target: 'pod', lasts: false },
  { code: 'slow-kube-proxy', target: 'kube-proxy', lasts: true },
  { code: 'stop-kube-proxy', target: 'kube-proxy', lasts: true },
  { code: 'flush-rules', target: 'node', lasts: false },
  { code: 'stop-kubelet', target: 'kubelet', lasts: true },
  { code: 'cut-node', target: 'node', lasts: true },
  { code: 'stop-node', target: 'node', lasts: true },
  { code: 'stop-scheduler', target: 'scheduler', lasts: true },
  { code: 'stop-controller-manager', target: 'controller-manager', lasts: true },
  { code: 'stop-cloud-controller-manager', target: 'cloud-controller-manager', lasts: true },
  { code: 'stop-apiserver', target: 'apiserver', lasts: true },
  { code: 'stop-etcd', target: 'etcd', lasts: true },
]

/** How much later a slow kube-proxy brings a change into the rules where nothing is said: long enough to send something in between. */
export const SLOW_PROXY_LAG: SimTime = 30_000_000

/** The largest lag that can be asked for. */
export const MAX_PROXY_LAG: SimTime = 3_600_000_000

/** The kube-proxies of all Nodes, of those that join later, too. */
export const ALL_PROXIES: ThingId = 'kube-proxy/*'

/** Why a fault could not be made. */
export type FaultProblem = 'unknown-fault' | 'wrong-target' | 'no-such-thing' | 'already-so' | 'refused'

/** A fault to make (`active`) or to undo. */
export interface Fault {
  readonly fault: FaultCode
  readonly target: ThingId
  readonly active: boolean
  /** Of `slow-kube-proxy`: how much later changes reach the rules, in microseconds; `SLOW_PROXY_LAG` without it. */
  readonly lag?: SimTime
}

export interface ActiveFault {
  readonly fault: FaultCode
  readonly target: ThingId
  readonly since: SimTime
  readonly lag?: SimTime
  /** The flow that it began, and its step: what is found out about it later belongs there. */
  readonly flow: FlowId
  readonly step: StepId
}

/** What is broken now. */
export interface FaultsPart {
  /** By `CODE TARGET`. */
  readonly active: Map<string, ActiveFault>
}

export function createFaultsPart(): FaultsPart {
  return { active: new Map() }
}
