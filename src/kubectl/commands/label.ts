import { labelValueFaults, own } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { apiError, plainError } from '../errors.js'
import type { FlagSpecs } from '../flags.js'
import type { Found } from '../targets.js'
import { fetchTargets, isError, resourceName } from '../targets.js'
import { WRITE_FLAGS, Writing } from '../writing.js'
import { chooseNamed, NO_RESOURCES } from './change.js'
import { resourcesAndPairs } from './set/pairs.js'
import { submit } from './submit.js'

interface LabelWords {
  readonly field: 'labels' | 'annotations'
  readonly done: string
  readonly notDone: string
  readonly undone: string
  readonly noun: string
  readonly manager: string
  overwriteProblem(key: string, value: string): string
}

const LABELS: LabelWords = {
  field: 'labels',
  done: 'labeled',
  notDone: 'not labeled',
  undone: 'unlabeled',
  noun: 'label',
  manager: 'kubectl-label',
  overwriteProblem: (key, value) => `'${key}' already has a value (${value}), and --overwrite is false`,
}

const ANNOTATIONS: LabelWords = {
  field: 'annotations',
  done: 'annotated',
  notDone: 'annotated',
  undone: 'annotated',
  noun: 'annotation',
  manager: 'kubectl-annotate',
  overwriteProblem: (key, value) =>
    `--overwrite is false but found the following declared annotation(s): '${key}' already has a value (${value})`,
}

const LABEL_FLAGS: FlagSpecs = { ...WRITE_FLAGS, list: { kind: 'bool' }, 'resource-version': { kind: 'string' } }

export const label: Command = { flags: LABEL_FLAGS, run: (input) => runLabel(input, LABELS) }

export const annotate: Command = { flags: LABEL_FLAGS, run: (input) => runLabel(input, ANNOTATIONS) }

/** Source: kubernetes kubectl pkg/cmd/label/label.go, pkg/cmd/annotate/annotate.go */
function runLabel(input: CommandInput, words: LabelWords): CommandOutput {
  const { args } = input
  const split = resourcesAndPairs(args.words, words.noun)
  if ('problem' in split) return failed(plainError(split.problem))
  const { resources, pairs: changes } = split
  const problem =
    (words === LABELS ? labelProblem(changes) : tornProblem(changes, words)) ?? flagProblem(input, { resources, changes, words })
  if (problem !== undefined) return failed(plainError(problem))
  const named = chooseNamed(input, resources)
  if (isError(named)) return failed(named)
  const { found, errors } = fetchTargets(input, named.targets)
  const writing = new Writing(input)
  writing.errors.push(...errors)
  if (args.isSet('resource-version') && found.length > 1) {
    return failed(plainError('--resource-version may only be used with a single resource'))
  }
  for (const each of found) changeLabels(writing, input, each, { changes, words })
  return writing.result()
}

function flagProblem(
  { args }: CommandInput,
  {
    resources,
    changes,
    words,
  }: { readonly resources: readonly string[]; readonly changes: readonly string[]; readonly words: LabelWords },
): string | undefined {
  if (args.flag('all') && args.isSet('selector')) return 'cannot set --all and --selector at the same time'
  if (args.flag('all') && args.isSet('field-selector')) return 'cannot set --all and --field-selector at the same time'
  if (args.flag('local') && args.text('dry-run') === 'server') {
    return 'cannot specify --local and --dry-run=server - did you mean --dry-run=client?'
  }
  if (args.flag('local') && !args.isSet('filename')) return 'one or more files must be specified as -f when using --local'
  if (resources.length === 0 && !args.isSet('filename')) return NO_RESOURCES
  if (changes.length === 0 && !args.flag('list')) return `at least one ${words.noun} update is required`
  return undefined
}

function tornProblem(changes: readonly string[], { noun }: LabelWords): string | undefined {
  const set = changes.filter((each) => each.includes('=')).map((each) => each.split('=', 1)[0])
  const isTorn = changes.some((each) => !each.includes('=') && set.includes(each.slice(0, -1)))
  return isTorn ? `can not both modify and remove ${noun === 'label' ? 'a' : 'an'} ${noun} in the same command` : undefined
}

/** What kubectl itself refuses of new labels. Source: kubernetes kubectl pkg/cmd/label/label.go parseLabels */
function labelProblem(changes: readonly string[]): string | undefined {
  for (const change of changes) {
    const parts = change.split('=')
    if (parts.length === 1) {
      if (!change.endsWith('-')) return `unknown label spec: ${change}`
      continue
    }
    if (parts.length !== 2) return `invalid label spec: ${change}`
    const faults = labelValueFaults(parts[1] ?? '')
    if (faults.length > 0) return `invalid label value: ${JSON.stringify(change)}: ${faults.join(';')}`
  }
  return tornProblem(changes, LABELS)
}

function changeLabels(
  writing: Writing,
  input: CommandInput,
  each: Found,
  { changes, words }: { readonly changes: readonly string[]; readonly words: LabelWords },
): void {
  const before = each.object.metadata[words.field] ?? {}
  if (input.args.flag('list')) {
    for (const [key, value] of Object.entries(before)) writing.line(`${key}=${value}`)
    return
  }
  const patch: Record<string, string | null> = {}
  let removed = false
  for (const change of changes) {
    const equals = change.indexOf('=')
    if (equals < 0) {
      const key = change.slice(0, -1)
      if (own(before, key) === undefined) {
        if (words === LABELS) writing.line(`label "${key}" not found.`)
        continue
      }
      patch[key] = null
      removed = true
      continue
    }
    const key = change.slice(0, equals)
    const value = change.slice(equals + 1)
    const old = own(before, key)
    if (old !== undefined && old !== value && !input.args.flag('overwrite')) {
      writing.errors.push(plainError(words.overwriteProblem(key, old)))
      return
    }
    if (old !== value) patch[key] = value
  }
  const version = input.args.text('resource-version')
  if (version !== undefined && version !== each.object.metadata.resourceVersion) {
    const { name } = each.object.metadata
    const text = `Operation cannot be fulfilled on ${resourceName(each.info)} ${JSON.stringify(name)}: the object has been modified; please apply your changes to the latest version and try again`
    writing.errors.push(apiError({ code: 409, reason: 'Conflict', message: text }))
    return
  }
  if (Object.keys(patch).length === 0) {
    writing.report(each.info, each.object, words.notDone)
    return
  }
  const after = { ...before, ...Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== null)) }
  for (const [key, value] of Object.entries(patch)) if (value === null) delete after[key]
  const metadata = { ...each.object.metadata, [words.field]: after }
  const done = removed && Object.values(patch).every((value) => value === null) ? words.undone : words.done
  submit(writing, input, each, { after: { ...each.object, metadata }, how: { done, manager: words.manager } })
}
