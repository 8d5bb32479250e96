import type { KubeObject } from '../../sim/index.js'
import type { CommandInput } from '../command.js'
import type { CommandError } from '../errors.js'

/** What is wrong with the words of a generator. */
export interface GeneratorProblem {
  readonly problem: string
  /** What the server said, where it was asked. */
  readonly error?: CommandError
}

export type Generator = (words: readonly string[], input: CommandInput) => KubeObject | GeneratorProblem

export function isProblem(made: KubeObject | GeneratorProblem): made is GeneratorProblem {
  return 'problem' in made
}
