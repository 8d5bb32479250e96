import type { SimTime } from '../core/time.js'
import { MINUTE, SECOND, toMicroTimestamp, toTimestamp } from '../core/time.js'
import type { ApiClient } from './api/client.js'
import type { KubeObject } from './api/resources.js'
import type { Ctx } from './context.js'
import type { EventsPart, Seen, Series } from './eventsPart.js'

/** What a component tells about an object. */
export interface EventInput {
  /** Only these are read of the object: a stored one, or a reference. */
  readonly about: EventSubject
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  /** `source.component`: `deployment-controller`, `kubelet`, `default-scheduler`. */
  readonly component: string
  /** `source.host`: the Node, for kubelet and kube-proxy. */
  readonly host?: string
  /** Part of the object: `spec.containers{nginx}`. */
  readonly fieldPath?: string
}

/** As `EventInput`, recorded by the newer `events.k8s.io` way: with an action, without count (the scheduler does so). */
export interface SeriesEventInput extends Omit<EventInput, 'host'> {
  readonly action: string
  /** `default-scheduler-control-plane`. */
  readonly reportingInstance: string
}

export interface EventSubject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name?: string
    readonly namespace?: string
    readonly uid?: string
    readonly resourceVersion?: string
  }
}

/** Source: client-go tools/record/events_cache.go maxLruCacheEntries */
const MAX_REMEMBERED = 4096
/** As many different messages of one reason about one object become one combined event. */
const MAX_SIMILAR = 10
const SIMILAR_WINDOW = 10 * MINUTE
/** One component may tell this much about one object at once; then one event in five minutes. */
const BURST = 25
const REFILL = 300 * SECOND
/** An event of the newer kind starts anew after so long without a repeat. */
const SERIES_WINDOW = 6 * MINUTE

/**
 * Records an event through the API as client-go's recorder does: repeats are counted on the first object, more than ten similar
 * ones are combined, and a component that says too much about one object is cut off. Emits `event-recorded` for each that is said,
 * also when the write fails or is cut off.
 *
 * Simplified: written at once, not from a queue of its own; an event that the API server does not take is lost.
 * Source: client-go tools/record/events_cache.go EventCorrelate, tools/record/event.go recordEvent
 */
export function recordEvent(ctx: Ctx, api: ApiClient, input: EventInput): void {
  const part = ctx.world.parts.events
  emitRecorded(ctx, input)
  const { metadata, apiVersion, kind } = input.about
  const { name = '', namespace = '', uid = '' } = metadata
  const source = [input.component, input.host ?? '', kind, namespace, name]
  const aggregateKey = [...source, uid, apiVersion, input.type, input.reason].join('\u0000')
  const combined = isCombined(part, aggregateKey, input.message, ctx.now)
  const message = combined ? `(combined from similar events): ${input.message}` : input.message
  const key = combined ? aggregateKey : [aggregateKey, input.fieldPath ?? '', input.message].join('\u0000')
  const before = part.seen.get(key)
  const seen: Seen =
    before === undefined
      ? { name: eventName(ctx, name), namespace: namespace === '' ? 'default' : namespace, count: 1, first: ctx.now }
      : { ...before, count: before.count + 1 }
  remember(part.seen, key, seen)
  if (!takeToken(part, [...source, uid, apiVersion].join('\u0000'), ctx.now)) return
  if (before !== undefined) {
    const patch = { count: seen.count, message, lastTimestamp: toTimestamp(ctx.now) }
    const patched = api.patch('events', `${seen.namespace}/${seen.name}`, 'strategic', patch)
    if (patched.ok || patched.error.code !== 404) return
  }
  api.create('events', {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: seen.name, namespace: seen.namespace },
    involvedObject: referenceTo(input),
    reason: input.reason,
    message,
    source: input.host === undefined ? { component: input.component } : { component: input.component, host: input.host },
    firstTimestamp: toTimestamp(seen.first),
    lastTimestamp: toTimestamp(ctx.now),
    count: seen.count,
    type: input.type,
    reportingComponent: input.component,
    reportingInstance: input.host ?? '',
  })
}

/**
 * Records an event as client-go's newer recorder does (`events.k8s.io`): no count; the first repeat of the same reason and action about
 * the same version of an object makes it a series, whatever its message; later repeats are not written.
 *
 * Source: client-go tools/events/event_broadcaster.go recordToSink
 */
