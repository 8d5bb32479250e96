import type { Scene, SceneNode, ThingId } from '../../protocol/index.js'
import type { Area, Drawing, Placed } from './drawing.js'
import { join, newDrawing, pin } from './drawing.js'
import type { Box, Point } from './geometry.js'
import { clamp, shift } from './geometry.js'
import type { HousePlugs } from './houseSpec.js'
import { FOLDED_HEIGHT, HEADER, NARROW_FOLDED_HEIGHT, NARROW_OPEN_HEIGHT, OPEN_HEIGHT } from './houseSpec.js'
import type { Lanes } from './lanes.js'
import { makeLanes } from './lanes.js'
import { CONTROL_PLANE_HEIGHT, CONTROL_PLANE_OPEN_HEIGHT, layoutControlPlane } from './layoutControlPlane.js'
import { fieldHeight, layoutField, MOST_CARDS } from './layoutField.js'
import { layoutHouse } from './layoutHouse.js'
import type { OutsidePlugs } from './layoutOutside.js'
import { layoutOutside, layoutOutsideRow, OUTSIDE_HEIGHT, OUTSIDE_WIDTH } from './layoutOutside.js'
import { podsByNode } from './layoutPods.js'
import { routeAround } from './route.js'
import { settleMoved } from './settle.js'
import type { Slots } from './slots.js'
import { byNaturalName, thing } from './things.js'

/** What the picture depends on, beside the scene. */
export interface LayoutInput {
  readonly scene: Scene
  readonly slots: Slots
  /** Names of Nodes that are drawn open. */
  readonly open: ReadonlySet<string>
  readonly moved: Readonly<Record<ThingId, Point>>
  /** Room on the page, in CSS pixels. */
  readonly width: number
  readonly height: number
}

/** Everything in its place. */
export interface Layout {
  readonly things: ReadonlyMap<ThingId, Placed>
  readonly areas: readonly Area[]
  /** Ways of packets. */
  readonly data: Lanes
  /** Ways of messages between the API server and its clients. */
  readonly control: Lanes
  /** Things that can be dragged. */
  readonly movable: ReadonlySet<ThingId>
  readonly bounds: Box
  readonly narrow: boolean
}

/** Below this width the outside is a row above and Pods stand below their bridge. */
export const NARROW_BELOW = 730
/** More workers than this are cards or tiles in a field. */
const MOST_ROWS = 8
/** Houses that can be raised above a field of tiles without moving it: the one that is entered and the one with the Pod. */
const RAISED_KEPT = 2
const PAD = 8
const ROW_GAP = 8
const CABLE = OUTSIDE_WIDTH + 12
const STRAND = CABLE + 7

/**
 * Places everything that the picture shows. Pure: the same input gives the same picture.
 * Three workers or fewer keep the height of an open house where the page has room, so that opening one moves nothing.
 */
export function layoutScene(input: LayoutInput): Layout {
  const narrow = input.width < NARROW_BELOW
  const drawing = newDrawing()
  const page = narrow ? narrowPage(input) : widePage(input)
  if (input.scene.nodes.size === 0 && input.scene.components.size === 0) return emptyLayout(input, narrow)
  const outside = narrow
    ? layoutOutsideRow(drawing, input.scene, { x: PAD, y: 0 }, input.width - 2 * PAD)
    : layoutOutside(drawing, input.scene, { x: PAD, y: PAD }, input.height)
  const plan = planHouses(input, page)
  const moved = settle(drawing, plan, page, input)
  moveOutside(drawing, moved)
  const plugs = layoutCluster(drawing, input, page, plan, moved)
  wire(drawing, page, outside, plugs, moved)
  return {
    things: new Map(drawing.things.map((placed) => [placed.id, placed])),
    areas: drawing.areas,
    data: makeLanes(drawing.data.lanes, drawing.data.at),
    control: makeLanes(drawing.control.lanes, drawing.control.at),
    movable: new Set(drawing.things.filter(isMovable).map((placed) => placed.id)),
    bounds: boundsOf(drawing, input),
    narrow,
  }
}

