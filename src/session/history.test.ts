import { describe, expect, it } from 'vitest'
import { builtinScenario, readScenario } from '../scenario/index.js'
import { worldSize } from '../sim/index.js'
import type { Session } from './index.js'
import { act, followOn, openSession, seekEnd, seekStep, sessionDigest, toSessionInput } from './index.js'

function open(): Session {
  const input = readScenario(builtinScenario('first-request') ?? [])
  if (!input.ok) throw new Error('the scenario does not read')
  return openSession(toSessionInput(input.value))
}

const scaleTo = (replicas: number) => ({
  type: 'kubectl' as const,
  args: ['scale', 'deployment/web', `--replicas=${replicas}`],
  files: {},
})

describe('checkpoints', () => {
  it('[HIS1] a large world is copied less often, and any moment is still reached', () => {
    const session = open()
    expect(act(session, scaleTo(400)).settled).toBe(true)
    seekEnd(session)
    const end = sessionDigest(session)
    const { checkpoints } = session.history
    const gaps = checkpoints.slice(1).map((each, index) => each.ordinal - (checkpoints[index]?.ordinal ?? 0))
    expect(gaps[0]).toBe(64)
    expect(Math.max(...gaps)).toBeGreaterThan(70)
    expect(checkpoints.map(({ size }) => size)).toEqual(checkpoints.map(({ world }) => worldSize(world)))
    seekStep(session, session.history.steps[3000]?.id ?? 0)
    seekEnd(session)
    expect(sessionDigest(session)).toBe(end)
  })

  it('[HIS2] who has waited long enough is answered before the world is at rest, and can go on', () => {
    const straight = open()
    act(straight, scaleTo(60))
    const session = open()
    let asked = 0
    expect(act(session, scaleTo(60), () => ++asked > 2).settled).toBe(false)
    expect(session.history.head).toBeLessThan(straight.history.head)
    for (let more = 0; more < 1000 && session.unfinished !== undefined; more++) {
      let again = 0
      followOn(session, () => ++again > 5)
    }
    seekEnd(session)
    seekEnd(straight)
    expect(sessionDigest(session)).toBe(sessionDigest(straight))
  })
})
