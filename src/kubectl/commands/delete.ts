import type { DeleteOptions, ResourceInfo } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { dynamicApi } from '../dynamicApi.js'
import type { CommandError } from '../errors.js'
import { apiError, plainError } from '../errors.js'
import { readManifests } from '../filenames.js'
import type { Found } from '../targets.js'
import { fetchTargets, isError, keyFor, kindName, readTargets } from '../targets.js'
import { dryRunProblem, UNCHANGED } from '../writing.js'
import { NOTHING_NAMED, unnamedProblem } from './change.js'
import { SELECTION_FLAGS } from './get.js'
import { runRaw } from './raw.js'

export const deleteCommand: Command = {
  flags: {
    ...SELECTION_FLAGS,
    all: { kind: 'bool' },
    force: { kind: 'bool' },
    'grace-period': { kind: 'int' },
    now: { kind: 'bool' },
    cascade: { kind: 'optional', bare: 'background' },
    'ignore-not-found': { kind: 'bool' },
    wait: { kind: 'bool' },
    raw: { kind: 'string' },
    timeout: { kind: 'duration' },
    output: { kind: 'string', short: 'o' },
    'dry-run': { kind: 'optional', bare: UNCHANGED },
    interactive: { kind: 'bool', short: 'i' },
  },
  run,
}

const FORCE_WARNING =
  'Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.'

const POLL_US = 500_000

/** Source: kubernetes kubectl pkg/cmd/delete/delete.go */
function run(input: CommandInput): CommandOutput {
  const { args, env } = input
  if (args.isSet('raw')) return runRaw(input, 'DELETE')
  const waitedFor = env.resume?.memory
  if (waitedFor !== undefined) return waitUntilGone(input, waitedFor)
  const wrong = flagProblem(input)
  if (wrong !== undefined) return failed(plainError(wrong))
  const files = args.list('filename')
  if (args.words.length === 0 && files.length === 0) return failed(plainError(NOTHING_NAMED))
  const chosen = files.length > 0 ? fromFiles(input, files) : fromWords(input)
  if (!('found' in chosen)) return failed(chosen)
  const isForced = args.flag('force')
  const errors = chosen.errors.filter(
    (each) => !(args.flag('ignore-not-found') && each.kind === 'api' && each.error.code === 404),
  )
  const lines: string[] = []
  const gone: string[] = []
  for (const { info, object } of chosen.found) {
    const { name, namespace = input.namespace, uid } = object.metadata
    const key = keyFor(info, namespace, name)
    if (!args.isSet('dry-run')) {
      const deleted = dynamicApi(env.api).delete(info, key, deleteOptions(input))
      if (!deleted.ok) {
        errors.push(apiError(deleted.error))
        continue
      }
      gone.push(`${info.resource} ${key} ${uid}`)
    }
    lines.push(deletedLine(input, info, name, namespace, isForced))
  }
  const stdout =
    lines.length === 0 && errors.length === 0 && !args.flag('ignore-not-found') ? 'No resources found\n' : lines.join('')
  const output: CommandOutput = { stdout, errors, ...(isForced ? { stderr: `Warning: ${FORCE_WARNING}\n` } : {}) }
  const mustWait = args.flag('wait', true) && !isForced && gone.length > 0 && errors.length === 0
  return mustWait && waiting(input, gone).length > 0
    ? { ...output, waiting: { pollUs: POLL_US, memory: gone.join('\n') } }
    : output
}

/** Source: kubernetes kubectl pkg/cmd/delete/delete.go Complete, Validate, delete_flags.go */
function flagProblem({ args }: CommandInput): string | undefined {
  const dryRun = dryRunProblem(args)
  if (dryRun !== undefined) return dryRun
  const cascade = args.text('cascade') ?? 'background'
  if (!['background', 'foreground', 'orphan', 'true', 'false'].includes(cascade)) {
    return `invalid cascade value (${cascade}). Must be "background", "foreground", or "orphan"`
  }
  const grace = Number(args.text('grace-period') ?? -1)
  if (args.flag('now') && grace !== -1) return '--now and --grace-period cannot be specified together'
  const output = args.text('output') ?? ''
  if (output !== '' && output !== 'name') return `unexpected -o output mode: ${output}. We only support '-o name'`
  if (args.flag('all') && args.isSet('selector')) return 'cannot set --all and --selector at the same time'
  if (args.flag('all') && args.isSet('field-selector')) return 'cannot set --all and --field-selector at the same time'
  if (args.flag('force') && grace > 0) return '--force and --grace-period greater than 0 cannot be specified together'
  return undefined
}

function deletedLine(input: CommandInput, info: ResourceInfo, name: string, namespace: string, isForced: boolean): string {
  const { args } = input
  if (args.text('output') === 'name') return `${kindName(info)}/${name}\n`
  const where = info.namespaced ? ` from ${namespace} namespace` : ''
  const dryRun = args.text('dry-run')
  const suffix = dryRun === 'server' ? ' (server dry run)' : dryRun === undefined || dryRun === 'none' ? '' : ' (dry run)'
  return `${kindName(info)} "${name}" ${isForced ? 'force deleted' : 'deleted'}${where}${suffix}\n`
}

function deleteOptions({ args }: CommandInput): DeleteOptions {
  const cascade = args.text('cascade')
  const given = args.text('grace-period')
  // Without force, at once means as soon as can be done in order.
  const asked = given !== undefined && Number(given) === 0 && !args.flag('force') ? '1' : given
  const grace = args.flag('now') ? '1' : asked !== undefined && Number(asked) >= 0 ? asked : args.flag('force') ? '0' : undefined
  const policy = cascade === 'foreground' ? 'Foreground' : cascade === 'orphan' || cascade === 'false' ? 'Orphan' : 'Background'
  return { propagationPolicy: policy, ...(grace === undefined || Number(grace) < 0 ? {} : { gracePeriodSeconds: Number(grace) }) }
}

type Chosen = { readonly found: readonly Found[]; readonly errors: CommandError[] }

function fromWords(input: CommandInput): Chosen | CommandError {
  const named = readTargets(input.args.words)
  if (isError(named)) return named
  const problem = unnamedProblem(input, named)
  if (problem !== undefined) return problem
  const { found, errors } = fetchTargets(input, named.targets)
  return { found, errors: [...errors] }
}

function fromFiles(input: CommandInput, files: readonly string[]): Chosen {
  const { manifests, errors } = readManifests(input, files)
  const found: Found[] = []
  const problems: CommandError[] = [...errors]
  for (const { info, object, file } of manifests) {
    const key = keyFor(info, object.metadata.namespace ?? input.namespace, object.metadata.name ?? '')
    const got = dynamicApi(input.env.api).get(info, key)
    if (got.ok) found.push({ info, object: got.value })
    else problems.push(got.error.code === 404 ? apiError(got.error, `error when deleting "${file}"`) : apiError(got.error))
  }
  return { found, errors: problems }
}

/** Those of the deleted objects that are still there, by their uid. */
function waiting(input: CommandInput, gone: readonly string[]): readonly string[] {
  const api = dynamicApi(input.env.api)
  return gone.filter((line) => {
    const [resource = '', key = '', uid = ''] = line.split(' ')
    const named = readTargets([resource])
    const info = isError(named) ? undefined : named.targets[0]?.info
    if (info === undefined) return false
    const got = api.get(info, key)
    return got.ok && got.value.metadata.uid === uid
  })
}

function waitUntilGone(input: CommandInput, memory: string): CommandOutput {
  const left = waiting(input, memory.split('\n'))
  return left.length === 0 ? {} : { waiting: { pollUs: POLL_US, memory: left.join('\n') } }
}
