import type { Drawing } from './drawing.js'
import { join, pin, pinCentre, place } from './drawing.js'
import type { Box, Point } from './geometry.js'
import type { HouseSpec } from './houseSpec.js'
import { ETH0_WIDTH, HEADER } from './houseSpec.js'
import type { Rows } from './layoutKernel.js'
import { hookLanes, processesExit, rowsOf, stations } from './layoutKernel.js'
import type { HostSide } from './layoutPods.js'
import { layoutPods } from './layoutPods.js'
import { thing } from './things.js'

/** A house on a narrow page: the bridge lies across the kernel's foot and the Pods stand below it. */
export function narrowBody(drawing: Drawing, spec: HouseSpec): Point {
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
