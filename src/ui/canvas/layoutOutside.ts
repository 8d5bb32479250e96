import type { Scene } from '../../protocol/index.js'
import type { Drawing } from './drawing.js'
import { pin, place } from './drawing.js'
import type { Box, Point } from './geometry.js'
import { thing } from './things.js'

/** Width of the outside world's column on a wide page. */
export const OUTSIDE_WIDTH = 148
/** Height of its row on a narrow page. */
export const OUTSIDE_HEIGHT = 112

export interface OutsidePlugs {
  readonly router: Point
  readonly loadBalancers: readonly { readonly id: string; readonly at: Point }[]
  /** Lane from each client to the router, ready to be joined. */
  readonly clients: readonly { readonly id: string; readonly via: readonly Point[] }[]
  readonly bottom: number
}

/** Clients on the internet above, the router as its border, load balancers on the provider's side below. */
export function layoutOutside(drawing: Drawing, scene: Scene, origin: Point, height: number): OutsidePlugs {
  const x = origin.x + 6
  const w = OUTSIDE_WIDTH - 18
  let y = origin.y + 24
  const ids = [...scene.clients.keys()]
  const boxes = ids.map((id, index) => {
    const h = index === 0 ? 92 : 30
    const box = place(drawing, id, 'client', { x, y, w, h }, { detail: index === 0 ? 'full' : 'short' })
    y += h + 6
    return box
  })
  const router: Box = { x, y: y + 14, w, h: 26 }
  place(drawing, thing.router, 'router', router)
  drawing.areas.push({
    kind: 'internet',
    box: { x: origin.x, y: origin.y, w: OUTSIDE_WIDTH - 6, h: router.y + 13 - origin.y },
    text: '',
    owner: undefined,
  })
  const routerPoint = pin(drawing.data, thing.router, { x: x + w / 2, y: router.y + 13 })
  const clients = boxes.map((box, index) => {
    const id = ids[index] ?? ''
    if (boxes.length === 1) {
      pin(drawing.data, id, { x: x + w / 2, y: box.y + box.h })
      return { id, via: [] }
    }
    const at = pin(drawing.data, id, { x, y: box.y + box.h - 15 })
    return {
      id,
      via: [
        { x: origin.x + 2, y: at.y },
        { x: origin.x + 2, y: routerPoint.y },
      ],
    }
  })
  const bottom = layoutLoadBalancers(drawing, scene, { x, y: router.y + router.h + 20, w, h: height })
  return {
    router: routerPoint,
    clients,
    loadBalancers: bottom.plugs,
    bottom: bottom.y,
  }
}

const FULL_LOAD_BALANCER = 102
const SHORT_LOAD_BALANCER = 44

function layoutLoadBalancers(drawing: Drawing, scene: Scene, area: Box) {
  const ids = [...scene.loadBalancers.keys()].sort()
  const room = area.h - area.y
  const full = ids.length * (FULL_LOAD_BALANCER + 8) <= Math.max(room, FULL_LOAD_BALANCER + 8)
  const h = full ? FULL_LOAD_BALANCER : SHORT_LOAD_BALANCER
  let y = area.y
  const plugs = ids.map((id) => {
    place(drawing, id, 'load-balancer', { x: area.x, y, w: area.w, h }, { detail: full ? 'full' : 'short' })
    const at = pin(drawing.data, id, { x: area.x + area.w, y: y + h / 2 })
    y += h + 8
    return { id, at }
  })
  return { plugs, y }
}

/** On a narrow page the outside is a row above the cluster: clients, router, load balancers from left to right. */
export function layoutOutsideRow(drawing: Drawing, scene: Scene, origin: Point, width: number): OutsidePlugs {
  const clientWidth = 124
  const routerWidth = 62
  const y = origin.y + 6
  const ids = [...scene.clients.keys()]
  const wireY = origin.y + OUTSIDE_HEIGHT - 8
  let below = y
  const boxes = ids.map((id, index) => {
    const h = index === 0 ? 84 : 26
    const box = place(
      drawing,
      id,
      'client',
      { x: origin.x, y: below, w: clientWidth, h },
      { detail: index === 0 ? 'full' : 'short' },
    )
    below += h + 4
    return box
  })
  const router: Box = { x: origin.x + clientWidth + 12, y: y + 40, w: routerWidth, h: 44 }
  place(drawing, thing.router, 'router', router, { detail: 'short' })
  const routerPoint = pin(drawing.data, thing.router, { x: router.x + router.w / 2, y: router.y + 22 })
  const clients = boxes.map((box, index) => {
    const id = ids[index] ?? ''
    const at = pin(drawing.data, id, { x: box.x + box.w - 6, y: index === 0 ? routerPoint.y : box.y + 13 })
    const gutter = box.x + box.w + 6
    return {
      id,
      via:
        index === 0
          ? []
          : [
              { x: gutter, y: at.y },
              { x: gutter, y: routerPoint.y },
            ],
    }
  })
  const lbs = [...scene.loadBalancers.keys()].sort()
  const left = router.x + routerWidth + 10
  const shown = Math.max(1, lbs.length)
  const w = Math.min(170, (origin.x + width - left - 8 * (shown - 1)) / shown)
  const plugs = lbs.map((id, index) => {
    const box = place(
      drawing,
      id,
      'load-balancer',
      { x: left + index * (w + 8), y, w, h: 84 },
      { detail: w >= 120 ? 'full' : 'short' },
    )
    // By the corner, where the words in the middle leave room for a packet.
    return { id, at: pin(drawing.data, id, { x: box.x + box.w - 18, y: box.y + box.h }) }
  })
  return { router: routerPoint, clients, loadBalancers: plugs, bottom: Math.max(wireY, below) }
}