export function recordSeriesEvent(ctx: Ctx, api: ApiClient, input: SeriesEventInput): void {
  const part = ctx.world.parts.events
  emitRecorded(ctx, input)
  const { metadata, apiVersion, kind } = input.about
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = metadata
  const about = [apiVersion, kind, namespace, name, uid, resourceVersion, input.fieldPath ?? '']
  const key = [input.type, input.action, input.reason, input.component, input.reportingInstance, ...about].join('\u0000')
  const before = part.series.get(key)
  if (before !== undefined && ctx.now - before.last <= SERIES_WINDOW) {
    remember(part.series, key, { ...before, count: before.count + 1, last: ctx.now })
    if (before.count > 1) return
    const patch = { series: { count: 2, lastObservedTime: toMicroTimestamp(ctx.now) } }
    api.patch('events', `${before.namespace}/${before.name}`, 'strategic', patch)
    return
  }
  const event: Series = {
    name: eventName(ctx, name),
    namespace: namespace === '' ? 'default' : namespace,
    count: 1,
    last: ctx.now,
  }
  remember(part.series, key, event)
  api.create('events', {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: event.name, namespace: event.namespace },
    involvedObject: referenceTo(input),
    reason: input.reason,
    message: input.message,
    eventTime: toMicroTimestamp(ctx.now),
    action: input.action,
    type: input.type,
    reportingComponent: input.component,
    reportingInstance: input.reportingInstance,
  })
}

/** Forgets what was remembered about events: a restarted component counts anew. `component` as in `EventInput`. */
export function forgetEvents(part: EventsPart, component: string): void {
  for (const memory of [part.seen, part.similar, part.buckets]) {
    for (const key of memory.keys()) if (key.startsWith(`${component}\u0000`)) memory.delete(key)
  }
}

/** Keeps the memory as small as upstream's: the least recently used entry goes first. */
function remember<T>(memory: Map<string, T>, key: string, value: T): void {
  memory.delete(key)
  memory.set(key, value)
  if (memory.size <= MAX_REMEMBERED) return
  for (const oldest of memory.keys()) {
    memory.delete(oldest)
    return
  }
}

function emitRecorded(ctx: Ctx, input: Omit<EventInput, 'host'>): void {
  const { metadata, apiVersion, kind } = input.about
  ctx.emit({
    kind: 'event-recorded',
    facts: {
      type: input.type,
      reason: input.reason,
      message: input.message,
      about: { kind, apiVersion, namespace: metadata.namespace ?? '', name: metadata.name ?? '' },
      component: input.component,
    },
  })
}

function referenceTo(input: Omit<EventInput, 'host'>): NonNullable<KubeObject['metadata']> & Readonly<Record<string, string>> {
  const { metadata, apiVersion, kind } = input.about
  const reference: Record<string, string> = { apiVersion, kind, name: metadata.name ?? '' }
  if (metadata.namespace !== undefined) reference['namespace'] = metadata.namespace
  if (metadata.uid !== undefined) reference['uid'] = metadata.uid
  if (metadata.resourceVersion !== undefined) reference['resourceVersion'] = metadata.resourceVersion
  if (input.fieldPath !== undefined) reference['fieldPath'] = input.fieldPath
  return reference
}

/** Source: client-go tools/record/events_cache.go EventAggregate */
function isCombined(part: EventsPart, key: string, message: string, now: SimTime): boolean {
  const record = part.similar.get(key)
  const fresh = record === undefined || now - record.last > SIMILAR_WINDOW ? [] : record.messages
  const messages = fresh.includes(message) ? fresh : [...fresh, message]
  const combined = messages.length >= MAX_SIMILAR
  remember(part.similar, key, { messages: combined ? messages.slice(1) : messages, last: now })
  return combined
}

function takeToken(part: EventsPart, key: string, now: SimTime): boolean {
  const bucket = part.buckets.get(key) ?? { tokens: BURST, at: now }
  const tokens = Math.min(BURST, bucket.tokens + (now - bucket.at) / REFILL)
  remember(part.buckets, key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now })
  return tokens >= 1
}

/** The object's name and the moment in nanoseconds, in hexadecimal. Source: client-go tools/internal/events GenerateEventName */
function eventName(ctx: Ctx, about: string): string {
  const part = ctx.world.parts.events
  const epochNs = 1_767_225_600_000_000_000n
  const nanoseconds = epochNs + BigInt(ctx.now) * 1000n + BigInt(part.recorded % 1000)
  part.recorded++
  return `${about}.${nanoseconds.toString(16)}`
}
