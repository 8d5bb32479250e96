import type { LoadBalancerKind } from '../core/vocabulary.js'
import type { Protocol } from './packet.js'

/** A load balancer outside the cluster as the network sees it: an address, ports, and where it may send. */
export interface LoadBalancer {
  readonly kind: LoadBalancerKind
  readonly namespace: string
  readonly service: string
  readonly addresses: readonly string[]
  readonly ports: readonly LoadBalancerPort[]
  /** Nodes that pass its health check. */
  readonly nodes: readonly { readonly node: string; readonly ip: string }[]
  readonly excluded: readonly { readonly node: string; readonly why: string }[]
}

export interface LoadBalancerPort {
  readonly proto: Protocol
  readonly port: number
  readonly nodePort: number
  /** Endpoints of kind `direct`. */
  readonly endpoints: readonly { readonly ip: string; readonly port: number }[]
}
