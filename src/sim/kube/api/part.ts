import type { FlowId, StepId } from '../../core/step.js'
import type { ThingId } from '../../core/thing.js'
import type { SimTime } from '../../core/time.js'
import type { StoredObject } from '../etcd/store.js'
import type { ResourceName } from './resources.js'

/** Who speaks to the API server. */
export interface Identity {
  /** User name: `system:kube-scheduler`, `system:node:node1`, `kubernetes-admin`. */
  readonly name: string
  /** Where its requests come from in the picture. */
  readonly thing: ThingId
  /** The Node on which it runs, where it does: cut off, its calls fail. */
  readonly node?: string
  /** Groups besides `system:authenticated`; without any the caller may do everything. */
  readonly groups?: readonly string[]
}

/** One open (or broken) watch of a component on one resource. */
export interface Watcher {
  /** `KIND@INSTANCE/RESOURCE`. */
  readonly id: string
  readonly kind: string
  readonly instance: string
  readonly resource: ResourceName
  readonly fieldSelector: string
  readonly thing: ThingId
  readonly node: string | undefined
  readonly open: boolean
  /** Grows each time the watch is opened, so that what an earlier one still has on its way is known as stale. */
  readonly session: number
  /** Way of an event to this watcher, in microseconds. */
  readonly delay: SimTime
}

/** An event on its way to watchers; all to whom it means the same share it. */
export interface PendingEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: StoredObject
  readonly revision: number
  /** When it was written; it is due after the watcher's own delay. */
  readonly at: SimTime
  readonly cause: StepId | undefined
  readonly flow: FlowId
}

/** What an administrator sets with flags of kube-apiserver. */
export interface ApiSettings {
  /** `10.96.0.0/16`; two with a comma for dual stack. */
  readonly serviceCidr: string
  readonly nodePortMin: number
  readonly nodePortMax: number
  /** False leaves admission plugins out that need a running cluster (a frozen cluster). */
  readonly defaultServiceAccountRequired: boolean
}

export interface ApiPart {
  running: boolean
  settings: ApiSettings
  readonly watchers: Map<string, Watcher>
  /** `pods` and `pods?spec.nodeName=node1` to the watchers of just that. */
  readonly watching: Map<string, Set<string>>
  /** By watcher, then by revision. */
  readonly pending: Map<string, Map<number, PendingEvent>>
  /** Watcher to the ordinal of the event in whose handling it was last told: writes of one handling travel together. */
  readonly lastNotified: Map<string, number>
  /** Nodes that cannot reach the API server. */
  readonly cutNodes: Set<string>
  /** Cluster addresses given out, to `namespace/name` of their Service. */
  readonly clusterIPs: Map<string, string>
  /** Node ports given out, as `port/PROTOCOL`, to `namespace/name` of their Service; health-check ports under `port/*`. */
  readonly nodePorts: Map<string, string>
}

export const DEFAULT_SETTINGS: ApiSettings = {
  serviceCidr: '10.96.0.0/16',
  nodePortMin: 30_000,
  nodePortMax: 32_767,
  defaultServiceAccountRequired: true,
}

export function createApiPart(settings: Partial<ApiSettings> = {}): ApiPart {
  return {
    running: true,
    settings: { ...DEFAULT_SETTINGS, ...settings },
    watchers: new Map(),
    watching: new Map(),
    pending: new Map(),
    lastNotified: new Map(),
    cutNodes: new Set(),
    clusterIPs: new Map(),
    nodePorts: new Map(),
  }
}

/** What components keep of what they watch. Each reads its own alone. */
export interface InformersPart {
  /** `KIND@INSTANCE/RESOURCE` to the objects by key. */
  readonly caches: Map<string, Map<string, StoredObject>>
  /** Secondary indexes of the caches: `KIND@INSTANCE/RESOURCE?owner=UID` to keys. */
  readonly indexes: Map<string, Set<string>>
  /** Caches whose first list has come. */
  readonly synced: Set<string>
}

export function createInformersPart(): InformersPart {
  return { caches: new Map(), indexes: new Map(), synced: new Set() }
}

/** Messages of the API server to itself. */
export type ApiServerMessage =
  | { readonly type: 'watch-open'; readonly watcher: string }
  | { readonly type: 'watch-reopen'; readonly watcher: string }
