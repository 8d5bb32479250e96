import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { builtinScenario, readScenario, STORY_IDS } from '../scenario/index.js'
import type { Action, Session } from './index.js'
import {
  act,
  answeredStory,
  buildScene,
  diffScene,
  exploreFrom,
  openSession,
  replayActions,
  seekEnd,
  seekStep,
  sessionDigest,
  startOver,
  toSessionInput,
  undo,
} from './index.js'

function scenario(id: string) {
  const input = readScenario(builtinScenario(id) ?? [])
  if (!input.ok) throw new Error(`${id} does not read`)
  return input.value
}

function open(id = 'default'): Session {
  return openSession(toSessionInput(scenario(id)))
}

const REQUEST: Action = { type: 'request', request: { from: 'client', to: 'service/default/web:80', proto: 'tcp' } }
const ACTIONS: readonly Action[] = [
  REQUEST,
  { type: 'request', request: { from: 'node/node1', to: 'service/default/web:80', proto: 'tcp', count: 50 } },
  { type: 'kubectl', args: ['scale', 'deployment', 'web', '--replicas=4'], files: {} },
  { type: 'kubectl', args: ['scale', 'deployment', 'web', '--replicas=1'], files: {} },
  { type: 'kubectl', args: ['set', 'image', 'deployment/web', 'nginx=nginxinc/nginx-unprivileged:1.28'], files: {} },
  { type: 'fault', fault: 'stop-kube-proxy', target: 'kube-proxy/node1', active: true },
  { type: 'fault', fault: 'stop-kube-proxy', target: 'kube-proxy/node1', active: false },
  { type: 'fault', fault: 'stop-apiserver', target: 'apiserver', active: true },
  { type: 'fault', fault: 'stop-apiserver', target: 'apiserver', active: false },
  { type: 'wait', us: 7_000_000 },
  { type: 'kubectl', args: ['delete', 'pod', '-l', 'app=web'], files: {} },
]
const anyAction = fc.constantFrom(...ACTIONS)

describe('a session', () => {
  it('[SES1] the same scenario, seed and actions give the same world', () => {
    const play = (): string => {
      const session = open()
      for (const action of ACTIONS.slice(0, 6)) {
        act(session, action)
        seekEnd(session)
      }
      return sessionDigest(session)
    }
    expect(play()).toBe(play())
  })

  it('[SES2] any detour leaves the world as it was, and a sought position equals the straight run', () => {
    fc.assert(
      fc.property(
        fc.array(anyAction, { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat(10_000), { minLength: 1, maxLength: 4 }),
        (actions, jumps) => {
          const session = open()
          for (const action of actions) {
            act(session, action)
            seekEnd(session)
          }
          const { steps } = session.history
          const target = steps.at(-1)?.id ?? 0
          const digest = sessionDigest(session)
          const seen = new Map<number, string>()
          for (const jump of jumps) {
            const id = steps[jump % steps.length]?.id ?? 0
            seekStep(session, id)
            const here = sessionDigest(session)
            expect(seen.get(id) ?? here).toBe(here)
            seen.set(id, here)
          }
          seekStep(session, target)
          expect(sessionDigest(session)).toBe(digest)
        },
      ),
      { numRuns: 12 },
    )
  })

  it('[SES3] undo brings back what was, also what acting in the past had put aside', () => {
    const session = open()
    act(session, REQUEST)
    seekEnd(session)
    act(session, { type: 'kubectl', args: ['scale', 'deployment', 'web', '--replicas=3'], files: {} })
    seekEnd(session)
    const digest = sessionDigest(session)
    const position = session.position
    const middle = session.history.steps[20]?.id ?? 0
    seekStep(session, middle)
    const acted = act(session, REQUEST)
    expect(acted.dropped.actions).toBe(1)
    expect(acted.dropped.steps).toBeGreaterThan(0)
    expect(undo(session)).toBe(true)
    expect(session.position).toBe(middle)
    seekStep(session, position)
    expect(sessionDigest(session)).toBe(digest)
  })

  it('[SES4] start over is the start, and can be undone', () => {
    const session = open()
    const start = sessionDigest(session)
    act(session, REQUEST)
    seekEnd(session)
    const there = sessionDigest(session)
    startOver(session)
    expect(sessionDigest(session)).toBe(start)
    undo(session)
    seekEnd(session)
    expect(sessionDigest(session)).toBe(there)
  })

  it('[SES5] replaying the actions elsewhere reaches the same world', () => {
    fc.assert(
      fc.property(fc.array(anyAction, { minLength: 1, maxLength: 4 }), (actions) => {
        const session = open()
        for (const action of actions) {
          act(session, action)
          seekEnd(session)
        }
        const copy = open()
        replayActions(copy, session.history.actions, session.position)
        expect(sessionDigest(copy)).toBe(sessionDigest(session))
        expect(copy.history.steps.length).toBe(session.history.steps.length)
      }),
      { numRuns: 8 },
    )
  })

  it('[SES6] exploring adds up to 1 and touches nothing', () => {
    const session = open()
    const digest = sessionDigest(session)
    const explored = exploreFrom(session, { from: 'client', to: 'service/default/web:80', proto: 'tcp' })
    expect(explored.ok).toBe(true)
    const outcomes = explored.ok ? explored.value : []
    expect(outcomes.reduce((sum, outcome) => sum + outcome.probability, 0)).toBeCloseTo(1, 9)
    expect(new Set(outcomes.map((outcome) => outcome.to?.ip)).size).toBe(2)
    expect(sessionDigest(session)).toBe(digest)
  })

  it('[SES7] entries of the picture that did not change are the same objects', () => {
    const session = open()
    const before = buildScene(session.history.world)
    act(session, REQUEST)
    seekEnd(session)
    const patch = diffScene(before, buildScene(session.history.world))
    expect(patch.pods).toBeUndefined()
    expect(patch.services).toBeUndefined()
  })

  it('[SES8] applying the same manifest twice changes nothing the second time', () => {
    const session = open()
    const files = { 'manifests.yaml': builtinScenario('default')?.[0]?.text.replace(/^[\s\S]*?---\n[\s\S]*?---\n/, '') ?? '' }
    const apply: Action = { type: 'kubectl', args: ['apply', '-f', 'manifests.yaml'], files }
    act(session, apply)
    seekEnd(session)
    const again = act(session, apply)
    expect(again.kubectl?.stdout).toBe('deployment.apps/web unchanged\nservice/web unchanged\n')
  })
})

describe('built-in stories', () => {
  it.each(STORY_IDS)('[STORY1] %s: every prediction has an answer, and it is one of the choices', (id) => {
    const input = scenario(id)
    const story = answeredStory(openSession(toSessionInput(input)), input)
    for (const step of story?.steps ?? []) {
      if (step.prediction === undefined) continue
      expect(step.prediction.choices.map((choice) => choice.value)).toContain(step.prediction.answer)
    }
  })
})
