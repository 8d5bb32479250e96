import { isRecord } from '../../../scenario/index.js'
import { byCodeUnit, own } from '../../../sim/index.js'
import type { CommandInput, CommandOutput } from '../../command.js'
import { failed } from '../../command.js'
import type { CommandError } from '../../errors.js'
import { plainError } from '../../errors.js'
import type { Found } from '../../targets.js'
import { fetchTargets, isError, readTargets } from '../../targets.js'
import { Writing } from '../../writing.js'
import { chooseBuilt } from '../change.js'
import { submit } from '../submit.js'
import type { Container } from './podTemplate.js'
import { mapContainers, podSpecOf, selectContainers, withPodSpec } from './podTemplate.js'

const BAD_NAME =
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')"

interface EnvChanges {
  readonly set: readonly Container[]
  readonly removed: readonly string[]
}

/** `kubectl set env`. Source: kubernetes kubectl pkg/cmd/set/set_env.go */
export function setEnv(input: CommandInput, words: readonly string[]): CommandOutput {
  const { args } = input
  if (args.flag('all') && args.isSet('selector')) return failed(plainError('cannot set --all and --selector at the same time'))
  const isChange = (word: string): boolean => word.indexOf('=') > 0 || (word.endsWith('-') && word !== '-')
  const first = words.findIndex(isChange)
  const resources = first < 0 ? words : words.slice(0, first)
  if (first >= 0 && !words.slice(first).every(isChange)) {
    return failed(plainError(`all resources must be specified before environment changes: ${words.join(' ')}`))
  }
  const problem = flagProblem(input, resources)
  if (problem !== undefined) return failed(plainError(problem))
  const read = readChanges(input, first < 0 ? [] : words.slice(first))
  if ('kind' in read) return failed(read)
  const chosen = chooseBuilt(input, resources)
  if (isError(chosen)) return failed(chosen)
  const { found, errors } = fetchTargets(input, chosen.targets)
  if (errors.length > 0) return failed(...errors)
  const writing = new Writing(input)
  const complaints: string[] = []
  for (const each of found) changeOne(writing, input, each, { changes: read, complaints })
  const output = writing.result()
  return { ...output, stderr: `${output.stderr ?? ''}${complaints.join('')}` }
}

function flagProblem({ args }: CommandInput, resources: readonly string[]): string | undefined {
  if (args.flag('local') && args.text('dry-run') === 'server') {
    return 'cannot specify --local and --dry-run=server - did you mean --dry-run=client?'
  }
  if (!args.isSet('filename') && resources.length === 0)
    return 'one or more resources must be specified as <resource> <name> or <resource>/<name>'
  if (args.flag('list') && args.isSet('output')) return '--list and --output may not be specified together'
  if (args.isSet('keys') && !args.isSet('from'))
    return 'when specifying --keys, a configmap or secret must be provided with --from'
  return undefined
}

/** Source: kubernetes kubectl pkg/cmd/set/env/env_parse.go ParseEnv */
function readChanges(input: CommandInput, words: readonly string[]): EnvChanges | CommandError {
  const { args } = input
  const set: Container[] = []
  const removed: string[] = []
  const seen = new Set<string>()
  for (const word of [...args.list('env'), ...words]) {
    if (word === '-') {
      set.push(...variablesOf(own(input.env.files, '-') ?? ''))
      continue
    }
    const equals = word.indexOf('=')
    if (equals >= 0) {
      const name = word.slice(0, equals)
      const fault = nameFault(name)
      if (fault !== undefined) return plainError(`${JSON.stringify(name)} is not a valid key name: ${fault}`)
      seen.add(name)
      set.push({ name, value: word.slice(equals + 1) })
    } else if (word.endsWith('-')) removed.push(word.slice(0, -1))
    else return plainError(`unknown environment variable: ${word}`)
  }
  if (removed.some((name) => seen.has(name))) {
    return plainError('can not both modify and remove the same environment variable in the same command')
  }
  const taken = fromOther(input)
  if (!Array.isArray(taken)) return taken as CommandError
  const prefix = args.text('prefix') ?? ''
  const prefixed = [...set, ...(taken as readonly Container[])].map((each) => ({
    ...each,
    name: `${prefix}${String(each['name'])}`,
  }))
  return { set: prefixed, removed }
}

/** Lines of `NAME=value`; what follows a `#` is a remark. */
function variablesOf(text: string): readonly Container[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, '').replace(/#.*$/, ''))
  return lines.flatMap((line) => {
    const equals = line.indexOf('=')
    return equals < 0 ? [] : [{ name: line.slice(0, equals), value: line.slice(equals + 1) }]
  })
}

/** Source: apimachinery pkg/util/validation/validation.go IsEnvVarName */
function nameFault(name: string): string | undefined {
  if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name)) return BAD_NAME
  if (name === '.' || name === '..') return `must not be '${name}'`
  return name.startsWith('..') ? "must not start with '..'" : undefined
}

