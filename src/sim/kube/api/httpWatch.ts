import type { StoredChange, StoredObject } from '../etcd/store.js'
import { changesSince, listAtRevision } from '../etcd/store.js'
import type { Call } from './call.js'
import { toServedVersion } from './decode/convert.js'
import type { HttpResponse, Target } from './httpTypes.js'
import { failed, toStatus } from './httpTypes.js'
import type { Selection } from './selectors.js'
import { parseSelection, selects } from './selectors.js'
import { unservable } from './serve.js'

/** One line of a watch's answer. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: unknown
}

export function typeOfChange({ old, now }: Pick<StoredChange, 'old' | 'now'>): 'ADDED' | 'MODIFIED' | 'DELETED' {
  return old === undefined ? 'ADDED' : now === undefined ? 'DELETED' : 'MODIFIED'
}

/**
 * Answers a watch with all that has happened until now since it was opened: at the resourceVersion it names, else at `openedAt`.
 * Source: apiserver pkg/storage/cacher/cacher.go Watch
 */
export function serveWatch(
  call: Call,
  target: Target,
  query: Readonly<Record<string, string>>,
  openedAt: number | undefined,
): Omit<HttpResponse, 'warnings'> {
  const away = unservable({ ...call, verb: 'watch' })
  if (away !== undefined) return failed(away, [])
  const { resource } = target.info
  const selection = parseSelection(resource, query['labelSelector'] ?? '', query['fieldSelector'] ?? '')
  if (!selection.ok) return failed(selection.error, [])
  const { etcd } = call.ctx.world.parts
  const asked = query['resourceVersion'] ?? ''
  const fromPresent = asked === '' || asked === '0'
  const from = fromPresent ? (openedAt ?? etcd.revision) : Number(asked)
  const changes = changesSince(etcd, resource, from)
  const initial = fromPresent ? listAtRevision(etcd, resource, from) : []
  if (changes === undefined || initial === undefined) return answer([tooOld(from, etcd.compacted)])
  const show = (object: StoredObject): unknown => toServedVersion(target.info, object, target.apiVersion)
  const isHere = (object: StoredObject): boolean => target.namespace === '' || object.metadata.namespace === target.namespace
  const picks = (object: StoredObject | undefined): object is StoredObject =>
    object !== undefined && isHere(object) && selectsObject(selection.value, target, object)
  const events: WatchEvent[] = initial.filter(picks).map((object) => ({ type: 'ADDED', object: show(object) }))
  for (const { old, now, last } of changes) {
    const [before, after] = [picks(old), picks(now)]
    if (before || after) {
      const type = typeOfChange({ old: before ? old : undefined, now: after ? now : undefined })
      events.push({ type, object: show(last) })
    }
  }
  if (query['allowWatchBookmarks'] === 'true') events.push(bookmark(target, etcd.revision))
  return answer(events)
}

function selectsObject(selection: Selection, target: Target, object: StoredObject): boolean {
  return selects(selection, target.info.resource, object)
}

function answer(events: readonly WatchEvent[]): Omit<HttpResponse, 'warnings'> {
  return { code: 200, body: events }
}

function tooOld(asked: number, oldest: number): WatchEvent {
  const message = `too old resource version: ${asked} (${oldest})`
  return { type: 'ERROR', object: toStatus({ code: 410, reason: 'Expired', message }) }
}

function bookmark(target: Target, revision: number): WatchEvent {
  const metadata = { resourceVersion: String(revision), creationTimestamp: null }
  return { type: 'BOOKMARK', object: { kind: target.info.kind, apiVersion: target.apiVersion, metadata } }
}
