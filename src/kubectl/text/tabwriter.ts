/** How columns are laid out. */
export interface TabStyle {
  readonly minWidth: number
  readonly padding: number
}

/** Of `kubectl get`. Source: kubernetes cli-runtime pkg/printers/tabwriter.go */
export const GET_STYLE: TabStyle = { minWidth: 6, padding: 3 }

/** Of `kubectl describe`. Source: kubernetes kubectl pkg/describe/describe.go tabbedString */
export const DESCRIBE_STYLE: TabStyle = { minWidth: 0, padding: 2 }

/**
 * Lays tab-terminated cells out in columns. A column is a run of neighbouring lines that have a cell there; what follows the last tab of a
 * line belongs to no column.
 * Source: Go text/tabwriter Writer.format
 */
export function alignTabs(text: string, style: TabStyle): string {
  const lines = text.split('\n').map((line) => line.split('\t'))
  const output: string[] = []
  formatBlock({ lines, widths: [], style, output }, 0, lines.length)
  return output.join('\n')
}

interface Layout {
  readonly lines: readonly (readonly string[])[]
  readonly widths: number[]
  readonly style: TabStyle
  readonly output: string[]
}

function formatBlock(layout: Layout, from: number, to: number): void {
  const column = layout.widths.length
  let written = from
  for (let at = from; at < to; at++) {
    if (!hasCell(layout, at, column)) continue
    writeLines(layout, written, at)
    written = at
    let width = layout.style.minWidth
    for (; at < to && hasCell(layout, at, column); at++) {
      width = Math.max(width, cellWidth(layout.lines[at]?.[column] ?? '') + layout.style.padding)
    }
    layout.widths.push(width)
    formatBlock(layout, written, at)
    layout.widths.pop()
    written = at
  }
  writeLines(layout, written, to)
}

function hasCell(layout: Layout, line: number, column: number): boolean {
  return column < (layout.lines[line]?.length ?? 0) - 1
}

function writeLines(layout: Layout, from: number, to: number): void {
  for (const cells of layout.lines.slice(from, to)) {
    layout.output.push(
      cells.map((cell, index) => cell + ' '.repeat(Math.max(0, (layout.widths[index] ?? 0) - cellWidth(cell)))).join(''),
    )
  }
}

/** Go counts code points, not UTF-16 units. */
function cellWidth(text: string): number {
  let width = 0
  for (const _ of text) width++
  return width
}
