import type { Chance, NetTable } from '../../core/vocabulary.js'
import type { Prefix } from '../address.js'
import type { Ipsets } from '../ipset/types.js'
import type { Protocol } from '../packet.js'

/** One condition of a rule. `negated` stands for iptables' `!`. */
export type Match =
  | { readonly kind: 'source'; readonly prefix: Prefix; readonly negated: boolean }
  | { readonly kind: 'destination'; readonly prefix: Prefix; readonly negated: boolean }
  | { readonly kind: 'in-interface'; readonly pattern: string; readonly negated: boolean }
  | { readonly kind: 'out-interface'; readonly pattern: string; readonly negated: boolean }
  | { readonly kind: 'protocol'; readonly protocol: Protocol | string; readonly negated: boolean }
  | { readonly kind: 'fragment'; readonly negated: boolean }
  /** `-m tcp`, `-m udp`, `-m sctp` without a condition of their own. */
  | { readonly kind: 'transport'; readonly protocol: string; readonly conditions: readonly PortCondition[] }
  | { readonly kind: 'icmp'; readonly type: string; readonly negated: boolean; readonly module: string }
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'conntrack'; readonly conditions: readonly ConntrackCondition[]; readonly module: 'conntrack' | 'state' }
  | {
      readonly kind: 'mark'
      readonly value: number
      readonly mask: number
      readonly negated: boolean
      readonly module: 'mark' | 'connmark'
    }
  | { readonly kind: 'random'; readonly probability: number; readonly negated: boolean }
  | { readonly kind: 'nth'; readonly every: number; readonly packet: number; readonly negated: boolean }
  | RecentMatch
  | {
      readonly kind: 'addrtype'
      readonly conditions: readonly AddrtypeCondition[]
      readonly limitIn: boolean
      readonly limitOut: boolean
    }
  | {
      readonly kind: 'multiport'
      readonly side: 'sports' | 'dports' | 'ports'
      readonly ports: readonly PortRange[]
      readonly negated: boolean
    }
  | { readonly kind: 'physdev'; readonly conditions: readonly PhysdevCondition[] }
  | { readonly kind: 'nfacct'; readonly name: string }
  | SetMatch
  | { readonly kind: 'limit'; readonly rate: Rate; readonly burst: number; readonly negated: boolean }
  | HashlimitMatch
  | { readonly kind: 'length'; readonly range: PortRange; readonly negated: boolean }
  | {
      readonly kind: 'ttl'
      readonly module: 'ttl' | 'hl'
      readonly operator: 'eq' | 'lt' | 'gt'
      readonly value: number
      readonly negated: boolean
    }
  | { readonly kind: 'iprange'; readonly conditions: readonly IprangeCondition[] }
  /** `-m dscp` asks the upper six bits, `-m tos` all under a mask. */
  | {
      readonly kind: 'tos'
      readonly module: 'dscp' | 'tos'
      readonly value: number
      readonly mask: number
      readonly negated: boolean
    }
  | ConnlimitMatch
  | { readonly kind: 'pkttype'; readonly type: string; readonly negated: boolean }
  | { readonly kind: 'owner'; readonly words: readonly string[]; readonly negated: boolean }
  | {
      readonly kind: 'rpfilter'
      readonly loose: boolean
      readonly acceptLocal: boolean
      readonly inverted: boolean
      readonly words: readonly string[]
    }
  | { readonly kind: 'socket'; readonly transparent: boolean; readonly words: readonly string[] }
  /** A match that is not modelled: the walk stops at it and names it. */
  | { readonly kind: 'unknown'; readonly words: readonly string[] }

/** One `--match-set`. `sides` says for each dimension of the set which end of the packet is asked. */
export interface SetMatch {
  readonly kind: 'set'
  readonly name: string
  readonly sides: readonly ('src' | 'dst')[]
  readonly negated: boolean
  readonly returnNomatch: boolean
  /** `! --update-counters`, `! --update-subcounters`: they change nothing that is modelled. */
  readonly flags: readonly string[]
}

