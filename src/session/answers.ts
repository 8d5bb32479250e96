import type { Chance, Hop, LeftOutWhy, ObjectRef, SimTime, StepId, Verdict } from '../sim/index.js'
import type { DiffLine } from './diffLines.js'
import type { SceneBehind, SceneChange } from './scene.js'

/** A mark in the editor. Lines and columns count from 1. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'info'
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
  /** In Kubernetes' own words where it is Kubernetes that speaks; else English, and `code` is told by the page. */
  readonly message: string
  readonly code: string
  readonly params: Readonly<Record<string, string>>
  /** A one-click change: replace the whole text by this. */
  readonly fix?: { readonly code: string; readonly text: string }
}

export interface ExploredOutcome {
  readonly probability: number
  readonly verdict: Verdict
  readonly to: { readonly ip: string; readonly port: number; readonly pod?: string; readonly node?: string } | undefined
  readonly sourceSeen: string | undefined
  readonly masqueraded: boolean
  /** The choices made on the way: a load balancer's or a rule's, each with its own share. */
  readonly choices: readonly {
    readonly by: 'load-balancer' | 'rule'
    readonly at: string
    readonly chosen: string
    readonly chance: Chance
  }[]
}

/** A rule that was tried and did not match, with the condition that failed. */
export interface Miss {
  readonly chain: string
  readonly rule: number
  readonly text: string
  /** The first failed condition: what it wanted, what it saw. */
  readonly wanted: string
  readonly saw: string
}

/** What the inspector shows of a thing, at the present position. */
export interface Details {
  readonly object: ObjectRef | undefined
  readonly yaml: string
  readonly describe: string
  readonly events: string
  /** For Nodes (and their iptables, conntrack, routing, eth0, bridge): what their kernel holds. */
  readonly kernel?: KernelDetails
  readonly notSimulated: readonly string[]
}

export interface KernelDetails {
  readonly node: string
  /** The tool that prints the rules: the Node's kube-proxy works with its kernel interface. */
  readonly format: 'iptables' | 'nftables'
  /** Text of `iptables-save -c` or `nft list ruleset`. */
  readonly rules: string
  /** Line (from 1) of each rule in `rules`, by `table chain number`. */
  readonly lines: Readonly<Record<string, number>>
  /** The same for IPv6, where the Node has IPv6 rules of its own; nftables prints both families in one text. */
  readonly ipv6?: { readonly rules: string; readonly lines: Readonly<Record<string, number>> }
  readonly conntrack: readonly string[]
  readonly routes: readonly string[]
  readonly interfaces: readonly {
    readonly name: string
    readonly addresses: readonly string[]
    readonly up: boolean
    readonly peer: string
  }[]
  readonly sockets: readonly string[]
}

/** A rule as a step or a person names it. */
export interface AskedRule {
  readonly chain: string
  /** As the Node's own tool prints it, without counters. */
  readonly text: string
  /** Of the step, where there is one; with the packet it tells which element of a map was met. */
  readonly action?: string
  readonly packet?: { readonly proto: string; readonly dst: string; readonly dport: number }
}

/** Why a rule stands where it does. `fixed` rules kube-proxy writes whatever Services there are; `other` ones are not its own. */
export type RuleSource =
  | { readonly kind: 'fixed' | 'other' }
  | {
      readonly kind: 'service'
      /** `namespace/name`. */
      readonly service: string
      readonly portName: string
      readonly protocol: string
      readonly port: number
      /** Endpoints that the rule names: one with iptables, all among which nftables chooses. */
      readonly endpoints: readonly EndpointSource[]
      /** The `proxy-sync` step that wrote it last. */
      readonly writtenBy?: StepId
      /** What this Node's kube-proxy knows of the Service and has not written yet. */
      readonly behind?: SceneBehind
      /** False where the API server has it no more: the rule is stale. */
      readonly serviceExists: boolean
      /** Its own addresses in the cluster: what is sent to another one of it comes from outside. */
      readonly clusterIPs: readonly string[]
      /** Endpoints that this Node's kube-proxy knows and does not use, by the policy that the traffic is under. */
      readonly cluster?: ToldChoice
      readonly local?: ToldChoice
    }

/** Which endpoints of a Service's port a Node sends no traffic of a policy to, and why. */
export interface ToldChoice {
  readonly used: number
  readonly leftOut: readonly {
    readonly endpoint: string
    readonly pod?: string
    readonly node?: string
    readonly why: LeftOutWhy
  }[]
  readonly more: number
  /** None is ready: those that still serve while they terminate are used. */
  readonly isFallback: boolean
}