/** Before the cluster is there, nothing is. */
function emptyLayout(input: LayoutInput, narrow: boolean): Layout {
  const none = makeLanes([], new Map())
  const bounds = { x: 0, y: 0, w: input.width, h: input.height }
  return { things: new Map(), areas: [], data: none, control: none, movable: new Set(), bounds, narrow }
}

function isMovable(placed: Placed): boolean {
  return placed.parent === undefined && placed.face !== 'card' && placed.face !== 'tile'
}

/** Where the cluster begins, and the cable that all machines share. */
interface Page {
  readonly narrow: boolean
  readonly cable: number
  readonly strand: number
  /** Left edge and width of houses. */
  readonly x: number
  readonly w: number
  readonly top: number
}

function widePage({ width }: LayoutInput): Page {
  const x = CABLE + 22
  return { narrow: false, cable: CABLE, strand: STRAND, x, w: Math.min(width, 1400) - x - PAD, top: PAD }
}

function narrowPage({ width }: LayoutInput): Page {
  return { narrow: true, cable: 5, strand: 10, x: 26, w: width - 26 - PAD, top: OUTSIDE_HEIGHT + 4 }
}

interface Plug extends HousePlugs {
  readonly node: string
}

/** Where the houses stand of themselves. */
interface Plan {
  readonly head: SceneNode | undefined
  readonly headBox: Box
  readonly rows: readonly { readonly node: SceneNode; readonly box: Box }[]
  readonly workers: readonly SceneNode[]
  /** Where a field of cards or tiles begins; undefined when every worker is a house. */
  readonly fieldY: number | undefined
  /** Of cards, with houses below them; a field of tiles is the last thing. */
  readonly fieldHeight: number | undefined
}

/** The control plane's Node above, the others below it. */
function planHouses(input: LayoutInput, page: Page): Plan {
  const { scene, open } = input
  const nodes = [...scene.nodes.values()].sort((a, b) => byNaturalName(a.name, b.name))
  const head = nodes.find((node) => node.controlPlane)
  const workers = nodes.filter((node) => node !== head)
  const openHeight = page.narrow ? CONTROL_PLANE_HEIGHT + NARROW_OPEN_HEIGHT - HEADER : CONTROL_PLANE_OPEN_HEIGHT
  const headHeight = head !== undefined && open.has(head.name) ? openHeight : CONTROL_PLANE_HEIGHT
  const headBox = { x: page.x, y: page.top, w: page.w, h: headHeight }
  const top = page.top + headHeight + ROW_GAP + 2
  const isField = workers.length > MOST_ROWS
  const houses = isField ? workers.filter((node) => open.has(node.name)).slice(0, 4) : workers
  const heights = rowHeights(input, page, houses, top, !isField)
  // Cards keep their places when one of them is raised: its house comes below them. Tiles fill the page: theirs come above.
  const areCards = isField && workers.length <= MOST_CARDS
  const cards = areCards ? fieldHeight(workers.length, page.w, aspectOf(input, page)) + 8 : 0
  let y = top + cards
  const rows = houses.map((node, index) => {
    const box = { x: page.x, y, w: page.w, h: heights[index] ?? FOLDED_HEIGHT }
    y += box.h + ROW_GAP
    return { node, box }
  })
  // Hundreds of tiles would all have to move when a house is raised above them, so its room is kept free.
  if (workers.length > MOST_CARDS) y = Math.max(y, top + RAISED_KEPT * (OPEN_HEIGHT + ROW_GAP))
  return {
    head,
    headBox,
    rows,
    workers,
    fieldY: !isField ? undefined : areCards ? top + 4 : y + 4,
    fieldHeight: areCards ? cards : undefined,
  }
}

/** Width of the page by its height; a narrow page's field is as wide as it is. */
function aspectOf(input: LayoutInput, page: Page): number {
  return page.narrow ? 0 : input.width / input.height
}

