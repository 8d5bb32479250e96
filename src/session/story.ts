import type { Query, ScenarioInput, StoryStepInput } from '../scenario/index.js'
import type { ResourceName, Step } from '../sim/index.js'
import { getStoredOf, own, rulesText, traceRequest } from '../sim/index.js'
import { exploreFrom } from './explore.js'
import { openSession } from './open.js'
import { toAction } from './scenarioInput.js'
import type { Session } from './session.js'
import { act, seekEnd } from './session.js'
import type { ScenarioStory } from './untoldStory.js'
import { tellStep, untoldStory } from './untoldStory.js'

/** The story with every prediction's answer, computed by playing it on a session of its own. */
export function answeredStory(session: Session, input: ScenarioInput): ScenarioStory | undefined {
  const story = untoldStory(input)
  if (story === undefined || input.story === undefined) return undefined
  const rehearsal = openSession(session.input)
  return { ...story, steps: input.story.steps.map((step) => tellStep(step, playStep(rehearsal, step))) }
}

/** Plays a step of the story. @returns its prediction's answer. */
function playStep(rehearsal: Session, step: StoryStepInput): string | undefined {
  const { prediction } = step
  const before = prediction?.when === 'before' ? answerQuery(rehearsal, prediction.query, undefined) : undefined
  const action = step.action === undefined ? undefined : toAction(step.action)
  let flow: string | undefined
  if (action !== undefined) {
    flow = act(rehearsal, action).flow
    seekEnd(rehearsal)
  }
  return prediction === undefined ? undefined : (before ?? answerQuery(rehearsal, prediction.query, flow))
}

/** A question to the simulation, answered by looking. @param flow the flow of the story's latest action. */
export function answerQuery(session: Session, query: Query, flow: string | undefined): string {
  const { world, steps } = session.history
  switch (query.ask) {
    case 'request':
      return requestFact(session, query)
    case 'explore':
      return exploreFact(session, query)
    case 'object':
      return fieldText(getStoredOf(world.parts.etcd, query.resource as ResourceName, query.key), query.path)
    case 'steps': {
      const counted = steps.filter(
        (step) => (query.flow === 'all' || step.flow === flow) && step.kind === query.kind && hasFacts(step, query.where),
      )
      const { distinct } = query
      return String(
        distinct === undefined ? counted.length : new Set(counted.map((step) => fieldText(step.facts, distinct))).size,
      )
    }
    case 'rules':
      return rulesText(world, query.node).includes(query.mention) ? 'yes' : 'no'
  }
}

function requestFact(session: Session, { request, fact }: Extract<Query, { ask: 'request' }>): string {
  const { from, to, proto, force } = request
  const traced = traceRequest(session.history.world, { kind: 'request', from, to, proto }, force === undefined ? {} : { force })
  const outcome = traced.ok ? traced.value.outcomes[0] : undefined
  if (outcome === undefined) return 'absent'
  switch (fact) {
    case 'verdict':
      return outcome.verdict
    case 'node':
      return outcome.to?.node ?? 'absent'
    case 'pod':
      return outcome.to?.pod ?? 'absent'
    case 'masqueraded':
      return outcome.masqueraded ? 'yes' : 'no'
    case 'sourceSeen':
      return outcome.sourceSeen ?? 'absent'
    case 'with':
      return outcome.with ?? 'absent'
  }
}

function exploreFact(session: Session, { request, fact }: Extract<Query, { ask: 'explore' }>): string {
  const explored = exploreFrom(session, request)
  if (!explored.ok) return 'absent'
  const byDestination = new Map<string, number>()
  for (const { to, probability } of explored.value) {
    const key = to === undefined ? '' : `${to.ip}:${to.port}`
    byDestination.set(key, (byDestination.get(key) ?? 0) + probability)
  }
  switch (fact) {
    case 'destinations':
      return String(byDestination.size)
    case 'share':
      return shareText(Math.max(...byDestination.values()))
    case 'verdicts':
      return [...new Set(explored.value.map(({ verdict }) => verdict))].sort().join(',')
  }
}

/** `1/3` where it is one over a whole number, else with three decimals. */
function shareText(probability: number): string {
  const whole = Math.round(1 / probability)
  return Math.abs(1 / whole - probability) < 1e-9 ? `1/${whole}` : probability.toFixed(3)
}

function hasFacts(step: Step, where: Readonly<Record<string, string>>): boolean {
  return Object.entries(where).every(([path, value]) => fieldText(step.facts, path) === value)
}

/** The text of a field, by path: `status.readyReplicas`, `status.conditions.type=Ready.status`; `absent` where there is none. */
export function fieldText(value: unknown, path: string): string {
  const field = path.split('.').reduce(fieldOf, value)
  return field === undefined || field === null ? 'absent' : typeof field === 'object' ? JSON.stringify(field) : String(field)
}

/** One step down: a field of a record, an element of a list by number or by `field=value`. */
function fieldOf(at: unknown, name: string): unknown {
  if (isRecord(at) && !Array.isArray(at)) return own(at, name)
  if (!Array.isArray(at)) return undefined
  const [field, wanted] = name.split('=')
  if (wanted === undefined) return at[Number(name)]
  return at.find((each: unknown) => isRecord(each) && String(each[field ?? '']) === wanted)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
