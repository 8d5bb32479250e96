/**
 * The one vocabulary of steps: every kind of thing that can happen, with its facts. Plain data, no prose.
 * Canvas, timeline, explanation and checks read these and nothing else.
 */

/** An IP packet's header as it can be seen at one moment. `mark` is the kernel's note on it, not in the header. */
export interface PacketView {
  readonly proto: 'tcp' | 'udp' | 'sctp' | 'icmp'
  readonly src: string
  /** 0 for ICMP. */
  readonly sport: number
  readonly dst: string
  readonly dport: number
  readonly ttl: number
  readonly mark: number
  /** `SYN`, `SYN+ACK`, `RST`, `DATA`; the ICMP type by iptables' name: `icmp-port-unreachable`; `VXLAN`. */
  readonly flags: string
  /** What a tunnel's packet carries. */
  readonly carried?: PacketView | undefined
}

export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING'

export type NetTable = 'raw' | 'mangle' | 'nat' | 'filter' | 'security'

/** A rule, so that it can be found again: `rule` counts from 1 within its chain. */
export interface RuleRef {
  /** Node (or other host) whose kernel holds it. */
  readonly host: string
  readonly hook: Hook
  /** `nat`, `filter`, ...; in nftables mode the family and table: `ip kube-proxy`. */
  readonly table: string
  readonly chain: string
  readonly rule: number
  /** As the Node's own tool prints it: `-A KUBE-SERVICES ...`. */
  readonly text: string
}

/** A probability of a choice: its exact value and, where rules made it, the numbers that were multiplied. */
export interface Chance {
  readonly probability: number
  /** `1/3`, `1/2` ...: this rule's own share, where it is one over a whole number. */
  readonly share?: string
}

export interface ObjectRef {
  readonly kind: string
  readonly apiVersion: string
  /** Empty for cluster-scoped objects. */
  readonly namespace: string
  readonly name: string
}

export type Verdict = 'delivered' | 'refused' | 'rejected' | 'dropped' | 'no-route' | 'timeout' | 'unresolved'

/** Whether a packet is on its way to the server or home again. */
export type Direction = 'request' | 'reply'

/** What every packet step tells: which packet, in which direction. */
interface PacketFacts {
  readonly packet: PacketView
  readonly direction: Direction
}

export interface StepFacts {
  // ---- what the person (or the scenario's clock) did
  action: { readonly action: string; readonly summary: Readonly<Record<string, string>> }
  fault: {
    readonly fault: string
    readonly target: string
    readonly active: boolean
    /** Of a slow kube-proxy: its extra lag in microseconds, where one was named. */
    readonly lag?: number
  }

  // ---- the API server and its store
  'api-request': { readonly client: string; readonly verb: string; readonly object: ObjectRef; readonly subresource?: string }
  'api-admission': { readonly object: ObjectRef; readonly plugin: string; readonly changed: readonly string[] }
  'api-refused': { readonly object: ObjectRef; readonly code: number; readonly reason: string; readonly message: string }
  'etcd-write': {
    readonly operation: 'create' | 'update' | 'delete'
    readonly object: ObjectRef
    readonly key: string
    readonly revision: number
    /** Paths that changed in an update, at most 12: `spec.replicas`. */
    readonly changed: readonly string[]
  }
  'watch-event': {
    readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
    readonly object: ObjectRef
    readonly revision: number
    readonly watcher: string
  }
  'watch-state': { readonly watcher: string; readonly open: boolean }
  'event-recorded': {
    readonly type: 'Normal' | 'Warning'
    readonly reason: string
    readonly message: string
    readonly about: ObjectRef
    readonly component: string
  }

