import type { Chapter, FlowId, Level, SimTime, Step, StepId } from '../../protocol/index.js'
import type { Track } from '../../state/transport.js'

/** A quiet time longer than this is told as a gap. */
const GAP_US = 1_000_000

export type TickTone = 'request' | 'reply' | 'control' | 'stopped'

/** A tick at a place on the timeline; the timeline is spaced by step: place i is after the i-th step. */
export interface Tick {
  readonly place: number
  readonly tone: TickTone
  /** The present level stops here. */
  readonly stop: boolean
}

export interface Gap {
  readonly place: number
  readonly us: SimTime
}

export interface Span {
  readonly chapter: Chapter
  readonly from: number
  readonly to: number
}

export interface Timeline {
  readonly ids: readonly StepId[]
  readonly ticks: readonly Tick[]
  readonly others: readonly number[]
  readonly background: readonly number[]
  readonly gaps: readonly Gap[]
  readonly chapters: readonly Span[]
}

/** What the timeline draws of a track, beside it the steps of other flows. */
export function timelineOf(track: Track, all: readonly Step[], following: FlowId | 'all', level: Level): Timeline {
  const ids = track.steps.map((step) => step.id)
  const stops = new Set(track.levels.stops[level])
  const ticks = track.steps.map((step, index) => ({ place: index + 1, tone: toneOf(step), stop: stops.has(step.id) }))
  return {
    ids,
    ticks,
    others: placesOf(ids, all, (step) => following !== 'all' && step.flow !== following && step.flow !== 'background'),
    background: placesOf(ids, all, (step) => step.flow === 'background'),
    gaps: gapsOf(track.steps),
    chapters: track.levels.chapters.map((chapter) => ({
      chapter,
      from: placeOf(ids, chapter.first) - 1,
      to: placeOf(ids, chapter.stop),
    })),
  }
}

function toneOf(step: Step): TickTone {
  if (step.kind === 'stopped') return 'stopped'
  if ('direction' in step.facts) return step.facts.direction
  return step.kind === 'lb-choice' || step.kind === 'request-done' || step.kind === 'connection-rest' ? 'request' : 'control'
}

/** How many of the track's steps have happened at this step: its place on the timeline. */
export function placeOf(ids: readonly StepId[], step: StepId): number {
  let low = 0
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ids[middle] ?? 0) <= step) low = middle + 1
    else high = middle
  }
  return low
}

/** Places of other steps that happened within the track's time, each place once. */
function placesOf(ids: readonly StepId[], all: readonly Step[], isOther: (step: Step) => boolean): readonly number[] {
  const first = ids[0]
  const last = ids.at(-1)
  if (first === undefined || last === undefined) return []
  const places = new Set<number>()
  for (const step of all) if (step.id > first && step.id < last && isOther(step)) places.add(placeOf(ids, step.id) + 0.5)
  return [...places]
}

function gapsOf(steps: readonly Step[]): readonly Gap[] {
  return steps.flatMap((step, index) => {
    const before = steps[index - 1]
    return before !== undefined && step.at - before.at >= GAP_US ? [{ place: index + 0.5, us: step.at - before.at }] : []
  })
}

/** The step on which a slider's value stands; undefined for the start. */
export function stepAtPlace(ids: readonly StepId[], place: number): StepId | undefined {
  return place <= 0 ? undefined : ids[Math.min(place, ids.length) - 1]
}
