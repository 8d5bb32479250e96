import { own } from '../sim/index.js'
import type { Command, CommandOutput } from './command.js'
import { apply } from './commands/apply.js'
import { auth } from './commands/auth.js'
import { autoscale } from './commands/autoscale.js'
import { config } from './commands/config.js'
import { create } from './commands/create.js'
import { deleteCommand } from './commands/delete.js'
import { describe } from './commands/describe.js'
import { diff } from './commands/diff.js'
import { expose } from './commands/expose.js'
import { get } from './commands/get.js'
import { apiResources, apiVersions, clusterInfo, events, top, version } from './commands/information.js'
import { annotate, label } from './commands/label.js'
import { logs } from './commands/logs.js'
import { cordon, drain, uncordon } from './commands/nodes.js'
import { certificate, completion, kuberc, kustomize, options, plugin } from './commands/others.js'
import { patch } from './commands/patch.js'
import { attach, cp, debug, edit, exec, portForward, proxy } from './commands/reach.js'
import { replace } from './commands/replace.js'
import { rollout } from './commands/rollout.js'
import { run } from './commands/run.js'
import { scale } from './commands/scale.js'
import { set } from './commands/set/index.js'
import { taint } from './commands/taint.js'
import { wait } from './commands/wait.js'
import type { KubectlEnv, KubectlResult } from './environment.js'
import { errorText } from './errors.js'
import type { FlagSpecs } from './flags.js'
import { GLOBAL_FLAGS, parseFlags } from './flags.js'
import { commandPath, groupHelp, isGroup } from './help/groups.js'
import { writeFlagProblem } from './writing.js'

const COMMANDS: Readonly<Record<string, Command>> = {
  annotate,
  'api-resources': apiResources,
  'api-versions': apiVersions,
  apply,
  attach,
  auth,
  autoscale,
  certificate,
  'cluster-info': clusterInfo,
  completion,
  config,
  cordon,
  cp,
  create,
  debug,
  delete: deleteCommand,
  describe,
  diff,
  drain,
  edit,
  events,
  exec,
  expose,
  get,
  kuberc,
  kustomize,
  label,
  logs,
  options,
  patch,
  plugin,
  'port-forward': portForward,
  proxy,
  replace,
  rollout,
  run,
  scale,
  set,
  taint,
  top,
  uncordon,
  version,
  wait,
}

/** The commands in the order in which kubectl adds them: so it suggests them. Source: kubernetes kubectl pkg/cmd/cmd.go NewKubectlCommand */
const ADDED = [
  'create',
  'expose',
  'run',
  'set',
  'explain',
  'get',
  'edit',
  'delete',
  'rollout',
  'scale',
  'autoscale',
  'certificate',
  'cluster-info',
  'top',
  'cordon',
  'uncordon',
  'drain',
  'taint',
  'describe',
  'logs',
  'attach',
  'exec',
  'port-forward',
  'proxy',
  'cp',
  'auth',
  'debug',
  'events',
  'diff',
  'apply',
  'patch',
  'replace',
  'wait',
  'kustomize',
  'label',
  'annotate',
  'completion',
  'alpha',
  'config',
  'kuberc',
  'plugin',
  'version',
  'api-versions',
  'api-resources',
]

/** Commands that exist and that the sandbox does not do. */
const NOT_SIMULATED = ['alpha', 'explain']

/**
 * Runs one kubectl command line (without the word `kubectl`) and prints what the real one prints.
 *
 * @returns `waiting` when the command waits for something: call again with it as `env.resume` after its `pollUs`.
 */