/** How many connections one address, or a network of them, has at once. */
export interface ConnlimitMatch {
  readonly kind: 'connlimit'
  readonly limit: number
  /** Matches up to the limit; else what is beyond it. */
  readonly upto: boolean
  /** Length of the networks; undefined for single addresses. */
  readonly mask: number | undefined
  readonly side: 'saddr' | 'daddr'
}

/** `5/min`: so many packets in so many microseconds. */
export interface Rate {
  readonly packets: number
  readonly perUs: number
}

export interface HashlimitMatch {
  readonly kind: 'hashlimit'
  readonly name: string
  readonly rate: Rate
  readonly burst: number
  /** Matches what is beyond the rate. */
  readonly above: boolean
  readonly mode: readonly ('srcip' | 'srcport' | 'dstip' | 'dstport')[]
  readonly srcMask: number | undefined
  readonly dstMask: number | undefined
  /** Microseconds without a packet after which an address is forgotten. */
  readonly expireUs: number
  /** Microseconds between two looks for such addresses. */
  readonly sweepUs: number
  readonly words: readonly string[]
}

export interface IprangeCondition {
  readonly kind: 'src-range' | 'dst-range'
  readonly from: string
  readonly to: string
  readonly negated: boolean
}

export interface PortRange {
  readonly from: number
  readonly to: number
}

export type PortCondition =
  | { readonly kind: 'sport' | 'dport'; readonly range: PortRange; readonly negated: boolean }
  | {
      readonly kind: 'flags'
      readonly mask: readonly string[]
      readonly set: readonly string[]
      readonly negated: boolean
      readonly syn: boolean
    }

export type ConntrackCondition =
  | { readonly kind: 'ctstate'; readonly states: readonly string[]; readonly negated: boolean }
  | { readonly kind: 'ctproto'; readonly protocol: string; readonly negated: boolean }
  | { readonly kind: 'ctorigsrc' | 'ctorigdst' | 'ctreplsrc' | 'ctrepldst'; readonly prefix: Prefix; readonly negated: boolean }
  | {
      readonly kind: 'ctorigsrcport' | 'ctorigdstport' | 'ctreplsrcport' | 'ctrepldstport'
      readonly range: PortRange
      readonly negated: boolean
    }
  | { readonly kind: 'ctstatus'; readonly statuses: readonly string[]; readonly negated: boolean }
  | { readonly kind: 'ctdir'; readonly direction: 'ORIGINAL' | 'REPLY' }

export interface AddrtypeCondition {
  readonly kind: 'src-type' | 'dst-type'
  readonly types: readonly string[]
  readonly negated: boolean
}

export interface PhysdevCondition {
  readonly kind: 'in' | 'out' | 'is-in' | 'is-out' | 'is-bridged'
  readonly pattern: string
  readonly negated: boolean
}

export interface RecentMatch {
  readonly kind: 'recent'
  readonly operation: 'set' | 'rcheck' | 'update' | 'remove'
  readonly negated: boolean
  readonly seconds: number
  readonly reap: boolean
  readonly hitcount: number
  readonly name: string
  /** Lifetimes must be the same too. */
  readonly rttl: boolean
  readonly mask: string
  readonly side: 'rsource' | 'rdest'
}

export interface NatRange {
  /** First and last address; both undefined when only ports change. */
  readonly address: { readonly from: string; readonly to: string } | undefined
  readonly ports: PortRange | undefined
  readonly random: boolean
  readonly randomFully: boolean
  readonly persistent: boolean
}

