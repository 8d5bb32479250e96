import { MINUTE } from '../../core/time.js'
import type { Run } from './framework.js'

/** Not seen after so long, what was expected is given up. */
const TIMEOUT = 5 * MINUTE

/**
 * What a controller has asked for and not yet seen in its cache: while something is open it neither creates nor deletes for that key, so a
 * stale cache cannot make it act twice.
 *
 * Source: kubernetes pkg/controller/controller_utils.go ControllerExpectations
 */
export function expectCreations(run: Run, key: string, count: number): void {
  run.part.expectations.set(`${run.name}/${key}`, { creations: count, deletions: [], since: run.now })
}

export function expectDeletions(run: Run, key: string, podKeys: readonly string[]): void {
  run.part.expectations.set(`${run.name}/${key}`, { creations: 0, deletions: podKeys, since: run.now })
}

export function expectBoth(run: Run, key: string, creations: number, deletions: readonly string[]): void {
  run.part.expectations.set(`${run.name}/${key}`, { creations, deletions, since: run.now })
}

export function creationObserved(run: Run, key: string, count = 1): void {
  const id = `${run.name}/${key}`
  const open = run.part.expectations.get(id)
  if (open !== undefined) run.part.expectations.set(id, { ...open, creations: Math.max(0, open.creations - count) })
}

export function deletionObserved(run: Run, key: string, podKey: string): void {
  const id = `${run.name}/${key}`
  const open = run.part.expectations.get(id)
  if (open === undefined || !open.deletions.includes(podKey)) return
  run.part.expectations.set(id, { ...open, deletions: open.deletions.filter((each) => each !== podKey) })
}

export function isSatisfied(run: Run, key: string): boolean {
  const open = run.part.expectations.get(`${run.name}/${key}`)
  if (open === undefined) return true
  return (open.creations <= 0 && open.deletions.length === 0) || run.now - open.since > TIMEOUT
}

export function forgetExpectations(run: Run, key: string): void {
  run.part.expectations.delete(`${run.name}/${key}`)
}
