import type { SimTime } from '../core/time.js'

/** An event that was recorded: the next like it raises its count. */
export interface Seen {
  readonly name: string
  readonly namespace: string
  readonly count: number
  readonly first: SimTime
}

/** Messages of events that differ in their message alone: past ten they become one. */
interface Similar {
  readonly messages: readonly string[]
  readonly last: SimTime
}

/** Events that a component may still record about one object. */
interface Bucket {
  readonly tokens: number
  readonly at: SimTime
}

/** An event recorded the newer way: the next like it begins or lengthens its series. */
export interface Series {
  readonly name: string
  readonly namespace: string
  readonly count: number
  readonly last: SimTime
}

/** What every component's event recorder remembers, to count repeats and to combine similar events. */
export interface EventsPart {
  readonly seen: Map<string, Seen>
  readonly similar: Map<string, Similar>
  readonly buckets: Map<string, Bucket>
  readonly series: Map<string, Series>
  /** Events recorded so far: keeps two names of one moment apart. */
  recorded: number
}

export function createEventsPart(): EventsPart {
  return { seen: new Map(), similar: new Map(), buckets: new Map(), series: new Map(), recorded: 0 }
}
