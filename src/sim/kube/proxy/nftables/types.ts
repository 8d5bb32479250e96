import type { IpFamily } from '../address.js'

/** A named set or map. Elements are kept by key, in the form in which nft prints them. */
export interface NftSet {
  readonly name: string
  readonly kind: 'set' | 'map'
  /** `ipv4_addr . inet_proto . inet_service : verdict` */
  readonly type: string
  readonly comment?: string
  /** Lines that stand where the comment would: size, flags, timeout of a dynamic set. */
  readonly properties?: readonly string[]
  /** Key to the rest of the element: `10.96.0.1 . tcp . 443` to ` : goto service-…`; empty for a set. */
  readonly elements: ReadonlyMap<string, string>
}

export interface NftChain {
  readonly name: string
  /** `type nat hook prerouting priority dstnat; policy accept;` */
  readonly base?: string
  readonly comment?: string
  readonly rules: readonly string[]
}

/** The table `kube-proxy` of one family, as the kernel holds it. Immutable. */
export interface NftTable {
  readonly family: IpFamily
  readonly sets: readonly NftSet[]
  readonly chains: readonly NftChain[]
}
