import { describe, expect, it } from 'vitest'
import { levelsOf } from '../../protocol/levels.js'
import { fixtureSteps } from '../../testing/sceneFixture.js'
import { currentStop, foldedIn, fractionOf, stepLines } from './presentModel.js'
import { placeOf, stepAtPlace, timelineOf } from './timelineModel.js'

const steps = fixtureSteps().filter((step) => step.flow === 'request-1')
const track = { steps, levels: levelsOf(steps) }

describe('the timeline', () => {
  it('[T1] has one place for each step, and a slider value leads back to its step', () => {
    const timeline = timelineOf(track, steps, 'request-1', 'overview')
    expect(timeline.ticks).toHaveLength(steps.length)
    for (const step of steps) expect(stepAtPlace(timeline.ids, placeOf(timeline.ids, step.id))).toBe(step.id)
    expect(stepAtPlace(timeline.ids, 0)).toBeUndefined()
  })

  it('[T2] chapters cover it without a gap', () => {
    const { chapters } = timelineOf(track, steps, 'request-1', 'overview')
    expect(chapters[0]?.from).toBe(0)
    expect(chapters.at(-1)?.to).toBe(steps.length)
    for (const [index, chapter] of chapters.entries()) if (index > 0) expect(chapter.from).toBe(chapters[index - 1]?.to)
  })

  it('[T3] a quiet time of a second and more is a gap', () => {
    const [first, second, ...rest] = steps
    if (first === undefined || second === undefined) throw new Error('fixture without steps')
    const later = [first, { ...second, at: first.at + 12_000_000 }, ...rest]
    const gaps = timelineOf({ steps: later, levels: levelsOf(later) }, later, 'request-1', 'rules').gaps
    expect(gaps[0]).toEqual({ place: 1.5, us: 12_000_000 })
  })
})

describe('the list of steps', () => {
  it('[T4] marks exactly one line, at every level and step', () => {
    for (const level of ['overview', 'stations', 'rules'] as const)
      for (const step of steps) {
        const current = stepLines(track, level, step.id).filter((line) => line.state === 'current')
        expect(current).toHaveLength(1)
      }
  })

  it('[T5] marks none before the first step', () => {
    expect(currentStop(track.levels.stops.overview, track, 0)).toBeUndefined()
    expect(stepLines(track, 'overview', 0).every((line) => line.state === 'ahead')).toBe(true)
  })

  it('[T6] a folded group names every rewrite and chance inside it', () => {
    const last = steps.at(-1)?.id ?? 0
    const named = foldedIn(steps, 0, last + 1).map((item) => item.text.key)
    const rewrites = steps.filter((step) => step.kind === 'rewrite').length
    expect(named.filter((key) => key === 'folded.rewrite')).toHaveLength(rewrites)
    expect(named).toContain('folded.choice')
  })
})

describe('probabilities', () => {
  it.each([
    [1, '1'],
    [1 / 3, '1/3'],
    [2 / 9, '2/9'],
    [0.3333333333, '1/3'],
    [0.123456, '0.123'],
    [1 / 2941, '≈1/2941'],
    [0, '0'],
  ])('[T7] %d is told as %s', (probability, told) => {
    expect(fractionOf(probability)).toBe(told)
  })
})
