import type { WatchChange } from '../../api/informer.js'
import { matchesText } from './compareStory.js'
import type { Json, Ordered } from './storyTypes.js'
import type { StoryWorld } from './storyWorld.js'

/** Kinds whose way through their states is compared. */
const KINDS: ReadonlySet<string> = new Set([
  'Deployment',
  'ReplicaSet',
  'ReplicationController',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'Node',
  'Namespace',
  'Pod',
])

/** What of an object's state the recordings hold: numbers of the status, conditions, phase, taints; `deleted` at the end. */
type Vector = Json | 'deleted'

/** Writes down the distinct states that each object goes through. */
export class TransitionRecorder {
  readonly byObject = new Map<string, Vector[]>()

  constructor(story: StoryWorld) {
    story.onChange((change) => {
      if (!KINDS.has(change.object.kind)) return
      const key = `${change.object.kind}/${change.object.metadata.name}`
      const list = this.byObject.get(key) ?? []
      this.byObject.set(key, list)
      const vector = change.type === 'DELETED' ? 'deleted' : vectorOf(change)
      if (JSON.stringify(list.at(-1)) !== JSON.stringify(vector)) list.push(vector)
    })
  }
}

function vectorOf({ object }: WatchChange): Json {
  const { spec = {}, status = {}, metadata } = object as unknown as { spec?: Json; status?: Json; metadata: Json }
  const numbers = Object.entries(status).filter(([, value]) => typeof value === 'number')
  const conditions = (status['conditions'] ?? []) as readonly { type: string; status: string; reason?: string }[]
  const taints = (spec['taints'] ?? []) as readonly { key: string; effect: string }[]
  return {
    ...Object.fromEntries(numbers),
    ...(status['phase'] === undefined ? {} : { phase: status['phase'] }),
    ...(spec['replicas'] === undefined ? {} : { 'spec.replicas': spec['replicas'] }),
    conditions: Object.fromEntries(
      conditions
        .filter(({ type }) => type !== 'PodReadyToStartContainers')
        .map((each) => [each.type, each.reason === undefined ? each.status : `${each.status}/${each.reason}`]),
    ),
    taints: taints.map((each) => `${each.key}:${each.effect}`),
    deleting: metadata['deletionTimestamp'] !== undefined,
  }
}

const COMPARED = ['phase', 'conditions', 'taints', 'spec.replicas', 'deleting']
/** Fields of the spec, which the story itself changes. */
const OF_SPEC = ['parallelism', 'suspend', 'cpu']

/** `known`: the numbers that the recording of this object holds at all. */
function isSame(expected: Vector, actual: Vector, known: ReadonlySet<string>): boolean {
  if (expected === 'deleted' || actual === 'deleted') return expected === actual
  for (const key of known) if ((expected[key] ?? 0) !== (actual[key] ?? 0)) return false
  return COMPARED.every(
    (key) => (key === 'phase' && expected[key] === undefined) || canonical(actual[key]) === canonical(expected[key]),
  )
}

/** Absent, empty and false are one. */
function canonical(value: unknown): string {
  if (value === undefined || value === null || value === false) return ''
  if (typeof value !== 'object') return JSON.stringify(value)
  const entries = Object.entries(value)
  return entries.length === 0 ? '' : JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The recorded states must come in this order; how updates are batched may add others between. */
export function compareTransitions(
  expected: Readonly<Record<string, Ordered<Vector>>>,
  recorder: TransitionRecorder,
  namespace: string,
  mask: (text: string) => string,
): readonly string[] {
  const differences: string[] = []
  for (const [key, { list }] of Object.entries(expected)) {
    if (key.endsWith('*') || key.endsWith('/NODE') || !KINDS.has(key.split('/')[0] ?? '')) continue
    const found = [...recorder.byObject].find(
      ([name]) => mask(name) === key || (/\bNS$/.test(key) && matchesText(key, name, namespace)),
    )
    const actual = found?.[1] ?? []
    const numbers = list
      .flatMap((each) => (each === 'deleted' ? [] : Object.entries(each)))
      .filter(([, value]) => typeof value === 'number')
    const known = new Set(numbers.map(([name]) => name).filter((name) => !OF_SPEC.includes(name)))
    let at = 0
    for (const vector of list) {
      const next = actual.findIndex((each, index) => index >= at && isSame(vector, each, known))
      if (next < 0) {
        differences.push(
          `transitions of ${key}: not seen: ${JSON.stringify(vector)}\n   after ${JSON.stringify(actual.slice(Math.max(0, at - 1)))}`,
        )
        break
      }
      // The recording may tell two states apart by what is not compared here.
      at = next
    }
  }
  return differences
}
