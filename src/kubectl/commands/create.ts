import type { KubeObject } from '../../sim/index.js'
import { findKind, own } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { apiError, plainError } from '../errors.js'
import { readManifests } from '../filenames.js'
import { commandPath, isGroup } from '../help/groups.js'
import { withLastApplied } from '../lastApplied.js'
import { WRITE_FLAGS, Writing } from '../writing.js'
import { createToken } from './createToken.js'
import { isProblem } from './generator.js'
import { GENERATORS } from './generators.js'
import { noSubcommand } from './group.js'
import { runRaw } from './raw.js'

export const create: Command = {
  flags: {
    ...WRITE_FLAGS,
    image: { kind: 'list' },
    replicas: { kind: 'int', short: 'r' },
    port: { kind: 'int' },
    tcp: { kind: 'list' },
    'node-port': { kind: 'int' },
    clusterip: { kind: 'string' },
    'external-name': { kind: 'string' },
    'from-literal': { kind: 'array' },
    'append-hash': { kind: 'bool' },
    audience: { kind: 'array' },
    duration: { kind: 'duration' },
    'bound-object-kind': { kind: 'string' },
    'bound-object-name': { kind: 'string' },
    'bound-object-uid': { kind: 'string' },
    scopes: { kind: 'string' },
    'aggregation-rule': { kind: 'string' },
    kustomize: { kind: 'string', short: 'k' },
    'windows-line-endings': { kind: 'bool' },
    'from-file': { kind: 'list' },
    'from-env-file': { kind: 'list' },
    type: { kind: 'string' },
    schedule: { kind: 'string' },
    restart: { kind: 'string' },
    hard: { kind: 'string' },
    from: { kind: 'string' },
    verb: { kind: 'list' },
    resource: { kind: 'list' },
    'resource-name': { kind: 'list' },
    'non-resource-url': { kind: 'list' },
    role: { kind: 'string' },
    clusterrole: { kind: 'string' },
    user: { kind: 'list' },
    group: { kind: 'list' },
    serviceaccount: { kind: 'list' },
    selector: { kind: 'string' },
    'min-available': { kind: 'string' },
    'max-unavailable': { kind: 'string' },
    value: { kind: 'int' },
    'global-default': { kind: 'bool' },
    description: { kind: 'string' },
    'preemption-policy': { kind: 'string' },
    rule: { kind: 'array' },
    class: { kind: 'string' },
    'default-backend': { kind: 'string' },
    annotation: { kind: 'array' },
    edit: { kind: 'bool' },
    raw: { kind: 'string' },
    cert: { kind: 'string' },
    key: { kind: 'string' },
    'docker-server': { kind: 'string' },
    'docker-username': { kind: 'string' },
    'docker-password': { kind: 'string' },
    'docker-email': { kind: 'string' },
  },
  run,
}

/** Source: kubernetes kubectl pkg/cmd/create/create.go */
function run(input: CommandInput): CommandOutput {
  const [kind, ...words] = input.args.words
  const files = input.args.list('filename')
  if (input.args.isSet('raw')) return runRaw(input, 'POST')
  if (files.length > 0) return createFromFiles(input, files)
  const generator = kind === undefined ? undefined : own(GENERATORS, kind)
  if (kind === 'token') return createToken(input, words)
  if (generator === undefined) {
    const { stderr = '', ...rest } = noSubcommand('create', input.args.words)
    return { ...rest, stderr: `Error: must specify one of -f and -k\n\n${stderr}` }
  }
  const [sub] = words
  const group = `create ${kind === 'svc' ? 'service' : (kind ?? '')}`
  if (isGroup(group) && (sub === undefined || commandPath(group, words) === group)) return noSubcommand(group, words)
  const made = generator(words, input)
  if (isProblem(made)) return failed(made.error ?? plainError(made.problem))
  return createMade(input, made, 'created')
}

/** Creates an object that kubectl itself has made up, and reports it. */
export function createMade(input: CommandInput, made: KubeObject, operation: string, manager = 'kubectl-create'): CommandOutput {
  const info = findKind(made.apiVersion, made.kind)
  if (info === undefined) return failed(plainError(`no matches for kind "${made.kind}" in version "${made.apiVersion}"`))
  const writing = new Writing(input)
  const isPlaced = info.namespaced && (writing.dryRun !== 'client' || input.args.isSet('namespace'))
  const placed = isPlaced ? { ...made, metadata: { ...made.metadata, namespace: input.namespace } } : made
  const saved = input.args.flag('save-config') ? withLastApplied(placed) : placed
  if (writing.dryRun === 'client') {
    writing.report(info, saved, operation, true)
    return writing.result()
  }
  const created = writing.api.create(info, saved, writing.options(manager))
  if (created.ok) writing.report(info, created.value, operation, true)
  else writing.errors.push(apiError(created.error))
  return writing.result()
}

function createFromFiles(input: CommandInput, files: readonly string[]): CommandOutput {
  const { manifests, errors } = readManifests(input, files)
  if (manifests.length === 0 && errors.length === 0) return failed(plainError('no objects passed to create'))
  const writing = new Writing(input)
  for (const { info, object, file } of manifests) {
    const wanted = input.args.flag('save-config') ? withLastApplied(object) : object
    if (writing.dryRun === 'client') {
      writing.report(info, wanted, 'created')
      continue
    }
    const created = writing.api.create(info, wanted, writing.options('kubectl-create'))
    if (created.ok) writing.report(info, created.value, 'created')
    else writing.errors.push(apiError(created.error, `error when creating "${file}"`))
  }
  writing.errors.push(...errors)
  return writing.result()
}
