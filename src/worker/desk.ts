import { START_ID, START_INPUT } from '../generated/startScenario.js'
import type { PageMessage, RequestId, StatePatch, WorkerMessage } from '../protocol/index.js'
import { PROTOCOL_VERSION } from '../protocol/messages.js'
import { Refused } from '../protocol/refused.js'
import { buildScene, diffScene } from '../session/buildScene.js'
import { flowsOf } from '../session/flows.js'
import type { Scene, Session, Tools } from '../session/index.js'
import { act, followOn, replayActions, seekEnd, seekStep, sessionDigest, startOver, undo } from '../session/session.js'
import type { RequestSpec, Step, StepId } from '../sim/index.js'
import { parseWhere, parseWho, SimBug } from '../sim/index.js'
import type { OpenCluster } from './openCluster.js'
import { deadline, openInput } from './openCluster.js'

type Rest = typeof import('./rest.js')

/** What the page has been told, so that only differences are sent. */
interface Told {
  scene: Scene | undefined
  /** The steps that the page knows. */
  steps: readonly Step[]
}

/** Milliseconds after which the page is answered, however much is left to be followed. */
const PATIENCE = 3_000

/** Answers messages in their order; holds the one cluster that is open. */
export function createDesk(): (message: PageMessage) => Promise<WorkerMessage> {
  let open: OpenCluster | undefined
  let rest: Rest | undefined
  const loadRest = async (): Promise<Rest> => {
    rest ??= await import('./rest.js')
    return rest
  }
  const tools: Tools = {
    kubectl(args, env) {
      if (rest === undefined) throw new SimBug('kubectl-not-loaded')
      return rest.TOOLS.kubectl(args, env)
    },
  }
  let told: Told = { scene: undefined, steps: [] }

  let good: Good = { actions: [], position: 0, undo: [] }

  const patch = (session: Session): StatePatch => {
    const made = patchFor(session, told)
    told = made.told
    good = { actions: session.history.actions, position: session.position, undo: session.undo }
    return made.patch
  }

  const recover = (requestId: RequestId, error: unknown): WorkerMessage => {
    const broken = open
    const again = broken === undefined ? undefined : reopen(broken, good, tools)
    open = again ?? broken
    return crashed(requestId, error, broken, again !== undefined)
  }

  const handle = async (message: PageMessage): Promise<WorkerMessage> => {
    const { requestId } = message
    if (message.type === 'open') {
      if (message.protocolVersion !== PROTOCOL_VERSION) return refuse(requestId, new Refused('version'))
      const { source } = message
      // The page's own first cluster stands without the rest: that is what the first picture waits for.
      const isStart = source.type === 'builtin' && source.id === START_ID
      const opened = isStart ? openInput(START_ID, START_INPUT, tools) : (await loadRest()).openSource(source)
      open = opened
      told = { scene: undefined, steps: [] }
      return { type: 'opened', requestId, opened: opened.report, ...patch(opened.session) }
    }
    if (open === undefined) return refuse(requestId, new Refused('not-open'))
    const { session } = open
    const { answerQuestion } = await loadRest()
    switch (message.type) {
      case 'act': {
        if (message.action.type === 'request') checkRequest(message.action.request)
        const acted = act(session, message.action, deadline(PATIENCE))
        const { flow, first, kubectl, dropped } = acted
        const done = { flow, first, ...(kubectl === undefined ? {} : { kubectl }), dropped, settled: acted.settled }
        return { type: 'done', requestId, done, ...patch(session) }
      }
      case 'seek':
        if (message.where === 'start') seekStep(session, 0)
        else if (message.where === 'end') {
          // The end of a large action may not have been reached yet: going there goes on with it.
          const settled = followOn(session, deadline(PATIENCE))
          seekEnd(session)
          return { type: 'done', requestId, done: { settled }, ...patch(session) }
        } else seekStep(session, message.where.step)
        return { type: 'done', requestId, done: {}, ...patch(session) }
      case 'undo':
        undo(session)
        return { type: 'done', requestId, done: {}, ...patch(session) }
      case 'start-over':
        startOver(session)
        return { type: 'done', requestId, done: {}, ...patch(session) }
      case 'digest':
        return { type: 'answer', requestId, answer: { type: 'digest', digest: sessionDigest(session) } }
      default:
        return { type: 'answer', requestId, answer: answerQuestion(open, message) }
    }
  }

  let line: Promise<unknown> = Promise.resolve()
  return (message) => {
    const answer = line
      .then(() => handle(message))
      .catch((error: unknown) =>
        error instanceof Refused ? refuse(message.requestId, error) : recover(message.requestId, error),
      )
    line = answer
    return answer
  }
}

/** What names nobody or nowhere is not sent at all. @throws Refused with the reason. */
function checkRequest({ from, to }: RequestSpec): void {
  for (const read of [parseWho(from), parseWhere(to)]) if (!read.ok) throw new Refused('bad-request', { why: read.error })
}

function refuse(requestId: RequestId, refused: Refused): WorkerMessage {
  return { type: 'refused', requestId, refusal: refused.refusal }
}

/** What a crash must not take: all that makes the last good state again. */
interface Good {
  readonly actions: Session['history']['actions']
  readonly position: StepId
  readonly undo: Session['undo']
}

/** Our bug, with the seed and the step to report. */
function crashed(requestId: RequestId, error: unknown, open: OpenCluster | undefined, restored: boolean): WorkerMessage {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  const seed = open?.session.input.spec.seed ?? ''
  const step = open?.session.history.world.nextStep ?? 0
  return { type: 'crashed', requestId, message, seed, step, restored }
}

/** The last good state on a fresh world: what was open may have been left in the midst of an event. */
function reopen({ id, input }: OpenCluster, good: Good, tools: Tools): OpenCluster | undefined {
  try {
    const opened = openInput(id, input, tools, (session) => {
      replayActions(session, good.actions, good.position)
      return { view: {}, warnings: [] }
    })
    opened.session.undo = [...good.undo]
    return opened
  } catch {
    return undefined
  }
}

function patchFor(session: Session, told: Told): { readonly patch: StatePatch; readonly told: Told } {
  const { history } = session
  const scene = buildScene(history.world)
  const { steps } = history
  // Steps are immutable objects: what the page knows is the common beginning.
  const from = firstDifference(told.steps, steps)
  const added = steps.slice(from)
  const last = steps.at(-1)
  const cut = added[0]?.id ?? (last === undefined ? 0 : last.id + 1)
  const patch: StatePatch = {
    position: { step: session.position, at: history.world.now, end: last?.id ?? 0, endAt: last?.at ?? history.world.now },
    scene: diffScene(told.scene, scene),
    steps: { from: cut, added, forgotten: history.forgotten },
    flows: flowsOf(steps),
    actions: history.actions,
    unfinished: session.unfinished !== undefined,
    undoDepth: session.undo.length,
    ghosts: session.ghosts,
  }
  return { patch, told: { scene, steps: steps.slice() } }
}

/** Index from which two lists of steps differ. Their elements are the same objects where nothing was run again. */
function firstDifference(known: readonly Step[], steps: readonly Step[]): number {
  if (known[0] !== steps[0]) return 0
  let low = 0
  let high = Math.min(known.length, steps.length)
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (known[middle - 1] === steps[middle - 1]) low = middle
    else high = middle - 1
  }
  return low
}
