import { KINDS } from '../../generated/kubeFields.js'
import { isRecord, readDocuments } from '../../scenario/index.js'
import type { PatchType } from '../../sim/index.js'
import { applyJsonPatch, applyMergePatch, applyStrategicPatch, fail, own } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import type { StoredObject } from '../dynamicApi.js'
import { apiError, plainError } from '../errors.js'
import { isSame } from '../merge.js'
import type { Found } from '../targets.js'
import { fetchTargets, isError, keyFor } from '../targets.js'
import { goYamlError } from '../text/goYamlError.js'
import { WRITE_FLAGS, Writing } from '../writing.js'
import { chooseBuilt } from './change.js'

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

const SUBRESOURCES = ['resize', 'scale', 'status']

const PATCH_TYPES: Readonly<Record<string, PatchType>> = { json: 'json', merge: 'merge', strategic: 'strategic' }

/** A client's dry run: the patch is applied here, as the server would before all else. Source: kubernetes kubectl pkg/cmd/patch/patch.go getPatchedJSON */
function patchHere(writing: Writing, { info, object }: Found, given: unknown, type: PatchType): void {
  const patched = patchedObject(object, given, type)
  if ('problem' in patched) {
    writing.errors.push(plainError(patched.problem))
    return
  }
  writing.report(info, patched.object, isSame(object, patched.object) ? 'patched (no change)' : 'patched')
}

function patchedObject(
  object: StoredObject,
  given: unknown,
  type: PatchType,
): { readonly object: StoredObject } | { readonly problem: string } {
  const patch = typeof given === 'string' ? parsed(given) : given
  if (type === 'json') {
    if (!Array.isArray(patch)) return { problem: 'json: cannot unmarshal object into Go value of type jsonpatch.Patch' }
    const done = applyJsonPatch(object, patch)
    return done.ok
      ? { object: done.value as StoredObject }
      : { problem: 'the patch cannot be applied: a path of it does not exist' }
  }
  if (!isRecord(patch)) return { problem: 'Invalid JSON Patch' }
  if (type === 'merge') return { object: applyMergePatch(object, patch) as StoredObject }
  const done = applyStrategicPatch(KINDS[`${object.apiVersion}/${object.kind}`] ?? '', { ...object }, patch)
  return done.ok ? { object: done.value as unknown as StoredObject } : { problem: done.error }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

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
  const file = args.text('patch-file') ?? ''
  if ((args.text('patch') ?? '') !== '' && file !== '') {
    return failed(plainError('cannot specify --patch and --patch-file together'))
  }
  const text = (args.text('patch') ?? '') === '' ? own(input.env.files, file) : args.text('patch')
  if (text === undefined) {
    const missing = 'must specify --patch or --patch-file containing the contents of the patch'
    return failed(plainError(file === '' ? missing : `unable to read patch file: open ${file}: no such file or directory`))
  }
  if (args.flag('local') && args.words.length > 0) return failed(plainError('cannot specify --local and server resources'))
  const type = own(PATCH_TYPES, (args.text('type') ?? 'strategic').toLowerCase())
  if (type === undefined) return failed(plainError(`--type must be one of [json merge strategic], not "${args.text('type')}"`))
  const read = readPatch(text)
  if ('problem' in read) return failed(plainError(read.problem))
  const { value } = read
  const subresource = args.text('subresource') ?? ''
  if (subresource !== '' && !SUBRESOURCES.includes(subresource)) {
    const allowed = `[${SUBRESOURCES.join(' ')}]`
    return failed(plainError(`invalid subresource value: ${JSON.stringify(subresource)}. Must be one of ${allowed}`))
  }
  const named = chooseBuilt(input, args.words)
  if (isError(named)) return failed(named)
  const { found, errors } = fetchTargets(input, named.targets)
  const writing = new Writing(input)
  writing.errors.push(...errors)
  for (const each of found) {
    if (writing.dryRun === 'client' || args.flag('local')) {
      patchHere(writing, each, value, type)
      continue
    }
    const key = keyFor(each.info, each.object.metadata.namespace ?? input.namespace, each.object.metadata.name)
    const options = { ...writing.options('kubectl-patch'), ...(subresource === '' ? {} : { subresource }) }
    const sent =
      subresource === '' || each.info.subresources.includes(subresource)
        ? writing.api.patch(each.info, key, type, value, options)
        : fail({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource' })
    if (!sent.ok) {
      writing.errors.push(apiError(sent.error))
      continue
    }
    const isChanged = !isSame({ ...each.object }, { ...sent.value })
    const done = isChanged ? 'patched' : 'patched (no change)'
    // What is patched is then the Scale, an object of its own kind.
    if (subresource === 'scale' && !args.isSet('output')) writing.line(`scale.autoscaling/${each.object.metadata.name} ${done}`)
    else writing.report(each.info, sent.value, done)
  }
  return writing.result()
}
