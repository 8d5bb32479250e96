import type { ApiClient } from '../../api/client.js'
import { RESOURCE_LIST } from '../../api/kinds.js'
import type { StoryRecorder } from './storyRecorder.js'
import type { EventLine, Json, Ordered, StoryExpectation } from './storyTypes.js'

/** What real timing leaves open is recorded with these words. */
const TOKENS: readonly (readonly [RegExp, string])[] = [
  [/<nondeterministic>/g, '[\\s\\S]*'],
  [/(?:RAND|SLICE|SCHED)(?:\\\*|\d*)/g, '[A-Za-z0-9]+'],
  [/(?:IP|CLUSTERIP)\\\([^)]*\\\)/g, '[0-9a-f.:]+'],
  [/NODEPORT\\\([^)]*\\\)/g, '[0-9]+'],
  [/PODCIDR/g, '[0-9./]+'],
  [/NODEIP/g, '[0-9.]+'],
  [/NODE/g, '[a-z0-9-]+'],
  [/TIME/g, '[0-9T:.Z-]+'],
  [/CERT/g, '[\\s\\S]+'],
  [/UID/g, '[0-9a-f-]+'],
  [/AGE/g, '[0-9a-z]+'],
]

/** Whether a text is what was recorded, masks apart. `NS` is the story's namespace. */
export function matchesText(expected: string, actual: string, namespace: string): boolean {
  let pattern = expected.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  for (const [token, meaning] of TOKENS) pattern = pattern.replace(token, meaning)
  return new RegExp(`^${pattern.replace(/\bNS\b/g, namespace)}$`).test(actual)
}