export interface EndpointSource {
  /** `ip:port`. */
  readonly endpoint: string
  /** `namespace/name` of the Pod that has the address now. */
  readonly pod?: string
  /** `namespace/name` of the EndpointSlice that lists it now; absent when none does any more: the rule is stale. */
  readonly slice?: string
  /** Why the rule still names it, where it should not. */
  readonly stale?: Staleness
}

/** Why a Node's rules still name an endpoint that is gone, at this moment. */
export type Staleness =
  /** kube-proxy has heard of it and has not written it yet. */
  | { readonly kind: 'pending'; readonly change: SceneChange; readonly due?: SimTime }
  /** kube-proxy of this Node does not run: nobody will write it. */
  | { readonly kind: 'stopped' }
  /** kube-proxy runs and has not heard of it: its watch has not brought it. */
  | { readonly kind: 'unheard' }
  /** No Pod has the address any more, but the EndpointSlice still lists it: the control plane does not know. */
  | { readonly kind: 'still-listed' }

/** A Service's rules on one Node. */
export interface NodeRules {
  readonly service: string
  readonly node: string
  readonly count: number
  /** The first of them. `rule` is 0 for an element of a map. */
  readonly rules: readonly {
    readonly family: string
    readonly table: string
    readonly chain: string
    readonly rule: number
    readonly text: string
  }[]
  readonly writtenBy?: StepId
}

/** A line of a dump that cannot be read (from 1), or with line 0 why it cannot be walked. In the tools' own English. */
export interface DumpFault {
  readonly line: number
  readonly message: string
}

export interface DumpPacket {
  readonly src: string
  /** `IP:PORT`. */
  readonly dst: string
  readonly proto: 'tcp' | 'udp' | 'sctp'
}

export interface DumpWalk {
  readonly outcomes: readonly {
    readonly probability: number
    readonly verdict: Verdict
    readonly to: { readonly ip: string; readonly port: number; readonly pod?: string; readonly node?: string } | undefined
    readonly sourceSeen: string | undefined
    readonly masqueraded: boolean
    readonly with?: string
    /** A rule rejected it, and the program that asked never hears of it. */
    readonly unheard?: true
    readonly hops: readonly Hop[]
    readonly reply: readonly Hop[]
  }[]
  readonly more: number
}

/** A dump beside the simulated Node's rules: `added` is what only the dump has. */
export interface DumpDiff {
  readonly format: 'iptables' | 'nftables'
  /** False where the simulated Node's kube-proxy works in the other mode: chains cannot be compared. */
  readonly comparable: boolean
  /** Only chains that differ. */
  readonly chains: readonly ChainDiff[]
  readonly same: number
  readonly more: number
  /** Rules and elements in the dump. */
  readonly rules: number
  /** Rules that the dump lacks, that only it has, and that it has in another form or place; over all chains. */
  readonly missing: number
  readonly extra: number
  readonly changed: number
  readonly notes: DumpNotes
}

/** What of a dump is not as on the real Node, or may not be all of it. */
export interface DumpNotes {
  /** The first rules that use what is not modelled: a walk that comes to one stops there. */
  readonly unmodelled: readonly { readonly line: number; readonly what: string }[]
  readonly unmodelledCount: number
  /** Tables that stand in it twice: the later one counts. */
  readonly twice: readonly string[]
  /** It ends without COMMIT. */
  readonly isCut: boolean
  readonly hasBothFamilies: boolean
}

export interface ChainDiff {
  /** `nat KUBE-SERVICES`. */
  readonly name: string
  readonly change: 'same' | 'added' | 'removed' | 'changed'
  /** What differs. `first` is the simulated Node, `second` the dump; of a sync the kernel before and after it. */
  readonly lines: readonly DiffLine[]
  readonly more: number
  /** Lines that only the first has, that only the second has, that are another form of one rule, and that only stand elsewhere. */
  readonly missing: number
  readonly extra: number
  readonly changed: number
  readonly moved: number
  /** Upstream writes Services here in no certain order: order was not compared. */
  readonly isUnordered?: boolean
  /** Of `ip6tables`. */
  readonly isIpv6?: boolean
}

/** What one sync of a kube-proxy did to its Node's rules. */
export interface SyncRules {
  readonly node: string
  /** Rules written and taken away; a changed one is both. */
  readonly added: number
  readonly removed: number
  /** Only chains that changed. */
  readonly chains: readonly ChainDiff[]
  readonly more: number
}
