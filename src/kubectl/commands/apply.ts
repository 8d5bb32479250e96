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
import { threeWayPatch } from '../strategicPatch.js'
import { keyFor } from '../targets.js'
import { goJson } from '../text/json.js'
import { WRITE_FLAGS, Writing } from '../writing.js'

export const apply: Command = {
  flags: {
    ...WRITE_FLAGS,
    'server-side': { kind: 'bool' },
    'force-conflicts': { kind: 'bool' },
    force: { kind: 'bool' },
    prune: { kind: 'bool' },
    wait: { kind: 'bool' },
    timeout: { kind: 'string' },
    'grace-period': { kind: 'string' },
    cascade: { kind: 'optional', bare: 'background' },
    kustomize: { kind: 'string', short: 'k' },
  },
  run,
}

/** Source: kubernetes kubectl pkg/cmd/apply/apply.go */
function run(input: CommandInput): CommandOutput {
  const files = input.args.list('filename')
  if (files.length === 0) return failed(plainError('must specify one of -f and -k'))
  if (input.args.words.length > 0) {
    return failed(plainError(`Unexpected args: [${input.args.words.join(' ')}]\nSee 'kubectl apply -h' for help and examples`))
  }
  const { manifests, errors } = readManifests(input, files)
  if (manifests.length === 0 && errors.length === 0) return failed(plainError('no objects passed to apply'))
  const writing = new Writing(input)
  for (const manifest of manifests) {
    if (input.args.flag('server-side')) applyOnServer(writing, manifest, input)
    else applyOne(writing, manifest, input)
  }
  writing.errors.push(...errors)
  return writing.result()
}

function applyOne(writing: Writing, { info, object, file }: Manifest, input: CommandInput): void {
  const { name } = object.metadata
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
      writing.report(info, modified, 'created')
      return
    }
    const created = writing.api.create(info, modified, writing.options('kubectl-client-side-apply'))
    if (created.ok) writing.report(info, created.value, 'created')
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
    writing.report(info, modified, 'configured')
    return
  }
  const patch = patchFor(modified, current.value)
  if (Object.keys(patch).length === 0) {
    writing.report(info, current.value, 'unchanged')
    return
  }
  const patched = writing.api.patch(info, key, 'strategic', patch, writing.options('kubectl-client-side-apply'))
  if (!patched.ok) {
    const where = `Resource: "${gvr(info)}", GroupVersionKind: "${gvk(info)}"\nName: "${name}", Namespace: "${object.metadata.namespace ?? ''}"`
    const doing = `error when applying patch:\n${goJson(patch)}\nto:\n${where}\nfor: "${file}": error when patching "${file}"`
    writing.errors.push(apiError(patched.error, doing))
    return
  }
  const isChanged =
    patched.value.metadata.resourceVersion !== current.value.metadata.resourceVersion || writing.dryRun === 'server'
  writing.report(info, patched.value, isChanged ? 'configured' : 'unchanged')
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
function applyOnServer(writing: Writing, { info, object, file }: Manifest, input: CommandInput): void {
  const key = keyFor(info, object.metadata.namespace ?? input.namespace, object.metadata.name ?? '')
  const manager = 'kubectl'
  const applied = writing.api.patch(info, key, 'apply', { ...object, apiVersion: apiVersionOf(info) }, writing.options(manager))
  if (applied.ok) {
    writing.report(info, applied.value, 'serverside-applied')
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
