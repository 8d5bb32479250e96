import type {
  Action,
  ActionRecord,
  AskedRule,
  CheckResult,
  Details,
  Diagnostic,
  DumpDiff,
  DumpFault,
  DumpPacket,
  DumpWalk,
  ExploredOutcome,
  FlowInfo,
  Miss,
  NodeRules,
  RequestSpec,
  RuleSource,
  ScenarioStory,
  ScenePatch,
  SyncRules,
} from '../session/index.js'
import type { FlowId, SimTime, Step, StepId, ThingId } from '../sim/index.js'

/** Raised whenever a message changes its meaning; a page and a worker of different versions refuse each other. */
export const PROTOCOL_VERSION = 1

export type RequestId = number

/** Where a cluster comes from. */
export type Source =
  | { readonly type: 'builtin'; readonly id: string }
  | { readonly type: 'link'; readonly text: string }
  /** What `save` gave: a link with what can be undone. */
  | { readonly type: 'saved'; readonly text: string }
  | {
      readonly type: 'files'
      readonly files: readonly { readonly name: string; readonly text: string }[]
      readonly seed?: string
    }

/** Where in history to go. `start` is the settled cluster before anything was done. */
export type Where = { readonly step: StepId } | 'start' | 'end'

/** View state that a link carries: a small record of strings that the page understands and the rest hands through. */
export type ViewState = Readonly<Record<string, string>>

export type PageMessage = { readonly requestId: RequestId } & (
  | { readonly type: 'open'; readonly source: Source; readonly protocolVersion: number }
  /** Does it at the present position; what lay ahead of it is put aside. Answered by `done`. */
  | { readonly type: 'act'; readonly action: Action }
  | { readonly type: 'seek'; readonly where: Where }
  /** Takes back the latest action (or brings back the future that it put aside). */
  | { readonly type: 'undo' }
  /** Back to the scenario's start; can be undone. */
  | { readonly type: 'start-over' }
  | { readonly type: 'explore'; readonly request: RequestSpec }
  | { readonly type: 'misses'; readonly step: StepId }
  | { readonly type: 'inspect'; readonly thing: ThingId }
  /** Why does this rule stand on this Node? */
  | { readonly type: 'rule-origin'; readonly node: string; readonly rule: AskedRule }
  /** The rules on every Node of the Services that an object is, or feeds. */
  | { readonly type: 'rules-of-service'; readonly kind: string; readonly namespace: string; readonly name: string }
  /** What a sync of a kube-proxy, by its step, added to its Node's rules and took away. */
  | { readonly type: 'sync-rules'; readonly step: StepId }
  /** A real Node's rules beside the simulated one's, and, with a packet, what they would do with it. Nothing is changed. */
  | { readonly type: 'try-dump'; readonly node: string; readonly text: string; readonly packet?: DumpPacket }
  /** Reads only: `get`, `describe`; never changes the world. */
  | { readonly type: 'kubectl-read'; readonly args: readonly string[] }
  /** What would the API server say to this text? Nothing is changed. */
  | { readonly type: 'check-manifest'; readonly text: string }
  | { readonly type: 'manifests' }
  /** The scenario's story again, now with the predictions' answers. */
  | { readonly type: 'story' }
  /** Which of the scenario's tasks are done at the present position? */
  | { readonly type: 'checks' }
  | { readonly type: 'link'; readonly view: ViewState }
  | { readonly type: 'export' }
  /** All that a reload must not lose. */
  | { readonly type: 'save'; readonly view: ViewState }
  | { readonly type: 'digest' }
)

export type WorkerMessage =
  | { readonly type: 'hello'; readonly protocolVersion: number }
  /** The first thing after `open`: replaces everything that the page knew. */
  | ({ readonly type: 'opened'; readonly requestId: RequestId; readonly opened: OpenedScenario } & StatePatch)
  /** After act, seek, undo, start-over. */
  | ({ readonly type: 'done'; readonly requestId: RequestId; readonly done: DoneReport } & StatePatch)
  | { readonly type: 'answer'; readonly requestId: RequestId; readonly answer: Answer }
  /** Asked for something that cannot be: nothing has changed. */
  | { readonly type: 'refused'; readonly requestId: RequestId; readonly refusal: Refusal }
  /** Our own bug. The worker has gone back to the last good state (`restored`) or could not. */
  | {
      readonly type: 'crashed'
      readonly requestId: RequestId
      readonly message: string
      readonly seed: string
      readonly step: StepId
      readonly restored: boolean
    }

