/** What a verb answers: exit status 0 done, 1 the cluster or the file said no, 2 wrong usage. */
export interface VerbOutcome {
  readonly exit: 0 | 1 | 2
  readonly stdout: string
  readonly stderr: string
}

/** Ends a verb early; caught in `runVerb` alone. */
export class VerbStop extends Error {
  readonly exit: 1 | 2

  constructor(exit: 1 | 2, message: string) {
    super(message)
    this.exit = exit
  }
}

export function done(stdout: string, stderr = ''): VerbOutcome {
  return { exit: 0, stdout, stderr }
}

export function usage(message: string): VerbStop {
  return new VerbStop(2, message)
}

export function refused(message: string): VerbStop {
  return new VerbStop(1, message)
}

/** A fault of our own: told as one, with where it happened. */
export function internalError(error: unknown): VerbOutcome {
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { exit: 1, stdout: '', stderr: `internal error: ${told}\n` }
}
