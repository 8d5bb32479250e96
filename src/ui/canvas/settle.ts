import type { ThingId } from '../../protocol/index.js'
import type { Box, Point } from './geometry.js'
import { distance, overlaps } from './geometry.js'

/** Room that is kept between things: beside them more, because a house's eth0 stands out of its wall. */
const BESIDE = 14
const BETWEEN = 8

/**
 * Finds a place for everything that was dragged: where it was put, or the nearest place at which it covers nothing.
 * Things of which one lies on the other would mix what stands in them.
 *
 * @param natural where things stand of themselves; those that were not dragged stay there
 * @param moved where things were put, the latest last: it gives way to all others
 * @param walls what nothing may be put on
 * @returns the places of the dragged things alone
 */
export function settleMoved(
  natural: ReadonlyMap<ThingId, Box>,
  moved: Readonly<Record<ThingId, Point>>,
  walls: readonly Box[],
): ReadonlyMap<ThingId, Box> {
  const settled = new Map<ThingId, Box>()
  const taken = [...walls]
  for (const [id, box] of natural) if (moved[id] === undefined) taken.push(box)
  for (const [id, point] of Object.entries(moved)) {
    const own = natural.get(id)
    if (own === undefined) continue
    const box = nearestFree({ ...own, ...point }, taken)
    settled.set(id, box)
    taken.push(box)
  }
  return settled
}

/** The nearest free place is where one wants to be, in line with it, or in a corner between two others. */
function nearestFree(wanted: Box, taken: readonly Box[]): Box {
  const isFree = (box: Box) => !taken.some((other) => overlaps(withMargin(other), box))
  if (isFree(wanted)) return wanted
  const xs = [wanted.x, ...taken.flatMap((other) => [other.x - wanted.w - BESIDE, other.x + other.w + BESIDE])]
  const ys = [wanted.y, ...taken.flatMap((other) => [other.y - wanted.h - BETWEEN, other.y + other.h + BETWEEN])]
  const places = xs.flatMap((x) => ys.map((y) => ({ x, y })))
  places.sort((a, b) => distance(a, wanted) - distance(b, wanted))
  for (const place of places) if (isFree({ ...wanted, ...place })) return { ...wanted, ...place }
  return wanted
}

function withMargin({ x, y, w, h }: Box): Box {
  return { x: x - BESIDE, y: y - BETWEEN, w: w + 2 * BESIDE, h: h + 2 * BETWEEN }
}
