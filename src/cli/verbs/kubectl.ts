import { commandName, runExplain } from '../../kubectl/index.js'
import type { Session } from '../../session/index.js'
import { actInTerminal, readWithKubectl } from '../../session/index.js'
import { readApiDocs } from '../apiDocs.js'
import type { VerbOutcome } from '../outcome.js'

/** Commands that only look: they need no history and no time. */
const LOOKING = ['get', 'describe', 'events', 'api-resources', 'api-versions', 'version', 'cluster-info', 'logs', 'auth', 'top']

/** Whether a command changes nothing, not even the time. */
export function isLooking(args: readonly string[]): boolean {
  const command = commandName(args) ?? ''
  return command === 'explain' || (LOOKING.includes(command) && !isWatching(args))
}

/** Whether a command follows what happens: time passes meanwhile. */
function isWatching(args: readonly string[]): boolean {
  return args.some(
    (word) => ['-w', '--watch', '--watch=true', '--watch-only'].includes(word) || /[?&]watch=(?:true|1)\b/.test(word),
  )
}

/** Runs a kubectl command on the cluster as it is now; what it changes goes on when this returns. */
export function kubectl(session: Session, args: readonly string[], files: Readonly<Record<string, string>>): VerbOutcome {
  const command = commandName(args) ?? ''
  if (command === 'explain') return outcome(runExplain(args.slice(args.indexOf(command) + 1), readApiDocs()))
  if (isLooking(args)) return outcome(readWithKubectl(session, args, files))
  const answer = actInTerminal(session, { type: 'kubectl', args, files })
  return outcome(answer ?? { exit: 1, stdout: '', stderr: '' })
}

function outcome({
  exit,
  stdout,
  stderr,
}: {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}): VerbOutcome {
  return { exit: exit === 0 ? 0 : 1, stdout, stderr }
}
