import type { Drawing } from './drawing.js'
import { join, pinCentre, place } from './drawing.js'
import type { Box, Point } from './geometry.js'
import { thing } from './things.js'

const STATION_HEIGHT = 24
const PREROUTING_WIDTH = 88
const FORWARD_WIDTH = 66
const POSTROUTING_WIDTH = 94
const DIAMOND = 24

export interface Rows {
  readonly topLane: number
  readonly first: number
  readonly second: number
  readonly third: number
  readonly bottomLane: number
}

export function rowsOf(kernel: Box, open: boolean): Rows {
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
export function stations(
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
export function hookLanes(drawing: Drawing, node: string, ways: Ways): void {
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

/** Where the way of a Pod on the host's network leaves the processes: above the gap between ledger and rules. */
export function processesExit(drawing: Drawing, node: string): number {
  const local = drawing.things.find((placed) => placed.id === thing.local(node))
  return local === undefined ? 0 : local.box.x + EXIT
}

const EXIT = 10
