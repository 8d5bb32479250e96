import type { SimTime } from '../../core/time.js'
import type { WatchMessage } from '../api/client.js'
import type { NodeInfo } from './nodeInfo.js'
import { DEFAULT_PROFILE, type SchedulerProfile } from './profile.js'
import type { ScheduleReport } from './report.js'

/** A Pod that waits: how often it was tried, since when, and who said no. */
export interface QueuedPod {
  readonly key: string
  readonly priority: number
  /** When it came into the queue (first decides among equals). */
  readonly since: SimTime
  readonly attempts: number
  readonly triedAt: SimTime
  /** Plugins that ruled out Nodes at the last try: only what they care about brings the Pod back. */
  readonly rejectedBy: readonly string[]
  readonly state: 'active' | 'backoff' | 'unschedulable' | 'gated'
  /** End of the back-off. */
  readonly readyAt: SimTime
}

/** State of kube-scheduler: its cache and its queue. */
export interface SchedulerPart {
  running: boolean
  /** Counts starts, so that timers of an earlier life die. */
  run: number
  profile: SchedulerProfile
  readonly nodes: Map<string, NodeInfo>
  /** Pods counted on a Node (bound or assumed): key to the Node's name. */
  readonly placed: Map<string, string>
  readonly queue: Map<string, QueuedPod>
  /** Keys of the Pods to try next, by priority, in the order in which they became due. */
  readonly active: Map<number, Set<string>>
  /** What the last try said, by Pod key. */
  readonly reports: Map<string, ScheduleReport>
  /** Where the search for Nodes goes on, in large clusters that are not searched whole. */
  nextNode: number
  /** A `schedule` message is under way. */
  busy: boolean
}

export type SchedulerMessage =
  | WatchMessage
  | { readonly type: 'start' }
  | { readonly type: 'stop' }
  /** Try the next Pod. */
  | { readonly type: 'schedule'; readonly run: number }
  /** A back-off is over. */
  | { readonly type: 'ready'; readonly key: string; readonly run: number }
  /** Pods that waited long are tried again whatever happened. */
  | { readonly type: 'flush'; readonly run: number }

export function createSchedulerPart(profile: SchedulerProfile = DEFAULT_PROFILE): SchedulerPart {
  return {
    running: false,
    run: 0,
    profile,
    nodes: new Map(),
    placed: new Map(),
    queue: new Map(),
    active: new Map(),
    reports: new Map(),
    nextNode: 0,
    busy: false,
  }
}
