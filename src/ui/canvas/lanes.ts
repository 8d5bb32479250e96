import type { Point } from './geometry.js'
import { distance, simplify } from './geometry.js'

/** How a lane looks, and what it is. */
export type LaneKind =
  /** Taken at times, never drawn at rest. */
  'way' | 'wire' | 'track' | 'veth' | 'process' | 'spoke' | 'watch' | 'store' | 'lookup' | 'health'

/** A way between two named points; `points` run from `a` to `b`, in right angles. */
export interface Lane {
  readonly a: string
  readonly b: string
  readonly kind: LaneKind
  readonly points: readonly Point[]
  /** The packet may only go from `a` to `b`: a kernel has one way through its hooks. */
  readonly oneWay: boolean
}

/** All ways: a graph whose vertices are things and junctions, whose edges are lanes. */
export interface Lanes {
  readonly lanes: readonly Lane[]
  readonly from: ReadonlyMap<string, readonly Hop[]>
  readonly at: ReadonlyMap<string, Point>
}

interface Hop {
  readonly lane: Lane
  readonly back: boolean
  readonly to: string
  readonly length: number
}

export function makeLanes(lanes: readonly Lane[], at: ReadonlyMap<string, Point>): Lanes {
  const from = new Map<string, Hop[]>()
  const add = (start: string, hop: Hop) => {
    const hops = from.get(start)
    if (hops === undefined) from.set(start, [hop])
    else hops.push(hop)
  }
  for (const lane of lanes) {
    if (lane.kind === 'lookup' || lane.kind === 'health') continue
    const length = laneLength(lane)
    add(lane.a, { lane, back: false, to: lane.b, length })
    if (!lane.oneWay) add(lane.b, { lane, back: true, to: lane.a, length })
  }
  return { lanes, from, at }
}

function laneLength(lane: Lane): number {
  let length = 1
  lane.points.forEach((point, index) => {
    const next = lane.points[index + 1]
    if (next !== undefined) length += distance(point, next)
  })
  return length
}

/** The shortest way along lanes from one vertex to another, as points in right angles; undefined where there is none. */
export function findWay(lanes: Lanes, from: string, to: string): readonly Point[] | undefined {
  const known = found.get(lanes) ?? new Map<string, readonly Point[] | undefined>()
  found.set(lanes, known)
  const key = `${from} ${to}`
  if (known.has(key)) return known.get(key)
  const way = searchWay(lanes, from, to)
  known.set(key, way)
  return way
}

/** Ways found before, for as long as the layout stands: each step asks for all legs of the journey again. */
const found = new WeakMap<Lanes, Map<string, readonly Point[] | undefined>>()

function searchWay(lanes: Lanes, from: string, to: string): readonly Point[] | undefined {
  const start = lanes.at.get(from)
  if (start === undefined || !lanes.at.has(to)) return undefined
  if (from === to) return [start]
  const best = new Map<string, { readonly cost: number; readonly via: Hop | undefined; readonly before: string }>()
  best.set(from, { cost: 0, via: undefined, before: '' })
  const open = new Set([from])
  const closed = new Set<string>()
  while (open.size > 0) {
    const here = cheapest(open, best)
    if (here === to) return collect(best, to, start)
    open.delete(here)
    closed.add(here)
    const cost = best.get(here)?.cost ?? 0
    for (const hop of lanes.from.get(here) ?? []) {
      if (closed.has(hop.to)) continue
      const known = best.get(hop.to)
      if (known !== undefined && known.cost <= cost + hop.length) continue
      best.set(hop.to, { cost: cost + hop.length, via: hop, before: here })
      open.add(hop.to)
    }
  }
  return undefined
}

function cheapest(open: ReadonlySet<string>, best: ReadonlyMap<string, { readonly cost: number }>): string {
  let winner = ''
  let least = Number.POSITIVE_INFINITY
  for (const name of open) {
    const cost = best.get(name)?.cost ?? Number.POSITIVE_INFINITY
    if (cost < least) {
      least = cost
      winner = name
    }
  }
  return winner
}

function collect(
  best: ReadonlyMap<string, { readonly via: Hop | undefined; readonly before: string }>,
  to: string,
  start: Point,
): readonly Point[] {
  const pieces: (readonly Point[])[] = []
  let here = to
  for (;;) {
    const found = best.get(here)
    if (found?.via === undefined) break
    const { lane, back } = found.via
    pieces.push(back ? lane.points.toReversed() : lane.points)
    here = found.before
  }
  return simplify([start, ...pieces.reverse().flat()])
}
