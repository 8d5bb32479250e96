import type { Drawing } from './drawing.js'
import { join, pin, pinCentre, place } from './drawing.js'
import type { Box, Point } from './geometry.js'
import { clamp } from './geometry.js'
import type { HousePlugs, HouseSpec } from './houseSpec.js'
import { ETH0_WIDTH, HEADER } from './houseSpec.js'
import { hookLanes, processesExit, rowsOf, stations } from './layoutKernel.js'
import { narrowBody } from './layoutNarrowHouse.js'
import type { HostSide } from './layoutPods.js'
import { layoutPods } from './layoutPods.js'
import { thing } from './things.js'

const BRIDGE_WIDTH = 26
/** What a wide house needs beside its Pods: all stations in one row. */
const KERNEL_LEAST = 396

/** Draws a Node as a house in cross-section: agents above, the kernel as its floor, Pods on the bridge. */
export function layoutHouse(drawing: Drawing, spec: HouseSpec): HousePlugs {
  const { node, box, open } = spec
  const parent = thing.node(node.name)
  place(drawing, parent, 'house', box, { open })
  const control = spec.narrow ? narrowAgents(drawing, spec) : wideAgents(drawing, spec)
  const eth0 = spec.narrow ? narrowBody(drawing, spec) : wideBody(drawing, spec)
  standAt(drawing, parent, open ? thing.local(node.name) : thing.iptables(node.name))
  return { eth0, control }
}

/** What is at the Node itself, and at nothing in it, is at its processes; folded, at the sign of its kernel. */
function standAt(drawing: Drawing, node: string, place: string): void {
  const at = drawing.data.at.get(place)
  if (at === undefined) return
  pin(drawing.data, node, at)
  join(drawing.data, 'way', node, place)
}

/** kubelet, kube-proxy and runtime in the header; each opens its own watch through eth0. */
function wideAgents(drawing: Drawing, { node, box, inset = 0 }: HouseSpec): Point {
  const parent = thing.node(node.name)
  const widths = [58, 82, 84] as const
  const ids = [thing.kubelet(node.name), thing.kubeProxy(node.name), thing.runtime(node.name)] as const
  let x = box.x + box.w - 8 - widths.reduce((sum, width) => sum + width + 4, -4)
  const laneY = box.y + HEADER - 2.5
  const plug = pin(drawing.control, thing.eth0(node.name), { x: box.x, y: box.y + HEADER + inset + 7 })
  ids.forEach((id, index) => {
    const w = widths[index] ?? 60
    place(drawing, id, 'agent', { x, y: box.y + 3, w, h: 24 }, { parent })
    watchLane(drawing, id, { x: x + w / 2, y: box.y + 27 }, laneY, thing.eth0(node.name), box.x, index < 2)
    x += w + 4
  })
  return plug
}

function narrowAgents(drawing: Drawing, { node, box, inset = 0 }: HouseSpec): Point {
  const parent = thing.node(node.name)
  const ids = [thing.kubelet(node.name), thing.kubeProxy(node.name), thing.runtime(node.name)] as const
  const roomy = box.w >= 560
  const widths = roomy ? ([58, 82, 84] as const) : ([28, 28, 28] as const)
  const y = box.y + HEADER + inset
  let x = box.x + 20
  const plug = pin(drawing.control, thing.eth0(node.name), { x: box.x, y: y + 8 })
  ids.forEach((id, index) => {
    const w = widths[index] ?? 28
    place(drawing, id, 'agent', { x, y, w, h: 24 }, { parent, detail: roomy ? 'full' : 'sign' })
    watchLane(drawing, id, { x: x + w / 2, y }, y - 3, thing.eth0(node.name), box.x, index < 2)
    x += w + 4
  })
  return plug
}

/** The runtime watches nothing: it is told by its kubelet. It has a place on the lane, but no line to the API server. */
function watchLane(drawing: Drawing, id: string, at: Point, y: number, eth0: string, x: number, watches: boolean): void {
  pin(drawing.control, id, at)
  if (!watches) return
  join(
    drawing.control,
    'watch',
    id,
    eth0,
    [
      { x: at.x, y },
      { x, y },
    ],
    false,
  )
}

/** Width of the Pods' column in a wide house. */
export function podsWidthOf(house: number): number {
  return clamp(Math.round(house * 0.35), 100, Math.min(320, house - KERNEL_LEAST))
}

