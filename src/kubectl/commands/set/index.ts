import { isRecord } from '../../../scenario/index.js'
import type { Command, CommandInput, CommandOutput } from '../../command.js'
import { failed } from '../../command.js'
import { apiError, plainError } from '../../errors.js'
import { isSame } from '../../merge.js'
import type { Found } from '../../targets.js'
import { fetchTargets, isError } from '../../targets.js'
import { WRITE_FLAGS, Writing } from '../../writing.js'
import { chooseNamed, fieldOf, send } from '../change.js'

export const set: Command = {
  flags: {
    ...WRITE_FLAGS,
    containers: { kind: 'string', short: 'c' },
    limits: { kind: 'string' },
    requests: { kind: 'string' },
    list: { kind: 'bool' },
    env: { kind: 'list', short: 'e' },
  },
  run,
}

type Container = Readonly<Record<string, unknown>>

/** Source: kubernetes kubectl pkg/cmd/set */
function run(input: CommandInput): CommandOutput {
  const [what, ...words] = input.args.words
  const first = words.findIndex((word) => word.includes('=') || (what === 'env' && word.endsWith('-')))
  const names = first < 0 ? words : words.slice(0, first)
  const changes = first < 0 ? [] : words.slice(first)
  const missing = missingUpdate(input, what, changes)
  if (missing !== undefined && names.length > 0) return failed(plainError(missing))
  const named = chooseNamed(input, names)
  if (isError(named)) return failed(named)
  const { found, errors } = fetchTargets(input, named.targets)
  const writing = new Writing(input)
  writing.errors.push(...errors)
  for (const each of found) {
    if (what === 'image') changeContainers(writing, input, each, { done: 'image updated', change: setImages(changes, writing) })
    else if (what === 'env') setEnv(writing, input, each, changes)
    else if (what === 'resources') {
      changeContainers(writing, input, each, { done: 'resource requirements updated', change: setResources(input) })
    } else return failed(plainError(`unknown command "${what ?? ''}" for "kubectl set"`))
  }
  return writing.result()
}

function missingUpdate({ args }: CommandInput, what: string | undefined, changes: readonly string[]): string | undefined {
  if (what === 'image' && changes.length === 0) return 'at least one image update is required'
  if (what === 'resources' && !args.isSet('limits') && !args.isSet('requests'))
    return 'you must specify an update to requests or limits (in the form of --requests/--limits)'
  return undefined
}

/** The new containers, or undefined when something is wrong and has been said. */
type Change = (containers: readonly Container[]) => readonly Container[] | undefined

function templatePath({ info }: Found): readonly string[] {
  if (info.resource === 'pods') return ['spec']
  if (info.resource === 'cronjobs') return ['spec', 'jobTemplate', 'spec', 'template', 'spec']
  return ['spec', 'template', 'spec']
}

function containersOf(each: Found): readonly Container[] {
  const list = fieldOf(each.object, [...templatePath(each), 'containers'].join('.'))
  return Array.isArray(list) ? list.filter(isRecord) : []
}

function changeContainers(
  writing: Writing,
  input: CommandInput,
  each: Found,
  { done, change }: { readonly done: string; readonly change: Change },
): void {
  const before = containersOf(each)
  const after = change(before)
  if (after === undefined || isSame(before, after)) return
  const patch = [...templatePath(each)].reverse().reduce<unknown>((inner, name) => ({ [name]: inner }), { containers: after })
  const sent = send(writing, input, each, { patch, manager: 'kubectl-set' })
  if (sent.ok) writing.report(each.info, sent.value, done)
  else writing.errors.push(apiError(sent.error))
}

function setImages(changes: readonly string[], writing: Writing): Change {
  return (containers) => {
    let changed = containers
    for (const change of changes) {
      const equals = change.indexOf('=')
      const name = change.slice(0, equals)
      const image = change.slice(equals + 1)
      if (name !== '*' && !containers.some((each) => each['name'] === name)) {
        writing.errors.push(plainError(`unable to find container named "${name}"`))
        return undefined
      }
      changed = changed.map((each) => (name === '*' || each['name'] === name ? { ...each, image } : each))
    }
    return changed
  }
}

function setResources({ args }: CommandInput): Change {
  const amounts = (name: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      args
        .list(name)
        .filter((each) => each.includes('='))
        .map((each) => each.split('=', 2)),
    )
  const only = args.text('containers')
  return (containers) =>
    containers.map((each) => {
      if (only !== undefined && only !== '*' && each['name'] !== only) return each
      const before = isRecord(each['resources']) ? each['resources'] : {}
      const merge = (name: string): unknown => ({ ...(isRecord(before[name]) ? before[name] : {}), ...amounts(name) })
      const limits = args.isSet('limits') ? { limits: merge('limits') } : {}
      const requests = args.isSet('requests') ? { requests: merge('requests') } : {}
      return { ...each, resources: { ...before, ...limits, ...requests } }
    })
}

function setEnv(writing: Writing, input: CommandInput, each: Found, changes: readonly string[]): void {
  if (input.args.flag('list')) {
    for (const container of containersOf(each)) {
      writing.line(`# ${each.object.kind} ${each.object.metadata.name}, container ${String(container['name'])}`)
      for (const variable of envOf(container)) {
        const from = variable['valueFrom'] === undefined ? '' : '# '
        writing.line(`${from}${String(variable['name'])}=${String(variable['value'] ?? '')}`)
      }
    }
    return
  }
  const change: Change = (containers) =>
    containers.map((container) => ({ ...container, env: changeEnv(envOf(container), changes) }))
  changeContainers(writing, input, each, { done: 'env updated', change })
}

function envOf(container: Container): readonly Container[] {
  const env = container['env']
  return Array.isArray(env) ? env.filter(isRecord) : []
}

function changeEnv(env: readonly Container[], changes: readonly string[]): readonly Container[] {
  let changed = env
  for (const change of changes) {
    const equals = change.indexOf('=')
    const name = equals < 0 ? change.slice(0, -1) : change.slice(0, equals)
    const variable = { name, value: change.slice(equals + 1) }
    if (equals < 0) changed = changed.filter((each) => each['name'] !== name)
    else if (changed.some((each) => each['name'] === name))
      changed = changed.map((each) => (each['name'] === name ? variable : each))
    else changed = [...changed, variable]
  }
  return changed
}
