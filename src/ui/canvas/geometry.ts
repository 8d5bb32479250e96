export interface Point {
  readonly x: number
  readonly y: number
}

/** A rectangle in canvas units (CSS pixels at zoom 1). */
export interface Box extends Point {
  readonly w: number
  readonly h: number
}

export function centre(box: Box): Point {
  return { x: box.x + box.w / 2, y: box.y + box.h / 2 }
}

export function shift(box: Box, by: Point): Box {
  return { ...box, x: box.x + by.x, y: box.y + by.y }
}

/** Whether two boxes share an area; touching edges do not count. */
export function overlaps(a: Box, b: Box): boolean {
  return overlapArea(a, b) > 0
}

export function overlapArea(a: Box, b: Box): number {
  const w = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x)
  const h = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y)
  return w > 0 && h > 0 ? w * h : 0
}

export function contains(outer: Box, inner: Box): boolean {
  return (
    inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.w <= outer.x + outer.w && inner.y + inner.h <= outer.y + outer.h
  )
}

/** Whether a horizontal or vertical segment passes through the inside of a box; running along its edge does not count. */
export function crosses(box: Box, a: Point, b: Point): boolean {
  return (
    Math.max(a.x, b.x) > box.x &&
    Math.min(a.x, b.x) < box.x + box.w &&
    Math.max(a.y, b.y) > box.y &&
    Math.min(a.y, b.y) < box.y + box.h
  )
}

export function distance(a: Point, b: Point): number {
  return Math.abs(a.x - b.x) + Math.abs(a.y - b.y)
}

export function lengthOf(points: readonly Point[]): number {
  let length = 0
  for (let index = 1; index < points.length; index++) {
    const from = points[index - 1]
    const to = points[index]
    if (from !== undefined && to !== undefined) length += Math.hypot(to.x - from.x, to.y - from.y)
  }
  return length
}

export function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value))
}

/** The polyline without points that stand twice or lie on a straight line between their neighbours. */
export function simplify(points: readonly Point[]): readonly Point[] {
  const kept: Point[] = []
  for (const point of points) {
    const last = kept.at(-1)
    if (last !== undefined && last.x === point.x && last.y === point.y) continue
    const before = kept.at(-2)
    if (before !== undefined && last !== undefined && isBetween(before, last, point)) kept.pop()
    kept.push(point)
  }
  return kept
}

function isBetween(a: Point, middle: Point, b: Point): boolean {
  const sameColumn = a.x === middle.x && middle.x === b.x && (middle.y - a.y) * (b.y - middle.y) >= 0
  const sameRow = a.y === middle.y && middle.y === b.y && (middle.x - a.x) * (b.x - middle.x) >= 0
  return sameColumn || sameRow
}
