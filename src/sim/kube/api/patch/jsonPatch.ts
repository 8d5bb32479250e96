import type { Result } from '../../../core/result.js'
import { fail, ok } from '../../../core/result.js'
import type { JsonRecord } from '../draft.js'
import { copyJson, isRecord, jsonEqual, setKey } from '../draft.js'

type Fault = 'failed'

/**
 * Applies an RFC 6902 patch to a copy. `replace` of a key that is not there works, as in the library that the API server uses.
 * Source: evanphx/json-patch patch.go
 */
export function applyJsonPatch(target: unknown, operations: readonly unknown[]): Result<unknown, Fault> {
  let root = copyJson(target)
  for (const operation of operations) {
    if (!isRecord(operation)) return fail('failed')
    const next = applyOne(root, operation)
    if (!next.ok) return next
    root = next.value
  }
  return ok(root)
}

function applyOne(root: unknown, operation: JsonRecord): Result<unknown, Fault> {
  const path = pointer(operation['path'])
  if (path === undefined) return fail('failed')
  switch (operation['op']) {
    case 'add':
      return put(root, path, copyJson(operation['value'] ?? null), 'add')
    case 'replace':
      return put(root, path, copyJson(operation['value'] ?? null), 'replace')
    case 'remove':
      return take(root, path)
    case 'test': {
      const found = find(root, path)
      return jsonEqual(found ?? null, operation['value'] ?? null) ? ok(root) : fail('failed')
    }
    case 'move':
    case 'copy': {
      const from = pointer(operation['from'])
      const value = from === undefined ? undefined : find(root, from)
      if (from === undefined || value === undefined) return fail('failed')
      const copied = copyJson(value)
      const rest = operation['op'] === 'move' ? take(root, from) : ok(root)
      return rest.ok ? put(rest.value, path, copied, 'add') : rest
    }
    default:
      return fail('failed')
  }
}

function pointer(text: unknown): readonly string[] | undefined {
  if (text === '') return []
  if (typeof text !== 'string' || !text.startsWith('/')) return undefined
  return text
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function find(root: unknown, path: readonly string[]): unknown {
  let at = root
  for (const part of path) {
    if (Array.isArray(at)) at = at[indexIn(at, part) ?? -1]
    else if (isRecord(at) && Object.hasOwn(at, part)) at = at[part]
    else return undefined
  }
  return at
}

function indexIn(list: readonly unknown[], part: string): number | undefined {
  if (!/^-?\d+$/.test(part)) return undefined
  const index = Number(part)
  const settled = index < 0 ? index + list.length : index
  return settled >= 0 && settled < list.length ? settled : undefined
}

function put(root: unknown, path: readonly string[], value: unknown, how: 'add' | 'replace'): Result<unknown, Fault> {
  const last = path[path.length - 1]
  if (last === undefined) return ok(value)
  const parent = find(root, path.slice(0, -1))
  if (Array.isArray(parent)) {
    if (how === 'replace') {
      const index = indexIn(parent, last)
      if (index === undefined) return fail('failed')
      parent[index] = value
      return ok(root)
    }
    const index = last === '-' || last === String(parent.length) ? parent.length : indexIn(parent, last)
    if (index === undefined) return fail('failed')
    parent.splice(index, 0, value)
    return ok(root)
  }
  if (!isRecord(parent)) return fail('failed')
  setKey(parent, last, value)
  return ok(root)
}

function take(root: unknown, path: readonly string[]): Result<unknown, Fault> {
  const last = path[path.length - 1]
  if (last === undefined) return fail('failed')
  const parent = find(root, path.slice(0, -1))
  if (Array.isArray(parent)) {
    const index = indexIn(parent, last)
    if (index === undefined) return fail('failed')
    parent.splice(index, 1)
    return ok(root)
  }
  if (!isRecord(parent) || !Object.hasOwn(parent, last)) return fail('failed')
  delete parent[last]
  return ok(root)
}

/** Applies an RFC 7386 patch to a copy. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return copyJson(patch)
  const result: JsonRecord = isRecord(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else if (value !== undefined)
      setKey(result, key, applyMergePatch(Object.hasOwn(result, key) ? result[key] : undefined, value))
  }
  return result
}
