import type { Box, Point } from './geometry.js'
import { clamp, overlapArea } from './geometry.js'

/** Something that a callout should not hide, and how much that would hurt. */
export interface Obstacle {
  readonly box: Box
  readonly weight: number
}

/** How far from the point a callout may stand, by what is tried first. */
const GAPS = [14, 22, 34, 48, 64, 84, 108, 136, 168, 204, 244]
const SHARES = [0.5, 0.2, 0.8, 0, 1, 0.35, 0.65]
/** Half of the token's size: the line begins at its edge. */
const TOKEN = 14
/** A line across something hurts as a strip of this width over it would. */
const LEADER_WIDTH = 40
const LEADER_STEP = 6

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
    const cost = costOf(box, at, obstacles, least)
    if (cost < least) {
      least = cost
      best = box
    }
  }
  return best ?? { x: at.x, y: at.y, ...size }
}

/** A smaller callout in the place of a grown one, at the corner next to the point: it grows away from what it speaks of. */
export function within(place: Box, at: Point, { w, h }: { readonly w: number; readonly h: number }): Box {
  const share = { x: clamp((at.x - place.x) / place.w, 0, 1), y: clamp((at.y - place.y) / place.h, 0, 1) }
  return { x: place.x + share.x * Math.max(0, place.w - w), y: place.y + share.y * Math.max(0, place.h - h), w, h }
}

/** Where the line from a point meets its callout. It ends beneath the words, which may be less high than was reckoned. */
export function leaderEnd(from: Point, to: Box): Point {
  const x = clamp(from.x, to.x + 8, to.x + to.w - 8)
  if (from.y < to.y) return { x, y: to.y + 8 }
  // From beneath it goes to the middle: the foot is where a shorter callout would have nothing.
  if (from.y > to.y + to.h) return { x, y: to.y + Math.min(44, to.h / 2) }
  return { x: from.x < to.x ? to.x : to.x + to.w, y: clamp(from.y, to.y + 8, to.y + 44) }
}

function* candidates(at: Point, { w, h }: { readonly w: number; readonly h: number }): Generator<Box> {
  for (const gap of GAPS)
    for (const share of SHARES) {
      yield { x: at.x - w * share, y: at.y + gap, w, h }
      yield { x: at.x - w * share, y: at.y - gap - h, w, h }
      yield { x: at.x + gap, y: at.y - h * share, w, h }
      yield { x: at.x - gap - w, y: at.y - h * share, w, h }
    }
}

/** What it would hide, and how far away it would be; more than `enough` need not be reckoned to the end. */
function costOf(box: Box, at: Point, obstacles: readonly Obstacle[], enough: number): number {
  const dx = Math.max(box.x - at.x, 0, at.x - box.x - box.w)
  const dy = Math.max(box.y - at.y, 0, at.y - box.y - box.h)
  const token: Box = { x: at.x - TOKEN + 2, y: at.y - TOKEN + 2, w: 2 * TOKEN - 4, h: 2 * TOKEN - 4 }
  let cost = (dx + dy) * 4 + (dx + dy) ** 2 * 0.35 + overlapArea(box, token) * 20
  for (const obstacle of obstacles) {
    if (cost >= enough) return cost
    cost += overlapArea(box, obstacle.box) * obstacle.weight
  }
  return cost >= enough ? cost : cost + leaderCost(at, box, obstacles)
}

/** What the line from the point to the callout's edge runs across, beyond the point's own surroundings. */
function leaderCost(at: Point, box: Box, obstacles: readonly Obstacle[]): number {
  const end = leaderEnd(at, box)
  const length = Math.hypot(end.x - at.x, end.y - at.y)
  let cost = 0
  for (let gone = TOKEN; gone < length; gone += LEADER_STEP) {
    const x = at.x + ((end.x - at.x) * gone) / length
    const y = at.y + ((end.y - at.y) * gone) / length
    if (holds(box, x, y)) break
    for (const obstacle of obstacles) if (holds(obstacle.box, x, y)) cost += obstacle.weight * LEADER_STEP * LEADER_WIDTH
  }
  return cost
}

function holds(box: Box, x: number, y: number): boolean {
  return x >= box.x && x <= box.x + box.w && y >= box.y && y <= box.y + box.h
}
