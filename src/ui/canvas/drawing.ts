import type { ThingId } from '../../protocol/index.js'
import type { Box, Point } from './geometry.js'
import { centre } from './geometry.js'
import type { Lane, LaneKind } from './lanes.js'

/** What a thing is drawn as; one React component for each. */
export type Face =
  | 'client'
  | 'router'
  | 'load-balancer'
  | 'control-plane'
  | 'component'
  | 'api-server'
  | 'etcd'
  | 'object'
  | 'more'
  | 'house'
  | 'agent'
  | 'eth0'
  | 'station'
  | 'routing'
  | 'local'
  | 'conntrack'
  | 'iptables'
  | 'bridge'
  | 'pod'
  | 'container'
  | 'pod-field'
  | 'card'
  | 'tile'

/** How much of itself a thing shows: everything, a name, or only a sign (its name is then spoken and in its tooltip). */
export type Detail = 'full' | 'short' | 'sign'

/** A thing in its place. */
export interface Placed {
  /** Names the thing; a `pod-field` has the id `pods/NODE`. */
  readonly id: ThingId
  readonly face: Face
  readonly box: Box
  /** What it stands in: where Esc leads, and what it moves with. */
  readonly parent: ThingId | undefined
  readonly detail: Detail
  readonly open: boolean
}

/** A picture under construction. */
export interface Drawing {
  readonly things: Placed[]
  readonly data: { readonly lanes: Lane[]; readonly at: Map<string, Point> }
  readonly control: { readonly lanes: Lane[]; readonly at: Map<string, Point> }
  /** Areas with a name but no thing of their own: the kernel's floor, the internet. */
  readonly areas: Area[]
}

export interface Area {
  readonly kind: 'kernel' | 'internet' | 'objects' | 'subnet'
  readonly box: Box
  readonly text: string
  readonly owner: ThingId | undefined
}

export function newDrawing(): Drawing {
  return {
    things: [],
    data: { lanes: [], at: new Map() },
    control: { lanes: [], at: new Map() },
    areas: [],
  }
}

export function place(
  drawing: Drawing,
  id: ThingId,
  face: Face,
  box: Box,
  rest: { readonly parent?: ThingId; readonly detail?: Detail; readonly open?: boolean } = {},
): Box {
  drawing.things.push({ id, face, box, parent: rest.parent, detail: rest.detail ?? 'full', open: rest.open ?? false })
  return box
}

type Net = Drawing['data']

/** Names a point of a net: where a token stands when it is at that thing. */
export function pin(net: Net, name: string, point: Point): Point {
  net.at.set(name, point)
  return point
}

export function pinCentre(net: Net, name: string, box: Box): Point {
  return pin(net, name, centre(box))
}

/** Joins two pinned points by a lane over `via`. */
export function join(net: Net, kind: LaneKind, a: string, b: string, via: readonly Point[] = [], oneWay = false): void {
  const from = net.at.get(a)
  const to = net.at.get(b)
  if (from === undefined || to === undefined) return
  net.lanes.push({ a, b, kind, points: [from, ...via, to], oneWay })
}
