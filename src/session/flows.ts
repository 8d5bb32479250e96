import type { FlowId, SimTime, Step, StepId } from '../sim/index.js'

export type FlowKind = 'request' | 'change' | 'fault' | 'scenario' | 'wait' | 'background'

/** One request or change among the steps. */
export interface FlowInfo {
  readonly id: FlowId
  readonly kind: FlowKind
  /** Facts for its title: `{ from, to }` of a request; `{ command }` of a change; `{ fault, target }`. */
  readonly facts: Readonly<Record<string, string>>
  readonly first: StepId
  readonly last: StepId
  readonly at: SimTime
}

const KINDS: Readonly<Record<string, FlowKind>> = {
  request: 'request',
  change: 'change',
  fault: 'fault',
  wait: 'wait',
  background: 'background',
}

/** The flows that the steps belong to, in the order of their first steps. */
export function flowsOf(steps: readonly Step[]): readonly FlowInfo[] {
  const firsts = new Map<FlowId, Step>()
  const lasts = new Map<FlowId, StepId>()
  for (const step of steps) {
    if (!firsts.has(step.flow)) firsts.set(step.flow, step)
    lasts.set(step.flow, step.id)
  }
  return [...firsts].map(([id, first]) => ({
    id,
    kind: KINDS[id.replace(/-\d+$/, '')] ?? 'scenario',
    facts: first.kind === 'action' ? first.facts.summary : {},
    first: first.id,
    last: lasts.get(id) ?? first.id,
    at: first.at,
  }))
}
