import { isRecord, readDocuments } from '../../scenario/index.js'
import type { ApiResult, KubeObject, PatchType } from '../../sim/index.js'
import { labelValueFaults, own } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import type { StoredObject } from '../dynamicApi.js'
import type { CommandError } from '../errors.js'
import { apiError, plainError } from '../errors.js'
import { readFilenames, readManifests } from '../filenames.js'
import type { Found, Targets } from '../targets.js'
import { fetchTargets, isError, keyFor, readTargets } from '../targets.js'
import { goYamlError } from '../text/goYamlError.js'
import { WRITE_FLAGS, Writing } from '../writing.js'
import { runRaw } from './raw.js'

/** The objects of a command that changes some: by words, or by `-f`. */
export function chooseTargets(input: CommandInput, words: readonly string[]): Targets | CommandError {
  const files = input.args.list('filename')
  if (files.length > 0) return readFilenames(input, files)
  if (words.length === 0) return plainError('one or more resources must be specified as <resource> <name> or <resource>/<name>')
  return readTargets(words)
}

/** What a command says that was given nothing at all to work on. Source: cli-runtime pkg/resource/builder.go missingResourceError */
export const NOTHING_NAMED = `You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`

/** As `chooseNamed`, for commands that leave it to the builder to say that nothing was named. */
export function chooseBuilt(input: CommandInput, words: readonly string[]): Targets | CommandError {
  if (words.length === 0 && !input.args.isSet('filename')) return plainError(NOTHING_NAMED)
  return chooseNamed(input, words)
}

/** As `chooseTargets`, where a type alone means nothing unless all or a selector is asked for. */
export function chooseNamed(input: CommandInput, words: readonly string[]): Targets | CommandError {
  const chosen = chooseTargets(input, words)
  return isError(chosen) ? chosen : (unnamedProblem(input, chosen) ?? chosen)
}

/** Source: cli-runtime pkg/resource/builder.go ResourceTypeOrNameArgs without an empty selector */
export function unnamedProblem({ args }: CommandInput, { targets }: Targets): CommandError | undefined {
  if (args.flag('all') || args.isSet('selector') || args.isSet('field-selector')) return undefined
  if (args.list('filename').length > 0 || targets.every((each) => each.name !== undefined)) return undefined
  return plainError('resource(s) were provided, but no name was specified')
}

/** Sends a merge patch for one object; on a client's dry run nothing is sent. */
export function send(
  writing: Writing,
  input: CommandInput,
  { info, object }: Found,
  change: { readonly patch: unknown; readonly manager: string; readonly type?: PatchType },
): ApiResult<StoredObject> {
  if (writing.dryRun === 'client') return { ok: true, value: object }
  const key = keyFor(info, object.metadata.namespace ?? input.namespace, object.metadata.name)
  return writing.api.patch(info, key, change.type ?? 'merge', change.patch, writing.options(change.manager))
}

/** Splits `deployment web a=1 b-` into what names objects and what changes them. */
function splitChanges(words: readonly string[]): { readonly names: readonly string[]; readonly changes: readonly string[] } {
  const first = words.findIndex((word) => word.includes('=') || (word.endsWith('-') && word.length > 1))
  return first < 0 ? { names: words, changes: [] } : { names: words.slice(0, first), changes: words.slice(first) }
}

interface LabelWords {
  readonly field: 'labels' | 'annotations'
  readonly done: string
  readonly notDone: string
  readonly undone: string
  readonly noun: string
  overwriteProblem(key: string, value: string): string
}

const LABELS: LabelWords = {
  field: 'labels',
  done: 'labeled',
  notDone: 'not labeled',
  undone: 'unlabeled',
  noun: 'label',
  overwriteProblem: (key, value) => `'${key}' already has a value (${value}), and --overwrite is false`,
}

const ANNOTATIONS: LabelWords = {
  field: 'annotations',
  done: 'annotated',
  notDone: 'annotated',
  undone: 'annotated',
  noun: 'annotation',
  overwriteProblem: (key, value) =>
    `--overwrite is false but found the following declared annotation(s): '${key}' already has a value (${value})`,
}

