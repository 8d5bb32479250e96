import { isRecord } from '../scenario/index.js'
import { own } from '../sim/index.js'

/** Field that tells list items apart, by the list's name; lists not named here are replaced as a whole. Source: kubernetes api/*\/types.go patchMergeKey */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  imagePullSecrets: 'name',
  secrets: 'name',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
  conditions: 'type',
  ownerReferences: 'uid',
}

function mergeKeyOf(path: readonly string[]): string | undefined {
  const name = path.at(-1) ?? ''
  if (name !== 'ports') return own(MERGE_KEYS, name)
  const parent = path.at(-2) ?? ''
  if (/[cC]ontainers$/.test(parent)) return 'containerPort'
  return parent === 'spec' ? 'port' : undefined
}

/**
 * What the live object becomes when a person's manifest changes from `original` (as last applied) to `modified`: fields that they took out go,
 * fields that they set are set, fields of others stay.
 * Source: apimachinery pkg/util/strategicpatch/patch.go CreateThreeWayMergePatch
 */
export function mergeThreeWay(original: unknown, modified: unknown, current: unknown, path: readonly string[] = []): unknown {
  if (isRecord(modified) && isRecord(current)) return mergeMaps(isRecord(original) ? original : {}, modified, current, path)
  const key = mergeKeyOf(path)
  if (key !== undefined && Array.isArray(modified) && Array.isArray(current)) {
    return mergeLists({ original: Array.isArray(original) ? original : [], modified, current, key }, path)
  }
  return modified
}

type Fields = Readonly<Record<string, unknown>>

/** Sets a key that came from outside; `__proto__` becomes a plain key as well. */
function put(record: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true })
}

function mergeMaps(original: Fields, modified: Fields, current: Fields, path: readonly string[]): Fields {
  const merged: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(current)) {
    if (!Object.hasOwn(original, name) && !Object.hasOwn(modified, name)) put(merged, name, value)
  }
  for (const [name, value] of Object.entries(modified)) {
    if (value === null) continue
    put(merged, name, mergeThreeWay(own(original, name), value, own(current, name), [...path, name]))
  }
  return merged
}

interface Lists {
  readonly original: readonly unknown[]
  readonly modified: readonly unknown[]
  readonly current: readonly unknown[]
  readonly key: string
}

function mergeLists({ original, modified, current, key }: Lists, path: readonly string[]): readonly unknown[] {
  const keyOf = (item: unknown): unknown => (isRecord(item) ? item[key] : item)
  const find = (list: readonly unknown[], item: unknown): unknown => list.find((each) => keyOf(each) === keyOf(item))
  const wanted = modified.map((item) => mergeThreeWay(find(original, item), item, find(current, item), path))
  const others = current.filter((item) => find(modified, item) === undefined && find(original, item) === undefined)
  return [...wanted, ...others]
}

/** The JSON merge patch that turns one object into another; `{}` when nothing differs. Source: RFC 7386 */
export function mergePatchBetween(from: unknown, to: unknown): Fields {
  const patch: Record<string, unknown> = {}
  if (!isRecord(from) || !isRecord(to)) return patch
  for (const name of Object.keys(from)) if (own(to, name) === undefined && own(from, name) !== undefined) put(patch, name, null)
  for (const [name, value] of Object.entries(to)) {
    const before = own(from, name)
    if (isRecord(before) && isRecord(value)) {
      const inner = mergePatchBetween(before, value)
      if (Object.keys(inner).length > 0) put(patch, name, inner)
    } else if (value !== undefined && !isSame(before, value)) {
      put(patch, name, value)
    }
  }
  return patch
}

export function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, index) => isSame(each, b[index]))
  if (isRecord(a) && isRecord(b)) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)])
    return [...names].every((name) => isSame(own(a, name), own(b, name)))
  }
  return a === b
}
