import type { ThingId } from './thing.js'
import type { SimTime } from './time.js'
import type { StepFacts, StepKind } from './vocabulary.js'

/** Steps are numbered from 1 in the order in which they happened. */
export type StepId = number

/** The request or change that a step belongs to: `request-1`, `change-2`, `fault-3`; `background` for leases, probes and resyncs. */
export type FlowId = string

export const BACKGROUND: FlowId = 'background'

/**
 * One thing that happened, small enough to explain in one sentence. Carries facts, never prose:
 * sentences come from `i18n` by `kind`; what Kubernetes itself says stands in the facts, in its own words.
 */
export type Step<K extends StepKind = StepKind> = {
  readonly [Kind in K]: {
    readonly id: StepId
    readonly at: SimTime
    /** Ordinal of the event whose handling made this step; the position in history that holds the world right after it. */
    readonly event: number
    readonly cause: StepId | undefined
    readonly flow: FlowId
    readonly kind: Kind
    /** What an animation moves between; the same thing twice (or only `from`) when it happens in one place. */
    readonly from: ThingId | undefined
    readonly to: ThingId | undefined
    readonly facts: StepFacts[Kind]
  }
}[K]

/** What a behaviour says of a step; the engine adds number, time, event, and cause and flow unless given. */
export type StepInput<K extends StepKind = StepKind> = {
  readonly [Kind in K]: {
    readonly kind: Kind
    readonly facts: StepFacts[Kind]
    readonly from?: ThingId
    readonly to?: ThingId
    readonly cause?: StepId
    readonly flow?: FlowId
  }
}[K]
