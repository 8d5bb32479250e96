import type { ProxyProcess } from '../sim/index.js'
import { remember } from './remember.js'
import type { SceneBehind, SceneChange } from './scene.js'

/** Changes of one Node that are told by name. */
const TOLD = 12

/** What a kube-proxy knows and has not brought into its Node's rules; undefined while the rules are of what it knows. */
export function behindOf(process: ProxyProcess | undefined): SceneBehind | undefined {
  const first = process?.pending[0]
  if (process === undefined || first === undefined) return undefined
  return remember(process, [], () => {
    const changes = joinChanges(process.pending)
    return {
      since: first.at,
      ...(process.dueAt === undefined ? {} : { due: process.dueAt }),
      changes: changes.slice(0, TOLD),
      more: Math.max(0, changes.length - TOLD),
    }
  })
}

/** One entry for each slice and each Service: from what the rules were made of to what is known now. */
export function joinChanges(pending: ProxyProcess['pending']): readonly SceneChange[] {
  const joined = new Map<string, SceneChange>()
  for (const { service, slice, at, cause, before, after } of pending) {
    const key = slice ?? `service ${service}`
    const known = joined.get(key)
    const applied = known === undefined ? before : known.before
    joined.set(key, {
      service,
      ...(slice === undefined ? {} : { slice }),
      at: known?.at ?? at,
      ...(applied === undefined ? {} : { before: applied }),
      ...(after === undefined ? {} : { after }),
      ...(cause === undefined ? {} : { step: cause }),
    })
  }
  return [...joined.values()]
}
