import { isRecord } from '../../scenario/index.js'
import type { ApiResult, KubeObject, PatchType } from '../../sim/index.js'
import { own } from '../../sim/index.js'
import type { CommandInput } from '../command.js'
import type { StoredObject } from '../dynamicApi.js'
import type { CommandError } from '../errors.js'
import { plainError } from '../errors.js'
import { readFilenames } from '../filenames.js'
import type { Found, Targets } from '../targets.js'
import { isError, keyFor, readTargets } from '../targets.js'
import type { Writing } from '../writing.js'

export const NO_RESOURCES = 'one or more resources must be specified as <resource> <name> or <resource>/<name>'

/** The objects of a command that changes some: by words, or by `-f`. */
export function chooseTargets(input: CommandInput, words: readonly string[]): Targets | CommandError {
  const files = input.args.list('filename')
  if (files.length > 0) return readFilenames(input, files)
  if (words.length === 0) return plainError(NO_RESOURCES)
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

/** A field of an object by a dotted path. */
export function fieldOf(object: KubeObject, path: string): unknown {
  return path.split('.').reduce<unknown>((from, name) => (isRecord(from) ? own(from, name) : undefined), object)
}
