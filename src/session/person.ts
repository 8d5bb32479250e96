import type { KubectlEnv, KubectlResult, KubectlWait } from '../kubectl/index.js'
import type { Behaviours, Context } from '../sim/index.js'
import { applyFault, assertNever, behaviours, isFaultCode, openApi, startRequest, thing } from '../sim/index.js'
import type { Action } from './action.js'
import type { KubectlAction, PersonMessage } from './part.js'
import type { SessionMessages, SessionParts } from './world.js'

type PersonContext = Context<SessionParts, SessionMessages>

/** Answers of kubectl that are kept: enough for the latest actions' reports. */
const OUTPUTS_KEPT = 16

/** Who speaks to the API server when a person acts: the kubeconfig that kubeadm writes. */
export const PERSON = { name: 'kubernetes-admin', thing: thing.client('kubectl') } as const

/** The programs that a person works with. Handed in, so that the page can fetch them after its first picture. */
export interface Tools {
  /** @throws SimBug when it is not there yet: whoever lets a person act brings it first. */
  kubectl(args: readonly string[], env: KubectlEnv): KubectlResult
}

/** Does what a person asked for, as steps of its own flow. */
function person(tools: Tools, ctx: PersonContext, message: PersonMessage): void {
  if (message.type === 'resume-kubectl') {
    runCommand(tools, ctx, message.id, message.action, message.waiting)
    return
  }
  if (message.type === 'waited') {
    ctx.emit({ kind: 'action', facts: { action: 'waited', summary: {} } })
    return
  }
  ctx.emit({ kind: 'action', facts: { action: message.action.type, summary: summarize(message.action) } })
  perform(tools, ctx, message.id, message.action)
}

function perform(tools: Tools, ctx: PersonContext, id: string, action: Action): void {
  switch (action.type) {
    case 'kubectl':
      runCommand(tools, ctx, id, action, undefined)
      return
    case 'request':
      startRequest(ctx, action.request)
      return
    case 'fault': {
      const { type: _type, fault, ...rest } = action
      if (isFaultCode(fault)) applyFault(ctx, { fault, ...rest })
      return
    }
    case 'wait':
      ctx.send({ kind: 'person' }, { type: 'waited' }, action.us)
      return
    default:
      return assertNever(action)
  }
}

/** The API server as another user meets it: with that user's rights alone. */
export function impersonateIn(ctx: PersonContext): NonNullable<KubectlEnv['impersonate']> {
  return (name, groups) => openApi(ctx, { ...PERSON, name, groups })
}

/** A command that waits (`rollout status`) is asked again a little later, as the real one looks again. */
function runCommand(tools: Tools, ctx: PersonContext, id: string, action: KubectlAction, resume: KubectlWait | undefined): void {
  const env = { api: openApi(ctx, PERSON), impersonate: impersonateIn(ctx), files: action.files, now: ctx.now }
  const result = tools.kubectl(action.args, resume === undefined ? env : { ...env, resume })
  const { outputs } = ctx.world.parts.person
  outputs.set(id, { exit: result.exit, stdout: result.stdout, stderr: result.stderr })
  for (const oldest of outputs.keys()) {
    if (outputs.size <= OUTPUTS_KEPT) break
    outputs.delete(oldest)
  }
  if (result.waiting === undefined) {
    if (result.exit !== 0)
      ctx.emit({ kind: 'action', facts: { action: 'refused', summary: { message: firstLine(result.stderr) } } })
    return
  }
  ctx.send({ kind: 'person' }, { type: 'resume-kubectl', id, action, waiting: result.waiting }, result.waiting.pollUs)
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? ''
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
      return {
        fault: action.fault,
        target: action.target,
        active: String(action.active),
        ...(action.lag === undefined ? {} : { lag: String(action.lag) }),
      }
    case 'wait':
      return { us: String(action.us) }
    default:
      return assertNever(action)
  }
}

export type SessionBehaviours = Behaviours<SessionParts, SessionMessages>

/** All behaviours of a session's world, a person with these tools among them. */
export function behavioursWith(tools: Tools): SessionBehaviours {
  return { ...behaviours, person: (ctx, message) => person(tools, ctx, message) }
}