/** What the page's mirror needs to follow the worker. */
export interface StatePatch {
  readonly position: Position
  readonly scene: ScenePatch
  /** Steps known to the page are cut to those with `id < steps.from`, then these are appended. */
  readonly steps: { readonly from: StepId; readonly added: readonly Step[]; readonly forgotten: number }
  readonly flows: readonly FlowInfo[]
  readonly actions: readonly ActionRecord[]
  /** The world was not yet at rest when the worker had to answer: going to the end goes on. */
  readonly unfinished: boolean
  /** How many undos are possible. */
  readonly undoDepth: number
  /** A future that was put aside by the latest action, as ghost ticks; empty when none. */
  readonly ghosts: readonly { readonly id: StepId; readonly flow: FlowId }[]
}

export interface Position {
  /** The finest step at which we stand; 0 before the first. */
  readonly step: StepId
  readonly at: SimTime
  /** The last step there is. */
  readonly end: StepId
  readonly endAt: SimTime
}

export interface OpenedScenario {
  readonly id: string
  readonly seed: string
  readonly scenario: ScenarioStory | undefined
  /** The manifests that made it, for the editor. */
  readonly manifests: string
  readonly view: ViewState
  /** Kinds and fields that were accepted but are not simulated: `HorizontalPodAutoscaler default/web`. */
  readonly notSimulated: readonly string[]
  readonly warnings: readonly LinkWarning[]
}

export type LinkWarning = 'older-engine' | 'replay-differs'

export type Level = 'overview' | 'stations' | 'rules'

export interface DoneReport {
  /** The flow that the action began. */
  readonly flow?: FlowId
  /** First step of it. */
  readonly first?: StepId
  /** kubectl's words, for an `act` of type kubectl. */
  readonly kubectl?: { readonly exit: number; readonly stdout: string; readonly stderr: string }
  readonly diagnostics?: readonly Diagnostic[]
  /** What was put aside by acting in the past. */
  readonly dropped?: { readonly steps: number; readonly actions: number }
  /** False when the world has not come to rest yet: seeking the end goes on from there. */
  readonly settled?: boolean
  readonly notSimulated?: readonly string[]
}

export type Answer =
  | { readonly type: 'explore'; readonly outcomes: readonly ExploredOutcome[] }
  | { readonly type: 'misses'; readonly misses: readonly Miss[] }
  | { readonly type: 'inspect'; readonly thing: ThingId; readonly details: Details }
  | { readonly type: 'rule-origin'; readonly source: RuleSource }
  | { readonly type: 'rules-of-service'; readonly nodes: readonly NodeRules[] }
  | { readonly type: 'sync-rules'; readonly rules: SyncRules | undefined }
  | { readonly type: 'try-dump'; readonly fault?: DumpFault; readonly diff?: DumpDiff; readonly walk?: DumpWalk }
  | { readonly type: 'kubectl-read'; readonly exit: number; readonly stdout: string; readonly stderr: string }
  | { readonly type: 'check-manifest'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly type: 'manifests'; readonly text: string }
  | { readonly type: 'story'; readonly story: ScenarioStory | undefined }
  | { readonly type: 'checks'; readonly checks: readonly CheckResult[] }
  | { readonly type: 'link'; readonly text: string }
  | { readonly type: 'export'; readonly name: string; readonly text: string }
  | { readonly type: 'saved'; readonly text: string }
  | { readonly type: 'digest'; readonly digest: string }

/** Why something cannot be done; told by the page in its language. */
export interface Refusal {
  readonly code:
    | 'version'
    | 'not-open'
    | 'bad-link'
    | 'link-from-the-future'
    | 'link-too-large'
    | 'bad-file'
    | 'unknown-scenario'
    | 'bad-request'
    | 'not-found'
    | 'limit'
    | 'bad-message'
  readonly params: Readonly<Record<string, string>>
  /** Of a file at fault. */
  readonly diagnostics?: readonly Diagnostic[]
}
