import type { SceneNode } from '../../protocol/index.js'
import type { Drawing } from './drawing.js'
import { join, pin, pinCentre, place } from './drawing.js'
import type { Box, Point } from './geometry.js'
import { clamp } from './geometry.js'
import type { HostSide, SlottedPod } from './layoutPods.js'
import { layoutPods } from './layoutPods.js'
import { thing } from './things.js'

export const HEADER = 31
export const ETH0_WIDTH = 24
/** A folded house in a row of many. */
export const FOLDED_HEIGHT = 66
/** The least height of a house that can open without moving its neighbours. */
export const OPEN_HEIGHT = 132
export const NARROW_FOLDED_HEIGHT = 66
export const NARROW_OPEN_HEIGHT = 234

const STATION_HEIGHT = 24
const PREROUTING_WIDTH = 88
const FORWARD_WIDTH = 66
const POSTROUTING_WIDTH = 94
const DIAMOND = 24
const BRIDGE_WIDTH = 26
/** What a wide house needs beside its Pods: all stations in one row. */
const KERNEL_LEAST = 396

export interface HouseSpec {
  readonly node: SceneNode
  readonly box: Box
  readonly open: boolean
  readonly pods: readonly SlottedPod[]
  readonly narrow: boolean
  /** Space at the top that belongs to something else (the control plane's star). */
  readonly inset?: number
}

/** Where a house meets the outside. */
export interface HousePlugs {
  readonly eth0: Point
  readonly control: Point
}

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

/** Where the way of a Pod on the host's network leaves the processes: above the gap between ledger and rules. */
function processesExit(drawing: Drawing, node: string): number {
  const local = drawing.things.find((placed) => placed.id === thing.local(node))
  return local === undefined ? 0 : local.box.x + EXIT
}

const EXIT = 10

interface Rows {
  readonly topLane: number
  readonly first: number
  readonly second: number
  readonly third: number
  readonly bottomLane: number
}

function rowsOf(kernel: Box, open: boolean): Rows {
  const bottomLane = kernel.y + kernel.h - 5
  if (!open && kernel.h < 60) {
    const y = kernel.y + kernel.h / 2
    return { topLane: y, first: y, second: y, third: y, bottomLane: y }
  }
  const topLane = kernel.y + 5
  const first = topLane + 5 + STATION_HEIGHT / 2
  const third = bottomLane - 5 - 12
  return { topLane, first, second: Math.round((first + third) / 2), third, bottomLane }
}

/** The hooks in the order in which a packet meets them, conntrack's ledger beside them, and what the proxy wrote below. */
function stations(
  drawing: Drawing,
  node: string,
  space: Rows & { readonly left: number; readonly right: number; readonly hasHost: boolean },
): void {
  const parent = thing.node(node)
  const { left, right, first, second, third } = space
  const slack = right - left - PREROUTING_WIDTH - DIAMOND - FORWARD_WIDTH - POSTROUTING_WIDTH
  const gap = Math.max(4, slack / 3)
  const station = (hook: string, x: number, y: number, w: number) => {
    const box = { x, y: y - STATION_HEIGHT / 2, w, h: STATION_HEIGHT }
    place(drawing, thing.hook(node, hook), 'station', box, { parent })
    pinCentre(drawing.data, thing.hook(node, hook), box)
    return box
  }
  const pre = station('PREROUTING', left, first, PREROUTING_WIDTH)
  const diamond = { x: pre.x + pre.w + gap, y: first - DIAMOND / 2, w: DIAMOND, h: DIAMOND }
  place(drawing, thing.routing(node), 'routing', diamond, { parent })
  pinCentre(drawing.data, thing.routing(node), diamond)
  station('FORWARD', diamond.x + DIAMOND + gap, first, FORWARD_WIDTH)
  const post = station('POSTROUTING', right - POSTROUTING_WIDTH, first, POSTROUTING_WIDTH)
  const start = diamond.x + DIAMOND / 2 + 6
  const room = right - start
  const widths = { input: 50, local: Math.min(82, room - 50 - 58 - 8), output: 58 }
  station('INPUT', start, second, widths.input)
  const localX = start + widths.input + (room - widths.input - widths.local - widths.output) / 2
  const local = { x: localX, y: second - 12, w: widths.local, h: 24 }
  place(drawing, thing.local(node), 'local', local, { parent })
  pinCentre(drawing.data, thing.local(node), local)
  station('OUTPUT', right - widths.output, second, widths.output)
  // With a way through between them, the gap stands where that way comes down.
  const half = space.hasHost ? local.x + EXIT - 4 - left : (right - left - 8) / 2
  const ledger = { x: left, y: third - 12, w: half, h: 24 }
  place(drawing, thing.conntrack(node), 'conntrack', ledger, { parent })
  pinCentre(drawing.data, thing.conntrack(node), ledger)
  const rules = { x: left + half + 8, y: third - 12, w: right - left - half - 8, h: 24 }
  place(drawing, thing.iptables(node), 'iptables', rules, { parent })
  pinCentre(drawing.data, thing.iptables(node), rules)
  drawing.data.lanes.push({
    a: thing.hook(node, 'PREROUTING'),
    b: thing.conntrack(node),
    kind: 'lookup',
    oneWay: false,
    points: [
      { x: pre.x + 12, y: pre.y + pre.h },
      { x: pre.x + 12, y: ledger.y },
    ],
  })
  const out = { x: right - widths.output / 2, y: second }
  join(
    drawing.data,
    'track',
    thing.hook(node, 'OUTPUT'),
    thing.hook(node, 'POSTROUTING'),
    [{ x: out.x, y: post.y + STATION_HEIGHT / 2 }],
    true,
  )
}

