import { askedPhrase, chapterTitle, faultOnPhrase, hostPhrase, type Phrase, phrase, stepPhrase } from '../../i18n/index.js'
import type { Chapter, FlowInfo, Level, ScenarioStory, Step, StepId } from '../../protocol/index.js'
import type { Mirror } from '../../state/mirror.js'
import { findStep } from '../../state/mirror.js'
import type { Track } from '../../state/transport.js'
import { namedIn } from '../common/thingName.js'
import { spanPhrase } from '../common/time.js'

/** One line of the list of steps: a chapter at Overview, a step below. */
export interface StepLine {
  readonly stop: StepId
  readonly text: Phrase
  readonly state: 'done' | 'current' | 'ahead'
  readonly tone: 'request' | 'reply' | 'control'
}

/** Lines shown around the current one; more would only be scrolled past. */
const LINES = 160

/** The followed flow at a level, the present line marked: the one whose stop is at or next after the position. */
export function stepLines(track: Track, level: Level, position: StepId): readonly StepLine[] {
  const stops = track.levels.stops[level]
  const current = currentStop(stops, track, position)
  const at = current === undefined ? 0 : stops.indexOf(current)
  const from = Math.max(0, at - LINES / 2)
  const say = sayStops(track, level)
  return stops.slice(from, from + LINES).flatMap((stop) => {
    const step = track.steps[findStep(track.steps, stop)]
    if (step?.id !== stop) return []
    const state = stop === current ? 'current' : current !== undefined && stop < current ? 'done' : 'ahead'
    return [{ stop, text: say(step), state, tone: toneOf(step) } as const]
  })
}

/** What the stops of a level are told as: at Overview by the titles of their chapters, below by their own sentences. */
export function sayStops(track: Track, level: Level): (step: Step) => Phrase {
  if (level !== 'overview') return sayStep
  const chapters = new Map(track.levels.chapters.map((chapter) => [chapter.stop, chapter]))
  return (step) => {
    const chapter = chapters.get(step.id)
    return chapter === undefined ? sayStep(step) : chapterPhrase(chapter)
  }
}

const phrases = new WeakMap<Step, Phrase>()

/** A step never changes, so neither does its sentence: the same object keeps its line from being drawn again. */
function sayStep(step: Step): Phrase {
  const known = phrases.get(step)
  if (known !== undefined) return known
  const text = stepPhrase(step)
  phrases.set(step, text)
  return text
}

function toneOf(step: Step): StepLine['tone'] {
  if ('direction' in step.facts) return step.facts.direction
  return step.kind === 'request-done' ? 'reply' : 'control'
}

/** The stop that stands for the position: itself, else the end of the group that it is in. */
export function currentStop(stops: readonly StepId[], track: Track, position: StepId): StepId | undefined {
  const first = track.steps[0]
  if (first === undefined || position < first.id) return undefined
  return stops.find((stop) => stop >= position) ?? stops.at(-1)
}

export function chapterPhrase(chapter: Chapter): Phrase {
  return chapterTitle(chapter.code, chapter.facts)
}

/** What the explanation says of the present position; before the first step, what to try first. */
export function explanationOf(step: Step | undefined, actions: number, story?: ScenarioStory): Phrase {
  if (step !== undefined) return stepPhrase(step)
  if (actions > 0) return phrase('transport.settled')
  return phrase(beginsElsewhere(story) ? 'shell.tryStory' : 'shell.tryFirst')
}

/** A story whose first deed is not what Send request does: some other thing has to come first. */
function beginsElsewhere(story: ScenarioStory | undefined): boolean {
  const first = story?.steps.find((step) => step.action !== undefined)?.action
  if (first === undefined) return false
  return first.type !== 'request' || first.request.from !== 'client' || !first.request.to.startsWith('service/')
}

/** What a folded group holds: every rewrite, chance, drop and object write between two stops, the last excluded. */
export function foldedIn(
  steps: readonly Step[],
  after: StepId,
  stop: StepId,
): readonly { readonly id: StepId; readonly text: Phrase }[] {
  return steps
    .filter((step) => step.id > after && step.id < stop)
    .flatMap((step) => {
      const text = foldedPhrase(step)
      return text === undefined ? [] : [{ id: step.id, text }]
    })
}

