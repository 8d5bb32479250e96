import type { CheckInput } from '../scenario/index.js'
import { splitPath } from '../scenario/index.js'
import { findByAnyName, getStoredOf } from '../sim/index.js'
import { exploreFrom } from './explore.js'
import type { Session } from './session.js'
import type { LocalText } from './untoldStory.js'

/** A task of a scenario, and whether the cluster at the present position fulfils it. */
export interface CheckResult {
  readonly name: LocalText
  readonly ok: boolean
  /** What was found, where it was not what is asked for: a field's value, or verdicts. */
  readonly found?: string
}

/** Looks whether a scenario's checks pass at the present position; touches nothing. */
export function runChecks(session: Session, checks: readonly CheckInput[]): readonly CheckResult[] {
  return checks.map((each) => runCheck(session, each))
}

function runCheck(session: Session, each: CheckInput): CheckResult {
  const { name } = each
  if (each.kind === 'object') {
    const found = fieldOf(session, each)
    const ok = JSON.stringify(found ?? null) === JSON.stringify(each.equals ?? null)
    return ok ? { name, ok } : { name, ok, found: found === undefined ? 'nothing' : JSON.stringify(found) }
  }
  const explored = exploreFrom(session, each.request)
  if (!explored.ok) return { name, ok: false, found: explored.error }
  const verdicts = [...new Set(explored.value.map((outcome) => outcome.verdict))]
  const pods = explored.value.map((outcome) => outcome.to?.pod ?? '')
  const missing = (each.pods ?? []).filter(
    (wanted) => !pods.some((pod) => (wanted.endsWith('*') ? pod.startsWith(wanted.slice(0, -1)) : pod === wanted)),
  )
  const ok = verdicts.length === 1 && verdicts[0] === each.verdict && missing.length === 0
  return ok
    ? { name, ok }
    : { name, ok, found: `${verdicts.join(', ')}${missing.length === 0 ? '' : `; not ${missing.join(', ')}`}` }
}

function fieldOf(session: Session, { resource, key, path }: Extract<CheckInput, { kind: 'object' }>): unknown {
  const info = findByAnyName(resource)
  if (info === undefined || info.resource === 'bindings') return undefined
  const object = getStoredOf(session.history.world.parts.etcd, info.resource, key)
  return splitPath(path).reduce<unknown>((from, part) => {
    if (Array.isArray(from)) return from[Number(part)]
    return typeof from === 'object' && from !== null ? Object.entries(from).find(([name]) => name === part)?.[1] : undefined
  }, object)
}
