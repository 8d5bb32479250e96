import type { SourceError } from '../scenario/index.js'
import { isRecord, readDocuments } from '../scenario/index.js'
import type { KubeObject, ResourceInfo } from '../sim/index.js'
import { byCodeUnit, findKind, metadataFault, own } from '../sim/index.js'
import type { CommandInput } from './command.js'
import type { CommandError } from './errors.js'
import { plainError } from './errors.js'
import type { Targets } from './targets.js'
import { goYamlError } from './text/goYamlError.js'

/** A manifest from a file, with the resource that the server has for it. */
export interface Manifest {
  readonly info: ResourceInfo
  readonly object: KubeObject
  readonly file: string
}

export interface ReadManifests {
  readonly manifests: readonly Manifest[]
  readonly errors: readonly CommandError[]
}

/** Reads `-f` files; each object that cannot be mapped to a resource is an error for itself. Source: kubernetes cli-runtime pkg/resource/visitor.go */
export function readManifests({ env, args, namespace }: CommandInput, files: readonly string[]): ReadManifests {
  const manifests: Manifest[] = []
  const errors: CommandError[] = []
  for (const file of files.flatMap((each) => filesIn(each, env.files))) {
    const text = own(env.files, file)
    const shown = file === '-' ? 'STDIN' : file
    if (text === undefined) {
      errors.push(plainError(`the path "${file}" does not exist`))
      continue
    }
    const read = readDocuments([{ name: file, text }])
    if (!read.ok) {
      errors.push(syntaxProblem(shown, text, read.error))
      continue
    }
    for (const { value } of read.value.documents) {
      const mapped = mapObject(value, shown)
      if ('kind' in mapped) errors.push(mapped)
      else manifests.push(placeObject(mapped, { file: shown, namespace, isForced: args.isSet('namespace') }, errors))
    }
  }
  return { manifests: manifests.filter((each) => each.file !== ''), errors }
}

/** The manifests right in a directory, in order of their names; a file itself. Source: kubernetes cli-runtime pkg/resource/visitor.go ExpandPathsToFileVisitors */
function filesIn(name: string, files: Readonly<Record<string, string>>): readonly string[] {
  if (own(files, name) !== undefined) return [name]
  const prefix = name.endsWith('/') ? name : `${name}/`
  const found = Object.keys(files).filter(
    (each) => each.startsWith(prefix) && !each.slice(prefix.length).includes('/') && /\.(?:json|ya?ml)$/.test(each),
  )
  return found.length === 0 ? [name] : found.sort(byCodeUnit)
}

function syntaxProblem(file: string, text: string, problems: readonly SourceError[]): CommandError {
  const [first] = problems
  // Bounds of the sandbox's own are told in its own words.
  if (first === undefined || first.code === 'too-large' || first.code === 'too-deep' || first.code === 'too-many-objects') {
    return plainError(first?.message ?? `error parsing ${file}`)
  }
  return plainError(`error parsing ${file}: error converting YAML to JSON: ${goYamlError(text, first)}`)
}

function mapObject(value: unknown, file: string): { readonly info: ResourceInfo; readonly object: KubeObject } | CommandError {
  if (!isRecord(value))
    return plainError(`error validating "${file}": error validating data: invalid object to validate; ${TURN_OFF}`)
  const { apiVersion, kind } = value
  const missing = [
    ...(typeof apiVersion !== 'string' || apiVersion === '' ? ['apiVersion not set'] : []),
    ...(typeof kind !== 'string' || kind === '' ? ['kind not set'] : []),
  ]
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || missing.length > 0) {
    const told = missing.length > 1 ? `[${missing.join(', ')}]` : missing.join('')
    return plainError(`error validating "${file}": error validating data: ${told}; ${TURN_OFF}`)
  }
  const metadata = isRecord(value['metadata']) ? value['metadata'] : {}
  const info = findKind(apiVersion, kind)
  if (info === undefined) {
    const name = typeof metadata['name'] === 'string' ? metadata['name'] : ''
    const space = typeof metadata['namespace'] === 'string' ? metadata['namespace'] : ''
    return plainError(
      `resource mapping not found for name: "${name}" namespace: "${space}" from "${file}": no matches for kind "${kind}" in version "${apiVersion}"\nensure CRDs are installed first`,
    )
  }
  const mistyped = metadataFault(value)
  if (mistyped !== undefined) return plainError(`unable to decode "${file}": ${mistyped}`)
  return { info, object: inKeyOrder({ ...value, apiVersion, kind, metadata }) }
}

/** As it crosses the wire: Go writes the keys of a map in order. */
function inKeyOrder<T>(value: T): T {
  if (Array.isArray(value)) return value.map(inKeyOrder) as T
  if (!isRecord(value)) return value
  const entries = Object.entries(value).sort(([a], [b]) => byCodeUnit(a, b))
  return Object.fromEntries(entries.map(([key, each]) => [key, inKeyOrder(each)])) as T
}

const TURN_OFF = 'if you choose to ignore these errors, turn validation off with --validate=false'

/** Puts the namespace in where a namespaced object has none. Source: kubernetes cli-runtime pkg/resource/visitor.go SetNamespace, RequireNamespace */
function placeObject(
  { info, object }: { readonly info: ResourceInfo; readonly object: KubeObject },
  where: { readonly file: string; readonly namespace: string; readonly isForced: boolean },
  errors: CommandError[],
): Manifest {
  const own = object.metadata.namespace
  if (!info.namespaced) return { info, object, file: where.file }
  if (own === undefined || own === '') {
    return { info, object: { ...object, metadata: { ...object.metadata, namespace: where.namespace } }, file: where.file }
  }
  if (where.isForced && own !== where.namespace) {
    errors.push(
      plainError(
        `the namespace from the provided object "${own}" does not match the namespace "${where.namespace}". You must pass '--namespace=${own}' to perform this operation.`,
      ),
    )
    return { info, object, file: '' }
  }
  return { info, object, file: where.file }
}

/** The objects that files name, for commands that only look. */
export function readFilenames(input: CommandInput, files: readonly string[]): Targets | CommandError {
  const { manifests, errors } = readManifests(input, files)
  const [first] = errors
  if (first !== undefined) return first
  const targets = manifests.map(({ info, object }) => ({ info, name: object.metadata.name ?? '' }))
  return { targets, severalTypes: new Set(targets.map((each) => each.info.resource)).size > 1 }
}