export const label: Command = { flags: { ...WRITE_FLAGS, list: { kind: 'bool' } }, run: (input) => runLabel(input, LABELS) }

export const annotate: Command = {
  flags: { ...WRITE_FLAGS, list: { kind: 'bool' } },
  run: (input) => runLabel(input, ANNOTATIONS),
}

/** Source: kubernetes kubectl pkg/cmd/label/label.go, pkg/cmd/annotate/annotate.go */
function runLabel(input: CommandInput, words: LabelWords): CommandOutput {
  const { names, changes } = splitChanges(input.args.words)
  const named = chooseNamed(input, names)
  if (isError(named)) return failed(named)
  if (changes.length === 0 && !input.args.flag('list')) return failed(plainError(`at least one ${words.noun} update is required`))
  const problem = words === LABELS ? labelProblem(changes) : undefined
  if (problem !== undefined) return failed(plainError(problem))
  const { found, errors } = fetchTargets(input, named.targets)
  const writing = new Writing(input)
  writing.errors.push(...errors)
  for (const each of found) changeLabels(writing, input, each, { changes, words })
  return writing.result()
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
  const set = changes.filter((each) => each.includes('=')).map((each) => each.split('=', 1)[0])
  const isTorn = changes.some((each) => !each.includes('=') && set.includes(each.slice(0, -1)))
  return isTorn ? 'can not both modify and remove a label in the same command' : undefined
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
  if (Object.keys(patch).length === 0) {
    writing.report(each.info, each.object, words.notDone)
    return
  }
  const sent = send(writing, input, each, { patch: { metadata: { [words.field]: patch } }, manager: `kubectl-${words.noun}` })
  if (!sent.ok) writing.errors.push(apiError(sent.error))
  else
    writing.report(
      each.info,
      sent.value,
      removed && Object.values(patch).every((value) => value === null) ? words.undone : words.done,
    )
}

export const scale: Command = {
  flags: {
    ...WRITE_FLAGS,
    replicas: { kind: 'string' },
    'current-replicas': { kind: 'string' },
    'resource-version': { kind: 'string' },
    timeout: { kind: 'string' },
  },
  run: runScale,
}

