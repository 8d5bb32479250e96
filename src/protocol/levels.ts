import type { FlowId, Step, StepId, StepKind } from '../sim/index.js'
import type { Level } from './messages.js'
import type { Milestone } from './milestones.js'
import { milestonesOf } from './milestones.js'

export type { ChapterCode } from './milestones.js'

/** A chapter of a flow: the coarsest telling. Holds every finer step from `first` to `stop`. */
export interface Chapter {
  /** Worded by i18n; `facts` fill its sentence. */
  readonly code: Milestone['code']
  readonly facts: Readonly<Record<string, string>>
  readonly flow: FlowId
  readonly first: StepId
  /** The step at which Overview stops: the chapter's last. */
  readonly stop: StepId
}

export interface Levels {
  readonly chapters: readonly Chapter[]
  /** Steps at which each level stops, rising; each a subsequence of the next finer one. */
  readonly stops: Readonly<Record<Level, readonly StepId[]>>
}

/** What Stations stops at, beside the chapters: each hook, link, device, and each deed of a component. */
const STATION_KINDS: ReadonlySet<StepKind> = new Set<StepKind>([
  'action',
  'fault',
  'packet-sent',
  'packet-link',
  'packet-hook',
  'route',
  'rewrite',
  'bridge',
  'tunnel',
  'lb-choice',
  'delivered',
  'answered',
  'stopped',
  'connection-rest',
  'request-done',
  'requests-counted',
  'dns',
  'api-request',
  'api-refused',
  'controller-decision',
  'node-condition',
  'pod-evicted',
  'lb-address',
  'lb-backends',
  'lb-health',
  'scheduler-bind',
  'scheduler-failed',
  'image-pull',
  'cni',
  'container-state',
  'probe',
  'proxy-sync',
  'proxy-sync-failed',
])

/** A flow is told in at most this many chapters. */
export const CHAPTERS_MAX = 9

/**
 * How steps are told at each level: a pure function of their kinds and facts.
 *
 * @param steps in order; of one flow, or of several, whose chapters then follow one another by their last steps.
 */
export function levelsOf(steps: readonly Step[]): Levels {
  const chapters = [...groupByFlow(steps).values()].flatMap(chaptersOf).sort((a, b) => a.stop - b.stop)
  const stops = new Set(chapters.map((chapter) => chapter.stop))
  return {
    chapters,
    stops: {
      overview: [...stops],
      stations: steps.filter((step) => STATION_KINDS.has(step.kind) || stops.has(step.id)).map((step) => step.id),
      rules: steps.map((step) => step.id),
    },
  }
}

function groupByFlow(steps: readonly Step[]): ReadonlyMap<FlowId, readonly Step[]> {
  const flows = new Map<FlowId, Step[]>()
  for (const step of steps) {
    const flow = flows.get(step.flow)
    if (flow === undefined) flows.set(step.flow, [step])
    else flow.push(step)
  }
  return flows
}

/** The milestones that a flow really passed, each the end of a chapter; the last chapter ends with the flow. */
function chaptersOf(steps: readonly Step[]): readonly Chapter[] {
  const { milestones, order } = milestonesOf(steps)
  const chapters: Chapter[] = []
  let ahead = [...milestones]
  let from = 0
  while (chapters.length < CHAPTERS_MAX) {
    const next = order === 'causal' ? firstReached(steps, ahead, from) : soonestReached(steps, ahead, from)
    if (next === undefined) break
    const { milestone, found } = next
    const end = endOfRun(steps, found, milestone)
    const stop = steps[end]
    const first = steps[from]
    if (stop === undefined || first === undefined) break
    chapters.push({ code: milestone.code, facts: milestone.facts(stop), flow: stop.flow, first: first.id, stop: stop.id })
    from = end + 1
    ahead = order === 'causal' ? ahead.slice(ahead.indexOf(milestone) + 1) : ahead.filter((each) => each !== milestone)
  }
  return closeWith(chapters, steps)
}

interface Reached {
  readonly milestone: Milestone
  /** Index of the step that reaches it. */
  readonly found: number
}

function reach(steps: readonly Step[], milestone: Milestone, from: number): Reached | undefined {
  const found = steps.findIndex((step, index) => index >= from && milestone.reached(step))
  return found === -1 ? undefined : { milestone, found }
}

function firstReached(steps: readonly Step[], ahead: readonly Milestone[], from: number): Reached | undefined {
  for (const milestone of ahead) {
    const reached = reach(steps, milestone, from)
    if (reached !== undefined) return reached
  }
  return undefined
}

function soonestReached(steps: readonly Step[], ahead: readonly Milestone[], from: number): Reached | undefined {
  return ahead.reduce<Reached | undefined>((soonest, milestone) => {
    const reached = reach(steps, milestone, from)
    return reached === undefined || (soonest !== undefined && soonest.found <= reached.found) ? soonest : reached
  }, undefined)
}

/** A fan-out (every Node's kube-proxy) is one chapter: it ends with the last of its kind before anything else begins. */
function endOfRun(steps: readonly Step[], found: number, milestone: Milestone): number {
  if (milestone.together === undefined) return found
  let end = found
  for (let index = found + 1; index < steps.length; index++) {
    const step = steps[index]
    if (step === undefined || milestone.until?.(step)) break
    if (milestone.together(step)) end = index
  }
  return end
}

function closeWith(chapters: Chapter[], steps: readonly Step[]): readonly Chapter[] {
  const last = steps.at(-1)
  const closing = chapters.at(-1)
  const first = steps[0]
  if (last === undefined || first === undefined) return []
  if (closing === undefined) return [{ code: 'settled', facts: {}, flow: last.flow, first: first.id, stop: last.id }]
  if (closing.stop === last.id) return chapters
  const rest = steps.find((step) => step.id > closing.stop)
  if (chapters.length === CHAPTERS_MAX || rest === undefined) return [...chapters.slice(0, -1), { ...closing, stop: last.id }]
  return [...chapters, { code: 'settled', facts: {}, flow: last.flow, first: rest.id, stop: last.id }]
}

/** Steps of one flow; with `all`, every step that is not background. */
export function stepsOfFlow(steps: readonly Step[], flow: FlowId | 'all'): readonly Step[] {
  return steps.filter((step) => (flow === 'all' ? step.flow !== 'background' : step.flow === flow))
}
