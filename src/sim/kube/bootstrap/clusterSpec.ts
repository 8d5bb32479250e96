import type { LoadBalancerKind } from '../../core/vocabulary.js'
import type { Manifest } from '../api/client.js'

/** A machine that is, or will be, a Node. */
export interface MachineSpec {
  readonly name: string
  readonly role: 'control-plane' | 'worker'
  readonly labels?: Readonly<Record<string, string>>
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  /** Quantities; what is absent is the default machine's: 4 CPUs, 8Gi, 110 Pods. */
  readonly capacity?: Readonly<Record<string, string>>
  /** Address on the underlay; the next free one when absent. */
  readonly address?: string
  /** Virtual time in microseconds at which the machine is switched on and joins; from the start when absent. */
  readonly joinsAt?: number
}

/** What a kind `Cluster` document decides. Addresses and names follow kubeadm and kind's habits where absent. */
export interface ClusterLayout {
  /** Machines in order; the default cluster's four when absent. */
  readonly nodes?: readonly MachineSpec[]
  /** Default `10.244.0.0/16`. */
  readonly podSubnet?: string
  /** Default `10.96.0.0/16`. */
  readonly serviceSubnet?: string
  readonly kubeProxyMode?: 'userspace' | 'iptables' | 'ipvs' | 'nftables' | 'none'
}

/** A configuration document as decoded from YAML: outside data, read field by field by the component that it is for. */
export type ConfigDocument = Readonly<Record<string, unknown>>

/** Everything that decides a cluster's start: the same spec gives the same world, to the last byte. */
export interface ClusterSpec {
  readonly seed: string
  readonly cluster?: ClusterLayout
  /** A `KubeProxyConfiguration` document. */
  readonly kubeProxy?: ConfigDocument
  /** A `KubeSchedulerConfiguration` document. */
  readonly scheduler?: ConfigDocument
  /** As kube-controller-manager's `--controllers`, `service-lb-controller` of the cloud controller manager included; `*` when absent. */
  readonly controllers?: string
  readonly loadBalancer?: { readonly kind?: LoadBalancerKind }
  /** Applied in order, through full admission, once the control plane serves. */
  readonly objects?: readonly Manifest[]
  /** A whole cluster as it stands, as if restored from etcd: exactly these Nodes; what comes with status is frozen. Overrides `cluster.nodes`. */
  readonly restore?: readonly Manifest[]
  /** `frozen` (no component but kube-proxy runs on Nodes with status) is decided per object; this leaves controllers and scheduler out as well. */
  readonly componentsOff?: readonly ('scheduler' | 'kube-proxy')[]
}