interface Ways {
  readonly fromBridge: readonly Point[]
  readonly toBridge: readonly Point[]
  readonly toEth0: readonly Point[]
}

/** The one-way track through the hooks; frames from eth0 and from the bridge enter it at the same place. */
function hookLanes(drawing: Drawing, node: string, ways: Ways): void {
  const hook = (name: string) => thing.hook(node, name)
  const track = (a: string, b: string, via: readonly Point[] = []) => join(drawing.data, 'track', a, b, via, true)
  track(thing.eth0(node), hook('PREROUTING'))
  track(thing.bridge(node), hook('PREROUTING'), ways.fromBridge)
  track(hook('PREROUTING'), thing.routing(node))
  track(thing.routing(node), hook('FORWARD'))
  track(hook('FORWARD'), hook('POSTROUTING'))
  const turn = drawing.data.at.get(thing.routing(node))
  const input = drawing.data.at.get(hook('INPUT'))
  if (turn !== undefined && input !== undefined) track(thing.routing(node), hook('INPUT'), [{ x: turn.x, y: input.y }])
  track(hook('INPUT'), thing.local(node))
  track(thing.local(node), hook('OUTPUT'))
  track(hook('POSTROUTING'), thing.bridge(node), ways.toBridge)
  track(hook('POSTROUTING'), thing.eth0(node), ways.toEth0)
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

/** A house on a narrow page: the bridge lies across the kernel's foot and the Pods stand below it. */
function narrowBody(drawing: Drawing, spec: HouseSpec): Point {
  const { node, box, open } = spec
  const parent = thing.node(node.name)
  const agentsBottom = box.y + HEADER + 26 + (spec.inset ?? 0)
  const podsHeight = 30
  const pods: Box = { x: box.x + 20, y: box.y + box.h - podsHeight - 4, w: box.w - 28, h: podsHeight }
  if (!open) return narrowFolded(drawing, spec, box.w >= 560 ? 236 : 96)
  const kernel: Box = { x: box.x + 2, y: agentsBottom + 2, w: box.w - 8, h: pods.y - agentsBottom - 12 }
  drawing.areas.push({ kind: 'kernel', box: kernel, text: '', owner: parent })
  const bridge: Box = { x: box.x + 20, y: kernel.y + kernel.h - 27, w: kernel.w - 24, h: 24 }
  const inner: Box = { ...kernel, h: bridge.y - kernel.y + 2 }
  const rows = rowsOf(inner, true)
  const eth0: Box = { x: box.x - ETH0_WIDTH / 2, y: kernel.y, w: ETH0_WIDTH, h: kernel.h }
  place(drawing, thing.eth0(node.name), 'eth0', eth0, { parent })
  place(drawing, thing.bridge(node.name), 'bridge', bridge, { parent, detail: 'short' })
  const plug = pin(drawing.data, thing.eth0(node.name), { x: box.x, y: rows.first })
  const far = bridge.x + bridge.w
  pin(drawing.data, thing.bridge(node.name), { x: far - 8, y: bridge.y + 12 })
  const left = box.x + ETH0_WIDTH / 2 + 12
  const right = far - 30
  stations(drawing, node.name, { left, right, ...rows, hasHost: false })
  hookLanes(drawing, node.name, {
    fromBridge: [
      { x: far - 8, y: rows.topLane },
      { x: left - 7, y: rows.topLane },
      { x: left - 7, y: rows.first },
    ],
    toBridge: [
      { x: right + 16, y: rows.first },
      { x: right + 16, y: bridge.y + 12 },
    ],
    toEth0: [
      { x: right + 8, y: rows.first },
      { x: right + 8, y: rows.bottomLane },
      { x: box.x, y: rows.bottomLane },
    ],
  })
  const side = below(thing.bridge(node.name), far - 8, bridge, pods)
  layoutPods(
    drawing,
    node.name,
    spec.pods,
    pods,
    side,
    hostAround(drawing, node.name, box.x + ETH0_WIDTH / 2 + 4, rows, side.port().y),
  )
  return plug
}

/** From the processes between the rows to the left, and down past the bridge that lies across the foot. */
function hostAround(drawing: Drawing, node: string, gutter: number, rows: Rows, gap: number): HostSide {
  const vertex = thing.local(node)
  const x = processesExit(drawing, node)
  const from = drawing.data.at.get(vertex) ?? { x, y: rows.second }
  const between = (rows.second + rows.third) / 2
  return {
    vertex,
    way: [
      { x, y: from.y },
      { x, y: between },
      { x: gutter, y: between },
      { x: gutter, y: gap },
    ],
  }
}

/** One row: eth0, agents, rules, bridge, and the Pods' names behind it. */
function narrowFolded(drawing: Drawing, spec: HouseSpec, agents: number): Point {
  const { node, box } = spec
  const parent = thing.node(node.name)
  const eth0: Box = { x: box.x - ETH0_WIDTH / 2, y: box.y + HEADER - 6, w: ETH0_WIDTH, h: box.h - HEADER + 2 }
  place(drawing, thing.eth0(node.name), 'eth0', eth0, { parent })
  const y = box.y + HEADER + 12
  const plug = pin(drawing.data, thing.eth0(node.name), { x: box.x, y })
  const rules: Box = { x: box.x + 20 + agents + 4, y: y - 12, w: 28, h: 24 }
  place(drawing, thing.iptables(node.name), 'iptables', rules, { parent, detail: 'sign' })
  pinCentre(drawing.data, thing.iptables(node.name), rules)
  const bridge: Box = { x: rules.x + 36, y: y - 12, w: 28, h: 24 }
  place(drawing, thing.bridge(node.name), 'bridge', bridge, { parent, detail: 'sign' })
  pinCentre(drawing.data, thing.bridge(node.name), bridge)
  join(drawing.data, 'track', thing.iptables(node.name), thing.bridge(node.name))
  // The wire passes under the agents' row: they are processes, packets do not go through them.
  const under = y + 15
  join(drawing.data, 'track', thing.eth0(node.name), thing.iptables(node.name), [
    { x: box.x, y: under },
    { x: rules.x + 14, y: under },
  ])
  const left = bridge.x + bridge.w + 10
  const pods: Box = { x: left, y: y - 12, w: box.x + box.w - 8 - left, h: 24 }
  layoutPods(
    drawing,
    node.name,
    spec.pods,
    pods,
    {
      vertex: thing.bridge(node.name),
      port: () => ({ x: bridge.x + bridge.w / 2, y }),
      side: 'left',
    },
    {
      // Over the sign of the bridge.
      vertex: thing.iptables(node.name),
      way: [
        { x: rules.x + 14, y: y - 15 },
        { x: left - 5, y: y - 15 },
      ],
    },
  )
  return plug
}

/** Pods under a bridge that lies across: each veth leaves it at one place and runs in the gap between. */
function below(vertex: string, x: number, bridge: Box, pods: Box) {
  return {
    vertex,
    port: () => ({ x, y: (bridge.y + bridge.h + pods.y) / 2 }),
    side: 'above' as const,
  }
}