/** Source: kubernetes kubectl pkg/cmd/scale/scale.go */
function runScale(input: CommandInput): CommandOutput {
  const { args } = input
  const asked = args.text('replicas')
  if (asked === undefined) return failed(plainError('required flag(s) "replicas" not set'))
  const replicas = Number(asked)
  if (!/^-?\d+$/.test(asked)) return failed(plainError(notANumber(asked, 'replicas', 'scale')))
  if (replicas < 0) {
    return failed(plainError('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0'))
  }
  const named = chooseNamed(input, args.words)
  if (isError(named)) return failed(named)
  const { found, errors } = fetchTargets(input, named.targets)
  if (found.length === 0) {
    const why = errors.map((each) => (each.kind === 'api' ? each.error.message : each.message))
    const told = why.length > 1 ? `[${why.join(', ')}]` : (why[0] ?? '<nil>')
    return failed(plainError(`no objects passed to scale ${told}`))
  }
  const writing = new Writing(input)
  writing.errors.push(...errors)
  const expected = args.text('current-replicas')
  for (const each of found) {
    const current = isRecord(each.object['spec']) ? Number(each.object['spec']['replicas'] ?? 1) : 0
    if (!each.info.subresources.includes('scale')) {
      writing.errors.push(
        apiError({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource' }),
      )
      continue
    }
    if (expected !== undefined && Number(expected) >= 0 && Number(expected) !== current) {
      writing.errors.push(plainError(`Expected replicas to be ${expected}, was ${current}`))
      continue
    }
    const sent = send(writing, input, each, { patch: { spec: { replicas } }, manager: 'kubectl' })
    if (sent.ok) writing.report(each.info, sent.value, 'scaled')
    else writing.errors.push(apiError(sent.error))
  }
  return writing.result()
}

/** Go's complaint about a flag's value that is no whole number. Source: spf13/pflag */
export function notANumber(text: string, flag: string, command: string): string {
  return `invalid argument ${JSON.stringify(text)} for "--${flag}" flag: strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax\nSee 'kubectl ${command} --help' for usage.`
}

export const patch: Command = {
  flags: {
    ...WRITE_FLAGS,
    patch: { kind: 'string', short: 'p' },
    type: { kind: 'string' },
    'patch-file': { kind: 'string' },
    subresource: { kind: 'string' },
  },
  run: runPatch,
}

const PATCH_TYPES: Readonly<Record<string, PatchType>> = { json: 'json', merge: 'merge', strategic: 'strategic' }

/** A patch may be written in JSON or in YAML: what begins as a JSON object goes to the server as it is. Source: apimachinery pkg/util/yaml/decoder.go ToJSON */
function readPatch(text: string): { readonly value: unknown } | { readonly problem: string } {
  if (text.trimStart().startsWith('{')) return { value: text }
  const read = readDocuments([{ name: 'patch', text }])
  if (read.ok) return { value: read.value.documents[0]?.value }
  const [first] = read.error
  const why = first === undefined ? 'it is empty' : first.code === 'syntax' ? goYamlError(text, first) : first.message
  return { problem: `unable to parse ${JSON.stringify(text)}: ${why}` }
}

/** Source: kubernetes kubectl pkg/cmd/patch/patch.go */
function runPatch(input: CommandInput): CommandOutput {
  const { args } = input
  const text = args.text('patch') ?? own(input.env.files, args.text('patch-file') ?? '')
  if (text === undefined) return failed(plainError('must specify --patch or --patch-file containing the contents of the patch'))
  const type = own(PATCH_TYPES, args.text('type') ?? 'strategic')
  if (type === undefined) return failed(plainError(`--type must be one of [json merge strategic], not "${args.text('type')}"`))
  const read = readPatch(text)
  if ('problem' in read) return failed(plainError(read.problem))
  const { value } = read
  const named = chooseNamed(input, args.words)
  if (isError(named)) return failed(named)
  const { found, errors } = fetchTargets(input, named.targets)
  const writing = new Writing(input)
  writing.errors.push(...errors)
  for (const each of found) {
    const sent = send(writing, input, each, { patch: value, type, manager: 'kubectl-patch' })
    if (!sent.ok) {
      writing.errors.push(apiError(sent.error))
      continue
    }
    const isChanged = sent.value.metadata.resourceVersion !== each.object.metadata.resourceVersion
    writing.report(each.info, sent.value, isChanged ? 'patched' : 'patched (no change)')
  }
  return writing.result()
}

export const replace: Command = {
  flags: { ...WRITE_FLAGS, force: { kind: 'bool' }, raw: { kind: 'string' } },
  run: (input) => (input.args.isSet('raw') ? runRaw(input, 'PUT') : runReplace(input)),
}

/** Source: kubernetes kubectl pkg/cmd/replace/replace.go */
function runReplace(input: CommandInput): CommandOutput {
  const files = input.args.list('filename')
  if (files.length === 0) return failed(plainError('must specify one of -f and -k'))
  const writing = new Writing(input)
  const read = input.args.flag('force')
    ? { manifests: [], errors: [plainError('replace --force is not simulated')] }
    : readManifests(input, files)
  for (const { info, object, file } of read.manifests) {
    const sent = writing.dryRun === 'client' ? undefined : writing.api.update(info, object, writing.options('kubectl-replace'))
    if (sent === undefined) writing.report(info, object, 'replaced')
    else if (sent.ok) writing.report(info, sent.value, 'replaced')
    else writing.errors.push(apiError(sent.error, `error when replacing "${file}"`))
  }
  writing.errors.push(...read.errors)
  return writing.result()
}

/** A field of an object by a dotted path. */
export function fieldOf(object: KubeObject, path: string): unknown {
  return path.split('.').reduce<unknown>((from, name) => (isRecord(from) ? own(from, name) : undefined), object)
}
