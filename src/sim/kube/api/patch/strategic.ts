import { FIELDS } from '../../../../generated/kubeFields.js'
import { own } from '../../../core/own.js'
import type { Result } from '../../../core/result.js'
import { fail, ok } from '../../../core/result.js'
import type { JsonRecord } from '../draft.js'
import { copyJson, isRecord, jsonEqual, setKey } from '../draft.js'
import { goFormat } from '../goJson.js'

/**
 * Lists that are merged item by item, with the field by which items are the same; an empty key marks sets of plain values.
 * Source: `patchStrategy` and `patchMergeKey` tags of kubernetes staging/src/k8s.io/api
 */
const MERGE_KEYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ObjectMeta: { ownerReferences: 'uid', finalizers: '' },
  PodSpec: {
    containers: 'name',
    initContainers: 'name',
    ephemeralContainers: 'name',
    volumes: 'name',
    imagePullSecrets: 'name',
    hostAliases: 'ip',
    topologySpreadConstraints: 'topologyKey',
    resourceClaims: 'name',
    schedulingGates: 'name',
  },
  Container: { ports: 'containerPort', env: 'name', volumeMounts: 'mountPath', volumeDevices: 'devicePath' },
  EphemeralContainer: { ports: 'containerPort', env: 'name', volumeMounts: 'mountPath', volumeDevices: 'devicePath' },
  PodStatus: { conditions: 'type', podIPs: 'ip', hostIPs: 'ip', resourceClaimStatuses: 'name' },
  ServiceSpec: { ports: 'port' },
  ServiceStatus: { conditions: 'type' },
  ServiceAccount: { secrets: 'name', imagePullSecrets: 'name' },
  NodeSpec: { podCIDRs: '' },
  NodeStatus: { conditions: 'type', addresses: 'type' },
  NamespaceStatus: { conditions: 'type' },
  DeploymentStatus: { conditions: 'type' },
  ReplicaSetStatus: { conditions: 'type' },
  ReplicationControllerStatus: { conditions: 'type' },
  StatefulSetStatus: { conditions: 'type' },
  DaemonSetStatus: { conditions: 'type' },
  JobStatus: { conditions: 'type' },
  PodDisruptionBudgetStatus: { conditions: 'type' },
  PersistentVolumeClaimStatus: { conditions: 'type' },
}

/** Objects in which only the patch's keys stay once `$retainKeys` says so need no table; these are replaced as a whole. */
const REPLACED: ReadonlySet<string> = new Set(['PodDisruptionBudgetSpec.selector'])

const DIRECTIVE = '$patch'

class PatchFault extends Error {}

/**
 * Merges a strategic merge patch into a copy of an object of a known type. The error is the API server's text.
 * Source: apimachinery pkg/util/strategicpatch/patch.go
 */
export function applyStrategicPatch(type: string, original: JsonRecord, patch: JsonRecord): Result<JsonRecord, string> {
  try {
    return ok(mergeMap(type, original, patch))
  } catch (error) {
    if (error instanceof PatchFault) return fail(error.message)
    throw error
  }
}

/** How the list under a field is merged: by key, as a set of plain values (`''`), or not at all. */
export function mergeKeyOf(type: string, field: string): string | undefined {
  return own(own(MERGE_KEYS, type), field)
}

function mergeMap(type: string, original: JsonRecord, patch: JsonRecord): JsonRecord {
  const directive = patch[DIRECTIVE]
  if (directive === 'replace') {
    const { [DIRECTIVE]: _, ...rest } = patch
    return mergeMap(type, {}, rest)
  }
  if (directive === 'delete') return {}
  const result: JsonRecord = { ...original }
  const retained = patch['$retainKeys']
  if (Array.isArray(retained)) {
    for (const key of Object.keys(result)) if (!retained.includes(key)) delete result[key]
  }
  const fields = own(FIELDS, type)
  for (const [key, value] of Object.entries(patch)) {
    if (key === DIRECTIVE || key === '$retainKeys' || key.startsWith('$setElementOrder/')) continue
    if (key.startsWith('$deleteFromPrimitiveList/')) {
      dropValues(result, key.slice('$deleteFromPrimitiveList/'.length), value)
      continue
    }
    if (value === null) {
      delete result[key]
      continue
    }
    setKey(
      result,
      key,
      mergeField(type, key, own(fields, key) ?? 'any', own(result, key), value, patch[`$setElementOrder/${key}`]),
    )
  }
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith('$setElementOrder/')) continue
    const field = key.slice('$setElementOrder/'.length)
    const list = own(result, field)
    const mergeKey = mergeKeyOf(type, field)
    if (Object.hasOwn(patch, field) || !Array.isArray(list) || !Array.isArray(order) || mergeKey === undefined) continue
    const named = list.filter((each) => isIn(order, each, mergeKey))
    const others = list.filter((each) => !isIn(order, each, mergeKey))
    result[field] = interleave(others, sortLike(named, order, mergeKey), list, mergeKey)
  }
  return result
}