  // ---- controllers
  /** A controller looked at an object and decided. `decision` is a code such as `scale-up`, `rollout-new`, `create-pods`, `in-balance`. */
  'controller-decision': {
    readonly controller: string
    readonly object: ObjectRef
    readonly decision: string
    readonly numbers: Readonly<Record<string, number | string>>
  }
  'node-condition': { readonly node: string; readonly type: string; readonly status: string; readonly reason: string }
  'node-taint': { readonly node: string; readonly taint: string; readonly added: boolean }
  'pod-evicted': { readonly pod: ObjectRef; readonly node: string; readonly reason: string }
  'lb-address': { readonly service: ObjectRef; readonly ip: string }
  'lb-backends': {
    readonly service: ObjectRef
    readonly nodes: readonly string[]
    readonly excluded: readonly { readonly node: string; readonly why: string }[]
  }
  'lb-health': { readonly loadBalancer: string; readonly node: string; readonly healthy: boolean; readonly why: string }

  // ---- scheduler
  'scheduler-filter': {
    readonly pod: ObjectRef
    readonly node: string
    readonly plugin: string
    readonly ok: boolean
    readonly reasons: readonly string[]
  }
  'scheduler-score': {
    readonly pod: ObjectRef
    readonly node: string
    readonly scores: Readonly<Record<string, { readonly raw: number; readonly normalized: number; readonly weight: number }>>
    readonly total: number
  }
  'scheduler-bind': { readonly pod: ObjectRef; readonly node: string; readonly among: readonly string[] }
  'scheduler-failed': { readonly pod: ObjectRef; readonly message: string }

  // ---- on a Node
  'lease-renewed': { readonly node: string }
  'kubelet-sync': { readonly node: string; readonly pod: ObjectRef; readonly doing: string }
  'image-pull': {
    readonly node: string
    readonly pod: ObjectRef
    readonly image: string
    readonly state: 'pulling' | 'pulled' | 'present' | 'failed'
    readonly message?: string
  }
  sandbox: { readonly node: string; readonly pod: ObjectRef; readonly state: 'created' | 'removed' }
  cni: {
    readonly node: string
    readonly pod: ObjectRef
    readonly operation: 'add' | 'del'
    readonly ip: string
    readonly device: string
    readonly bridge: string
  }
  'container-state': {
    readonly node: string
    readonly pod: ObjectRef
    readonly container: string
    readonly state: 'created' | 'running' | 'waiting' | 'terminated'
    readonly reason?: string
    readonly exitCode?: number
    readonly restartCount: number
    readonly backOffMs?: number
  }
  probe: {
    readonly node: string
    readonly pod: ObjectRef
    readonly container: string
    readonly probe: 'liveness' | 'readiness' | 'startup'
    readonly ok: boolean
    readonly message: string
  }
  'pod-status': { readonly pod: ObjectRef; readonly phase: string; readonly ready: boolean; readonly ip?: string }
  'proxy-sync': {
    readonly node: string
    readonly mode: string
    /** Services whose rules changed in this sync, as `namespace/name`. */
    readonly services: readonly string[]
    readonly rulesBefore: number
    readonly rulesAfter: number
    readonly chainsAdded: readonly string[]
    readonly chainsRemoved: readonly string[]
  }
  /** The kernel refused a change to some of the rules because others, on which they build, are gone. */
  'proxy-sync-failed': {
    readonly node: string
    readonly mode: string
    /** Services whose rules were to change, as `namespace/name`. */
    readonly services: readonly string[]
    /** When it is tried again at the latest, with all rules. */
    readonly retryAt: number
  }

