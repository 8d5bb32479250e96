import type { Result, Step, StepId, StepInput, TraceOutcome } from '../sim/index.js'
import { explainMisses, fail, ok, traceRequest } from '../sim/index.js'
import type { RequestSpec } from './action.js'
import type { ExploredOutcome, Miss } from './answers.js'
import type { Session } from './session.js'

/** Every outcome of a request at the present position, with exact probabilities; touches nothing. @returns in English why it cannot be asked. */
export function exploreFrom(session: Session, request: RequestSpec): Result<readonly ExploredOutcome[], string> {
  const { from, to, proto } = request
  const traced = traceRequest(session.history.world, { kind: 'request', from, to, proto }, { all: true })
  return traced.ok ? ok(merge(traced.value.outcomes.map(toExplored))) : fail(traced.error.message)
}

function toExplored({ probability, verdict, to, sourceSeen, masqueraded, choices }: TraceOutcome): ExploredOutcome {
  return { probability, verdict, to, sourceSeen, masqueraded, choices }
}

/** Outcomes that differ in nothing a person chose are one. */
function merge(outcomes: readonly ExploredOutcome[]): readonly ExploredOutcome[] {
  const merged = new Map<string, ExploredOutcome>()
  for (const outcome of outcomes) {
    const key = JSON.stringify([outcome.verdict, outcome.to, outcome.choices.map(({ by, at, chosen }) => [by, at, chosen])])
    const known = merged.get(key)
    merged.set(key, known === undefined ? outcome : { ...known, probability: known.probability + outcome.probability })
  }
  return [...merged.values()]
}

/** The rules that were tried before this step's rule (at a hook's step: at the whole hook) and did not match, with the condition that failed. */
export function missesOf(session: Session, id: StepId): readonly Miss[] {
  const { steps, world } = session.history
  const step = steps.find((each) => each.id === id)
  if (step === undefined || !isAtHook(step)) return []
  const walk = steps.filter((each) => each.event === step.event).map(toInput)
  return explainMisses(world.parts.net, walk)
    .filter((miss) => miss.host === step.facts.host && miss.hook === step.facts.hook)
    .filter(
      (miss) =>
        step.kind !== 'rule' ||
        (miss.table === step.facts.table && miss.chain === step.facts.chain && miss.rule < step.facts.rule),
    )
    .map(({ chain, rule, text, wanted, saw }) => ({ chain, rule, text, wanted, saw }))
}

/** A step as it was recorded. */
function toInput({ kind, facts }: Step): StepInput {
  // Kind and facts are of one step; the destructuring loses that they belong together.
  return { kind, facts } as StepInput
}

function isAtHook(step: Step): step is Step<'rule' | 'packet-hook' | 'policy'> {
  return step.kind === 'rule' || step.kind === 'packet-hook' || step.kind === 'policy'
}
