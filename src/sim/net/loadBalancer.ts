import type { LoadBalancerKind } from '../core/vocabulary.js'
import type { Prefix } from './address.js'
import type { Protocol } from './packet.js'

/** A load balancer outside the cluster as the network sees it: an address, ports, and where it may send. */
export interface LoadBalancer {
  readonly kind: LoadBalancerKind
  readonly namespace: string
  readonly service: string
  readonly addresses: readonly string[]
  readonly ports: readonly LoadBalancerPort[]
  /** Nodes that pass its health check, with an address of each family that they have. */
  readonly nodes: readonly { readonly node: string; readonly ips: readonly string[] }[]
  readonly excluded: readonly { readonly node: string; readonly why: string }[]
  /** Blocks that its own firewall lets in; a family of which none is named is open. Kind `pass-through` leaves that to kube-proxy. */
  readonly sourceRanges?: readonly Prefix[]
}

export interface LoadBalancerPort {
  readonly proto: Protocol
  readonly port: number
  /** 0 when the Service has none: then only the kinds that need no NodePort can send. */
  readonly nodePort: number
  /** Endpoints of kind `direct`, of every family. */
  readonly endpoints: readonly { readonly ip: string; readonly port: number }[]
}