function mergeField(type: string, field: string, expression: string, current: unknown, value: unknown, order: unknown): unknown {
  const mergeKey = mergeKeyOf(type, field)
  if (Array.isArray(value) && expression.startsWith('[]') && mergeKey !== undefined) {
    const itemType = expression.slice(2)
    return mergeList(itemType, mergeKey, Array.isArray(current) ? current : [], value, Array.isArray(order) ? order : undefined)
  }
  if (!isRecord(value)) return copyJson(value)
  if (REPLACED.has(`${type}.${field}`)) return copyJson(value)
  const inner = expression.startsWith('map[]') ? expression.slice(5) : expression
  return mergeMap(inner, isRecord(current) ? current : {}, value)
}

function dropValues(result: JsonRecord, field: string, values: unknown): void {
  const list = own(result, field)
  if (!Array.isArray(list) || !Array.isArray(values)) return
  result[field] = list.filter((each) => !values.includes(each))
}

function mergeList(
  itemType: string,
  mergeKey: string,
  current: readonly unknown[],
  patch: readonly unknown[],
  order: readonly unknown[] | undefined,
): unknown[] {
  if (mergeKey === '') {
    const fresh = patch.filter((each, index) => patch.indexOf(each) === index)
    const others = current.filter((each) => !fresh.includes(each))
    return interleave(others, order === undefined ? fresh : sortLike(fresh, order, ''), current, '')
  }
  const items: JsonRecord[] = []
  let kept: readonly unknown[] = current
  for (const item of patch) {
    if (!isRecord(item)) throw new PatchFault('invalid patch: item of a list of objects is not an object')
    if (item[DIRECTIVE] === 'replace')
      return patch.filter((each) => isRecord(each) && each[DIRECTIVE] === undefined).map((each) => copyJson(each))
    if (item[mergeKey] === undefined)
      throw new PatchFault(`map: ${goFormat(item)} does not contain declared merge key: ${mergeKey}`)
    if (item[DIRECTIVE] === 'delete') kept = kept.filter((each) => !isSame(each, item, mergeKey))
    else items.push(item)
  }
  const merged = items.map((item) => {
    const before = kept.find((each) => isSame(each, item, mergeKey))
    return mergeMap(itemType, isRecord(before) ? before : {}, item)
  })
  const others = kept.filter((each) => !items.some((item) => isSame(each, item, mergeKey)))
  return interleave(
    order === undefined ? others : others.filter((each) => !isIn(order, each, mergeKey)),
    order === undefined
      ? merged
      : sortLike([...merged, ...others.filter((each) => isIn(order, each, mergeKey))], order, mergeKey),
    current,
    mergeKey,
  )
}

/** Puts what only the server has between what the patch names, each group in its own order. Source: strategicpatch mergeSortedSlice */
function interleave(
  left: readonly unknown[],
  right: readonly unknown[],
  serverOrder: readonly unknown[],
  mergeKey: string,
): unknown[] {
  const result: unknown[] = []
  let i = 0
  let j = 0
  while (i < left.length || j < right.length) {
    if (i >= left.length) result.push(right[j++])
    else if (j >= right.length) result.push(left[i++])
    else {
      const leftAt = positionOf(serverOrder, left[i], mergeKey)
      const rightAt = positionOf(serverOrder, right[j], mergeKey)
      result.push(leftAt >= 0 && rightAt >= 0 && leftAt < rightAt ? left[i++] : right[j++])
    }
  }
  return result
}

function sortLike(items: readonly unknown[], order: readonly unknown[], mergeKey: string): unknown[] {
  return [...items].sort((a, b) => positionOf(order, a, mergeKey) - positionOf(order, b, mergeKey))
}

function isIn(list: readonly unknown[], item: unknown, mergeKey: string): boolean {
  return positionOf(list, item, mergeKey) >= 0
}

function positionOf(list: readonly unknown[], item: unknown, mergeKey: string): number {
  return list.findIndex((each) => (mergeKey === '' ? each === item : isSame(each, item, mergeKey)))
}

function isSame(a: unknown, b: unknown, mergeKey: string): boolean {
  return isRecord(a) && isRecord(b) && jsonEqual(a[mergeKey], b[mergeKey])
}
