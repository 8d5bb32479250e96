import type { Box, Point } from './geometry.js'
import { crosses, distance, simplify } from './geometry.js'

const MARGIN = 6
/** A bend costs as much as this many units of way: few bends read better than a short zigzag. */
const BEND = 40

interface State {
  readonly column: number
  readonly row: number
  readonly horizontal: boolean
  readonly cost: number
  readonly before: State | undefined
}

/**
 * A way in right angles between two points that passes through no box; the straight one where it is free.
 * Falls back to one bend when every way is blocked.
 */
export function routeAround(from: Point, to: Point, boxes: readonly Box[]): readonly Point[] {
  const isFree = (a: Point, b: Point) => !boxes.some((box) => crosses(box, a, b))
  const corner = { x: to.x, y: from.y }
  if (isFree(from, corner) && isFree(corner, to)) return simplify([from, corner, to])
  const columns = sorted([from.x, to.x, ...boxes.flatMap((box) => [box.x - MARGIN, box.x + box.w + MARGIN])])
  const rows = sorted([from.y, to.y, ...boxes.flatMap((box) => [box.y - MARGIN, box.y + box.h + MARGIN])])
  const pointAt = (column: number, row: number): Point => ({ x: columns[column] ?? 0, y: rows[row] ?? 0 })
  const goal = { column: columns.indexOf(to.x), row: rows.indexOf(to.y) }
  const start = { column: columns.indexOf(from.x), row: rows.indexOf(from.y) }
  const open: State[] = [
    { ...start, horizontal: true, cost: 0, before: undefined },
    { ...start, horizontal: false, cost: 0, before: undefined },
  ]
  const done = new Set<string>()
  for (;;) {
    const here = takeCheapest(open)
    if (here === undefined) return simplify([from, corner, to])
    const key = `${here.column} ${here.row} ${here.horizontal}`
    if (done.has(key)) continue
    done.add(key)
    const at = pointAt(here.column, here.row)
    if (here.column === goal.column && here.row === goal.row) return simplify(trail(here, pointAt))
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      const column = here.column + dx
      const row = here.row + dy
      if (column < 0 || row < 0 || column >= columns.length || row >= rows.length) continue
      const next = pointAt(column, row)
      if (!isFree(at, next)) continue
      const horizontal = dx !== 0
      const bend = horizontal === here.horizontal ? 0 : BEND
      open.push({ column, row, horizontal, cost: here.cost + distance(at, next) + bend, before: here })
    }
  }
}

function takeCheapest(open: State[]): State | undefined {
  let best = 0
  for (let index = 1; index < open.length; index++) {
    const state = open[index]
    const least = open[best]
    if (state !== undefined && least !== undefined && state.cost < least.cost) best = index
  }
  return open.splice(best, 1)[0]
}

function trail(end: State, pointAt: (column: number, row: number) => Point): readonly Point[] {
  const points: Point[] = []
  for (let state: State | undefined = end; state !== undefined; state = state.before)
    points.push(pointAt(state.column, state.row))
  return points.reverse()
}

function sorted(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((a, b) => a - b)
}
