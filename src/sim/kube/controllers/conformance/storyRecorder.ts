import type { WatchChange } from '../../api/informer.js'
import type { StoredOf } from '../../api/resources.js'
import { podCondition } from '../pods.js'
import type { EventLine } from './storyTypes.js'
import type { StoryWorld } from './storyWorld.js'

const SIZED: ReadonlySet<string> = new Set(['replicasets', 'statefulsets', 'replicationcontrollers'])

/** Writes down what watches show of one namespace, as the recorded stories did. */
export class StoryRecorder {
  readonly sizes: string[] = []
  readonly podSequence: string[] = []
  readonly deletionOrder: string[] = []
  /** By `Kind/name`, in order of first appearance. */
  readonly events = new Map<string, Map<string, EventLine>>()
  /** Generated names to `PREFIX-RANDn`. */
  readonly names = new Map<string, string>()
  readonly livingPods: StoredOf<'pods'>[] = []
  /** Virtual time of the last change in the namespace. */
  changedAt = 0
  #pods = 0
  /** Minute numbers in names of scheduled Jobs to `SCHEDn`. */
  readonly #minutes = new Map<string, string>()

  constructor(story: StoryWorld, namespace: string) {
    story.onChange((change, ctx) => {
      if (change.object.metadata.namespace !== namespace) {
        if (change.resource === 'events') this.#event(change as WatchChange<'events'>)
        return
      }
      if (change.resource !== 'leases') this.changedAt = ctx.now
      if (change.resource === 'jobs') this.#job(change as WatchChange<'jobs'>)
      else if (change.resource === 'pods') this.#pod(change as WatchChange<'pods'>)
      else if (change.resource === 'events') this.#event(change as WatchChange<'events'>)
      else if (SIZED.has(change.resource)) this.#size(change as WatchChange<'replicasets'>)
    })
  }

  /** A text with generated names masked. */
  mask(text: string): string {
    let masked = text
    for (const [name, mask] of this.names) if (masked.includes(name)) masked = masked.replaceAll(name, mask)
    for (const [minute, mask] of this.#minutes) masked = masked.replaceAll(minute, mask)
    return masked
  }

  #job({ object, old }: WatchChange<'jobs'>): void {
    const minute = /-(\d{8})$/.exec(object.metadata.name)?.[1]
    if (old !== undefined || minute === undefined || this.#minutes.has(minute)) return
    this.#minutes.set(minute, `SCHED${this.#minutes.size + 1}`)
  }

  #size({ type, object, old }: WatchChange<'replicasets'>): void {
    if (type !== 'DELETED' && old !== undefined && old.spec?.replicas === object.spec?.replicas) return
    this.sizes.push(`${object.kind}/${object.metadata.name} ${type === 'DELETED' ? 'deleted' : (object.spec?.replicas ?? 1)}`)
  }

  #pod({ type, object, old }: WatchChange<'pods'>): void {
    const { name, generateName, deletionTimestamp } = object.metadata
    if (old === undefined && generateName !== undefined && isRandom(name, generateName))
      this.names.set(name, `${generateName}RAND${++this.#pods}`)
    const say = (what: string): number => this.podSequence.push(`Pod/${name} ${what}`)
    if (type === 'DELETED') {
      say('deleted')
      this.livingPods.splice(
        this.livingPods.findIndex((each) => each.metadata.name === name),
        1,
      )
      return
    }
    const index = this.livingPods.findIndex((each) => each.metadata.name === name)
    if (index < 0) this.livingPods.push(object)
    else this.livingPods[index] = object
    if (old === undefined) say('created')
    if (deletionTimestamp !== undefined) {
      if (old?.metadata.deletionTimestamp !== undefined) return
      say('terminating')
      this.deletionOrder.push(`Pod/${name}`)
      return
    }
    const state = stateOf(object)
    if (state !== undefined && (old === undefined || state !== stateOf(old))) say(state)
  }

  #event({ object }: WatchChange<'events'>): void {
    const { kind = '', name = '' } = object.involvedObject
    const key = `${kind}/${name}`
    const list = this.events.get(key) ?? new Map<string, EventLine>()
    this.events.set(key, list)
    list.set(object.metadata.name, {
      type: object.type ?? '',
      reason: object.reason ?? '',
      message: object.message ?? '',
      count: object.count ?? 1,
      source: object.source?.component ?? object.reportingComponent ?? '',
    })
  }
}

/** One word for a living Pod, as the recordings have it; undefined before its kubelet has said anything. */
function stateOf(pod: StoredOf<'pods'>): string | undefined {
  const ready = podCondition(pod, 'Ready')?.status
  if (ready === 'True') return 'ready'
  const phase = pod.status?.phase
  if (phase === 'Succeeded' || phase === 'Failed') return phase.toLowerCase()
  return ready === undefined ? undefined : 'not-ready'
}

/** A name that the API server made up; a StatefulSet's Pods have numbers. */
function isRandom(name: string, prefix: string): boolean {
  const suffix = name.slice(prefix.length)
  return suffix.length === 5 && name.startsWith(prefix)
}