export type Target =
  | { readonly kind: 'accept' | 'drop' | 'return' | 'none' }
  | { readonly kind: 'jump'; readonly chain: string; readonly goto: boolean }
  | { readonly kind: 'reject'; readonly with: string }
  | { readonly kind: 'mark'; readonly value: number; readonly mask: number }
  | {
      readonly kind: 'connmark'
      readonly operation: 'set' | 'save' | 'restore'
      readonly value: number
      readonly mask: number
      readonly nfmask: number
      readonly ctmask: number
    }
  | { readonly kind: 'dnat' | 'snat'; readonly range: NatRange }
  | { readonly kind: 'masquerade' | 'redirect'; readonly range: NatRange }
  | { readonly kind: 'log'; readonly words: readonly string[] }
  | { readonly kind: 'notrack' }
  | { readonly kind: 'ct'; readonly notrack: boolean; readonly words: readonly string[] }
  | { readonly kind: 'ttl'; readonly name: 'TTL' | 'HL'; readonly operation: 'set' | 'dec' | 'inc'; readonly value: number }
  /** `TOS` and `DSCP`: the bits under the mask are cleared, then the value is laid over. */
  | { readonly kind: 'tos'; readonly name: 'TOS' | 'DSCP'; readonly value: number; readonly mask: number }
  /** Maps a network to another of the same size, address by address. */
  | { readonly kind: 'netmap'; readonly to: Prefix }
  | SetTarget
  /** Changes nothing that is modelled, and the next rule follows: `TCPMSS`, `NFLOG`, `CHECKSUM`. */
  | { readonly kind: 'pass'; readonly name: string; readonly words: readonly string[] }
  /** A target that is not modelled: the walk stops at it and names it. */
  | { readonly kind: 'unknown'; readonly name: string; readonly words: readonly string[] }

/** Puts a packet's addresses into a set, or takes them out. */
export interface SetTarget {
  readonly kind: 'set'
  readonly operation: 'add' | 'del'
  readonly name: string
  readonly sides: readonly ('src' | 'dst')[]
  readonly exist: boolean
  /** Seconds; undefined for the set's own. */
  readonly timeout: number | undefined
}

/** What one rule says, wherever it stands. Shared by all rules of the same text. */
export interface RuleBody {
  readonly chain: string
  readonly matches: readonly Match[]
  readonly target: Target
  /** As `iptables-save` prints it: `-A KUBE-SERVICES -d 10.96.0.1/32 ...`. */
  readonly text: string
}

/** The common conditions of a rule in one flat record; what is absent does not matter to the rule. */
export interface RuleTest {
  /** There are none at all. */
  readonly isOpen: boolean
  readonly src: string | undefined
  readonly dst: string | undefined
  readonly proto: string | undefined
  /** -1 for any. */
  readonly dport: number
  /** States of conntrack, one of which the packet must be in. */
  readonly states: readonly string[] | undefined
  /** Bits of the packet's mark that are looked at: 0 for none. */
  readonly markMask: number
  readonly markValue: number
  readonly markNegated: boolean
  readonly rest: readonly Match[]
}

/** Calls a chain (`goto`: without coming back), goes back to the caller, stops at what is not modelled, or does something. */
export type RuleStep = 'call' | 'goto' | 'return' | 'unknown' | 'act'

/** A rule in its place. */
export interface Rule extends RuleBody {
  /** Derived from `matches` and `target`. */
  readonly test: RuleTest
  readonly step: RuleStep
  readonly action: string
  readonly chance: Chance | undefined
  readonly table: NetTable
  /** Counts from 1 within its chain. */
  readonly position: number
  /** `nat KUBE-SERVICES 3`: key of its counter. */
  readonly id: string
}

export type Policy = 'ACCEPT' | 'DROP'

export interface Chain {
  readonly name: string
  readonly table: NetTable
  /** Only built-in chains have one. */
  readonly policy: Policy | undefined
  readonly rules: readonly Rule[]
}

export interface Table {
  readonly name: NetTable
  /** In the order in which `iptables-save` prints them. */
  readonly chains: ReadonlyMap<string, Chain>
}

/** What a host's kernel holds. Immutable: changed by replacement, chain by chain, sharing what did not change. */
export interface Ruleset {
  readonly tables: ReadonlyMap<NetTable, Table>
  /** The sets of `ipset` that came with a dump. */
  readonly sets?: Ipsets
}

/** What one condition says of a packet. `not-modelled` stops the walk: nothing is guessed. */
export type MatchResult = boolean | 'not-modelled'
