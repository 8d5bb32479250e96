export interface DiffLine {
  /** In which of the two texts it stands. */
  readonly side: 'first' | 'second' | 'both'
  readonly text: string
  /** Lines of both texts with the same number are two forms of one line. */
  readonly pair?: number
  /** Its partner says the same and only stands elsewhere. */
  readonly isMoved?: boolean
}

/** Beyond this many comparisons order is given up: lines are compared as sets. */
const MOST = 4_000_000

/** The lines of two texts in one list: what only one of them has, and what both have, in order. */
export function diffLines(first: readonly string[], second: readonly string[]): readonly DiffLine[] {
  let start = 0
  while (start < first.length && start < second.length && first[start] === second[start]) start++
  let end = 0
  while (
    end < first.length - start &&
    end < second.length - start &&
    first[first.length - 1 - end] === second[second.length - 1 - end]
  )
    end++
  const middle = betweenOf(first.slice(start, first.length - end), second.slice(start, second.length - end))
  const both = (text: string): DiffLine => ({ side: 'both', text })
  return [...first.slice(0, start).map(both), ...middle, ...first.slice(first.length - end).map(both)]
}

function betweenOf(first: readonly string[], second: readonly string[]): readonly DiffLine[] {
  if (first.length * second.length > MOST) return asSets(first, second)
  // Lengths of the longest common subsequence of what follows.
  const width = second.length + 1
  const common = new Uint32Array((first.length + 1) * width)
  const at = (i: number, j: number): number => common[i * width + j] ?? 0
  for (let i = first.length - 1; i >= 0; i--) {
    for (let j = second.length - 1; j >= 0; j--) {
      common[i * width + j] = first[i] === second[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const lines: DiffLine[] = []
  for (let i = 0, j = 0; i < first.length || j < second.length; ) {
    if (i < first.length && j < second.length && first[i] === second[j]) {
      lines.push({ side: 'both', text: first[i] ?? '' })
      i++
      j++
    } else if (j >= second.length || (i < first.length && at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ side: 'first', text: first[i++] ?? '' })
    } else {
      lines.push({ side: 'second', text: second[j++] ?? '' })
    }
  }
  return lines
}

function asSets(first: readonly string[], second: readonly string[]): readonly DiffLine[] {
  const inFirst = new Set(first)
  const inSecond = new Set(second)
  return [
    ...first.map((text): DiffLine => ({ side: inSecond.has(text) ? 'both' : 'first', text })),
    ...second.filter((text) => !inFirst.has(text)).map((text): DiffLine => ({ side: 'second', text })),
  ]
}
