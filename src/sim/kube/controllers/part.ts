import type { SimTime } from '../../core/time.js'
import type { TopologyMemory } from './endpoints/topologyMemory.js'

/** Pods that a controller has asked for or given up and not yet seen come or go. Source: kubernetes pkg/controller/controller_utils.go */
export interface Expectation {
  readonly creations: number
  /** Keys of objects whose deletion is not yet seen. */
  readonly deletions: readonly string[]
  readonly since: SimTime
}

/** State of kube-controller-manager: what its controllers keep between two syncs. */
export interface ControllersPart {
  /** The process does not run: set and cleared by `stopControllerManager`, `startControllerManager`. */
  stopped: boolean
  /** Counts starts. 0: never started. */
  run: number
  /** All informers have listed: work may begin. */
  ready: boolean
  /** `--controllers`, as given. */
  controllers: string
  /** `--cluster-cidr`; empty where Nodes get no Pod ranges from the manager. */
  clusterCidr: string
  settings: ManagerSettings
  /** Keys waiting, in order, by controller. */
  readonly queues: Map<string, Set<string>>
  /** Until when a large sync keeps its worker busy, by `controller/key`. */
  readonly busy: Map<string, SimTime>
  /** Failures in a row by controller and key. */
  readonly failures: Map<string, Map<string, number>>
  /** When a delayed key is due, by controller and key. */
  readonly delayed: Map<string, Map<string, SimTime>>
  /** By `controller/key`. */
  readonly expectations: Map<string, Expectation>
  /** Objects that a sync wrote and the cache must show before the next one: by `controller/key`, then `resource|key` to resourceVersion; '' is gone. */
  readonly writes: Map<string, Map<string, string>>
  /** Pods (and ReplicaSets, ...) without controller, by `resource/namespace`. */
  readonly orphans: Map<string, Set<string>>
  /** Pods by `namespace/label=value`, so that a selector need not look at all. */
  readonly podsByLabel: Map<string, Set<string>>
  /** What node-lifecycle-controller last saw of each Node. */
  readonly nodeHealth: Map<string, NodeHealth>
  /** When a Pod is due to be evicted for a taint, by Pod key. */
  readonly taintEvictions: Map<string, SimTime>
  /** Since when a Node that Pods name is missing. */
  readonly missingNodes: Map<string, SimTime>
  /** What the metrics API would answer, by Pod key; written by whatever measures. Empty: no metrics. */
  readonly podUsage: Map<string, PodUsage>
  /** Recommendations of the last minutes, by HorizontalPodAutoscaler key. */
  readonly recommendations: Map<string, readonly Recommendation[]>
  /** What autoscalers with rules of their own did lately, by HorizontalPodAutoscaler key. */
  readonly scaleEvents: Map<string, readonly ScaleEvent[]>
  /** What the hints of Services with the topology annotation were made of, by Service key. */
  readonly topology: Map<string, TopologyMemory>
  /** Other things that controllers remember between syncs: a moment by `controller/what`. */
  readonly moments: Map<string, SimTime>
}

/** One sample of a Pod's use, all containers together. */
export interface PodUsage {
  readonly cpuMilli: number
  readonly memoryBytes: number
  /** End of the sample, and how long it lasted. */
  readonly at: SimTime
  readonly window: SimTime
}

export interface Recommendation {
  readonly at: SimTime
  readonly replicas: number
}

/** By how many Pods an autoscaler changed its target. */
export interface ScaleEvent {
  readonly at: SimTime
  readonly change: number
}

/** Source: kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go nodeHealthData */
export interface NodeHealth {
  /** When the Node was last heard of: a new heartbeat in its status or a renewed lease. */
  readonly probeAt: SimTime
  /** `resourceVersion`-like marks by which a new heartbeat is known. */
  readonly heartbeat: string
  readonly lease: string
  /** Ready condition of the last look. */
  readonly ready: string
}

/** Flags of kube-controller-manager that change what is seen; durations in microseconds. */
export interface ManagerSettings {
  /** `--node-monitor-period` */
  readonly nodeMonitorPeriod: number
  /** `--node-monitor-grace-period` */
  readonly nodeMonitorGracePeriod: number
  /** `--node-startup-grace-period` */
  readonly nodeStartupGracePeriod: number
  /** `--node-eviction-rate`, Nodes per second. */
  readonly nodeEvictionRate: number
  /** `--horizontal-pod-autoscaler-sync-period` */
  readonly hpaSyncPeriod: number
  /** `--terminated-pod-gc-threshold` */
  readonly terminatedPodThreshold: number
  /** `--node-cidr-mask-size-ipv4` */
  readonly nodeCidrMaskSize: number
}

export const DEFAULT_SETTINGS: ManagerSettings = {
  nodeMonitorPeriod: 5_000_000,
  nodeMonitorGracePeriod: 50_000_000,
  nodeStartupGracePeriod: 60_000_000,
  nodeEvictionRate: 0.1,
  hpaSyncPeriod: 15_000_000,
  terminatedPodThreshold: 12_500,
  nodeCidrMaskSize: 24,
}

export interface ControllersOptions {
  /** `--controllers`: `*` by default. */
  readonly controllers?: string
  /** `--cluster-cidr`: IPv4 range of the Pods, from which Nodes get theirs. */
  readonly clusterCidr?: string
  readonly settings?: Partial<ManagerSettings>
}

export function createControllersPart(options: ControllersOptions = {}): ControllersPart {
  return {
    stopped: false,
    run: 0,
    ready: false,
    controllers: options.controllers ?? '*',
    clusterCidr: options.clusterCidr ?? '10.244.0.0/16',
    settings: { ...DEFAULT_SETTINGS, ...options.settings },
    queues: new Map(),
    busy: new Map(),
    failures: new Map(),
    delayed: new Map(),
    expectations: new Map(),
    writes: new Map(),
    orphans: new Map(),
    podsByLabel: new Map(),
    nodeHealth: new Map(),
    taintEvictions: new Map(),
    missingNodes: new Map(),
    podUsage: new Map(),
    recommendations: new Map(),
    scaleEvents: new Map(),
    topology: new Map(),
    moments: new Map(),
  }
}
