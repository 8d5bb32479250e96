import type { Scene, ScenePod } from '../../protocol/index.js'
import type { Drawing } from './drawing.js'
import { join, pin, place } from './drawing.js'
import type { Box, Point } from './geometry.js'
import type { Slots } from './slots.js'
import { thing } from './things.js'

const GAP = 4
const CARD_HEIGHT = 36
const CHIP_HEIGHT = 24
const CONTAINER_WIDTH = 62
/** Columns of chips that are tried before Pods become dots. */
const CHIP_COLUMNS = [2, 3] as const

/** How the Pods of one Node are drawn: the first that has room for every slot. Dots need no room of their own. */
export type PodGrid =
  | { readonly kind: 'cards' | 'chips'; readonly columns: number; readonly w: number; readonly h: number }
  | { readonly kind: 'dots' }

/** Chooses by room and number of slots, not of Pods, so that one Pod less does not change the drawing of the others. */
export function podGrid(area: Box, slots: number): PodGrid {
  const rowsOf = (height: number) => Math.floor((area.h + GAP) / (height + GAP))
  if (area.w >= 150 && rowsOf(CARD_HEIGHT) >= slots) return { kind: 'cards', columns: 1, w: area.w, h: CARD_HEIGHT }
  for (const columns of CHIP_COLUMNS) {
    const w = (area.w - GAP * (columns - 1)) / columns
    if (w >= 60 && rowsOf(CHIP_HEIGHT) * columns >= slots && slots <= 12) return { kind: 'chips', columns, w, h: CHIP_HEIGHT }
  }
  return { kind: 'dots' }
}

/** Pods of a Node with their slots, by slot. */
export function podsByNode(scene: Pick<Scene, 'pods'>, slots: Slots): ReadonlyMap<string, readonly SlottedPod[]> {
  const byNode = new Map<string, SlottedPod[]>()
  for (const [id, { node, slot }] of slots) {
    const pod = scene.pods.get(id)
    if (pod === undefined) continue
    const list = byNode.get(node)
    if (list === undefined) byNode.set(node, [{ pod, slot }])
    else list.push({ pod, slot })
  }
  for (const list of byNode.values()) list.sort((a, b) => a.slot - b.slot)
  return byNode
}

export interface SlottedPod {
  readonly pod: ScenePod
  readonly slot: number
}

/** What the veths are drawn from: a bridge at the left (wide houses) or above (narrow ones). */
export interface BridgeSide {
  readonly vertex: string
  /** A point on the bridge's edge level with (or above) the given place of the Pod. */
  readonly port: (pod: Point) => Point
  readonly side: 'left' | 'above'
}

/** Where the Node's own processes are: a Pod on the host's network is one of them, and has no veth. */
export interface HostSide {
  readonly vertex: string
  /** From there to the corner next to the Pods: beside them, level with none (wide houses), or above them (narrow ones). */
  readonly way: readonly Point[]
}

/** Draws a Node's Pods in their slots, each with its veth to a port of the bridge. */
export function layoutPods(
  drawing: Drawing,
  node: string,
  pods: readonly SlottedPod[],
  area: Box,
  bridge: BridgeSide,
  host: HostSide,
): void {
  const parent = thing.node(node)
  const slots = (pods.at(-1)?.slot ?? -1) + 1
  if (slots === 0) return
  const grid = podGrid(area, slots)
  if (grid.kind === 'dots') {
    const id = `pods/${node}`
    place(drawing, id, 'pod-field', area, { parent })
    const at = pin(drawing.data, id, entryOf(area, bridge))
    const port = bridge.port(at)
    const isLeft = bridge.side === 'left'
    join(drawing.data, 'veth', bridge.vertex, id, isLeft ? [port] : [port, { x: at.x, y: port.y }])
    const corner = host.way.at(-1)
    if (corner === undefined || !pods.some(({ pod }) => pod.hostNetwork)) return
    const last = isLeft ? { x: corner.x, y: at.y } : { x: at.x, y: corner.y }
    join(drawing.data, 'process', host.vertex, id, [...host.way, last])
    return
  }
  for (const { pod, slot } of pods) {
    const column = slot % grid.columns
    const row = Math.floor(slot / grid.columns)
    const box = { x: area.x + column * (grid.w + GAP), y: area.y + row * (grid.h + GAP), w: grid.w, h: grid.h }
    drawPod(drawing, node, pod, box, grid.kind, bridge, area, column, host)
  }
}

function drawPod(
  drawing: Drawing,
  node: string,
  pod: ScenePod,
  box: Box,
  kind: 'cards' | 'chips',
  bridge: BridgeSide,
  area: Box,
  column: number,
  host: HostSide,
): void {
  place(drawing, pod.id, 'pod', box, { parent: thing.node(node), detail: kind === 'cards' ? 'full' : 'short' })
  if (kind === 'cards') drawContainers(drawing, pod, box)
  const at = pin(drawing.data, pod.id, entryOf(box, bridge))
  // Chips in later columns are reached through the gap above their row, so that no veth runs through a neighbour.
  const gapY = box.y - GAP / 2
  if (pod.hostNetwork) {
    const corner = host.way.at(-1) ?? at
    const isFirst = bridge.side === 'left' ? column === 0 : box.y <= area.y + 1
    const gutter = box.x - GAP / 2
    const rest =
      bridge.side === 'left'
        ? isFirst
          ? [{ x: corner.x, y: at.y }]
          : [
              { x: corner.x, y: gapY },
              { x: gutter, y: gapY },
              { x: gutter, y: at.y },
            ]
        : isFirst
          ? [{ x: at.x, y: corner.y }]
          : [
              { x: gutter, y: corner.y },
              { x: gutter, y: gapY },
              { x: at.x, y: gapY },
            ]
    join(drawing.data, 'process', host.vertex, pod.id, [...host.way, ...rest])
    return
  }
  const port = bridge.port(at)
  const via =
    bridge.side === 'above'
      ? [port, { x: at.x, y: port.y }]
      : column === 0
        ? [port]
        : [
            { x: port.x, y: gapY },
            { x: box.x - GAP / 2, y: gapY },
            { x: box.x - GAP / 2, y: at.y },
          ]
  if (bridge.side === 'above' && box.y > area.y + 1) {
    const gutter = box.x - GAP / 2
    join(drawing.data, 'veth', bridge.vertex, pod.id, [
      port,
      { x: gutter, y: port.y },
      { x: gutter, y: gapY },
      { x: at.x, y: gapY },
    ])
    return
  }
  join(drawing.data, 'veth', bridge.vertex, pod.id, via)
}

function entryOf(box: Box, bridge: BridgeSide): Point {
  return bridge.side === 'left' ? { x: box.x, y: box.y + box.h / 2 } : { x: box.x + Math.min(14, box.w / 2), y: box.y }
}

/** Container chips inside a Pod's card, as many as have room; the rest are counted by the card. */
function drawContainers(drawing: Drawing, pod: ScenePod, box: Box): void {
  const own = pod.containers.filter((container) => !container.init)
  const shown = own.slice(0, box.w >= 260 ? 2 : 1)
  shown.forEach((container, index) => {
    place(
      drawing,
      thing.container(pod.namespace, pod.name, container.name),
      'container',
      {
        x: box.x + box.w - (CONTAINER_WIDTH + GAP) * (shown.length - index),
        y: box.y + (box.h - 24) / 2,
        w: CONTAINER_WIDTH,
        h: 24,
      },
      { parent: pod.id },
    )
  })
}
