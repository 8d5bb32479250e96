import type { KubectlWait } from '../kubectl/index.js'
import type { FlowId } from '../sim/index.js'
import type { Action } from './action.js'

export type KubectlAction = Extract<Action, { readonly type: 'kubectl' }>

/** What `person` is told: do this. `id` names the action within its world. */
export type PersonMessage =
  | { readonly type: 'act'; readonly id: string; readonly action: Action }
  | { readonly type: 'resume-kubectl'; readonly id: string; readonly action: KubectlAction; readonly waiting: KubectlWait }
  /** A wait is over. */
  | { readonly type: 'waited' }

/** kubectl's answer to an action. */
export interface KubectlOutput {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

/** The person's part of the world: which actions have been queued, and what kubectl said. */
export interface PersonPart {
  /** Actions of the session's list that are queued or done. */
  done: number
  /** By action id; the latest few. */
  readonly outputs: Map<string, KubectlOutput>
  /** Flow of each action, by its id. */
  readonly flows: Map<string, FlowId>
}

export function createPersonPart(): PersonPart {
  return { done: 0, outputs: new Map(), flows: new Map() }
}