/** A variable for each key of `--from`. */
function fromOther(input: CommandInput): readonly Container[] | CommandError {
  const from = input.args.text('from')
  if (from === undefined) return []
  const named = readTargets([from])
  if (isError(named)) return named
  const { found, errors } = fetchTargets(input, named.targets)
  const [problem] = errors
  if (problem !== undefined) return problem
  const wanted = input.args.list('keys')
  const variables: Container[] = []
  for (const { info, object } of found) {
    const source = own({ configmaps: 'configMapKeyRef', secrets: 'secretKeyRef' }, info.resource as string)
    if (source === undefined) return plainError('unsupported resource specified in --from')
    const data = object['data']
    for (const key of Object.keys(isRecord(data) ? data : {}).sort(byCodeUnit)) {
      if (wanted.length > 0 && !wanted.includes(key)) continue
      const name = key.replace(/[^a-zA-Z0-9_]/g, '_').toUpperCase()
      variables.push({ name, valueFrom: { [source]: { key, name: object.metadata.name } } })
    }
  }
  return variables
}

function changeOne(
  writing: Writing,
  input: CommandInput,
  each: Found,
  { changes, complaints }: { readonly changes: EnvChanges; readonly complaints: string[] },
): void {
  const { args } = input
  const spec = podSpecOf(each)
  const { kind, metadata } = each.object
  if (spec === undefined) return
  const pattern = args.text('containers') ?? '*'
  const chosen = selectContainers(spec, pattern)
  if (chosen.length === 0) {
    complaints.push(`warning: ${kind}/${metadata.name} does not have any containers matching ${JSON.stringify(pattern)}\n`)
    return
  }
  if (!args.flag('overwrite', true)) {
    const taken = overwritten(chosen, changes)
    if (taken !== undefined) {
      writing.errors.push(plainError(`error: ${each.info.resource}/${metadata.name} ${taken}\n`))
      return
    }
  }
  const changed = mapContainers(spec, pattern, (container) => withEnv(container, changes))
  if (args.flag('list')) {
    for (const container of selectContainers(changed, pattern)) listEnv(writing, each, container)
    return
  }
  const how = { done: 'env updated', manager: 'kubectl-set', doing: 'failed to patch env update to pod template' }
  submit(writing, input, each, { after: withPodSpec(each, changed), how })
}

function overwritten(containers: readonly Container[], { set }: EnvChanges): string | undefined {
  for (const container of containers) {
    for (const { name, value } of set) {
      const before = envOf(container).find((each) => each['name'] === name)
      if (before !== undefined && before['value'] !== value) {
        return `'${String(name)}' already has a value (${String(before['value'] ?? '')}), and --overwrite is false`
      }
    }
  }
  return undefined
}

/** Source: kubernetes kubectl pkg/cmd/set/env/env_resolve.go GetEnvVarRefString */
function listEnv(writing: Writing, { object }: Found, container: Container): void {
  writing.line(`# ${object.kind} ${object.metadata.name}, container ${String(container['name'])}`)
  for (const { name, value, valueFrom } of envOf(container)) {
    writing.line(
      valueFrom === undefined ? `${String(name)}=${String(value ?? '')}` : `# ${String(name)} from ${referenceText(valueFrom)}`,
    )
  }
}

function referenceText(source: unknown): string {
  if (!isRecord(source)) return 'invalid valueFrom'
  const { configMapKeyRef: map, secretKeyRef: secret, fieldRef: field, resourceFieldRef: resource } = source
  if (isRecord(map)) return `configmap ${String(map['name'])}, key ${String(map['key'])}`
  if (isRecord(secret)) return `secret ${String(secret['name'])}, key ${String(secret['key'])}`
  if (isRecord(field)) return `field path ${String(field['fieldPath'])}`
  if (!isRecord(resource)) return 'invalid valueFrom'
  const container = String(resource['containerName'] ?? '')
  return `resource field ${container === '' ? '' : `${container}.`}${String(resource['resource'])}`
}

function envOf(container: Container): readonly Container[] {
  const env = container['env']
  return Array.isArray(env) ? env.filter(isRecord) : []
}

/** Source: kubernetes kubectl pkg/cmd/set/helper.go updateEnv */
function withEnv(container: Container, { set, removed }: EnvChanges): Container {
  if (set.length === 0 && removed.length === 0) return container
  let env = envOf(container).filter((each) => !removed.includes(String(each['name'])))
  for (const variable of set) {
    env = env.some((each) => each['name'] === variable['name'])
      ? env.map((each) => (each['name'] === variable['name'] ? variable : each))
      : [...env, variable]
  }
  if (env.length > 0) return { ...container, env }
  const { env: _none, ...others } = container
  return others
}
