import { FIELDS } from '../generated/kubeFields.js'
import { isRecord } from '../scenario/index.js'
import { byCodeUnit, mergeKeyOf } from '../sim/index.js'
import { isSame } from './merge.js'

type Fields = Readonly<Record<string, unknown>>

/** Which half of a change is wanted: what was set, or what was taken out. */
type Half = 'changes' | 'deletions'

/** Objects of which a patch names the fields that stay. Source: `patchStrategy:"retainKeys"` of kubernetes staging/src/k8s.io/api */
const RETAINED: ReadonlySet<string> = new Set(['DeploymentStrategy', 'Volume'])

const ORDER = '$setElementOrder/'
const DROP = '$deleteFromPrimitiveList/'

/**
 * The strategic merge patch that kubectl sends when a manifest changes from `original` (as last applied) to `modified` while the cluster holds
 * `current`: what was set is set, what was taken out goes, what others have set stays. Empty when nothing is to be done.
 *
 * @param type of the object, as in the generated field table
 * Source: apimachinery pkg/util/strategicpatch/patch.go CreateThreeWayMergePatch
 */
export function threeWayPatch(type: string, original: Fields, modified: Fields, current: Fields): Fields {
  const changes = diffMaps(type, current, modified, 'changes')
  const deletions = diffMaps(type, original, modified, 'deletions')
  return joinMaps(type, deletions, changes)
}

function diffMaps(type: string, original: Fields, modified: Fields, half: Half): Fields {
  const patch: Record<string, unknown> = {}
  const fields = FIELDS[type] ?? {}
  for (const [name, before] of Object.entries(original)) {
    const after = modified[name]
    if (!Object.hasOwn(modified, name)) {
      if (half === 'deletions') patch[name] = null
    } else if (isRecord(before) && isRecord(after)) {
      const inner = diffMaps(inside(fields[name]), before, after, half)
      if (Object.keys(inner).length > 0) patch[name] = inner
    } else if (Array.isArray(before) && Array.isArray(after)) {
      diffLists(patch, { name, type, before, after, half })
    } else if (half === 'changes' && !isSame(before, after)) {
      patch[name] = after
    }
  }
  if (half === 'changes') {
    for (const [name, after] of Object.entries(modified)) if (!Object.hasOwn(original, name)) patch[name] = after
  }
  if (RETAINED.has(type) && Object.keys(patch).length > 0) patch['$retainKeys'] = Object.keys(modified).sort(byCodeUnit)
  return patch
}

/** The type of what a field holds: `[]Container` and `map[]Quantity` hold a Container and a Quantity. */
function inside(expression = 'any'): string {
  return expression.replace(/^(?:\[\]|map\[\])/, '')
}

interface ListChange {
  readonly name: string
  readonly type: string
  readonly before: readonly unknown[]
  readonly after: readonly unknown[]
  readonly half: Half
}

function diffLists(patch: Record<string, unknown>, { name, type, before, after, half }: ListChange): void {
  const key = mergeKeyOf(type, name)
  if (key === undefined) {
    if (half === 'changes' && !isSame(before, after)) patch[name] = after
    return
  }
  if (before.length === 0) {
    if (half === 'changes' && after.length > 0) patch[name] = after
    return
  }
  if (key === '') {
    const added = half === 'changes' ? after.filter((each) => !before.includes(each)) : []
    const gone = half === 'deletions' ? before.filter((each) => !after.includes(each)) : []
    if (added.length > 0) patch[name] = added
    if (gone.length > 0) patch[`${DROP}${name}`] = gone
    if (gone.length > 0 || (half === 'changes' && !isSame(before, after))) patch[`${ORDER}${name}`] = after
    return
  }
  const itemType = inside(FIELDS[type]?.[name])
  const items = after.flatMap((item): readonly unknown[] => {
    if (!isRecord(item)) return []
    const old = before.find((each) => isRecord(each) && isSame(each[key], item[key]))
    if (!isRecord(old)) return half === 'changes' ? [item] : []
    const inner = diffMaps(itemType, old, item, half)
    return Object.keys(inner).length === 0 ? [] : [{ ...inner, [key]: item[key] }]
  })
  const lost = before.filter((each) => !after.some((item) => isRecord(item) && isRecord(each) && isSame(each[key], item[key])))
  const drops =
    half === 'deletions' ? lost.flatMap((each) => (isRecord(each) ? [{ $patch: 'delete', [key]: each[key] }] : [])) : []
  const list = [...items, ...drops]
  if (list.length > 0) patch[name] = list
  if (list.length > 0 || (half === 'changes' && !isSameOrder(before, after, key))) {
    patch[`${ORDER}${name}`] = after.flatMap((each) => (isRecord(each) ? [{ [key]: each[key] }] : []))
  }
}

function isSameOrder(before: readonly unknown[], after: readonly unknown[], key: string): boolean {
  const keyOf = (each: unknown): unknown => (isRecord(each) ? each[key] : each)
  return isSame(before.map(keyOf), after.map(keyOf))
}

/** Both halves in one patch; what is set wins over what is taken out. */
function joinMaps(type: string, deletions: Fields, changes: Fields): Fields {
  const fields = FIELDS[type] ?? {}
  const joined: Record<string, unknown> = { ...deletions }
  for (const [name, change] of Object.entries(changes)) {
    const deletion = deletions[name]
    const key = mergeKeyOf(type, name)
    if (isRecord(deletion) && isRecord(change)) joined[name] = joinMaps(inside(fields[name]), deletion, change)
    else if (Array.isArray(deletion) && Array.isArray(change) && key !== undefined && key !== '') {
      joined[name] = joinLists(inside(fields[name]), key, deletion, change)
    } else joined[name] = change
  }
  return joined
}

function joinLists(type: string, key: string, deletions: readonly unknown[], changes: readonly unknown[]): readonly unknown[] {
  const find = (list: readonly unknown[], item: unknown): Fields | undefined =>
    list.filter(isRecord).find((each) => isRecord(item) && isSame(each[key], item[key]))
  const merged = changes.map((item) => {
    const deletion = find(deletions, item)
    return deletion === undefined || !isRecord(item) ? item : joinMaps(type, deletion, item)
  })
  const others = deletions.filter((item) => find(changes, item) === undefined)
  return [...merged, ...others]
}
