import { KINDS } from '../../generated/kubeFields.js'
import { isRecord } from '../../scenario/index.js'
import type { KubeObject } from '../../sim/index.js'
import { apiVersionOf } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import type { StoredObject } from '../dynamicApi.js'
import { apiError, plainError } from '../errors.js'
import type { Manifest } from '../filenames.js'
import { readManifests } from '../filenames.js'
import { LAST_APPLIED, withLastApplied } from '../lastApplied.js'
import { printFormatted } from '../printing.js'
import { threeWayPatch } from '../strategicPatch.js'
import type { Found } from '../targets.js'
import { keyFor } from '../targets.js'
import { goJson } from '../text/json.js'
import { WRITE_FLAGS, Writing } from '../writing.js'
import { setLastApplied, viewLastApplied } from './lastApplied.js'

export const apply: Command = {
  flags: {
    ...WRITE_FLAGS,
    'server-side': { kind: 'bool' },
    'force-conflicts': { kind: 'bool' },
    force: { kind: 'bool' },
    prune: { kind: 'bool' },
    'prune-allowlist': { kind: 'array' },
    'openapi-patch': { kind: 'bool' },
    'create-annotation': { kind: 'bool' },
    subresource: { kind: 'string' },
    wait: { kind: 'bool' },
    timeout: { kind: 'duration' },
    'grace-period': { kind: 'int' },
    cascade: { kind: 'optional', bare: 'background' },
    kustomize: { kind: 'string', short: 'k' },
  },
  run,
}

/** Source: kubernetes kubectl pkg/cmd/apply/apply.go */
function run(input: CommandInput): CommandOutput {
  const { args } = input
  const [verb, ...words] = args.words
  if (verb === 'view-last-applied') return viewLastApplied(input, words)
  if (verb === 'set-last-applied') return setLastApplied(input)
  if (verb === 'edit-last-applied')
    return failed(plainError('kubectl apply edit-last-applied is not simulated: there is no editor here'))
  const files = args.list('filename')
  if (files.length === 0) return failed(plainError('must specify one of -f and -k'))
  const problem = flagProblem(input)
  if (problem !== undefined) return failed(plainError(problem))
  const { manifests, errors } = readManifests(input, files)
  if (manifests.length === 0 && errors.length === 0) return failed(plainError('no objects passed to apply'))
  const writing = new Writing(input)
  const format = args.text('output') ?? ''
  const isWhole = format !== '' && format !== 'name'
  const applied: Found[] = []
  const report: Report = (info, object, operation) => {
    if (isWhole) applied.push({ info, object: object as StoredObject })
    else writing.report(info, object, operation)
  }
  for (const manifest of manifests) {
    if (args.flag('server-side')) applyOnServer(writing, manifest, input, report)
    else applyOne(writing, manifest, input, report)
  }
  writing.errors.push(...errors)
  if (!isWhole || writing.errors.length > 0) return writing.result()
  const managedFields = args.flag('show-managed-fields')
  const printed = printFormatted(format, applied, applied.length === 1, { managedFields, files: input.env.files })
  return printed.ok ? { ...writing.result(), stdout: printed.value } : failed(plainError(printed.error))
}

/** Tells what became of an object; asked for a format, all are shown at the end, several as one List. */
type Report = (info: Manifest['info'], object: KubeObject, operation: string) => void

/** Source: kubernetes kubectl pkg/cmd/apply/apply.go Validate, validatePruneAll */
function flagProblem({ args }: CommandInput): string | undefined {
  if (args.words.length > 0) return `Unexpected args: [${args.words.join(' ')}]\nSee 'kubectl apply -h' for help and examples`
  const isServer = args.flag('server-side')
  if (args.flag('force-conflicts') && !isServer) return '--force-conflicts only works with --server-side'
  if (args.text('dry-run') === 'client' && isServer) {
    return "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)"
  }
  if (args.flag('force') && isServer) return '--force cannot be used with --server-side'
  if (args.flag('all') && args.isSet('selector')) return 'cannot set --all and --selector at the same time'
  if (!args.flag('prune')) return undefined
  if (!args.flag('all') && !args.isSet('selector')) {
    return 'all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector'
  }
  return 'apply --prune is not simulated: delete what is no longer wanted'
}

