import { own } from '../../sim/index.js'
import { EXAMPLES, LONG, SUBCOMMANDS, USAGE } from './texts.js'

export interface GroupHelp {
  readonly text: string
  /** Where the group prints it when it is called without a subcommand. */
  readonly stream: 'stdout' | 'stderr'
}

/** Names are padded to the longest of their group, and to so much at least. Source: kubernetes kubectl pkg/util/templates/templater.go, cobra minNamePadding */
const MIN_WIDTH = 11

/** The help of a command that has subcommands; of kubectl itself under the empty name. Source: kubernetes kubectl pkg/util/templates/templates.go */
export function groupHelp(name: string): GroupHelp {
  const groups = own(SUBCOMMANDS, name) ?? {}
  const width = Math.max(MIN_WIDTH, ...Object.values(groups).flatMap((each) => Object.keys(each).map(({ length }) => length)))
  const listed = Object.entries(groups).map(([title, commands]) =>
    [title, ...Object.entries(commands).map(([each, short]) => `  ${each.padEnd(width)}   ${short}`)].join('\n'),
  )
  const path = name === '' ? 'kubectl' : `kubectl ${name}`
  const examples = own(EXAMPLES, name)
  const text = [
    own(LONG, name) ?? '',
    ...(examples === undefined ? [] : [`Examples:\n${examples.map((line) => `  ${line}`).join('\n')}`]),
    ...listed,
    `Usage:\n  ${own(USAGE, name) ?? `${path} SUBCOMMAND [options]`}`,
    `Use "${path} <command> --help" for more information about a given command.\nUse "kubectl options" for a list of global command-line options (applies to all commands).\n`,
  ].join('\n\n')
  return { text, stream: name === '' || name === 'rollout' || name === 'certificate' ? 'stdout' : 'stderr' }
}

/** Whether a command has subcommands of its own, and so a help that lists them. */
export function isGroup(name: string): boolean {
  return own(SUBCOMMANDS, name) !== undefined
}

/** The subcommand that a command line names: `create deployment`, `create secret tls`; the command alone where it has none. */
export function commandPath(name: string, words: readonly string[]): string {
  const isSub = (path: string, word: string): boolean =>
    Object.values(own(SUBCOMMANDS, path) ?? {}).some((each) => own(each, word) !== undefined)
  let path = name
  for (const word of words) {
    if (!isSub(path, word)) break
    path = `${path} ${word}`
  }
  return path
}
