import type { EventQueue } from './queue.js'
import type { RandomStreams } from './random.js'
import type { SimTime } from './time.js'

/**
 * Everything the simulation knows, as plain data that `structuredClone` can copy.
 *
 * Two layers, and only two. **Containers** change in place: this record, each part's own record, and the Maps, Sets and arrays
 * that are its fields (and Maps inside those Maps). **Leaves** (whatever a container holds) are immutable: replaced,
 * never changed, so that snapshots share them.
 *
 * @typeParam Parts each component's state by name; composed in `kube/parts.ts`.
 */
export interface World<Parts extends object> {
  readonly seed: string
  now: SimTime
  /** Events handled so far; a world is the initial world with the first `ordinal` events done. */
  ordinal: number
  nextSeq: number
  nextStep: number
  nextFlow: number
  /** Events in the queue that are not background; 0 means settled. */
  foreground: number
  queue: EventQueue
  random: RandomStreams
  parts: Parts
}

export function createWorld<Parts extends object>(seed: string, parts: Parts): World<Parts> {
  return { seed, now: 0, ordinal: 0, nextSeq: 1, nextStep: 1, nextFlow: 1, foreground: 0, queue: [], random: new Map(), parts }
}

/** A copy that shares all leaves: changing either world leaves the other as it is. Cost grows with the number of container entries. */
export function snapshotWorld<Parts extends object>(world: World<Parts>): World<Parts> {
  const parts = Object.fromEntries(Object.entries(world.parts).map(([name, part]) => [name, copyPart(part)]))
  // The copy has the very fields of the original; Object.fromEntries cannot say so.
  return { ...world, queue: world.queue.slice(), random: new Map(world.random), parts: parts as Parts }
}

function copyPart(part: unknown): unknown {
  if (typeof part !== 'object' || part === null || isContainer(part)) return copyContainer(part)
  return Object.fromEntries(Object.entries(part).map(([field, value]) => [field, copyContainer(value)]))
}

function isContainer(value: object): boolean {
  return value instanceof Map || value instanceof Set || Array.isArray(value)
}

function copyContainer(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice()
  if (value instanceof Set) return new Set<unknown>(value)
  if (value instanceof Map) {
    // All entries of a Map are of one type, so that the first says whether they are containers.
    const [first] = value.values()
    if (!(first instanceof Map || first instanceof Set)) return new Map<unknown, unknown>(value)
    const copy = new Map<unknown, unknown>()
    for (const [key, each] of value) copy.set(key, copyContainer(each))
    return copy
  }
  return value
}

/** How many entries a snapshot has to copy: those of all containers. */
export function worldSize<Parts extends object>(world: World<Parts>): number {
  let size = world.queue.length + world.random.size
  for (const part of Object.values(world.parts) as unknown[]) {
    if (typeof part !== 'object' || part === null) continue
    if (isContainer(part)) size += entriesOf(part)
    else for (const value of Object.values(part)) size += entriesOf(value)
  }
  return size
}

function entriesOf(value: unknown): number {
  if (Array.isArray(value)) return value.length
  if (value instanceof Set) return value.size
  if (!(value instanceof Map)) return 1
  let size = value.size
  const [first] = value.values()
  if (!(first instanceof Map || first instanceof Set)) return size
  for (const each of value.values()) if (each instanceof Map || each instanceof Set) size += each.size
  return size
}