function applyOne(writing: Writing, { info, object, file }: Manifest, input: CommandInput, report: Report): void {
  const { name, generateName = '' } = object.metadata
  if ((name === undefined || name === '') && generateName !== '') {
    writing.errors.push(plainError(`from ${generateName}: cannot use generate name with apply`))
    return
  }
  if (name === undefined || name === '') {
    writing.errors.push(
      plainError(
        `error when retrieving current configuration of:\nResource: "${gvr(info)}", GroupVersionKind: "${gvk(info)}"\nName: "", Namespace: "${object.metadata.namespace ?? ''}"\nfrom server for: "${file}": resource name may not be empty`,
      ),
    )
    return
  }
  const modified = withLastApplied(object)
  const key = keyFor(info, object.metadata.namespace ?? input.namespace, name)
  const current = writing.api.get(info, key)
  if (!current.ok) {
    if (current.error.code !== 404) {
      writing.errors.push(apiError(current.error))
      return
    }
    if (writing.dryRun === 'client') {
      report(info, modified, 'created')
      return
    }
    const created = writing.api.create(info, modified, writing.options('kubectl-client-side-apply'))
    if (created.ok) report(info, created.value, 'created')
    else writing.errors.push(apiError(created.error, `error when creating "${file}"`))
    return
  }
  const original = lastApplied(current.value)
  if (original === undefined) {
    writing.warnings.push(
      `resource ${info.resource}/${name} is missing the ${LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.`,
    )
  }
  if (writing.dryRun === 'client') {
    report(info, modified, 'configured')
    return
  }
  const patch = patchFor(modified, current.value)
  if (Object.keys(patch).length === 0) {
    report(info, current.value, 'unchanged')
    return
  }
  const patched = writing.api.patch(info, key, 'strategic', patch, writing.options('kubectl-client-side-apply'))
  if (!patched.ok) {
    const where = `Resource: "${gvr(info)}", GroupVersionKind: "${gvk(info)}"\nName: "${name}", Namespace: "${object.metadata.namespace ?? ''}"`
    const doing = `error when applying patch:\n${goJson(patch)}\nto:\n${where}\nfor: "${file}": error when patching "${file}"`
    writing.errors.push(apiError(patched.error, doing))
    return
  }
  if (patched.value.metadata.deletionTimestamp !== undefined) {
    writing.warnings.push(`Detected changes to resource ${name} which is currently being deleted.`)
  }
  report(info, patched.value, 'configured')
}

/**
 * What `apply` sends to make an object like a manifest.
 *
 * @param annotated whether the manifest carries itself as annotation; `diff` leaves that as it is
 */
export function patchFor(manifest: KubeObject, current: StoredObject, annotated = true): Readonly<Record<string, unknown>> {
  const { status: _status, ...wanted } = manifest
  const { apiVersion } = current
  const type = KINDS[`${apiVersion}/${current.kind}`] ?? ''
  const { [LAST_APPLIED]: _own, ...annotations } = wanted.metadata.annotations ?? {}
  const modified = annotated ? wanted : { ...wanted, metadata: { ...wanted.metadata, annotations } }
  return threeWayPatch(type, lastApplied(current) ?? {}, { ...modified, apiVersion }, current)
}

function gvr(info: Manifest['info']): string {
  return `${info.group}/${info.version}, Resource=${info.resource}`
}

function gvk(info: Manifest['info']): string {
  return `${info.group}/${info.version}, Kind=${info.kind}`
}

function lastApplied(object: StoredObject): Readonly<Record<string, unknown>> | undefined {
  const text = object.metadata.annotations?.[LAST_APPLIED]
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Source: kubernetes kubectl pkg/cmd/apply/apply.go, server-side branch */
function applyOnServer(writing: Writing, { info, object, file }: Manifest, input: CommandInput, report: Report): void {
  const key = keyFor(info, object.metadata.namespace ?? input.namespace, object.metadata.name ?? '')
  const manager = 'kubectl'
  const applied = writing.api.patch(
    info,
    key,
    'apply',
    { ...object, apiVersion: apiVersionOf(info) },
    {
      ...writing.options(manager),
      force: input.args.flag('force-conflicts'),
    },
  )
  if (applied.ok) {
    report(info, applied.value, 'serverside-applied')
  } else if (applied.error.reason === 'Conflict') {
    writing.errors.push(plainError(`${applied.error.message}\n${CONFLICT_HELP}`))
  } else {
    writing.errors.push(apiError(applied.error, `error when patching "${file}"`))
  }
}

const CONFLICT_HELP = `Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`
