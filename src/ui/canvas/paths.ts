import type { Point } from './geometry.js'

const RADIUS = 5

/** SVG path of a polyline with softened corners. */
export function pathOf(points: readonly Point[], by: Point = { x: 0, y: 0 }): string {
  const first = points[0]
  if (first === undefined) return ''
  let path = `M${first.x + by.x} ${first.y + by.y}`
  for (let index = 1; index < points.length; index++) {
    const before = points[index - 1]
    const here = points[index]
    const next = points[index + 1]
    if (before === undefined || here === undefined) break
    if (next === undefined) {
      path += `L${here.x + by.x} ${here.y + by.y}`
      break
    }
    const start = towards(here, before)
    const end = towards(here, next)
    path += `L${start.x + by.x} ${start.y + by.y}Q${here.x + by.x} ${here.y + by.y} ${end.x + by.x} ${end.y + by.y}`
  }
  return path
}

/** A point on the way from a corner to its neighbour, at most half of that way off. */
function towards(corner: Point, neighbour: Point): Point {
  const dx = neighbour.x - corner.x
  const dy = neighbour.y - corner.y
  const length = Math.hypot(dx, dy)
  if (length === 0) return corner
  const step = Math.min(RADIUS, length / 2)
  return { x: corner.x + (dx / length) * step, y: corner.y + (dy / length) * step }
}

/** An arrow's place and heading, in degrees. */
export interface Arrow {
  readonly at: Point
  readonly angle: number
}

/** One arrow in the middle of each stretch that is long enough to carry it. */
export function arrowsOf(points: readonly Point[], least: number): readonly Arrow[] {
  const arrows: Arrow[] = []
  for (let index = 1; index < points.length; index++) {
    const a = points[index - 1]
    const b = points[index]
    if (a === undefined || b === undefined || Math.hypot(b.x - a.x, b.y - a.y) < least) continue
    arrows.push({ at: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, angle: (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI })
  }
  return arrows
}
