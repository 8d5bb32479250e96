import type { NftBaseChain } from './nft/ruleset.js'
import type { LinkedChain } from './rules/linkedChain.js'

/** Which part of the addresses NAT may change at a hook. */
export type NatPart = 'destination' | 'source'

/** One thing that is asked about a packet at a hook. */
export type Stage =
  | { readonly kind: 'conntrack'; readonly priority: number }
  /** Chains of `nat`, iptables' before those of nftables, which are asked in turn for the first packet of a connection. */
  | {
      readonly kind: 'nat'
      readonly priority: number
      readonly part: NatPart
      readonly chain: LinkedChain | undefined
      readonly nft: readonly NftBaseChain[]
    }
  | { readonly kind: 'table'; readonly priority: number; readonly chain: LinkedChain }
  | { readonly kind: 'chain'; readonly priority: number; readonly chain: NftBaseChain }

/** What a packet meets at a hook of a host, in the kernel's order. */
export type HookPlan = readonly Stage[]
