import type { Hook } from '../../core/vocabulary.js'
import type { Family, Prefix } from '../address.js'
import type { NatRange, Rate } from '../rules/types.js'

/** What a rule of nftables reads from a packet. */
export type NftField =
  | 'saddr'
  | 'daddr'
  | 'l4proto'
  | 'sport'
  | 'dport'
  | 'iifname'
  | 'oifname'
  | 'mark'
  | 'ct state'
  | 'ct status'
  | 'ct direction'
  | 'ct original saddr'
  | 'ct original daddr'
  | 'ct original proto-src'
  | 'ct original proto-dst'
  | 'ct reply saddr'
  | 'ct reply daddr'
  | 'ct reply proto-src'
  | 'ct reply proto-dst'
  | 'icmp type'
  | 'icmp code'
  | 'ttl'
  | 'pkttype'
  | 'nfproto'
  | 'fib saddr type'
  | 'fib daddr type'

/** Whose mark: the packet's or the connection's. */
export type MarkOwner = 'meta' | 'ct'

/** Where a value is looked up: a named set or map, or one written in the rule. */
export type NftLookup =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'inline'; readonly elements: NftElements }

export interface NftElements {
  /** `10.96.0.1 . tcp . 443` to the verdict or data as text; empty text for sets. */
  readonly exact: ReadonlyMap<string, string>
  readonly prefixes: readonly { readonly prefix: Prefix; readonly data: string }[]
  /** Elements with a range or a wildcard in them, part by part: `10.0.0.0/8`, `80-90`, `eth*`. */
  readonly patterns?: readonly { readonly parts: readonly string[]; readonly data: string }[]
}

export type NftVerdict =
  | { readonly kind: 'accept' | 'drop' | 'return' | 'continue' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'reject'; readonly with: string }

export type NftStatement =
  | {
      readonly kind: 'match'
      readonly fields: readonly NftField[]
      readonly negated: boolean
      readonly among: NftLookup
      /** Whose header is asked (`ip saddr`): packets of the other family fit neither way. */
      readonly family?: Family
    }
  | {
      readonly kind: 'mark-match'
      readonly of: MarkOwner
      readonly mask: number
      readonly value: number
      readonly negated: boolean
    }
  /** `from & and ^ xor`: what every chain of operators comes down to. */
  | { readonly kind: 'mark-set'; readonly of: MarkOwner; readonly from: MarkOwner; readonly and: number; readonly xor: number }
  | {
      readonly kind: 'tcp-flags'
      readonly mask: readonly string[]
      /** Undefined: any of the mask will do. */
      readonly set: readonly string[] | undefined
      readonly negated: boolean
    }
  | { readonly kind: 'random'; readonly probability: number }
  | { readonly kind: 'limit'; readonly rate: Rate; readonly burst: number; readonly over: boolean }
  | { readonly kind: 'notrack' }
  /** Says something, and the next statement follows. */
  | { readonly kind: 'pass'; readonly name: string }
  | { readonly kind: 'vmap'; readonly fields: readonly NftField[]; readonly map: NftLookup; readonly family?: Family }
  | { readonly kind: 'numgen-vmap'; readonly options: readonly NftVerdict[] }
  | { readonly kind: 'dnat' | 'snat'; readonly options: readonly NatRange[]; readonly family?: Family }
  /** `dnat to tcp dport map { 80 : 10.0.0.1 }`: where a packet goes depends on what it has. */
  | {
      readonly kind: 'nat-map'
      readonly nat: 'dnat' | 'snat'
      readonly fields: readonly NftField[]
      readonly map: NftLookup
      readonly flags: Partial<NatRange>
      readonly family?: Family
    }
  | { readonly kind: 'masquerade' | 'redirect'; readonly range: NatRange }
  /** Puts an element into a set; one that is there already stays for a new while if `refreshes`, else it goes when it would have. */
  | { readonly kind: 'update'; readonly set: string; readonly field: NftField; readonly refreshes: boolean }
  | { readonly kind: 'verdict'; readonly verdict: NftVerdict }
  /** Not modelled: the walk stops and names it. */
  | { readonly kind: 'unknown'; readonly text: string }

export interface NftRule {
  /** As `nft list ruleset` shows it, without handle. */
  readonly text: string
  readonly statements: readonly NftStatement[]
  /** Counts from 1 within its chain. */
  readonly position: number
}

export interface NftBase {
  readonly type: 'filter' | 'nat' | 'route'
  readonly hook: Hook
  readonly priority: number
  readonly policy: 'ACCEPT' | 'DROP'
}

export interface NftChain {
  readonly name: string
  readonly base: NftBase | undefined
  readonly rules: readonly NftRule[]
}

export interface NftSet {
  readonly name: string
  readonly elements: NftElements
  /** Microseconds after which an element that a rule put in is forgotten; undefined for sets that rules do not change. */
  readonly timeoutUs: number | undefined
}

export interface NftTable {
  readonly family: 'ip' | 'ip6' | 'inet'
  readonly name: string
  readonly sets: ReadonlyMap<string, NftSet>
  readonly chains: ReadonlyMap<string, NftChain>
}

/** What a host's kernel holds of nftables. Immutable. */
export interface NftRuleset {
  readonly tables: readonly NftTable[]
}
