import type { Chapter, Level, Levels, Step, StepId } from '../protocol/index.js'
import { levelsOf, stepsOfFlow } from '../protocol/levels.js'
import { ask } from './client.js'
import type { Mirror } from './mirror.js'
import { useMirror } from './mirror.js'
import { useView } from './view.js'

/** What the transport moves along: the followed flow's steps and where each level stops. */
export interface Track {
  readonly steps: readonly Step[]
  readonly levels: Levels
}

let known: { readonly steps: readonly Step[]; readonly following: string; readonly track: Track } | undefined

/** The track of the flow that is followed; remembered while neither steps nor flow change. */
export function trackOf(mirror: Mirror, following: string): Track {
  if (known?.steps === mirror.steps && known.following === following) return known.track
  const steps = stepsOfFlow(mirror.steps, following)
  const track = { steps, levels: levelsOf(steps) }
  known = { steps: mirror.steps, following, track }
  return track
}

function currentTrack(): Track {
  return trackOf(useMirror.getState(), useView.getState().following)
}

/** The first stop after (or last before) this position, if there is one. */
export function nextStop(stops: readonly StepId[], position: StepId): StepId | undefined {
  return stops.find((stop) => stop > position)
}

export function previousStop(stops: readonly StepId[], position: StepId): StepId | undefined {
  return stops.findLast((stop) => stop < position)
}

/** The chapter in which a step lies. */
export function chapterAt(levels: Levels, step: StepId): Chapter | undefined {
  return levels.chapters.findLast((chapter) => chapter.first <= step)
}

/** Goes to a step; resolves when the mirror stands there. */
export async function seek(where: StepId | 'start' | 'end'): Promise<void> {
  await ask({ type: 'seek', where: typeof where === 'number' ? { step: where } : where })
}

export async function stepForward(level: Level = useView.getState().level): Promise<boolean> {
  const stop = nextStop(currentTrack().levels.stops[level], useMirror.getState().position.step)
  if (stop !== undefined) await seek(stop)
  return stop !== undefined
}

export async function stepBack(level: Level = useView.getState().level): Promise<boolean> {
  const stop = previousStop(currentTrack().levels.stops[level], useMirror.getState().position.step)
  await seek(stop ?? 'start')
  return stop !== undefined
}

export function chapterForward(): Promise<boolean> {
  return stepForward('overview')
}

export function chapterBack(): Promise<boolean> {
  return stepBack('overview')
}

export async function toStart(): Promise<void> {
  pause()
  await seek('start')
}

export async function toEnd(): Promise<void> {
  pause()
  const last = currentTrack().levels.stops.rules.at(-1)
  await seek(last ?? 'end')
}

/** Milliseconds between two stops at speed 1: long enough to read the sentence. */
const PACE: Readonly<Record<Level, number>> = { overview: 2600, stations: 1500, rules: 1300 }

let timer: ReturnType<typeof setTimeout> | undefined

/** Goes on from stop to stop at the level's pace until the flow ends or `pause`. */
export function play(): void {
  useView.setState({ playing: true })
  schedule(0)
}

export function pause(): void {
  clearTimeout(timer)
  timer = undefined
  useView.setState({ playing: false })
}

function schedule(delay: number): void {
  clearTimeout(timer)
  timer = setTimeout(() => void playOn(), delay)
}

async function playOn(): Promise<void> {
  if (!useView.getState().playing) return
  const moved = await stepForward()
  const { playing, level, speed } = useView.getState()
  if (!playing) return
  if (moved) schedule(PACE[level] / speed)
  else pause()
}
