import type { ApiClient, SimTime } from '../sim/index.js'

/** What a kubectl command finds around it. */
export interface KubectlEnv {
  readonly api: ApiClient
  /** The API as somebody else sees it, for `--as`. */
  readonly impersonate?: (user: string, groups: readonly string[]) => ApiClient
  /** What `-f NAME` finds; `-` is standard input. */
  readonly files: Readonly<Record<string, string>>
  /** Virtual now, for ages. */
  readonly now: SimTime
  /** State of the same command's earlier call, when it waits for something (`rollout status`, `wait`, `drain`). */
  readonly resume?: KubectlWait
}

/**
 * A command that waits: run it again with this as `resume` after `pollUs` of virtual time. Plain data.
 * A caller that cannot let time pass shows `stdout` as far as it is.
 */
export interface KubectlWait {
  readonly startedAt: SimTime
  readonly pollUs: SimTime
  /** What was printed so far. */
  readonly stdout: string
  readonly stderr: string
  /** What the command wants to remember. */
  readonly memory: string
}

export interface KubectlResult {
  /** 0 done, 1 refused or failed. */
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
  readonly waiting?: KubectlWait
}
