import type { ApiError, ListOptions, ResourceInfo } from '../sim/index.js'
import { findByAnyName, RESOURCE_LIST } from '../sim/index.js'
import type { CommandInput } from './command.js'
import type { StoredObject } from './dynamicApi.js'
import { dynamicApi } from './dynamicApi.js'
import type { CommandError } from './errors.js'
import { apiError, plainError } from './errors.js'

/** What a command line names: some objects of a resource, or all of them. */
export interface Target {
  readonly info: ResourceInfo
  /** All when absent. */
  readonly name?: string
}

export interface Targets {
  readonly targets: readonly Target[]
  /** Several types were asked for, so that names are shown with their kind. */
  readonly severalTypes: boolean
}

const SLASH_FORM =
  "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'"

/**
 * Reads `pods`, `pods,svc`, `pod web-1 web-2`, `pod/web-1 svc/web`, `all`.
 * Source: kubernetes cli-runtime pkg/resource/builder.go ResourceTypeOrNameArgs
 */
export function readTargets(words: readonly string[]): Targets | CommandError {
  if (words.some((word) => word.includes('/'))) return readSlashForm(words)
  const [types = '', ...names] = words
  const infos: ResourceInfo[] = []
  for (const type of types.split(',')) {
    if (type === 'all') {
      infos.push(...RESOURCE_LIST.filter((each) => each.categories.includes('all')))
      continue
    }
    const info = findByAnyName(type)
    if (info === undefined) return noSuchType(type)
    infos.push(info)
  }
  const severalTypes = types === 'all' || infos.length > 1
  if (names.length === 0) return { targets: infos.map((info) => ({ info })), severalTypes }
  return { targets: infos.flatMap((info) => names.map((name) => ({ info, name }))), severalTypes }
}

function readSlashForm(words: readonly string[]): Targets | CommandError {
  const targets: Target[] = []
  for (const word of words) {
    const parts = word.split('/')
    if (parts.length !== 2) {
      if (parts.length === 1) return plainError(SLASH_FORM)
      return plainError(`arguments in resource/name form may not have more than one slash`)
    }
    const [type = '', name = ''] = parts
    if (type === '' || name === '') {
      return plainError(`arguments in resource/name form must have a single resource and name`)
    }
    const info = findByAnyName(type)
    if (info === undefined) return noSuchType(type)
    targets.push({ info, name })
  }
  return { targets, severalTypes: new Set(targets.map((each) => each.info.resource)).size > 1 }
}

export function noSuchType(type: string): CommandError {
  return plainError(`the server doesn't have a resource type "${type}"`)
}

export function isError(value: Targets | CommandError): value is CommandError {
  return 'kind' in value
}

export function keyFor(info: ResourceInfo, namespace: string, name: string): string {
  return info.namespaced ? `${namespace}/${name}` : name
}

/** An object that was found, with its resource. */
export interface Found {
  readonly info: ResourceInfo
  readonly object: StoredObject
}

export interface FoundObjects {
  readonly found: readonly Found[]
  readonly errors: readonly CommandError[]
}

/** Fetches what the targets name; what is not there is an error for itself. */
export function fetchTargets(input: CommandInput, targets: readonly Target[]): FoundObjects {
  const api = dynamicApi(input.env.api)
  const found: Found[] = []
  const errors: CommandError[] = []
  if (input.args.flag('all-namespaces') && targets.some((each) => each.name !== undefined)) {
    return { found: [], errors: [plainError('a resource cannot be retrieved by name across all namespaces')] }
  }
  for (const { info, name } of targets) {
    if (name === undefined) {
      const listed = api.list(info, listOptions(input, info))
      if (listed.ok) found.push(...listed.value.map((object) => ({ info, object })))
      else errors.push(listError(input, info, listed.error))
      continue
    }
    const got = api.get(info, keyFor(info, input.namespace, name))
    if (got.ok) found.push({ info, object: got.value })
    else errors.push(apiError(got.error))
  }
  return { found, errors }
}

/** Source: cli-runtime pkg/resource/selector.go Visit */
export function listError({ args }: CommandInput, info: ResourceInfo, error: ApiError): CommandError {
  if (error.code !== 400 && error.code !== 404) return apiError(error)
  const resource = JSON.stringify(`${info.group}/${info.version}, Resource=${info.resource}`)
  const labels = args.text('selector') ?? ''
  const fields = args.text('field-selector') ?? ''
  const failure =
    labels === '' && fields === ''
      ? `Unable to list ${resource}`
      : `Unable to find ${resource} that match label selector ${JSON.stringify(labels)}, field selector ${JSON.stringify(fields)}`
  return apiError({ ...error, message: `${failure}: ${error.message}` })
}

export function listOptions({ args, namespace }: CommandInput, info: ResourceInfo): ListOptions {
  const labelSelector = args.text('selector')
  const fieldSelector = args.text('field-selector')
  return {
    ...(info.namespaced && !args.flag('all-namespaces') ? { namespace } : {}),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  }
}

/** `deployment.apps`, or `pod` in the core group. */
export function kindName(info: ResourceInfo): string {
  return info.group === '' ? info.singular : `${info.singular}.${info.group}`
}

/** `deployments.apps`. */
export function resourceName(info: ResourceInfo): string {
  return info.group === '' ? info.resource : `${info.resource}.${info.group}`
}

export const ENDPOINTS_WARNING = 'Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\n'
