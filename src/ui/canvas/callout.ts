import type { Box, Point } from './geometry.js'
import { clamp, overlapArea } from './geometry.js'

/** Something that a callout should not hide, and how much that would hurt. */
export interface Obstacle {
  readonly box: Box
  readonly weight: number
}

const DISTANCES = [14, 22, 34]

/**
 * Where a callout of a given size hides least: beside, above or below a point, inside the bounds.
 * Nearer places win among equals.
 */
export function placeCallout(
  at: Point,
  size: { readonly w: number; readonly h: number },
  obstacles: readonly Obstacle[],
  bounds: Box,
): Box {
  let best: Box | undefined
  let least = Number.POSITIVE_INFINITY
  for (const candidate of candidates(at, size)) {
    const box = {
      ...candidate,
      x: clamp(candidate.x, bounds.x + 4, Math.max(bounds.x + 4, bounds.x + bounds.w - size.w - 4)),
      y: clamp(candidate.y, bounds.y + 4, Math.max(bounds.y + 4, bounds.y + bounds.h - size.h - 4)),
    }
    const cost = costOf(box, at, obstacles)
    if (cost < least) {
      least = cost
      best = box
    }
  }
  return best ?? { x: at.x, y: at.y, ...size }
}

function* candidates(at: Point, { w, h }: { readonly w: number; readonly h: number }): Generator<Box> {
  for (const gap of DISTANCES)
    for (const share of [0.5, 0.2, 0.8, 0, 1]) {
      yield { x: at.x - w * share, y: at.y + gap, w, h }
      yield { x: at.x - w * share, y: at.y - gap - h, w, h }
      yield { x: at.x + gap, y: at.y - h * share, w, h }
      yield { x: at.x - gap - w, y: at.y - h * share, w, h }
    }
  for (let step = 3; step <= 12; step++) {
    for (const share of [0.3, 0, 1]) {
      yield { x: at.x - w * share, y: at.y + step * 16, w, h }
      yield { x: at.x - w * share, y: at.y - step * 16 - h, w, h }
      yield { x: at.x + step * 16, y: at.y - h * share, w, h }
      yield { x: at.x - step * 16 - w, y: at.y - h * share, w, h }
    }
  }
}

function costOf(box: Box, at: Point, obstacles: readonly Obstacle[]): number {
  const token: Box = { x: at.x - 12, y: at.y - 12, w: 24, h: 24 }
  let cost = overlapArea(box, token) * 20
  for (const obstacle of obstacles) cost += overlapArea(box, obstacle.box) * obstacle.weight
  const leader = leaderOf(at, box)
  for (const obstacle of obstacles) cost += overlapArea(leader, obstacle.box) * obstacle.weight * 20
  const dx = Math.max(box.x - at.x, 0, at.x - box.x - box.w)
  const dy = Math.max(box.y - at.y, 0, at.y - box.y - box.h)
  return cost + (dx + dy) * 4 + (dx + dy) ** 2 * 0.35
}

/** The strip that the line from the point to the callout covers, beyond the point's own surroundings. */
function leaderOf(at: Point, box: Box): Box {
  if (box.y > at.y) return { x: clamp(at.x, box.x, box.x + box.w) - 1, y: at.y + 14, w: 2, h: Math.max(0, box.y - at.y - 14) }
  if (box.y + box.h < at.y) {
    const y = box.y + box.h
    return { x: clamp(at.x, box.x, box.x + box.w) - 1, y, w: 2, h: Math.max(0, at.y - 14 - y) }
  }
  return box.x > at.x
    ? { x: at.x + 14, y: at.y - 1, w: Math.max(0, box.x - at.x - 14), h: 2 }
    : { x: box.x + box.w, y: at.y - 1, w: Math.max(0, at.x - 14 - box.x - box.w), h: 2 }
}
