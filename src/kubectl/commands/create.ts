import type { KubeObject } from '../../sim/index.js'
import { findKind, own } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { apiError, plainError } from '../errors.js'
import { readManifests } from '../filenames.js'
import { withLastApplied } from '../lastApplied.js'
import { WRITE_FLAGS, Writing } from '../writing.js'
import { isProblem } from './generator.js'
import { GENERATORS } from './generators.js'
import { runRaw } from './raw.js'

export const create: Command = {
  flags: {
    ...WRITE_FLAGS,
    image: { kind: 'list' },
    replicas: { kind: 'string', short: 'r' },
    port: { kind: 'string' },
    tcp: { kind: 'list' },
    'node-port': { kind: 'string' },
    clusterip: { kind: 'string' },
    'external-name': { kind: 'string' },
    'from-literal': { kind: 'list' },
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
    value: { kind: 'string' },
    'global-default': { kind: 'bool' },
    description: { kind: 'string' },
    'preemption-policy': { kind: 'string' },
    rule: { kind: 'list' },
    class: { kind: 'string' },
    'default-backend': { kind: 'string' },
    annotation: { kind: 'list' },
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
  if (kind === undefined) return failed(plainError('must specify one of -f and -k'))
  const generator = own(GENERATORS, kind)
  if (generator === undefined)
    return failed(plainError(`Unexpected args: [${input.args.words.join(' ')}]\nSee 'kubectl create -h' for help and examples`))
  const made = generator(words, input)
  if (isProblem(made)) return failed(made.error ?? plainError(made.problem))
  return createMade(input, made, 'created')
}

/** Creates an object that kubectl itself has made up, and reports it. */
export function createMade(input: CommandInput, made: KubeObject, operation: string): CommandOutput {
  const info = findKind(made.apiVersion, made.kind)
  if (info === undefined) return failed(plainError(`no matches for kind "${made.kind}" in version "${made.apiVersion}"`))
  const writing = new Writing(input)
  if (writing.dryRun === 'client') {
    writing.report(info, made, operation)
    return writing.result()
  }
  const placed = info.namespaced ? { ...made, metadata: { ...made.metadata, namespace: input.namespace } } : made
  const created = writing.api.create(info, placed, writing.options('kubectl-create'))
  if (created.ok) writing.report(info, created.value, operation)
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
