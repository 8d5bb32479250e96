import { describe, expect, it } from 'vitest'
import { builtinScenario, readScenario, STORY_IDS } from '../scenario/index.js'
import type { Action } from '../session/index.js'
import { act, openSession, seekEnd, toSessionInput } from '../session/index.js'
import type { Step } from '../sim/index.js'
import { CHAPTERS_MAX, levelsOf, stepsOfFlow } from './levels.js'

/** Plays all that a built-in scenario offers; gives the steps of each flow. */
function flowsOfScenario(id: string): readonly (readonly Step[])[] {
  const input = readScenario(builtinScenario(id) ?? [])
  if (!input.ok) throw new Error(`${id} does not read`)
  const session = openSession(toSessionInput(input.value))
  const actions = (input.value.story?.steps ?? []).flatMap((step) =>
    step.action === undefined || step.action.type === 'join-node' ? [] : [step.action],
  )
  const request: Action = { type: 'request', request: { from: 'client', to: 'service/default/web:80', proto: 'tcp' } }
  for (const action of actions.length > 0 ? actions : [request]) {
    act(session, action)
    seekEnd(session)
  }
  const { steps } = session.history
  const ids = new Set(steps.map((step) => step.flow))
  ids.delete('background')
  return [...ids].map((flow) => stepsOfFlow(steps, flow))
}

describe('levels', () => {
  it.each(['default', ...STORY_IDS])('[LEV1] %s: no flow has more than nine chapters, and they cover it in order', (id) => {
    for (const steps of flowsOfScenario(id)) {
      const { chapters } = levelsOf(steps)
      expect(chapters.length).toBeGreaterThan(0)
      expect(chapters.length).toBeLessThanOrEqual(CHAPTERS_MAX)
      expect(chapters[0]?.first).toBe(steps[0]?.id)
      expect(chapters.at(-1)?.stop).toBe(steps.at(-1)?.id)
      for (let index = 1; index < chapters.length; index++) {
        expect(chapters[index]?.first).toBeGreaterThan(chapters[index - 1]?.stop ?? 0)
      }
    }
  })

  it.each(['default', ...STORY_IDS])("[LEV2] %s: each level's stops are a subsequence of the next finer one's", (id) => {
    for (const steps of flowsOfScenario(id)) {
      const { stops } = levelsOf(steps)
      expect(stops.stations.filter((stop) => stops.overview.includes(stop))).toEqual(stops.overview)
      expect(stops.rules.filter((stop) => stops.stations.includes(stop))).toEqual(stops.stations)
    }
  })

  it('[LEV3] a request to the Node without a Pod is told in the nine chapters of its way', () => {
    const [request] = flowsOfScenario('default')
    expect(levelsOf(request ?? []).chapters.map((chapter) => chapter.code)).toEqual([
      'lb-chooses',
      'enters-node',
      'rules-choose',
      'source-masked',
      'crosses',
      'bridge-to-pod',
      'answers',
      'undone',
      'home',
    ])
  })
})
