import type { FlowId, StepId } from '../../core/step.js'
import type { SimTime } from '../../core/time.js'
import type { WatchMessage } from '../api/client.js'
import type { ObjectKey } from '../api/resources.js'
import type { IpFamily } from './address.js'
import type { ProxyConfiguration } from './configuration.js'
import { DEFAULT_PROXY_CONFIGURATION } from './configuration.js'
import type { NftTable } from './nftables/types.js'

/** A Service whose load balancer asks each Node whether it has endpoints of its own. */
export interface HealthCheck {
  /** `namespace/name` */
  readonly service: string
  readonly family: IpFamily
  readonly port: number
  /** Ready endpoints on this Node. */
  readonly localEndpoints: number
}

/** Health checks by family and `namespace/name` of their Service: `IPv4 default/web`. */
export type HealthChecks = ReadonlyMap<string, HealthCheck>

/** A change that the Node's rules do not know yet, and where it came from. */
export interface PendingChange {
  /** `namespace/name` of the Service; empty when the Node itself changed, which concerns all of them. */
  readonly service: string
  /** Key of the slice that changed, where one did. */
  readonly slice?: ObjectKey
  /** Families in which the slice had endpoints of UDP ports before. */
  readonly udp?: readonly IpFamily[]
  /** When this kube-proxy heard of it. */
  readonly at: SimTime
  /** Generation of the slice as the rules were made of it (absent: of none), and as kube-proxy knows it now (absent: it is gone). */
  readonly before?: number
  readonly after?: number
  readonly cause: StepId | undefined
  readonly flow: FlowId
}

/** A kube-proxy process on its Node. Immutable: replaced on change. */
export interface ProxyProcess {
  readonly running: boolean
  /** Counts starts, so that timers of an earlier life die. */
  readonly run: number
  /** Writes everything anew at the next sync, as after its start. */
  readonly needsFullSync: boolean
  readonly pending: readonly PendingChange[]
  /** Flow of the sync that is queued; undefined when none is. */
  readonly queuedFor: FlowId | undefined
  /** When the queued sync will write; undefined when none is queued. */
  readonly dueAt?: SimTime | undefined
  /** When the next sync may begin. */
  readonly nextSyncAt: SimTime
  /** Step of the last sync that changed each Service's rules, by `namespace/name`: the end of every "why". */
  readonly writtenBy: ReadonlyMap<string, StepId>
  /** Its own configuration, where it was started with another than the cluster's. */
  readonly configuration?: ProxyConfiguration
  /** The Node that it takes itself for, where that is not the one it runs on. */
  readonly nodeName?: string | undefined
  /** Health checks that it answers. */
  readonly healthPorts: HealthChecks
  /** When it last wrote what it knew; undefined until it has. */
  readonly syncedAt?: SimTime | undefined
  /** When it last wrote everything anew. */
  readonly fullSyncAt?: SimTime | undefined
  /** When it last deleted unused chains; only in a large cluster it does not do so at every sync. */
  readonly cleanedAt?: Readonly<Partial<Record<IpFamily, SimTime>>>
}

export interface ProxyPart {
  configuration: ProxyConfiguration
  /** Ranges of cluster IPs (the ServiceCIDR objects): nftables mode drops what is sent to addresses in them that no Service has. */
  serviceCIDRs: readonly string[]
  readonly processes: Map<string, ProxyProcess>
  /** Extra time between a change and the sync that brings it into the rules, by Node; `*` for every Node without one of its own. */
  readonly extraLag: Map<string, SimTime>
  /** Tables `kube-proxy` in the kernels of Nodes whose proxy works in nftables mode. */
  readonly nftables: Map<string, readonly NftTable[]>
}

/** The configuration that a process works with: its own, else the cluster's, as that of a Node without one. */
export function configurationOf(proxy: ProxyPart, process: ProxyProcess | undefined): ProxyConfiguration {
  return process?.configuration ?? proxy.configuration
}

export type ProxyMessage =
  | WatchMessage
  /** The process starts: it watches, and writes all rules once it knows all Services and slices. */
  | { readonly type: 'start' }
  /** The process ends; its rules stay in the kernel as they are. */
  | { readonly type: 'stop' }
  | { readonly type: 'sync'; readonly run: number }
  /** Looks whether the last sync was an hour ago. */
  | { readonly type: 'resync'; readonly run: number }
  /** Looks whether somebody has flushed the kernel's rules. */
  | { readonly type: 'look-for-canary'; readonly run: number }
  /** Sets the extra lag of this Node's proxy, in microseconds. */
  | { readonly type: 'set-lag'; readonly lag: SimTime }
  /** This Node's kube-proxy was started again, with this configuration. */
  | { readonly type: 'configure'; readonly configuration: ProxyConfiguration; readonly nodeName?: string }

/** Source: kubernetes cmd/kubeadm/app/apis/kubeadm/v1beta4/defaults.go DefaultServicesSubnet */
const KUBEADM_SERVICE_CIDRS: readonly string[] = ['10.96.0.0/12']

/** kube-proxies that have not started. Without ranges of cluster IPs they are kubeadm's. */
export function createProxyPart(
  configuration: ProxyConfiguration = DEFAULT_PROXY_CONFIGURATION,
  serviceCIDRs: readonly string[] = KUBEADM_SERVICE_CIDRS,
): ProxyPart {
  return { configuration, serviceCIDRs, processes: new Map(), extraLag: new Map(), nftables: new Map() }
}
