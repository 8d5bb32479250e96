import type { ResourceName } from '../api/resources.js'
import type { Run } from './framework.js'
import { within } from './framework.js'

/** How long to wait for the cache to catch up before looking again. */
const CATCH_UP = 2_000

/** Notes that this sync wrote an object, so that the next sync of the key waits for the cache. Without a version: deleted it. */
export function noteWrite(run: Run, key: string, resource: ResourceName, objectKey: string, resourceVersion = ''): void {
  within(run.part.writes, `${run.name}/${key}`, () => new Map<string, string>()).set(`${resource}|${objectKey}`, resourceVersion)
}

/**
 * Whether the cache shows all that earlier syncs of this key wrote. If not, the key is added again a moment later.
 * Source: the idea of kubernetes staging/src/k8s.io/endpointslice/util/endpointslice_tracker.go StaleSlices
 */
export function isCaughtUp(run: Run, key: string): boolean {
  const id = `${run.name}/${key}`
  const writes = run.part.writes.get(id)
  if (writes === undefined) return true
  for (const [name, version] of writes) {
    const bar = name.indexOf('|')
    const resource = name.slice(0, bar) as ResourceName
    const seen = run.cache.get(resource, name.slice(bar + 1))?.metadata.resourceVersion
    const isSeen = version === '' ? seen === undefined : seen !== undefined && Number(seen) >= Number(version)
    if (!isSeen) {
      run.addAfter(key, CATCH_UP)
      return false
    }
  }
  run.part.writes.delete(id)
  return true
}

export function forgetWrites(run: Run, key: string): void {
  run.part.writes.delete(`${run.name}/${key}`)
}
