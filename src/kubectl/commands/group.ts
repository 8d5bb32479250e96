import { own } from '../../sim/index.js'
import type { CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { plainError } from '../errors.js'
import { groupHelp } from '../help/groups.js'

type Verb = (input: CommandInput, words: readonly string[]) => CommandOutput

/**
 * A command that is nothing without a subcommand: alone it prints its help, and fails.
 * Source: kubernetes kubectl pkg/cmd/util/helpers.go DefaultSubCommandRun
 */
export function groupCommand(name: string, verbs: Readonly<Record<string, Verb>>): (input: CommandInput) => CommandOutput {
  return (input) => {
    const [verb, ...words] = input.args.words
    const run = verb === undefined ? undefined : own(verbs, verb)
    return run === undefined ? noSubcommand(name, input.args.words) : run(input, words)
  }
}

/** What a group says that is asked for nothing, or for what it has not. */
export function noSubcommand(name: string, words: readonly string[]): CommandOutput {
  if (words.length > 0) {
    return failed(
      plainError(`unknown command ${JSON.stringify(words.join(' '))}\nSee 'kubectl ${name} -h' for help and examples`),
    )
  }
  const { text, stream } = groupHelp(name)
  return stream === 'stdout' ? { stdout: text, exit: 1 } : { stderr: text, exit: 1 }
}
