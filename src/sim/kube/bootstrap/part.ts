import type { SimTime } from '../../core/time.js'
import type { LoadBalancerKind } from '../../core/vocabulary.js'
import type { Overlay } from '../../net/layout.js'
import type { Manifest } from '../api/client.js'
import type { ConfigDocument } from './clusterSpec.js'

/** A machine in the rack, whether or not Kubernetes knows of it. Immutable: replaced on change. */
export interface Machine {
  readonly name: string
  readonly role: 'control-plane' | 'worker'
  readonly address: string
  /** All its addresses, `address` first, where it has one of each family. */
  readonly addresses?: readonly string[]
  /** Range of Pod addresses that its network plugin was given; empty until known. */
  readonly podCIDR: string
  /** One of each family, where the cluster has both. */
  readonly podCIDRs?: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  readonly capacity: Readonly<Record<string, string>>
  /** Electricity. */
  readonly powered: boolean
  /** Its cable to the underlay. */
  readonly connected: boolean
  /** The kubelet process; `frozen`: the Node came with its status, and no kubelet runs until an action makes one. */
  readonly kubelet: 'running' | 'stopped' | 'frozen'
  readonly kubeProxy: 'running' | 'stopped'
  /** Switched on after the first Pods had been placed. */
  readonly joinedLater: boolean
}

export interface ClusterConfig {
  readonly podSubnet: string
  readonly serviceSubnet: string
  readonly controllers: string
  readonly loadBalancerKind: LoadBalancerKind
  readonly kubeProxy: ConfigDocument | undefined
  readonly scheduler: ConfigDocument | undefined
  /** A whole cluster as it stands was restored. */
  readonly restored: boolean
  /** Nodes run no kube-proxy. */
  readonly withoutProxy: boolean
  readonly withoutScheduler: boolean
  /** How Pods reach those of other Nodes. */
  readonly overlay: Overlay
}

/** The cluster's hardware and how it was set up. */
export interface ClusterPart {
  config: ClusterConfig
  readonly machines: Map<string, Machine>
  /** Machines that are switched on later, by name, and when. */
  readonly joining: Map<string, SimTime>
  /** UIDs of Pods that came with status: nobody touches them until an action does. */
  readonly frozenPods: Set<string>
  /** Objects of a whole cluster as it stands, until they are restored. */
  readonly restoring: Manifest[]
  /** Manifests still to apply at the start, in order. */
  readonly startObjects: Manifest[]
  /** What the API server refused of the start's objects. */
  readonly refused: { readonly object: string; readonly message: string }[]
}

export type BootstrapMessage =
  /** Switches the cluster on: what kubeadm does once the static Pods serve. */
  | { readonly type: 'start' }
  /** Applies the scenario's objects, one after the other. */
  | { readonly type: 'apply-objects' }
  | { readonly type: 'join'; readonly machine: string }
  /** Creates the Pods of a restored cluster that nobody has placed yet, one after the other. */
  | { readonly type: 'create-pods'; readonly pods: readonly Manifest[] }

export function createClusterPart(): ClusterPart {
  return {
    config: {
      podSubnet: '',
      serviceSubnet: '',
      controllers: '*',
      loadBalancerKind: 'nodeport',
      kubeProxy: undefined,
      scheduler: undefined,
      restored: false,
      withoutProxy: false,
      withoutScheduler: false,
      overlay: 'host-gw',
    },
    machines: new Map(),
    joining: new Map(),
    frozenPods: new Set(),
    restoring: [],
    startObjects: [],
    refused: [],
  }
}
