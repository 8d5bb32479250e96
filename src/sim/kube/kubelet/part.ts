import type { ContainerState, Pod } from '../../../generated/kubeTypes.js'
import type { SimTime } from '../../core/time.js'
import type { Workload } from '../../workload/workload.js'
import type { WatchMessage } from '../api/client.js'

/** A kubelet process on its Node. Immutable. */
export interface KubeletState {
  readonly running: boolean
  /** Counts starts, so that timers of an earlier life die. */
  readonly run: number
  readonly registered: boolean
  /** Result of the last try to renew the lease. */
  readonly leaseFailures: number
  readonly networkReady: boolean
  /** Renewals of the lease are under way. */
  readonly leaseTicking: boolean
  readonly podsSynced: boolean
  /** Node status as last reported (digest of what counts as a change), and when. */
  readonly reported: string
  readonly reportedAt: SimTime
}

export type ProbeKind = 'liveness' | 'readiness' | 'startup'

/** A probe's worker: what it has seen of one container. */
export interface ProbeState {
  readonly result: 'unknown' | 'success' | 'failure'
  /** Same results in a row. */
  readonly streak: number
  readonly last: boolean
  readonly tries: number
}

/** What a kubelet remembers of one container of a Pod, across its restarts. */
export interface ContainerMemory {
  /** Id of the newest container in the runtime; empty before the first. */
  readonly id: string
  readonly restartCount: number
  readonly lastState: ContainerState | undefined
  /** Why it waits, while it does. */
  readonly waiting: { readonly reason: string; readonly message?: string } | undefined
  /** Restart back-off in microseconds; 0 before the first failure. */
  readonly backOff: SimTime
  readonly backOffUntil: SimTime
  readonly pullBackOff: SimTime
  readonly pullBackOffUntil: SimTime
  readonly pulling: boolean
  readonly probes: Readonly<Partial<Record<ProbeKind, ProbeState>>>
  readonly started: boolean
  readonly ready: boolean
  /** Counts container creations: attempt number of the next one. */
  readonly attempts: number
}

/** What a kubelet keeps of one Pod. Immutable: replaced on change. */
export interface PodWorker {
  readonly uid: string
  readonly key: string
  readonly pod: Pod
  readonly isStatic: boolean
  readonly admitted: boolean
  readonly rejection: { readonly reason: string; readonly message: string } | undefined
  readonly startTime: SimTime
  /** A sandbox is being made. */
  readonly sandboxBusy: boolean
  /** Volumes could not be mounted at the last try: retries so far. */
  readonly mountFailures: number
  readonly containers: Readonly<Record<string, ContainerMemory>>
  readonly terminating: 'no' | 'asked' | 'stopped'
  /** When the grace period is over. */
  readonly deadline: SimTime
  /** The kubelet ended it: a deadline, an eviction. */
  readonly failure: { readonly reason: string; readonly message: string } | undefined
  /** Digest of the status last written. */
  readonly reported: string
  /** Since when each condition has its status. */
  readonly conditions: Readonly<Record<string, { readonly status: string; readonly since: string }>>
}

export interface KubeletPart {
  readonly kubelets: Map<string, KubeletState>
  /** By Node, then by Pod UID. */
  readonly pods: Map<string, Map<string, PodWorker>>
}

export type KubeletMessage =
  | WatchMessage
  | { readonly type: 'start' }
  | { readonly type: 'register'; readonly run: number }
  | { readonly type: 'lease'; readonly run: number }
  | { readonly type: 'node-status'; readonly run: number }
  | { readonly type: 'network-ready'; readonly run: number }
  /** A preStop hook is over: the container is asked to end, with what is left of its time. */
  | { readonly type: 'stop-container'; readonly id: string; readonly grace: SimTime; readonly run: number }
  /** Look at a Pod: compare what should be with what is, and act. */
  | { readonly type: 'sync'; readonly uid: string; readonly run: number }
  | { readonly type: 'sandbox-created'; readonly uid: string; readonly run: number }
  | {
      readonly type: 'pulled'
      readonly uid: string
      readonly container: string
      readonly image: string
      readonly startedAt: SimTime
      readonly took: SimTime
      readonly run: number
    }
  | {
      readonly type: 'probe'
      readonly uid: string
      readonly container: string
      readonly id: string
      readonly probe: ProbeKind
      readonly run: number
    }

/** A container as the runtime holds it. Immutable. */
export interface RuntimeContainer {
  readonly id: string
  readonly podUid: string
  readonly podKey: string
  readonly name: string
  readonly image: string
  /** What it does while it runs. */
  readonly workload: Workload
  /** Network namespace in which it listens. */
  readonly host: string
  readonly ip: string
  readonly state: 'created' | 'running' | 'exited'
  readonly createdAt: SimTime
  readonly startedAt: SimTime
  readonly finishedAt: SimTime
  readonly exitCode: number
  /** `Completed`, `Error`, `OOMKilled`, `ContainerCannotRun`. */
  readonly reason: string
  readonly message: string
}

/** A Pod's sandbox: its network namespace. Immutable. */
export interface Sandbox {
  readonly id: string
  readonly podUid: string
  readonly podKey: string
  readonly ready: boolean
  readonly hostNetwork: boolean
  readonly ip: string
  /** All its addresses, `ip` first, where it has one of each family. */
  readonly ips?: readonly string[]
  readonly attempt: number
}

/** What container runtimes hold, whatever kubelets believe. */
export interface RuntimePart {
  /** By Node, then by container id. */
  readonly containers: Map<string, Map<string, RuntimeContainer>>
  /** By Node, then by Pod UID. */
  readonly sandboxes: Map<string, Map<string, Sandbox>>
  /** Images present, by Node, then by name, with their size in bytes. */
  readonly images: Map<string, Map<string, number>>
  /** When each Node's puller is free again: it pulls one image at a time. */
  readonly pullerFreeAt: Map<string, SimTime>
  /** Ids given out. */
  counter: number
}

/** What happens to processes by themselves. */
export type RuntimeMessage =
  | {
      readonly type: 'exit'
      readonly id: string
      readonly exitCode: number
      readonly reason: string
      readonly message?: string
    }
  /** A program that was starting up is ready to serve. */
  | { readonly type: 'serve'; readonly id: string }
  /** A script asks again whether what it waits for is there. */
  | { readonly type: 'ask'; readonly id: string }
  /** A program hangs: it answers nobody any more. */
  | { readonly type: 'hang'; readonly id: string }

export function createKubeletPart(): KubeletPart {
  return { kubelets: new Map(), pods: new Map() }
}

export function createRuntimePart(): RuntimePart {
  return { containers: new Map(), sandboxes: new Map(), images: new Map(), pullerFreeAt: new Map(), counter: 0 }
}