/** Places for what was dragged: on no other house, not on the cable, not on the field. */
function settle(drawing: Drawing, plan: Plan, page: Page, input: LayoutInput): ReadonlyMap<ThingId, Box> {
  const { head, headBox, rows, fieldY } = plan
  const houses = [...(head === undefined ? [] : [{ node: head, box: headBox }]), ...rows]
  const natural = new Map(houses.map(({ node, box }) => [thing.node(node.name), box]))
  for (const placed of drawing.things) natural.set(placed.id, placed.box)
  const far = 20_000
  const cable = { x: page.cable - 4, y: -far, w: page.strand - page.cable + 8, h: 2 * far }
  const bare = head === undefined ? [headBox] : []
  const field = fieldY === undefined ? [] : [{ x: page.x, y: fieldY, w: page.w, h: plan.fieldHeight ?? far }]
  return settleMoved(natural, input.moved, [...(page.narrow ? [] : [cable]), ...bare, ...field])
}

function layoutCluster(
  drawing: Drawing,
  input: LayoutInput,
  page: Page,
  plan: Plan,
  moved: ReadonlyMap<ThingId, Box>,
): readonly Plug[] {
  const { scene, open } = input
  const { head, headBox, rows, workers, fieldY } = plan
  const pods = podsByNode(scene, input.slots)
  const name = head?.name ?? 'control-plane'
  const spec = { scene, node: head, open: open.has(name) && head !== undefined, pods: pods.get(name) ?? [], narrow: page.narrow }
  const plugs: Plug[] = [{ node: name, ...layoutControlPlane(drawing, { ...spec, box: moved.get(thing.node(name)) ?? headBox }) }]
  for (const { node, box } of rows) {
    const house = { node, open: open.has(node.name), pods: pods.get(node.name) ?? [], narrow: page.narrow }
    plugs.push({ node: node.name, ...layoutHouse(drawing, { ...house, box: moved.get(thing.node(node.name)) ?? box }) })
  }
  if (fieldY !== undefined)
    layoutField(drawing, {
      nodes: workers,
      raised: new Set(rows.map(({ node }) => node.name)),
      area: { x: page.x, y: fieldY, w: page.w, h: 0 },
      cable: page.cable,
      aspect: aspectOf(input, page),
    })
  return plugs
}

function rowHeights(input: LayoutInput, page: Page, rows: readonly SceneNode[], top: number, all: boolean): readonly number[] {
  const isOpen = (node: SceneNode) => input.open.has(node.name)
  if (page.narrow) return rows.map((node) => (isOpen(node) ? NARROW_OPEN_HEIGHT : NARROW_FOLDED_HEIGHT))
  if (all && rows.length > 0 && rows.length <= 3) {
    const room = (input.height - 6 - top - ROW_GAP * (rows.length - 1)) / rows.length
    if (room >= OPEN_HEIGHT) return rows.map(() => Math.floor(clamp(room, OPEN_HEIGHT, 196)))
  }
  return rows.map((node) => (isOpen(node) ? OPEN_HEIGHT : FOLDED_HEIGHT))
}

/** Clients, router and load balancers that were dragged, with where their lanes begin. */
function moveOutside(drawing: Drawing, moved: ReadonlyMap<ThingId, Box>): void {
  drawing.things.forEach((placed, index) => {
    const to = moved.get(placed.id)
    if (to === undefined) return
    const by = { x: to.x - placed.box.x, y: to.y - placed.box.y }
    drawing.things[index] = { ...placed, box: shift(placed.box, by) }
    const at = drawing.data.at.get(placed.id)
    if (at !== undefined) pin(drawing.data, placed.id, { x: at.x + by.x, y: at.y + by.y })
  })
}

