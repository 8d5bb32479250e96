/**
 * A copy of a sorted Map with some entries replaced, added (in order of code unit) or, where the patch says `undefined`, left out.
 *
 * @param isFixed keys at the front whose order is not that of code units.
 */
export function patchSorted<T>(
  map: ReadonlyMap<string, T>,
  patch: ReadonlyMap<string, T | undefined>,
  isFixed: (key: string) => boolean = () => false,
): ReadonlyMap<string, T> {
  const added = [...patch.keys()].filter((key) => patch.get(key) !== undefined && !map.has(key)).sort()
  if (added.length === 0) return replaceEntries(map, patch)
  const result = new Map<string, T>()
  let next = 0
  const addBefore = (limit: string | undefined): void => {
    for (let key = added[next]; key !== undefined && (limit === undefined || key < limit); key = added[++next]) {
      const value = patch.get(key)
      if (value !== undefined) result.set(key, value)
    }
  }
  let isFront = true
  for (const [key, value] of map) {
    if (next < added.length) {
      isFront &&= isFixed(key)
      if (!isFront) addBefore(key)
    }
    if (!patch.has(key)) result.set(key, value)
    else {
      const replaced = patch.get(key)
      if (replaced !== undefined) result.set(key, replaced)
    }
  }
  addBefore(undefined)
  return result
}

function replaceEntries<T>(map: ReadonlyMap<string, T>, patch: ReadonlyMap<string, T | undefined>): ReadonlyMap<string, T> {
  const result = new Map(map)
  for (const [key, value] of patch) {
    if (value === undefined) result.delete(key)
    else result.set(key, value)
  }
  return result
}
