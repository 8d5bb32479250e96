import type { SimTime } from '../../core/time.js'
import type { HostName, NetState } from '../state.js'
import type { NftRuleset, NftTable } from './types.js'

/** Where an element that a rule put into a set is remembered: apart from the lists of `recent`, whose names hold no `@`. */
export function elementKey(table: Pick<NftTable, 'family' | 'name'>, set: string, value: string): string {
  return `${setKey(table, set)} ${value}`
}

function setKey({ family, name }: Pick<NftTable, 'family' | 'name'>, set: string): string {
  return `${family} ${name} @${set}`
}

/** What rules put into a set and has time left, with that time in microseconds: as the kernel lists it. */
export function heldElements(
  net: NetState,
  host: HostName,
  table: NftTable,
  set: string,
  now: SimTime,
): readonly { readonly value: string; readonly left: SimTime }[] {
  const timeout = table.sets.get(set)?.timeoutUs
  const remembered = net.recent.get(host)
  if (timeout === undefined || remembered === undefined) return []
  const prefix = elementKey(table, set, '')
  return [...remembered].flatMap(([key, { stamps }]) => {
    if (!key.startsWith(prefix)) return []
    const left = (stamps[0] ?? 0) + timeout - now
    return timeout > 0 && left <= 0 ? [] : [{ value: key.slice(prefix.length), left: Math.max(left, 0) }]
  })
}

/** What rules put into sets is gone with the sets: one that comes back is empty. */
export function forgetElements(net: NetState, host: HostName, after: NftRuleset): void {
  const remembered = net.recent.get(host)
  if (remembered === undefined || remembered.size === 0) return
  const kept = new Set<string>()
  for (const table of after.tables)
    for (const set of table.sets.values()) if (set.timeoutUs !== undefined) kept.add(setKey(table, set.name))
  for (const key of [...remembered.keys()]) {
    const set = key.slice(0, key.lastIndexOf(' '))
    if (set.includes('@') && !kept.has(set)) remembered.delete(key)
  }
}
