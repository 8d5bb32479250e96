import type { KubeObject, SimTime, ThingId, Verdict } from '../sim/index.js'
import type { SourceDocument, SourceFile } from './documents.js'
import type { SourceError } from './place.js'

/** Text in the three languages; `en` is always there. */
export interface LocalText {
  readonly en: string
  readonly 'zh-TW'?: string
  readonly 'zh-CN'?: string
}

export type Level = 'overview' | 'stations' | 'rules'

/** A request as a person (or a scenario) asks for it; same form as the session's. */
export interface ScenarioRequest {
  readonly from: string
  readonly to: string
  readonly proto: 'tcp' | 'udp' | 'sctp'
  readonly force?: { readonly endpoint: string; readonly node?: string }
  readonly count?: number
}

/** What a scenario does by itself or offers as a button. The first four are the session's own actions. */
export type ScenarioAction =
  | { readonly type: 'kubectl'; readonly args: readonly string[]; readonly files: Readonly<Record<string, string>> }
  | { readonly type: 'request'; readonly request: ScenarioRequest }
  | { readonly type: 'fault'; readonly fault: string; readonly target: ThingId; readonly active: boolean; readonly lag?: SimTime }
  | { readonly type: 'wait'; readonly us: SimTime }
  | { readonly type: 'join-node'; readonly node: NodeInput }

export interface TimedAction {
  /** Virtual time after the cluster has settled. */
  readonly at: SimTime
  readonly action: ScenarioAction
}

/** A question to the simulation, answered by looking, never by the author. */
export type Query =
  /** What becomes of a request at the scenario's seed: one of its facts. */
  | { readonly ask: 'request'; readonly request: ScenarioRequest; readonly fact: RequestFact }
  /** All outcomes of a request: how many destinations, or the largest probability of one (`1/2`, `1/3`). */
  | { readonly ask: 'explore'; readonly request: ScenarioRequest; readonly fact: 'destinations' | 'share' | 'verdicts' }
  /** A field of an object: `deployments`, `default/web`, `status.readyReplicas`. Absent fields and objects are `absent`. */
  | { readonly ask: 'object'; readonly resource: string; readonly key: string; readonly path: string }
  /** How many steps of a kind there are, or of how many different values of one of their facts. */
  | {
      readonly ask: 'steps'
      readonly kind: string
      readonly where: Readonly<Record<string, string>>
      readonly distinct?: string
      /** Only steps of the flow that the story's latest action began. */
      readonly flow: 'latest' | 'all'
    }
  /** Whether a Node's rules mention a text: `yes` or `no`. */
  | { readonly ask: 'rules'; readonly node: string; readonly mention: string }

export type RequestFact = 'verdict' | 'node' | 'pod' | 'masqueraded' | 'sourceSeen' | 'with'

export interface PredictionInput {
  readonly question: LocalText
  readonly choices: readonly { readonly text: LocalText; readonly value: string }[]
  readonly query: Query
  /** Before the step's action, or after it has been done and the world has settled. */
  readonly when: 'before' | 'after'
}

export interface StoryStepInput {
  readonly text: LocalText
  readonly action?: ScenarioAction
  readonly actionLabel?: LocalText
  readonly level?: Level
  readonly open?: ThingId
  readonly prediction?: PredictionInput
}

export interface StoryInput {
  readonly title: LocalText
  readonly summary: LocalText
  readonly question: LocalText
  readonly misconception: LocalText
  readonly steps: readonly StoryStepInput[]
}

/** When a task is done. */
export type CheckInput = { readonly name: LocalText } & (
  | { readonly kind: 'object'; readonly resource: string; readonly key: string; readonly path: string; readonly equals: unknown }
  | {
      readonly kind: 'trace'
      readonly request: ScenarioRequest
      /** All outcomes must have this verdict. */
      readonly verdict: Verdict
      /** At least these Pods, `namespace/name` or a prefix of it ending in `*`. */
      readonly pods?: readonly string[]
    }
)

export interface NodeInput {
  readonly name: string
  readonly role: 'control-plane' | 'worker'
  readonly labels: Readonly<Record<string, string>>
  /** Joins after the objects have been applied and the cluster has settled. */
  readonly joinsLater: boolean
}

/** The cluster that a scenario asks for; what it leaves open is as kubeadm and kind have it. */
export interface ClusterInput {
  readonly nodes: readonly NodeInput[]
  readonly podSubnet: string
  readonly serviceSubnet: string
  readonly proxyMode: string | undefined
  readonly disableDefaultCNI: boolean
}

/** An object to create, with the way back to its text. */
export interface ObjectInput extends SourceDocument {
  readonly object: KubeObject
}

/** Everything that a scenario's files say. Plain data. */
export interface ScenarioInput {
  readonly name: string
  readonly seed: string
  readonly files: readonly SourceFile[]
  /** Absent: the default cluster, or, with `Node` objects, exactly those. */
  readonly cluster: ClusterInput | undefined
  /** `KubeProxyConfiguration` as it stands. */
  readonly kubeProxy: Readonly<Record<string, unknown>> | undefined
  /** `KubeSchedulerConfiguration` as it stands. */
  readonly scheduler: Readonly<Record<string, unknown>> | undefined
  readonly objects: readonly ObjectInput[]
  /** There are `Node` objects: a whole cluster as it stands (contract of the command line). */
  readonly isWholeCluster: boolean
  readonly story: StoryInput | undefined
  readonly actions: readonly TimedAction[]
  readonly checks: readonly CheckInput[]
  readonly warnings: readonly SourceError[]
}
