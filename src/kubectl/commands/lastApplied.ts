import { isRecord } from '../../scenario/index.js'
import type { CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { apiError, plainError } from '../errors.js'
import { readManifests } from '../filenames.js'
import { LAST_APPLIED, withLastApplied } from '../lastApplied.js'
import { fetchTargets, isError, keyFor } from '../targets.js'
import { goYaml } from '../text/yaml.js'
import { Writing } from '../writing.js'
import { chooseBuilt } from './change.js'

/** `kubectl apply view-last-applied`. Source: kubernetes kubectl pkg/cmd/apply/apply_view_last_applied.go */
export function viewLastApplied(input: CommandInput, words: readonly string[]): CommandOutput {
  const { args } = input
  const format = args.text('output') ?? 'yaml'
  if (format !== 'yaml' && format !== 'json') {
    const hint = "See 'kubectl apply view-last-applied -h' for help and examples"
    return failed(plainError(`Unexpected -o output mode: ${format}, the flag 'output' must be one of yaml|json\n${hint}`))
  }
  const chosen = chooseBuilt(input, words)
  if (isError(chosen)) return failed(chosen)
  const { found, errors } = fetchTargets(input, chosen.targets)
  if (errors.length > 0) return failed(...errors)
  let stdout = ''
  for (const { object } of found) {
    const text = object.metadata.annotations?.[LAST_APPLIED]
    if (text === undefined) {
      return failed(plainError(`no last-applied-configuration annotation found on resource: ${object.metadata.name}`))
    }
    const value: unknown = parsed(text)
    stdout += format === 'json' ? `${JSON.stringify(value, undefined, 2)}\n` : goYaml(value)
  }
  return { stdout }
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}

/** `kubectl apply set-last-applied`. Source: kubernetes kubectl pkg/cmd/apply/apply_set_last_applied.go */
export function setLastApplied(input: CommandInput): CommandOutput {
  const { args } = input
  const files = args.list('filename')
  if (files.length === 0) return failed(plainError('must specify one of -f and -k'))
  const { manifests, errors } = readManifests(input, files)
  if (errors.length > 0) return failed(...errors)
  const writing = new Writing(input)
  for (const { info, object } of manifests) {
    const name = object.metadata.name ?? ''
    const key = keyFor(info, object.metadata.namespace ?? input.namespace, name)
    const live = writing.api.get(info, key)
    if (!live.ok) return failed(apiError(live.error))
    const before = live.value.metadata.annotations?.[LAST_APPLIED]
    if (before === undefined && !args.flag('create-annotation')) {
      const hint = 'to create the annotation, run the command with --create-annotation'
      return failed(plainError(`no last-applied-configuration annotation found on resource: ${name}, ${hint}`))
    }
    const after = withLastApplied(object).metadata.annotations?.[LAST_APPLIED] ?? ''
    if (before === after) {
      writing.line(`set-last-applied ${name}: no changes required.`)
      continue
    }
    const patch = { metadata: { annotations: { [LAST_APPLIED]: after } } }
    const sent = writing.dryRun === 'client' ? live : writing.api.patch(info, key, 'merge', patch, writing.options('kubectl'))
    if (sent.ok) writing.report(info, sent.value, 'configured')
    else writing.errors.push(apiError(sent.error))
  }
  return writing.result()
}