  // ---- packets
  'packet-sent': PacketFacts & { readonly host: string; readonly by: string }
  'packet-link': PacketFacts & { readonly fromDevice: string; readonly toDevice: string }
  'packet-hook': PacketFacts & {
    readonly host: string
    readonly hook: Hook
    readonly inDevice: string
    readonly outDevice: string
  }
  conntrack: PacketFacts & {
    readonly host: string
    readonly operation: 'new' | 'found' | 'confirmed' | 'invalid'
    readonly state: 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED'
    /** The ledger's line: both directions, `tcp 203.0.113.7:40000 > 172.18.0.13:30080`. */
    readonly original: string
    readonly reply: string
  }
  rule: PacketFacts & RuleRef & { readonly action: string; readonly chance?: Chance }
  policy: PacketFacts & {
    readonly host: string
    readonly hook: Hook
    readonly table: string
    readonly chain: string
    readonly policy: 'ACCEPT' | 'DROP'
  }
  /** The header changed. `by` tells whether a rule decided it (first packet) or conntrack's memory did. */
  rewrite: {
    readonly direction: Direction
    readonly host: string
    readonly hook: Hook
    readonly what: 'dnat' | 'snat' | 'masquerade' | 'undo-dnat' | 'undo-snat'
    readonly by: 'rule' | 'conntrack' | 'load-balancer'
    readonly before: PacketView
    readonly after: PacketView
  }
  route: PacketFacts & {
    readonly host: string
    readonly result: 'forward' | 'local' | 'unreachable'
    readonly route: string
    readonly device: string
    readonly via?: string
  }
  arp: PacketFacts & { readonly host: string; readonly device: string; readonly asked: string; readonly answered: boolean }
  bridge: PacketFacts & {
    readonly host: string
    readonly bridge: string
    readonly inPort: string
    readonly outPort: string /** Lifted into the IP hooks by br_netfilter. */
    readonly lifted: boolean
  }
  /** A tunnel's device puts a packet into another one, or takes it out; `packet` is the one that carries. */
  tunnel: PacketFacts & {
    readonly host: string
    readonly device: string
    readonly operation: 'encapsulate' | 'decapsulate'
    readonly vni: number
    /** The other end's address. */
    readonly remote: string
    readonly inner: PacketView
  }
  'lb-choice': PacketFacts & {
    readonly loadBalancer: string
    readonly lbKind: LoadBalancerKind
    readonly chosen: string
    readonly candidates: readonly string[]
    readonly excluded: readonly { readonly node: string; readonly why: string }[]
    readonly chance: Chance
    readonly forced: boolean
  }
  delivered: PacketFacts & { readonly host: string; readonly socket: string }
  answered: PacketFacts & { readonly host: string; readonly by: string; readonly what: 'SYN+ACK' | 'RST' | 'data' | 'icmp' }
  stopped: PacketFacts & {
    readonly host: string
    readonly why:
      | 'drop'
      | 'reject'
      | 'no-route'
      | 'no-neighbour'
      | 'ttl'
      | 'martian'
      | 'link-down'
      | 'no-answer'
      | 'wrong-address'
      | 'not-modelled'
    readonly with?: string
    readonly rule?: RuleRef
  }
  /** Handshake, request, answer and close of a connection whose first packet was followed in full. */
  'connection-rest': {
    readonly packets: number
    readonly request: string
    readonly status: number
    readonly body: string
    readonly servedBy: string
  }
  'request-done': {
    readonly verdict: Verdict
    readonly from: string
    readonly asked: string
    readonly to?: { readonly ip: string; readonly port: number; readonly pod?: string; readonly node?: string }
    readonly sourceSeen?: string
    readonly masqueraded: boolean
    readonly with?: string
    /** The answer of the rule that rejected it never came to the sender's program. */
    readonly unheard?: boolean
    /** The exact probability of the way that this request took. */
    readonly probability: number
    readonly forced: boolean
  }
  /** A thousand requests, each a new connection, as one step. */
  'requests-counted': {
    readonly from: string
    readonly asked: string
    readonly count: number
    readonly results: readonly {
      readonly to: string
      readonly pod?: string
      readonly verdict: Verdict
      readonly seen: number
      readonly probability: number
    }[]
  }
  dns: { readonly name: string; readonly answer: string | undefined; readonly server: string }
}

/** What a load balancer does with packets: see README, "Load balancers". */
export type LoadBalancerKind = 'nodeport' | 'pass-through' | 'proxy' | 'direct'

export type StepKind = keyof StepFacts