function wideBody(drawing: Drawing, spec: HouseSpec): Point {
  const { node, box, open } = spec
  const top = box.y + HEADER + (spec.inset ?? 0)
  const bottom = box.y + box.h - 4
  const podsWidth = podsWidthOf(box.w)
  const pods: Box = { x: box.x + box.w - 8 - podsWidth, y: top + 2, w: podsWidth, h: bottom - top - 4 }
  const kernel: Box = { x: box.x + 2, y: top, w: pods.x - 18 - box.x - 2, h: bottom - top }
  drawing.areas.push({ kind: 'kernel', box: kernel, text: '', owner: thing.node(node.name) })
  const parent = thing.node(node.name)
  const isLow = kernel.h < 60
  const bridgeWidth = isLow ? 44 : BRIDGE_WIDTH
  // What leads to Pods on the host's network runs along the foot of the floor, below the bridge that it has nothing to do with.
  const hasHost = spec.pods.some(({ pod }) => pod.hostNetwork)
  const foot = hasHost ? (isLow ? 2 : 4) : 0
  const bridge: Box = { x: kernel.x + kernel.w - bridgeWidth - 5, y: top + 3, w: bridgeWidth, h: kernel.h - 6 - foot }
  const eth0: Box = { x: box.x - ETH0_WIDTH / 2, y: isLow ? top - 8 : top, w: ETH0_WIDTH, h: kernel.h + (isLow ? 8 : 0) }
  const rows = rowsOf({ ...kernel, h: kernel.h - (isLow ? 0 : foot) }, open)
  place(drawing, thing.eth0(node.name), 'eth0', eth0, { parent })
  place(drawing, thing.bridge(node.name), 'bridge', bridge, { parent, detail: isLow ? 'short' : 'full' })
  const plug = pin(drawing.data, thing.eth0(node.name), { x: box.x, y: rows.first })
  pin(drawing.data, thing.bridge(node.name), { x: bridge.x + bridge.w / 2, y: rows.first })
  if (open) {
    const right = bridge.x - 18
    const left = eth0.x + ETH0_WIDTH + 16
    stations(drawing, node.name, { left, right, ...rows, hasHost })
    const entry = { x: left - 10, y: rows.first }
    hookLanes(drawing, node.name, {
      fromBridge: [{ x: bridge.x + bridge.w / 2, y: rows.topLane }, { x: entry.x, y: rows.topLane }, entry],
      toBridge: [],
      toEth0: [
        { x: right + 8, y: rows.first },
        { x: right + 8, y: rows.bottomLane },
        { x: box.x, y: rows.bottomLane },
      ],
    })
  } else foldedFloor(drawing, node.name, { x: eth0.x + ETH0_WIDTH + 10, right: bridge.x - 10, y: rows.first, ruleWidth: 148 })
  layoutPods(
    drawing,
    node.name,
    spec.pods,
    pods,
    {
      vertex: thing.bridge(node.name),
      port: (pod) => ({ x: bridge.x + bridge.w / 2, y: pod.y }),
      side: 'left',
    },
    hostAlongFoot(drawing, node.name, open, kernel.y + kernel.h - (isLow ? 1.5 : 3), pods.x - 9),
  )
  return plug
}

/** From the processes, or from the sign of a folded floor, down to its foot and along it to the Pods. */
function hostAlongFoot(drawing: Drawing, node: string, open: boolean, foot: number, gutter: number): HostSide {
  const vertex = open ? thing.local(node) : thing.iptables(node)
  const from = drawing.data.at.get(vertex) ?? { x: gutter, y: foot }
  const x = open ? processesExit(drawing, node) : from.x
  return { vertex, way: [...(open ? [{ x, y: from.y }] : []), { x, y: foot }, { x: gutter, y: foot }] }
}

/** A folded Node's floor: eth0, what its kernel holds, the bridge. The way through is one line. */
function foldedFloor(
  drawing: Drawing,
  node: string,
  at: { readonly x: number; readonly right: number; readonly y: number; readonly ruleWidth: number },
): void {
  const w = Math.min(at.ruleWidth, at.right - at.x - 8)
  const box = { x: (at.x + at.right - w) / 2, y: at.y - 12, w, h: 24 }
  place(drawing, thing.iptables(node), 'iptables', box, { parent: thing.node(node) })
  pinCentre(drawing.data, thing.iptables(node), box)
  join(drawing.data, 'track', thing.eth0(node), thing.iptables(node))
  join(drawing.data, 'track', thing.iptables(node), thing.bridge(node))
}
