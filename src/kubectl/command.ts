import type { KubectlEnv } from './environment.js'
import type { CommandError } from './errors.js'
import type { FlagSpecs, ParsedArgs } from './flags.js'

/** What a command works with. */
export interface CommandInput {
  readonly env: KubectlEnv
  readonly args: ParsedArgs
  /** Of `-n`, or `default`. */
  readonly namespace: string
}

export interface CommandOutput {
  readonly stdout?: string
  /** Warnings and remarks, before the errors. */
  readonly stderr?: string
  readonly errors?: readonly CommandError[]
  /** 1 when there are errors, else 0, unless given. */
  readonly exit?: number
  /** The command is to be asked again; see KubectlWait. */
  readonly waiting?: { readonly pollUs: number; readonly memory: string }
}

export interface Command {
  readonly flags: FlagSpecs
  run(input: CommandInput): CommandOutput
}

export function failed(...errors: readonly CommandError[]): CommandOutput {
  return { errors }
}
