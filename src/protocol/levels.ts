import type { FlowId, Step, StepId } from '../sim/index.js'
import type { Level } from './messages.js'

/** A chapter of a flow: the coarsest telling. `code` is worded by i18n; `facts` fill its sentence. */
export interface Chapter {
  readonly code: string
  readonly facts: Readonly<Record<string, string>>
  readonly first: StepId
  /** The step at which Overview stops: the chapter's last. */
  readonly stop: StepId
}

export interface Levels {
  readonly chapters: readonly Chapter[]
  /** Steps at which each level stops, rising; each a subsequence of the next finer one. */
  readonly stops: Readonly<Record<Level, readonly StepId[]>>
}

const STATION_KINDS: ReadonlySet<string> = new Set([
  'action',
  'fault',
  'packet-sent',
  'packet-link',
  'packet-hook',
  'route',
  'rewrite',
  'bridge',
  'lb-choice',
  'delivered',
  'answered',
  'stopped',
  'connection-rest',
  'request-done',
  'requests-counted',
  'dns',
])

/**
 * How a flow is told at each level: a pure function of its steps' kinds and facts.
 *
 * @param steps all steps of one flow, in order.
 */
export function levelsOf(steps: readonly Step[]): Levels {
  const rules = steps.map((step) => step.id)
  const chapters = chaptersOf(steps)
  const chapterStops = new Set(chapters.map((chapter) => chapter.stop))
  const stations = steps.filter((step) => STATION_KINDS.has(step.kind) || chapterStops.has(step.id)).map((step) => step.id)
  return { chapters, stops: { overview: [...chapterStops], stations, rules } }
}

function chaptersOf(steps: readonly Step[]): readonly Chapter[] {
  const first = steps[0]
  const last = steps.at(-1)
  if (first === undefined || last === undefined) return []
  return [{ code: 'whole', facts: {}, first: first.id, stop: last.id }]
}

/** Steps of one flow; with `all`, every step that is not background. */
export function stepsOfFlow(steps: readonly Step[], flow: FlowId | 'all'): readonly Step[] {
  return steps.filter((step) => (flow === 'all' ? step.flow !== 'background' : step.flow === flow))
}
