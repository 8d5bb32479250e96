import { runKubectl } from '../kubectl/index.js'
import type { Behaviours, Context } from '../sim/index.js'
import { applyFault, assertNever, behaviours, openApi, parseFault, startRequest, thing } from '../sim/index.js'
import type { Action } from './action.js'
import type { PersonMessage } from './part.js'
import type { SessionMessages, SessionParts } from './world.js'

type PersonContext = Context<SessionParts, SessionMessages>

/** Answers of kubectl that are kept: enough for the latest actions' reports. */
const OUTPUTS_KEPT = 16

/** Who speaks to the API server when a person acts: the kubeconfig that kubeadm writes. */
export const PERSON = { name: 'kubernetes-admin', thing: thing.client('kubectl') } as const

/** Does what a person asked for, as steps of its own flow. */
function person(ctx: PersonContext, message: PersonMessage): void {
  ctx.emit({ kind: 'action', facts: { action: message.action.type, summary: summarize(message.action) } })
  perform(ctx, message.id, message.action)
}

function perform(ctx: PersonContext, id: string, action: Action): void {
  switch (action.type) {
    case 'kubectl': {
      const output = runKubectl(action.args, { api: openApi(ctx, PERSON), files: action.files, now: ctx.now })
      const { outputs } = ctx.world.parts.person
      outputs.set(id, { exit: output.exit, stdout: output.stdout, stderr: output.stderr })
      for (const oldest of outputs.keys()) {
        if (outputs.size <= OUTPUTS_KEPT) break
        outputs.delete(oldest)
      }
      return
    }
    case 'request':
      startRequest(ctx, action.request)
      return
    case 'fault': {
      const fault = parseFault(action.fault, action.target)
      if (fault !== undefined) applyFault(ctx, fault, action.active)
      return
    }
    case 'wait':
      ctx.send({ kind: 'person' }, { id, action: { type: 'wait', us: 0 } }, action.us)
      return
    default:
      return assertNever(action)
  }
}

/** Facts for the title of an action's flow. */
export function summarize(action: Action): Readonly<Record<string, string>> {
  switch (action.type) {
    case 'kubectl':
      return { command: `kubectl ${action.args.join(' ')}` }
    case 'request': {
      const { from, to, proto, count = 1, force } = action.request
      return { from, to, proto, count: String(count), ...(force === undefined ? {} : { forced: force.endpoint }) }
    }
    case 'fault':
      return { fault: action.fault, target: action.target, active: String(action.active) }
    case 'wait':
      return { us: String(action.us) }
    default:
      return assertNever(action)
  }
}

/** All behaviours of a session's world. */
export const sessionBehaviours: Behaviours<SessionParts, SessionMessages> = { ...behaviours, person }
