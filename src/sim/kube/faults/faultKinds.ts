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
  /** True where it lasts until undone; a killed container or deleted Pod is healed by the cluster itself. */
  readonly lasts: boolean
}

/** Every fault, in the order of a menu: from the smallest thing to the largest. */
export const FAULT_KINDS: readonly FaultKind[] = [
  { code: 'kill-container', target: 'container', lasts: false },
  { code: 'delete-pod', target: 'pod', lasts: false },
  { code: 'slow-kube-proxy', target: 'kube-proxy', lasts: true },
  { code: 'stop-kube-proxy', target: 'kube-proxy', lasts: true },
  { code: 'stop-kubelet', target: 'kubelet', lasts: true },
  { code: 'cut-node', target: 'node', lasts: true },
  { code: 'stop-node', target: 'node', lasts: true },
  { code: 'stop-scheduler', target: 'scheduler', lasts: true },
  { code: 'stop-controller-manager', target: 'controller-manager', lasts: true },
  { code: 'stop-cloud-controller-manager', target: 'cloud-controller-manager', lasts: true },
  { code: 'stop-apiserver', target: 'apiserver', lasts: true },
  { code: 'stop-etcd', target: 'etcd', lasts: true },
]

/** A fault to make (`active`) or to undo. */
export interface Fault {
  readonly fault: FaultCode
  readonly target: ThingId
  readonly active: boolean
}

export interface ActiveFault {
  readonly fault: FaultCode
  readonly target: ThingId
  readonly since: SimTime
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
