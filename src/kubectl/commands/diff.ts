import { isRecord } from '../../scenario/index.js'
import { byCodeUnit, toTimestamp } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import type { CommandError } from '../errors.js'
import { apiError, plainError } from '../errors.js'
import type { Manifest } from '../filenames.js'
import { readManifests } from '../filenames.js'
import { withoutManagedFields } from '../printing.js'
import { keyFor } from '../targets.js'
import { unifiedHunks } from '../text/unifiedDiff.js'
import { goYaml } from '../text/yaml.js'
import { WRITE_FLAGS, Writing } from '../writing.js'
import { patchFor } from './apply.js'

export const diff: Command = {
  flags: {
    ...WRITE_FLAGS,
    'server-side': { kind: 'bool' },
    'force-conflicts': { kind: 'bool' },
    prune: { kind: 'bool' },
    concurrency: { kind: 'string' },
    kustomize: { kind: 'string', short: 'k' },
  },
  run,
}

/** The folders into which kubectl writes both versions; their numbers are of no meaning. */
const LIVE = '/tmp/LIVE-1000000001'
const MERGED = '/tmp/MERGED-1000000002'

/** What `apply` would change, as `diff -u -N` shows it. Exit status 1 when there are differences. Source: kubernetes kubectl pkg/cmd/diff/diff.go */
function run(input: CommandInput): CommandOutput {
  const files = input.args.list('filename')
  if (files.length === 0) return { ...failed(plainError('must specify one of -f and -k')), exit: 2 }
  if (input.args.words.length > 0) {
    const problem = `Unexpected args: [${input.args.words.join(' ')}]\nSee 'kubectl diff -h' for help and examples`
    return { ...failed(plainError(problem)), exit: 2 }
  }
  const { manifests, errors } = readManifests(input, files)
  if (errors.length > 0) return { errors, exit: 2 }
  const shown: { readonly name: string; readonly text: string }[] = []
  for (const manifest of manifests) {
    const difference = differenceOf(input, manifest)
    if ('kind' in difference) return { ...failed(difference), exit: 2 }
    shown.push(difference)
  }
  const stdout = shown
    .toSorted((a, b) => byCodeUnit(a.name, b.name))
    .map((each) => each.text)
    .join('')
  return stdout === '' ? {} : { stdout, exit: 1 }
}

function differenceOf(input: CommandInput, manifest: Manifest): { readonly name: string; readonly text: string } | CommandError {
  const { info, object, file } = manifest
  const { api } = new Writing(input)
  const key = keyFor(info, object.metadata.namespace ?? input.namespace, object.metadata.name ?? '')
  const live = api.get(info, key)
  if (!live.ok && live.error.code !== 404) return apiError(live.error)
  const options = { dryRun: true, fieldValidation: 'Strict', fieldManager: 'kubectl-client-side-apply' } as const
  const merged = live.ok
    ? api.patch(info, key, 'strategic', patchFor(object, live.value, false), options)
    : api.create(info, object, options)
  if (!merged.ok) return apiError(merged.error, live.ok ? `error when patching "${file}"` : undefined)
  const version = info.group === '' ? info.version : `${info.group}.${info.version}`
  const name = `${version}.${info.kind}.${object.metadata.namespace ?? ''}.${object.metadata.name ?? ''}`
  const [before, after] = masked(live.ok ? live.value : undefined, merged.value)
  const hunks = unifiedHunks(before, after)
  if (hunks === '') return { name, text: '' }
  const time = toTimestamp(input.env.now).replace('T', ' ').replace('Z', '.000000000 +0000')
  const paths = [`${LIVE}/${name}`, `${MERGED}/${name}`] as const
  return { name, text: `diff -u -N ${paths.join(' ')}\n--- ${paths[0]}\t${time}\n+++ ${paths[1]}\t${time}\n${hunks}` }
}

/** Both versions in YAML; a Secret's data is hidden, and only whether it differs is told. */
function masked(live: unknown, merged: unknown): readonly [string, string] {
  const [before, after] = [withoutManagedFields(live), withoutManagedFields(merged)]
  const yaml = (object: unknown): string => (object === undefined ? '' : goYaml(object))
  if (!isRecord(after) || after['kind'] !== 'Secret') return [yaml(before), yaml(after)]
  const old = isRecord(before) && isRecord(before['data']) ? before['data'] : {}
  const fresh = isRecord(after['data']) ? after['data'] : {}
  const hide = (data: object, other: Readonly<Record<string, unknown>>, mark: string): object =>
    Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, key in other && other[key] !== value ? `*** (${mark})` : '***']),
    )
  return [
    isRecord(before) ? yaml({ ...before, data: hide(old, fresh, 'before') }) : '',
    yaml({ ...after, data: hide(fresh, old, 'after') }),
  ]
}
