import { describe, expect, it } from 'vitest'
import type { ActionRecord, ScenarioStory, StoryStep } from '../../protocol/index.js'
import { missingBefore } from './missingBefore.js'

const lag = { type: 'fault', fault: 'slow-kube-proxy', target: 'kube-proxy/node1', active: true, lag: 30_000_000 } as const
const send = { type: 'request', request: { from: 'node/node1', to: 'service/default/web:80', proto: 'tcp' } } as const
const text = { en: '' }
const steps: readonly StoryStep[] = [{ text, action: lag }, { text, action: send }, { text }, { text }]
const story: ScenarioStory = { title: text, summary: text, question: text, misconception: text, steps }
const record = (action: ActionRecord['action']): ActionRecord => ({ event: 1, at: 0, action })

describe('what a step of a story builds on', () => {
  it('[STORY9] is the first earlier action that nobody has done; any request will do for a request', () => {
    expect(missingBefore(story, 0, [])).toBeUndefined()
    expect(missingBefore(story, 2, [])).toBe(steps[0])
    expect(missingBefore(story, 2, [record({ ...lag, lag: 5 })])).toBe(steps[0])
    expect(missingBefore(story, 2, [record(lag)])).toBe(steps[1])
    expect(
      missingBefore(story, 3, [record(lag), record({ ...send, request: { ...send.request, from: 'client' } })]),
    ).toBeUndefined()
  })
})