/** First difference between what was recorded and what is, as `path: expected, actual`; undefined when there is none. */
export function difference(expected: unknown, actual: unknown, namespace: string, path = ''): string | undefined {
  if (typeof expected === 'string') {
    if (typeof actual === 'number' && /^NODEPORT/.test(expected)) return undefined
    if (typeof actual === 'string' && matchesText(expected, actual, namespace)) return undefined
    return `${path}: expected ${expected}, got ${JSON.stringify(actual)}`
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual))
      return expected.length === 0 && actual === undefined ? undefined : `${path}: expected a list, got ${JSON.stringify(actual)}`
    const isGrouped = expected.length > 0 && expected.every((each) => isJson(each) && 'count' in each && 'object' in each)
    if (isGrouped) return groupDifference(expected as Group[], actual, namespace, path)
    if (expected.length !== actual.length) return `${path}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`
    for (const [index, each] of expected.entries()) {
      const found = difference(each, actual[index], namespace, `${path}[${index}]`)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (isJson(expected)) {
    if (!isJson(actual))
      return Object.keys(expected).length === 0 && actual === undefined
        ? undefined
        : `${path}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const [want, have] = [expected[key], actual[key]]
      if (want === undefined && isEmpty(have)) continue
      if (want === null && isEmpty(have)) continue
      if (want === '<nondeterministic>') continue
      const found =
        want === undefined
          ? `${path}.${key}: unexpected ${JSON.stringify(have)}`
          : difference(want, have, namespace, `${path}.${key}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  return expected === actual ? undefined : `${path}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`
}

interface Group {
  /** A text where it differed between recordings. */
  readonly count: number | string
  readonly object: unknown
}

function groupDifference(
  groups: readonly Group[],
  actual: readonly unknown[],
  namespace: string,
  path: string,
): string | undefined {
  const left = [...actual]
  for (const { count, object } of groups) {
    const most = typeof count === 'number' ? count : left.length
    for (let index = 0; index < most; index++) {
      const at = left.findIndex((each) => difference(object, clean(each), namespace) === undefined)
      if (at < 0 && typeof count !== 'number') break
      if (at < 0) {
        const reasons = left.map((each) => difference(object, clean(each), namespace, path))
        const longest = reasons.filter((each) => each !== undefined).sort((a, b) => b.split('.').length - a.split('.').length)[0]
        return longest ?? `${path}: expected ${count} of ${JSON.stringify(object).slice(0, 300)}, found ${index}`
      }
      left.splice(at, 1)
    }
  }
  return left.length === 0 ? undefined : `${path}: ${left.length} more than expected: ${JSON.stringify(left[0]).slice(0, 300)}`
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const DROPPED: ReadonlySet<string> = new Set([
  'uid',
  'resourceVersion',
  'managedFields',
  'containerStatuses',
  'initContainerStatuses',
  'podIP',
  'podIPs',
  'hostIP',
  'hostIPs',
  'nodeInfo',
])

/** An object without what the recordings leave out. */
export function clean(value: unknown, isSlice = false): unknown {
  if (Array.isArray(value)) return value.map((each) => clean(each))
  if (!isJson(value)) return value
  const ofSlice = value['kind'] === 'EndpointSlice'
  const entries = Object.entries(value).filter(([key]) => !DROPPED.has(key) && !(isSlice && key === 'generation'))
  const kept: Record<string, unknown> = {}
  for (const [key, each] of entries) {
    if (key === 'annotations' && isJson(each)) {
      const own = Object.entries(each).filter(([name]) => !/last-applied|last-change-trigger-time/.test(name))
      if (own.length > 0) kept[key] = Object.fromEntries(own)
    } else if ((key === 'volumes' || key === 'volumeMounts') && Array.isArray(each)) {
      const own = each.filter((one) => !isTokenVolume(one))
      if (own.length > 0) kept[key] = own.map((one) => clean(one))
    } else kept[key] = clean(each, ofSlice)
  }
  return kept
}

/** The ServiceAccount's token, which every Pod mounts. */
function isTokenVolume(volume: unknown): boolean {
  return isJson(volume) && typeof volume['name'] === 'string' && volume['name'].startsWith('kube-api-access-')
}

/** Objects of the namespace now, by `Kind/name`, as a checkpoint holds them. */
export function takeCheckpoint(
  api: ApiClient,
  namespace: string,
  expected: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, Json> {
  const clusterKinds = new Set(Object.keys(expected).map((key) => key.split('/')[0]))
  const found = new Map<string, Json>()
  for (const info of RESOURCE_LIST) {
    if (['bindings', 'events', 'leases'].includes(info.resource)) continue
    if (!info.namespaced && !clusterKinds.has(info.kind)) continue
    const listed = api.list(info.resource, info.namespaced ? { namespace } : {})
    if (!listed.ok) continue
    for (const object of listed.value) {
      const { name } = object.metadata
      if (info.kind === 'ServiceAccount' && name === 'default') continue
      if (info.kind === 'ConfigMap' && name === 'kube-root-ca.crt') continue
      found.set(`${info.kind}/${name}`, clean(object) as Json)
    }
  }
  return found
}

/** Differences of a checkpoint. */
export function compareCheckpoint(
  expected: Readonly<Record<string, unknown>>,
  actual: ReadonlyMap<string, Json>,
  namespace: string,
): readonly string[] {
  const differences: string[] = []
  const left = new Map(actual)
  for (const [key, want] of Object.entries(expected)) {
    const isPinned = JSON.stringify(want).includes('"nodeName"')
    const matching = [...left].filter(([name]) => matchesText(key, name, namespace))
    for (const [name] of matching) left.delete(name)
    const objects = matching.map(([, object]) => (isPinned ? object : withoutNode(object)))
    const found = Array.isArray(want)
      ? difference(want, objects, namespace, key)
      : objects.length === 0
        ? `${key}: missing`
        : difference(want, objects[0], namespace, key)
    if (found !== undefined) differences.push(found)
  }
  // Which of several equal Pods went differed between recordings.
  const isOpen = JSON.stringify(expected).includes('"count":"<nondeterministic>"')
  for (const name of left.keys()) {
    const isClusterWide = /^(Node|Namespace|PersistentVolume|StorageClass|PriorityClass)\//.test(name)
    if (!isClusterWide && !(isOpen && name.startsWith('Pod/'))) differences.push(`${name}: not expected`)
  }
  return differences
}

function withoutNode(object: Json): Json {
  if (object['kind'] !== 'Pod' || !isJson(object['spec'])) return object
  const { nodeName: _node, ...spec } = object['spec']
  return { ...object, spec }
}

/** Compares lists as their recording asks. */
export function compareOrdered<T>(
  what: string,
  expected: Ordered<T>,
  actual: readonly T[],
  same: (a: T, b: T) => boolean,
): readonly string[] {
  const { order, list } = expected
  const told = (): string => `${what} (${order}):\n   expected ${JSON.stringify(list)}\n   got      ${JSON.stringify(actual)}`
  if (order === 'exact')
    return list.length === actual.length && list.every((each, index) => same(each, actual[index] as T)) ? [] : [told()]
  const left = [...actual]
  if (order === 'any') {
    for (const each of list) {
      const at = left.findIndex((one) => same(each, one))
      if (at < 0) return [told()]
      left.splice(at, 1)
    }
    return left.length === 0 ? [] : [told()]
  }
  let at = 0
  for (const each of list) {
    while (at < actual.length && !same(each, actual[at] as T)) at++
    if (at === actual.length) return [told()]
    at++
  }
  return []
}

/** Compares events, sizes and sequences. */
export function compareSequences(expectation: StoryExpectation, recorder: StoryRecorder, namespace: string): readonly string[] {
  const differences: string[] = []
  const numbered = (text: string, numbers: string | undefined): string => {
    const masked = recorder.mask(text)
    return numbers === undefined ? masked : masked.replace(/RAND\d+/g, 'RAND')
  }
  const compareTexts = (what: string, expected: Ordered<string> | undefined, actual: readonly string[]): void => {
    if (expected === undefined) return
    const texts = actual.map((each) => numbered(each, expected.numbers))
    differences.push(...compareOrdered(what, expected, texts, (a, b) => a === b || maskless(a, b, namespace)))
  }
  compareTexts('sizes', expectation.sizes, recorder.sizes)
  compareTexts('podSequence', expectation.podSequence, recorder.podSequence)
  compareTexts('deletionOrder', expectation.deletionOrder, recorder.deletionOrder)
  const actualEvents = new Map([...recorder.events].map(([key, list]) => [recorder.mask(key), [...list.values()]]))
  const expectedEvents = expectation.events ?? {}
  for (const [key, expected] of Object.entries(expectedEvents)) {
    if (key.endsWith('*')) {
      differences.push(...compareEventGroups(key, expected, actualEvents, namespace))
      continue
    }
    const lines = (actualEvents.get(key) ?? []).map((each) => ({ ...each, message: numbered(each.message, expected.numbers) }))
    const same = (a: (typeof lines)[number], b: (typeof lines)[number]): boolean =>
      a.type === b.type &&
      a.reason === b.reason &&
      a.source === b.source &&
      maskless(a.message, b.message, namespace) &&
      (a.count === undefined || typeof a.count !== 'number' || a.count === b.count || (a.count > 1 && (b.count ?? 1) >= 1))
    differences.push(...compareOrdered(`events of ${key}`, expected, lines, same))
  }
  for (const [key, lines] of actualEvents) {
    const isAboutStory = !/^(Node|Namespace|PersistentVolume)\//.test(key)
    if (expectedEvents[key] === undefined && isAboutStory)
      differences.push(`events of ${key}: not expected: ${JSON.stringify(lines)}`)
  }
  return differences
}

interface EventGroup {
  readonly objects: number
  readonly events: readonly EventLine[]
}

/** Objects whose numbers are not stable are recorded by what they had in common. Takes what it finds. */
function compareEventGroups(
  key: string,
  expected: Ordered<unknown>,
  actual: Map<string, readonly EventLine[]>,
  namespace: string,
): readonly string[] {
  const differences: string[] = []
  for (const { objects, events } of expected.list as readonly EventGroup[]) {
    for (let index = 0; index < objects; index++) {
      const found = [...actual].find(
        ([name, lines]) =>
          matchesText(key, name, namespace) &&
          lines.length === events.length &&
          events.every((each, at) => {
            const line = lines[at]
            return (
              line !== undefined &&
              line.reason === each.reason &&
              line.source === each.source &&
              matchesText(each.message, line.message, namespace)
            )
          }),
      )
      if (found === undefined)
        differences.push(
          `events of ${key}: expected ${objects} with ${JSON.stringify(events)}, found ${index}: ${JSON.stringify([...actual].filter(([name]) => matchesText(key, name, namespace)))}`,
        )
      else actual.delete(found[0])
      if (found === undefined) break
    }
  }
  return differences
}

/** Equal, where node names and the like may differ but numbers of Pods may not. */
function maskless(expected: string, actual: string, namespace: string): boolean {
  const keep = (text: string): string =>
    text
      .replace(/RAND(\d+)/g, 'rand$1')
      .replace(/SLICE(\d*)/g, 'slice$1')
      .replace(/SCHED(\d+)/g, 'sched$1')
  return matchesText(keep(expected), keep(actual), namespace)
}
