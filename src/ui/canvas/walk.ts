import type { ThingId } from '../../protocol/index.js'
import type { Placed } from './drawing.js'
import type { Point } from './geometry.js'
import { centre } from './geometry.js'

export type Heading = 'left' | 'right' | 'up' | 'down'

type Things = ReadonlyMap<ThingId, Placed>

/** Things that stand in the same thing, in drawing order. */
export function siblingsOf(things: Things, id: ThingId): readonly Placed[] {
  const parent = things.get(id)?.parent
  return [...things.values()].filter((placed) => placed.parent === parent)
}

export function firstInside(things: Things, id: ThingId): ThingId | undefined {
  for (const placed of things.values()) if (placed.parent === id) return placed.id
  return undefined
}

/** The nearest neighbour in a direction among those that stand in the same thing; undefined at the edge. */
export function neighbourOf(things: Things, id: ThingId, heading: Heading): ThingId | undefined {
  const here = things.get(id)
  if (here === undefined) return undefined
  const from = centre(here.box)
  let best: ThingId | undefined
  let least = Number.POSITIVE_INFINITY
  for (const placed of siblingsOf(things, id)) {
    if (placed.id === id) continue
    const cost = costOf(from, centre(placed.box), heading)
    if (cost < least) {
      least = cost
      best = placed.id
    }
  }
  return best
}

/** Far to the side counts more than far ahead; what lies behind does not count at all. */
function costOf(from: Point, to: Point, heading: Heading): number {
  const dx = to.x - from.x
  const dy = to.y - from.y
  const isLevel = heading === 'left' || heading === 'right'
  const along = isLevel ? dx : dy
  const ahead = heading === 'right' || heading === 'down' ? along : -along
  return ahead <= 1 ? Number.POSITIVE_INFINITY : ahead + Math.abs(isLevel ? dy : dx) * 2
}
