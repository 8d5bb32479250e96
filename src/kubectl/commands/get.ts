import { ok } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { plainError } from '../errors.js'
import { readFilenames } from '../filenames.js'
import type { FlagSpecs } from '../flags.js'
import type { TableOptions } from '../printing.js'
import { formatProblem, printFormatted, printTables } from '../printing.js'
import { sortFound } from '../sorting.js'
import type { Target } from '../targets.js'
import { ENDPOINTS_WARNING, fetchTargets, isError, readTargets } from '../targets.js'
import { getOther } from './getOther.js'
import { runRaw } from './raw.js'
import { runWatch } from './watch.js'

/** Flags that choose objects. */
export const SELECTION_FLAGS: FlagSpecs = {
  selector: { kind: 'string', short: 'l' },
  'field-selector': { kind: 'string' },
  'all-namespaces': { kind: 'bool', short: 'A' },
  filename: { kind: 'list', short: 'f' },
  recursive: { kind: 'bool', short: 'R' },
  'chunk-size': { kind: 'int' },
}

const NOTHING_NAMED = `You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.

error: Required resource not specified.
Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).
See 'kubectl get -h' for help and examples`

export const get: Command = {
  flags: {
    ...SELECTION_FLAGS,
    output: { kind: 'string', short: 'o' },
    'show-labels': { kind: 'bool' },
    'label-columns': { kind: 'list', short: 'L' },
    'no-headers': { kind: 'bool' },
    'sort-by': { kind: 'string' },
    'ignore-not-found': { kind: 'bool' },
    'show-kind': { kind: 'bool' },
    'show-managed-fields': { kind: 'bool' },
    'output-watch-events': { kind: 'bool' },
    'server-print': { kind: 'bool' },
    watch: { kind: 'bool', short: 'w' },
    'watch-only': { kind: 'bool' },
    'allow-missing-template-keys': { kind: 'bool' },
    template: { kind: 'string' },
    raw: { kind: 'string' },
    subresource: { kind: 'string' },
    kustomize: { kind: 'string', short: 'k' },
    'use-openapi-print-columns': { kind: 'bool' },
  },
  run,
}

function run(input: CommandInput): CommandOutput {
  const { args } = input
  const files = args.list('filename')
  if (args.words.length === 0 && files.length === 0 && !args.isSet('raw')) return failed({ kind: 'raw', message: NOTHING_NAMED })
  const format = args.text('output') ?? (args.isSet('template') ? `go-template=${args.text('template')}` : '')
  const isTable = format === '' || format === 'wide'
  if (args.isSet('raw')) return runRaw(input, 'GET')
  const problem = isTable ? undefined : formatProblem(format, input.env.files)
  if (problem !== undefined) return failed(plainError(problem))
  const other = files.length > 0 || !isTable ? undefined : getOther(input)
  if (other !== undefined) return other
  const named = files.length > 0 ? readFilenames(input, files) : readTargets(args.words)
  if (isError(named)) return failed(named)
  const { targets, severalTypes } = named
  const options = { noHeaders: args.flag('no-headers'), managedFields: args.flag('show-managed-fields'), files: input.env.files }
  if (args.flag('watch') || args.flag('watch-only'))
    return runWatch(input, named, { format, options, table: tableOptions(input, format, severalTypes) })
  const { found, errors } = fetchTargets(input, targets)
  const reported = args.flag('ignore-not-found')
    ? errors.filter((each) => each.kind !== 'api' || each.error.code !== 404)
    : errors
  const sortBy = args.text('sort-by')
  const inOrder = sortBy === undefined || sortBy === '' ? ok(found) : sortFound(found, sortBy, isTable)
  if (!inOrder.ok) return failed(plainError(inOrder.error))
  const sorted = inOrder.value
  const warning = targets.some((each) => each.info.resource === 'endpoints') ? ENDPOINTS_WARNING : ''
  if (!isTable) {
    const isSingle = targets.length === 1 && targets[0]?.name !== undefined
    if (isSingle && sorted.length === 0) return { stderr: warning, errors: reported }
    const printed = printFormatted(format, sorted, isSingle, options)
    if (!printed.ok) return failed(plainError(printed.error))
    return { stdout: printed.value, stderr: warning, errors: reported }
  }
  if (sorted.length === 0 && errors.length === 0) {
    return { stderr: args.flag('ignore-not-found') ? warning : warning + nothingFound(input, targets) }
  }
  const stdout = printTables(sorted, tableOptions(input, format, severalTypes))
  return { stdout, stderr: warning, errors: reported }
}

function tableOptions({ env, args }: CommandInput, format: string, severalTypes: boolean): TableOptions {
  return {
    now: env.now,
    wide: format === 'wide',
    withKind: severalTypes || args.flag('show-kind'),
    withNamespace: args.flag('all-namespaces'),
    noHeaders: args.flag('no-headers'),
    showLabels: args.flag('show-labels'),
    labelColumns: args.list('label-columns'),
  }
}

function nothingFound({ args, namespace }: CommandInput, targets: readonly Target[]): string {
  const isNamespaced = targets.every((each) => each.info.namespaced)
  if (args.flag('all-namespaces') || !isNamespaced) return 'No resources found\n'
  return `No resources found in ${namespace} namespace.\n`
}