export function runKubectl(args: readonly string[], env: KubectlEnv): KubectlResult {
  const at = commandIndex(args)
  const name = args[at]
  if (name === undefined) return helpOf([])
  if (name === 'help') return helpOf(args.slice(at + 1).filter((word) => !word.startsWith('-')))
  const command = own(COMMANDS, name)
  if (command === undefined) {
    if (NOT_SIMULATED.includes(name)) return failure(`error: kubectl ${name} is not simulated\n`)
    return failure(unknownCommand(name))
  }
  const specs: FlagSpecs = { ...GLOBAL_FLAGS, ...command.flags }
  const parsed = parseFlags([...args.slice(0, at), ...args.slice(at + 1)], specs)
  if ('error' in parsed) {
    const words = args.slice(at + 1).filter((word) => !word.startsWith('-'))
    return failure(`error: ${parsed.error}\nSee 'kubectl ${commandPath(name, words)} --help' for usage.\n`)
  }
  if (parsed.flag('help')) return helpOf([name, ...parsed.words])
  if (command.flags['dry-run'] !== undefined && name !== 'delete') {
    const problem = writeFlagProblem(parsed, env.files)
    if (problem !== undefined) return failure(`error: ${problem}\n`)
  }
  const context = parsed.text('context')
  if (context !== undefined && context !== 'kubernetes-admin@kubernetes')
    return failure(`Error in configuration: context was not found for specified context: ${context}\n`)
  const server = parsed.text('server')
  if (server !== undefined) {
    const host = server.replace(/^https?:\/\//, '')
    return failure(`The connection to the server ${host} was refused - did you specify the right host or port?\n`)
  }
  if (parsed.isSet('token')) return failure('error: You must be logged in to the server (Unauthorized)\n')
  const user = parsed.text('as')
  const api = user === undefined ? undefined : env.impersonate?.(user, parsed.list('as-group'))
  const asked = api === undefined ? env : { ...env, api }
  const output = command.run({ env: asked, args: parsed, namespace: parsed.text('namespace') ?? 'default' })
  return finish(output, env)
}

/** The command of a command line, behind whatever flags stand before it: `get` of `-n kube-system get pods`; undefined without one. */
export function commandName(args: readonly string[]): string | undefined {
  return args[commandIndex(args)]
}

/** Where the command's name is: the first word that is no global flag or its value. */
function commandIndex(args: readonly string[]): number {
  let index = 0
  while (index < args.length) {
    const arg = args[index] ?? ''
    if (!arg.startsWith('-')) return index
    const name = arg.replace(/^-+/, '').split('=', 1)[0] ?? ''
    const spec = Object.entries(GLOBAL_FLAGS).find(([long, each]) => long === name || each.short === name)?.[1]
    index += spec?.kind !== 'bool' && spec !== undefined && !arg.includes('=') ? 2 : 1
  }
  return index
}

/** What a command says of itself. The help of a single command is long, and nowhere kept here. */
function helpOf(words: readonly string[]): KubectlResult {
  const [name = '', ...rest] = words
  if (name !== '' && !ADDED.includes(name)) {
    const unknown = `Unknown help topic ${words.map((word) => `\`${word}\``).join(' ')}\n`
    return { exit: 0, stdout: groupHelp('').text, stderr: unknown }
  }
  const path = name === '' ? '' : commandPath(name, rest)
  if (isGroup(path)) return { exit: 0, stdout: groupHelp(path).text, stderr: '' }
  return failure(
    `error: the help of kubectl ${path} is not kept here; see https://kubernetes.io/docs/reference/kubectl/generated/\n`,
  )
}

function failure(stderr: string, exit = 1): KubectlResult {
  return { exit, stdout: '', stderr }
}

function unknownCommand(name: string): string {
  const near = ADDED.filter((each) => distance(name, each) <= 2 || (name.length > 1 && each.startsWith(name)))
  const hint = near.length === 0 ? '' : `\nDid you mean this?\n${near.map((each) => `\t${each}\n`).join('')}`
  return `error: unknown command "${name}" for "kubectl"\n${hint}`
}

/** Levenshtein's. Source: spf13/cobra command.go SuggestionsFor */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, char] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (char === other ? 0 : 1)))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

function finish(output: CommandOutput, env: KubectlEnv): KubectlResult {
  const before = env.resume ?? { stdout: '', stderr: '', startedAt: env.now }
  const errors = output.errors ?? []
  const stdout = before.stdout + (output.stdout ?? '')
  const stderr = before.stderr + (output.stderr ?? '') + errorText(errors)
  const exit = output.exit ?? (errors.length > 0 ? 1 : 0)
  if (output.waiting === undefined) return { exit, stdout, stderr }
  return { exit, stdout, stderr, waiting: { ...output.waiting, startedAt: before.startedAt, stdout, stderr } }
}
