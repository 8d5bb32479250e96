type Edit = { readonly sign: ' ' | '-' | '+'; readonly line: string }

const CONTEXT = 3

/** The hunks of `diff -u` between two texts; empty when they are equal. */
export function unifiedHunks(before: string, after: string): string {
  if (before === after) return ''
  const edits = editsBetween(linesOf(before), linesOf(after))
  const out: string[] = []
  let at = 0
  while (at < edits.length) {
    const first = edits.findIndex((edit, index) => index >= at && edit.sign !== ' ')
    if (first < 0) break
    let last = first
    for (let index = first; index < edits.length && index <= last + 2 * CONTEXT; index++) {
      if (edits[index]?.sign !== ' ') last = index
    }
    const from = Math.max(at, first - CONTEXT)
    const to = Math.min(edits.length, last + CONTEXT + 1)
    const hunk = edits.slice(from, to)
    const head = edits.slice(0, from)
    out.push(`@@ -${range(head, hunk, '+')} +${range(head, hunk, '-')} @@\n`, ...hunk.map(({ sign, line }) => `${sign}${line}\n`))
    at = to
  }
  return out.join('')
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

/** `first,count` of one side; the other side's lines do not count. */
function range(head: readonly Edit[], hunk: readonly Edit[], other: '-' | '+'): string {
  const start = head.filter((edit) => edit.sign !== other).length
  const count = hunk.filter((edit) => edit.sign !== other).length
  if (count === 1) return String(start + 1)
  return `${count === 0 ? start : start + 1},${count}`
}

/** By the longest common subsequence of lines: what both share stays, deletions before additions. */
function editsBetween(before: readonly string[], after: readonly string[]): readonly Edit[] {
  const width = after.length + 1
  const table = new Uint32Array((before.length + 1) * width)
  const at = (i: number, j: number): number => table[i * width + j] ?? 0
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      table[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const edits: Edit[] = []
  let i = 0
  let j = 0
  while (i < before.length || j < after.length) {
    const [old, fresh] = [before[i], after[j]]
    if (old !== undefined && fresh !== undefined && old === fresh) {
      edits.push({ sign: ' ', line: old })
      i++
      j++
    } else if (old !== undefined && (fresh === undefined || at(i + 1, j) >= at(i, j + 1))) {
      edits.push({ sign: '-', line: old })
      i++
    } else if (fresh !== undefined) {
      edits.push({ sign: '+', line: fresh })
      j++
    }
  }
  return edits
}
