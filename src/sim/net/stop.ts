import type { RuleRef, StepFacts } from '../core/vocabulary.js'

/** Why a packet's walk ended, as the step `stopped` tells it. */
export interface Stop {
  readonly why: StepFacts['stopped']['why']
  readonly with?: string
  readonly rule?: RuleRef
}