/** Joins everything to the cable: packets on one strand, watches on another beside it. Both end when it is cut. */
function wire(
  drawing: Drawing,
  page: Page,
  outside: OutsidePlugs,
  plugs: readonly Plug[],
  moved: ReadonlyMap<ThingId, Box>,
): void {
  const boxes = drawing.things.filter((placed) => placed.parent === undefined).map((placed) => placed.box)
  const joints: Point[] = []
  const routerJoint = page.narrow ? OUTSIDE_HEIGHT - 8 : undefined
  const plugIn = (id: string, from: Point, y: number) => {
    const joint = pin(drawing.data, `cable/${id}`, { x: page.cable, y })
    joints.push(joint)
    const own = drawing.things.find((placed) => placed.id === id)?.box
    const others = own === undefined ? boxes : boxes.filter((box) => box !== own)
    const way = page.narrow && routerJoint === y ? [from, { x: from.x, y }, joint] : routeAround(from, joint, others)
    join(drawing.data, 'wire', id, `cable/${id}`, way.slice(1, -1))
  }
  plugIn(thing.router, outside.router, routerJoint ?? outside.router.y)
  for (const { id, at } of outside.loadBalancers) {
    const from = drawing.data.at.get(id) ?? at
    plugIn(id, from, routerJoint ?? from.y)
  }
  for (const { id, via } of outside.clients) {
    const isMoved = moved.has(id) || moved.has(thing.router)
    const from = drawing.data.at.get(id)
    const to = drawing.data.at.get(thing.router)
    if (from === undefined || to === undefined) continue
    const own = [id, thing.router].map((name) => drawing.things.find((placed) => placed.id === name)?.box)
    const route = isMoved
      ? routeAround(
          from,
          to,
          boxes.filter((box) => !own.includes(box)),
        ).slice(1, -1)
      : via
    join(drawing.data, 'wire', id, thing.router, route)
  }
  for (const plug of plugs) plugIn(thing.eth0(plug.node), plug.eth0, plug.eth0.y)
  for (const joint of fieldJoints(drawing)) joints.push(joint)
  joinAlong(drawing.data, 'wire', page.cable)
  for (const plug of plugs) {
    const id = `strand/${plug.node}`
    pin(drawing.control, id, { x: page.strand, y: plug.control.y })
    const way = routeAround(plug.control, { x: page.strand, y: plug.control.y }, boxes)
    join(drawing.control, 'watch', thing.eth0(plug.node), id, way.slice(1, -1))
  }
  const y = routerJoint ?? outside.router.y
  pin(drawing.control, 'person', outside.router)
  pin(drawing.control, 'strand/person', { x: page.strand, y })
  join(drawing.control, 'way', 'person', 'strand/person', [{ x: outside.router.x, y }])
  joinAlong(drawing.control, 'watch', page.strand)
  healthLines(drawing, page, outside, plugs)
}

function fieldJoints(drawing: Drawing): readonly Point[] {
  return [...drawing.data.at].filter(([name]) => name.startsWith('cable/row')).map(([, at]) => at)
}

/** Joins all joints on a vertical cable, from the top down. */
function joinAlong(net: Drawing['data'], kind: 'wire' | 'watch', x: number): void {
  const prefix = kind === 'wire' ? 'cable/' : 'strand/'
  const joints = [...net.at].filter(([name, at]) => name.startsWith(prefix) && at.x === x).sort((a, b) => a[1].y - b[1].y)
  joints.forEach(([name], index) => {
    const next = joints[index + 1]
    if (next !== undefined) join(net, kind, name, next[0])
  })
}

/** A load balancer's own checks on Nodes: thin lines beside the cable, for few enough Nodes to tell them apart. */
function healthLines(drawing: Drawing, page: Page, outside: OutsidePlugs, plugs: readonly Plug[]): void {
  if (page.narrow || plugs.length > 6) return
  const x = page.cable - 6
  for (const { id, at } of outside.loadBalancers) {
    const from = drawing.data.at.get(id) ?? at
    for (const plug of plugs.slice(1)) {
      const y = plug.eth0.y + 14
      drawing.data.lanes.push({
        a: id,
        b: thing.eth0(plug.node),
        kind: 'health',
        oneWay: false,
        points: [
          { x: from.x, y: from.y + 14 },
          { x, y: from.y + 14 },
          { x, y },
          { x: plug.eth0.x - 12, y },
        ],
      })
    }
  }
}

function boundsOf(drawing: Drawing, input: LayoutInput): Box {
  let right = input.width
  let bottom = 0
  let left = 0
  let top = 0
  for (const { box } of drawing.things) {
    left = Math.min(left, box.x - PAD)
    top = Math.min(top, box.y - PAD)
    right = Math.max(right, box.x + box.w + PAD)
    bottom = Math.max(bottom, box.y + box.h + 6)
  }
  return { x: left, y: top, w: right - left, h: bottom - top }
}
