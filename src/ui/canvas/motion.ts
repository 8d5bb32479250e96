import type { Point } from './geometry.js'
import { lengthOf } from './geometry.js'

const SLOWEST = 1100
const QUICKEST = 160

/** How long a token takes for a way, in milliseconds; nothing for no way and where the person wants no motion. */
export function durationOf(way: readonly Point[], speed: number): number {
  const length = lengthOf(way)
  if (length === 0 || prefersStill()) return 0
  return Math.max(QUICKEST, Math.min(SLOWEST, 120 + length * 1.4)) / speed
}

/** Whether the person asked the system for less motion. */
export function prefersStill(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}

/** Moves an element along a way once, at even speed; it ends where its own style puts it. */
export function moveAlong(element: Element, way: readonly Point[], duration: number): void {
  for (const running of element.getAnimations()) running.cancel()
  const length = lengthOf(way)
  if (duration === 0 || length === 0) return
  let gone = 0
  const frames = way.map((point, index) => {
    const before = way[index - 1]
    if (before !== undefined) gone += Math.hypot(point.x - before.x, point.y - before.y)
    return { transform: `translate(${point.x}px, ${point.y}px)`, offset: Math.min(1, gone / length) }
  })
  element.animate(frames, { duration, easing: 'cubic-bezier(0.4, 0, 0.3, 1)' })
}