function foldedPhrase(step: Step): Phrase | undefined {
  switch (step.kind) {
    case 'rewrite': {
      const { before, after, what } = step.facts
      const isSource = before.src !== after.src || before.sport !== after.sport
      const old = isSource ? `${before.src}:${before.sport}` : `${before.dst}:${before.dport}`
      const now = isSource ? `${after.src}:${after.sport}` : `${after.dst}:${after.dport}`
      return phrase('folded.rewrite', { what: what.toUpperCase(), old, now })
    }
    case 'rule':
      return step.facts.chance === undefined ? undefined : phrase('folded.chance', { share: shareOf(step.facts.chance) })
    case 'lb-choice':
      return phrase('folded.choice', { chosen: step.facts.chosen, share: shareOf(step.facts.chance) })
    case 'stopped':
      return phrase('folded.stopped', { host: step.facts.host })
    case 'etcd-write':
      if (step.facts.object.kind === 'Event' || step.facts.object.kind === 'Lease') return undefined
      return phrase('folded.write', {
        operation: step.facts.operation,
        object: `${step.facts.object.kind} ${step.facts.object.name}`,
      })
    default:
      return undefined
  }
}

function shareOf(chance: { readonly probability: number; readonly share?: string }): string {
  return chance.share ?? fractionOf(chance.probability)
}

/** A probability as a fraction with a small denominator where it is one, else with three digits; what is not nothing never reads as nothing. */
export function fractionOf(probability: number): string {
  for (let below = 1; below <= 100; below++) {
    const above = Math.round(probability * below)
    if (above > 0 && Math.abs(probability - above / below) < 1e-9) return below === 1 ? String(above) : `${above}/${below}`
  }
  if (probability <= 0) return '0'
  if (probability < 0.001) return `≈1/${Math.round(1 / probability)}`
  return probability.toFixed(3)
}

/** Where a step happens, in few words: `node3 PREROUTING`, `API server`. */
export function placePhrase(step: Step): Phrase {
  if ('hook' in step.facts) return phrase('place.hook', { host: hostPhrase(step.facts.host), hook: step.facts.hook })
  const at = step.to ?? step.from
  if (at !== undefined) return namedIn(at, step.kind === 'proxy-sync' ? step.facts.mode : undefined)
  return 'host' in step.facts ? phrase('thing.other', { name: step.facts.host }) : phrase('place.cluster')
}

/** The step that caused this one, and the first that this one led to. */
export function causesOf(mirror: Mirror, step: Step): { readonly cause: Step | undefined; readonly effect: Step | undefined } {
  const at = findStep(mirror.steps, step.id)
  const causeAt = step.cause === undefined ? -1 : findStep(mirror.steps, step.cause)
  const cause = mirror.steps[causeAt]
  return {
    cause: cause?.id === step.cause ? cause : undefined,
    effect: mirror.steps.slice(at + 1).find((later) => later.cause === step.id),
  }
}

const NUMBER = /-(\d+)$/

/** A flow's name in "Following". */
export function flowPhrase(flow: FlowInfo): Phrase {
  const n = NUMBER.exec(flow.id)?.[1] ?? ''
  const { from, to, command, objects, fault, target, active, us } = flow.facts
  switch (flow.kind) {
    case 'request':
      return from === undefined || to === undefined
        ? phrase('flow.requestPlain', { n })
        : phrase('flow.request', { n, from: hostPhrase(from), to: askedPhrase(to) })
    case 'change':
      return phrase('flow.change', { n, what: [command, objects].filter((word) => word !== undefined).join(' ') })
    case 'fault': {
      const what = faultOnPhrase(fault ?? '', target ?? '')
      return active === 'false' ? phrase('flow.mended', { n, what }) : phrase('flow.fault', { n, what })
    }
    case 'scenario':
      return phrase('flow.scenario', { n })
    case 'wait':
      return phrase('flow.wait', { n, span: spanPhrase(Number(us ?? 0)) })
    case 'background':
      return phrase('flow.background')
  }
}
