import type { LoadBalancerKind, SimTime, StepId, ThingId } from '../sim/index.js'

/** What a Node's or component's light shows. */
export type Health = 'up' | 'down' | 'unknown'

export interface SceneClient {
  readonly id: ThingId
  readonly ip: string
}

export interface SceneLoadBalancer {
  readonly id: ThingId
  /** `namespace/name` of its Service. */
  readonly service: string
  readonly ip: string
  /** The first one's companion of the other family, where there is one. */
  readonly moreAddresses: readonly string[]
  readonly ports: readonly number[]
  readonly kind: LoadBalancerKind
  readonly nodes: readonly { readonly node: string; readonly usable: boolean; readonly why: string }[]
}

/** A process of the control plane: `apiserver`, `etcd`, `scheduler`, `controller-manager`, `cloud-controller-manager`. */
export interface SceneComponent {
  readonly id: ThingId
  readonly node: string
  readonly running: boolean
}

/** A change that a kube-proxy has heard of, and that the rules of its Node do not know yet. */
export interface SceneChange {
  /** `namespace/name`; empty where it is the Node itself, or all at once after a start. */
  readonly service: string
  /** `namespace/name` of the EndpointSlice that changed; absent where it was the Service. */
  readonly slice?: string
  /** Generation of the slice that the rules were made of; absent where they were made without it. */
  readonly before?: number
  /** Its generation as kube-proxy knows it; absent where the slice is gone. */
  readonly after?: number
  /** When kube-proxy heard of the first of these changes. */
  readonly at: SimTime
  /** The step by which it heard of the latest. */
  readonly step?: StepId
}

/** How far a Node's rules lag behind what its kube-proxy knows. */
export interface SceneBehind {
  readonly since: SimTime
  /** When the queued sync writes. */
  readonly due?: SimTime
  readonly changes: readonly SceneChange[]
  readonly more: number
}

/** What decides when a kube-proxy writes, in microseconds. */
export interface SceneProxyPace {
  /** Two syncs are at least this far apart, and after this time it syncs anyhow: of its configuration. */
  readonly minSyncPeriod: SimTime
  readonly syncPeriod: SimTime
  /** What a person has put on top. */
  readonly lag: SimTime
}

export interface SceneNode {
  readonly id: ThingId
  readonly name: string
  readonly ip: string
  readonly podCIDR: string
  readonly controlPlane: boolean
  /** Condition Ready as the API server has it. */
  readonly ready: 'True' | 'False' | 'Unknown'
  /** Electricity: false after a stop, whatever the API server still believes. */
  readonly powered: boolean
  /** Its link to the underlay. */
  readonly connected: boolean
  readonly unschedulable: boolean
  readonly taints: readonly string[]
  readonly kubelet: boolean
  readonly kubeProxy: boolean
  readonly proxyMode: string
  /** kube-proxy has not yet written what the API server holds, or cannot. */
  readonly rulesStale: boolean
  readonly behind?: SceneBehind
  readonly pace: SceneProxyPace
  /** Rules of the family of its address, as the tool of that family prints them. */
  readonly ruleCount: number
  /** Rules of the other family: kube-proxy writes both. */
  readonly otherRuleCount: number
  /** Where the kernel holds rules: `nat PREROUTING`, `filter FORWARD`; of nftables the type and hook of its base chains. */
  readonly tables: readonly string[]
  /** Joined after the first Pods had been placed. */
  readonly joinedLater: boolean
  readonly createdAt: SimTime
}

export interface SceneContainer {
  readonly name: string
  readonly image: string
  readonly state: 'waiting' | 'running' | 'terminated'
  readonly reason: string
  readonly ready: boolean
  readonly restarts: number
  readonly init: boolean
  readonly ports: readonly number[]
}

export interface ScenePod {
  readonly id: ThingId
  readonly namespace: string
  readonly name: string
  /** Name of its Node; empty while not scheduled. */
  readonly node: string
  readonly ip: string
  readonly phase: string
  /** The word that `kubectl get pods` prints: `Running`, `CrashLoopBackOff`, `Terminating`. */
  readonly status: string
  readonly ready: boolean
  readonly terminating: boolean
  readonly hostNetwork: boolean
  readonly isStatic: boolean
  /** `ReplicaSet/web-5d8f`, or empty. */
  readonly owner: string
  readonly labels: Readonly<Record<string, string>>
  readonly containers: readonly SceneContainer[]
  /** The Node's end of its veth. */
  readonly device: string
}

export interface SceneEndpoint {
  readonly ip: string
  readonly port: number
  /** ThingId of the Pod; empty where no Pod has the address. */
  readonly pod: ThingId | ''
  readonly ready: boolean
  readonly serving: boolean
  readonly terminating: boolean
}

export interface SceneService {
  readonly id: ThingId
  readonly namespace: string
  readonly name: string
  readonly type: string
  readonly clusterIP: string
  readonly externalAddresses: readonly string[]
  readonly ports: readonly {
    readonly name: string
    readonly protocol: string
    readonly port: number
    readonly targetPort: string
    readonly nodePort: number
  }[]
  readonly endpoints: readonly SceneEndpoint[]
  /** The other proxy to which a label hands it; absent where it is kube-proxy's. */
  readonly otherProxy?: string
}

/** Deployments, ReplicaSets and what else keeps Pods. */
export interface SceneWorkload {
  readonly id: ThingId
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly owner: string
  readonly desired: number
  readonly current: number
  readonly ready: number
  readonly image: string
}

/** Something broken now, so that it can be mended. */
export interface SceneFault {
  readonly id: string
  readonly fault: string
  readonly target: ThingId
  /** Of a slow kube-proxy: how much later it writes, in microseconds. */
  readonly lag?: SimTime
}

/** Tables of what the picture shows, each by id. Entries are immutable: the same object while nothing in it changed. */
export interface SceneTables {
  clients: SceneClient
  loadBalancers: SceneLoadBalancer
  components: SceneComponent
  nodes: SceneNode
  pods: ScenePod
  services: SceneService
  workloads: SceneWorkload
  faults: SceneFault
}

export type SceneTable = keyof SceneTables

/** The picture's facts at one moment. */
export type Scene = { readonly [T in SceneTable]: ReadonlyMap<string, SceneTables[T]> }

/** The way from one scene to another. */
export type ScenePatch = {
  readonly [T in SceneTable]?: { readonly put: readonly SceneTables[T][]; readonly gone: readonly string[] }
}
