import type { LoadBalancerKind } from '../../core/vocabulary.js'
import type { WatchMessage } from '../api/client.js'

/** A load balancer outside the cluster, as the cloud has built it. Immutable. */
export interface CloudLoadBalancer {
  /** `namespace/name` of its Service. */
  readonly service: string
  readonly uid: string
  readonly kind: LoadBalancerKind
  /** One for each family of its Service, in the Service's order. */
  readonly addresses: readonly string[]
  /** Nodes behind it, by name. */
  readonly nodes: readonly string[]
  readonly excluded: readonly { readonly node: string; readonly why: string }[]
  /** Health by Node as the last checks found it. */
  readonly health: Readonly<Record<string, { readonly healthy: boolean; readonly why: string }>>
}

/** State of the cloud and of the cloud controller manager. */
export interface CloudPart {
  running: boolean
  run: number
  /** Not 0 once the load balancers ask their Nodes how they are. */
  healthRun: number
  readonly loadBalancers: Map<string, CloudLoadBalancer>
  /** Services that wait for a retry: key to failures in a row. */
  readonly failures: Map<string, number>
}

export type CloudMessage =
  | WatchMessage
  | { readonly type: 'start' }
  | { readonly type: 'stop' }
  /** `nodes`: only the Nodes behind it, or its endpoints, may have changed. */
  | { readonly type: 'sync'; readonly key: string; readonly run: number; readonly about: 'service' | 'nodes' }
  | { readonly type: 'check-health'; readonly run: number }
  /** One load balancer asks its Nodes out of turn. */
  | { readonly type: 'look'; readonly key: string }

export function createCloudPart(): CloudPart {
  return { running: false, run: 0, healthRun: 0, loadBalancers: new Map(), failures: new Map() }
}
