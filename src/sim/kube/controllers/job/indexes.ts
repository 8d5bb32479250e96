/** Indexes as a Job's status writes them: `0-2,5`; two in a row stay apart. Source: kubernetes pkg/controller/job/indexed_job_utils.go */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...new Set(indexes)].sort((a, b) => a - b)
  const parts: string[] = []
  for (let start = 0; start < sorted.length; ) {
    let end = start
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end++
    const [first, last] = [sorted[start] ?? 0, sorted[end] ?? 0]
    parts.push(end === start ? `${first}` : end === start + 1 ? `${first},${last}` : `${first}-${last}`)
    start = end + 1
  }
  return parts.join(',')
}

/** Reads `0-2,5` as first and last of each part; what lies outside the Job is left out. */
export function indexRanges(text: string | undefined, completions: number): readonly (readonly [number, number])[] {
  return (text ?? '').split(',').flatMap((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim())
    if (match === null) return []
    const first = Number(match[1])
    const last = Math.min(Number(match[2] ?? match[1]), completions - 1)
    return first <= last ? [[first, last] as const] : []
  })
}

/** The same as a set, for texts that the controller itself wrote. */
export function parseIndexes(text: string | undefined, completions: number): ReadonlySet<number> {
  const indexes = new Set<number>()
  for (const [first, last] of indexRanges(text, completions)) for (let index = first; index <= last; index++) indexes.add(index)
  return indexes
}
