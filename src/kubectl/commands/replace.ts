import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { apiError, plainError } from '../errors.js'
import type { ReadManifests } from '../filenames.js'
import { readManifests } from '../filenames.js'
import { withLastApplied } from '../lastApplied.js'
import { keyFor, kindName } from '../targets.js'
import { WRITE_FLAGS, Writing } from '../writing.js'
import { runRaw } from './raw.js'

export const replace: Command = {
  flags: { ...WRITE_FLAGS, force: { kind: 'bool' }, raw: { kind: 'string' } },
  run: (input) => (input.args.isSet('raw') ? runRaw(input, 'PUT') : runReplace(input)),
}

/** Source: kubernetes kubectl pkg/cmd/replace/replace.go */
function runReplace(input: CommandInput): CommandOutput {
  const files = input.args.list('filename')
  if (files.length === 0) return failed(plainError('must specify one of -f and -k'))
  const writing = new Writing(input)
  const read = readManifests(input, files)
  if (input.args.flag('force')) return forceReplace(input, writing, read)
  for (const { info, object, file } of read.manifests) {
    const saved = input.args.flag('save-config') ? withLastApplied(object) : object
    const sent = writing.dryRun === 'client' ? undefined : writing.api.update(info, saved, writing.options('kubectl-replace'))
    if (sent === undefined) writing.report(info, saved, 'replaced')
    else if (sent.ok) writing.report(info, sent.value, 'replaced')
    else writing.errors.push(apiError(sent.error, `error when replacing "${file}"`))
  }
  writing.errors.push(...read.errors)
  return writing.result()
}

/** Deletes, waits until nothing of it is left, and creates again. Source: kubernetes kubectl pkg/cmd/replace/replace.go forceReplace */
function forceReplace(input: CommandInput, writing: Writing, read: ReadManifests): CommandOutput {
  const { resume } = input.env
  const left = read.manifests.filter(({ info, object }) => {
    const key = keyFor(info, object.metadata.namespace ?? input.namespace, object.metadata.name ?? '')
    const live = writing.api.get(info, key)
    if (!live.ok) return false
    if (resume === undefined && live.value.metadata.deletionTimestamp === undefined) {
      const gone = writing.api.delete(info, key, { propagationPolicy: 'Background' })
      if (gone.ok)
        writing.line(
          `${kindName(info)} "${object.metadata.name}" deleted${info.namespaced ? ` from ${object.metadata.namespace ?? input.namespace} namespace` : ''}`,
        )
      else writing.errors.push(apiError(gone.error))
    }
    return writing.api.get(info, key).ok
  })
  if (left.length > 0 && writing.errors.length === 0) {
    return { ...writing.result(), waiting: { pollUs: FORCE_POLL_US, memory: 'deleted' } }
  }
  for (const { info, object, file } of writing.errors.length > 0 ? [] : read.manifests) {
    const created = writing.api.create(info, object, writing.options('kubectl-replace'))
    if (created.ok) writing.report(info, created.value, 'replaced')
    else writing.errors.push(apiError(created.error, `error when creating "${file}"`))
  }
  writing.errors.push(...read.errors)
  return writing.result()
}

const FORCE_POLL_US = 500_000
