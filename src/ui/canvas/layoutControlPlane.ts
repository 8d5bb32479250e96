import type { Scene, SceneNode, ThingId } from '../../protocol/index.js'
import type { Drawing } from './drawing.js'
import { join, pin, pinCentre, place } from './drawing.js'
import type { Box, Point } from './geometry.js'
import type { HousePlugs } from './houseSpec.js'
import { ETH0_WIDTH, HEADER, OPEN_HEIGHT } from './houseSpec.js'
import { layoutHouse } from './layoutHouse.js'
import type { SlottedPod } from './layoutPods.js'
import { shelfOf } from './shelf.js'
import { thing } from './things.js'

const ROW = 24
const GAP = 5
export const STAR_HEIGHT = 3 * ROW + 2 * GAP + 9
export const CONTROL_PLANE_HEIGHT = HEADER + STAR_HEIGHT
export const CONTROL_PLANE_OPEN_HEIGHT = CONTROL_PLANE_HEIGHT + OPEN_HEIGHT - HEADER

export interface ControlPlaneSpec {
  readonly scene: Scene
  /** The Node on which it runs; undefined when the cluster's Nodes do not show it. */
  readonly node: SceneNode | undefined
  readonly box: Box
  readonly open: boolean
  readonly pods: readonly SlottedPod[]
  readonly narrow: boolean
}

/**
 * Draws the control plane: a star around the API server, inside the Node on which it runs.
 * Every client has a line of its own to the API server; only the API server has one to etcd; what etcd holds lies behind it.
 */
export function layoutControlPlane(drawing: Drawing, spec: ControlPlaneSpec): HousePlugs {
  const plugs = spec.node === undefined ? bareFrame(drawing, spec) : house(drawing, spec, spec.node)
  star(drawing, spec)
  return plugs
}

function house(drawing: Drawing, spec: ControlPlaneSpec, node: SceneNode): HousePlugs {
  if (spec.open)
    return layoutHouse(drawing, { node, box: spec.box, open: true, pods: spec.pods, narrow: spec.narrow, inset: STAR_HEIGHT })
  const { box, narrow } = spec
  const parent = thing.node(node.name)
  place(drawing, parent, 'control-plane', box, {})
  const eth0: Box = { x: box.x - ETH0_WIDTH / 2, y: box.y + HEADER, w: ETH0_WIDTH, h: box.h - HEADER - 4 }
  place(drawing, thing.eth0(node.name), 'eth0', eth0, { parent })
  const y = eth0.y + 14
  pin(drawing.data, thing.eth0(node.name), { x: box.x, y })
  pin(drawing.control, thing.eth0(node.name), { x: box.x, y: box.y + box.h - 5 })
  // The way that packets take behind eth0: past the star to the signs of the header, which stand for what lies on it.
  const lane = { x: box.x + 16, y: box.y + HEADER - 2 }
  pin(drawing.data, floorOf(node), lane)
  join(drawing.data, 'veth', thing.eth0(node.name), floorOf(node), [{ x: lane.x, y }])
  headerSigns(drawing, spec, node, parent, narrow)
  return { eth0: { x: box.x, y }, control: { x: box.x, y: box.y + box.h - 5 } }
}

/** The folded face's agents, rules, bridge and Pods, as signs in the header. */
function headerSigns(drawing: Drawing, spec: ControlPlaneSpec, node: SceneNode, parent: ThingId, narrow: boolean): void {
  const { box, pods } = spec
  const size = narrow ? 24 : 26
  const signs: readonly (readonly [ThingId, 'agent' | 'iptables' | 'bridge'])[] = [
    [thing.kubelet(node.name), 'agent'],
    [thing.kubeProxy(node.name), 'agent'],
    [thing.runtime(node.name), 'agent'],
    [thing.iptables(node.name), 'iptables'],
    [thing.bridge(node.name), 'bridge'],
  ]
  const shown = pods.length <= (narrow ? 0 : 4) ? pods : []
  const fieldWidth = shown.length === 0 && pods.length > 0 ? (narrow ? 34 : 64) : 0
  let x = box.x + box.w - 6 - signs.length * (size + 2) - shown.length * (size + 2) - fieldWidth
  const at = (w: number): Box => ({ x, y: box.y + 3, w, h: 24 })
  const lane = box.y + HEADER - 2
  for (const [id, face] of signs) {
    const sign = place(drawing, id, face, at(size), { parent, detail: 'sign' })
    pinCentre(face === 'agent' ? drawing.control : drawing.data, id, sign)
    if (id === thing.iptables(node.name)) joinBelow(drawing, floorOf(node), id, lane)
    if (id === thing.bridge(node.name)) joinBelow(drawing, thing.iptables(node.name), id, lane)
    x += size + 2
  }
  for (const { pod } of shown) {
    pinCentre(drawing.data, pod.id, place(drawing, pod.id, 'pod', at(size), { parent, detail: 'sign' }))
    joinBelow(drawing, pod.hostNetwork ? thing.iptables(node.name) : thing.bridge(node.name), pod.id, lane)
    x += size + 2
  }
  if (fieldWidth > 0) {
    const field = `pods/${node.name}`
    pinCentre(drawing.data, field, place(drawing, field, 'pod-field', at(fieldWidth), { parent, detail: 'sign' }))
    joinBelow(drawing, thing.bridge(node.name), field, lane)
  }
  // A packet for this Node goes in through eth0; what happens inside is seen when it is opened.
  pin(drawing.data, parent, { x: box.x, y: box.y + HEADER + 14 })
  join(drawing.data, 'way', thing.eth0(node.name), parent)
}

/** The junction behind a folded control plane's eth0. */
function floorOf(node: SceneNode): string {
  return `floor/${node.name}`
}

/** Joins two signs of the header by the lane that runs below them. */
function joinBelow(drawing: Drawing, from: string, to: string, y: number): void {
  const a = drawing.data.at.get(from)
  const b = drawing.data.at.get(to)
  if (a === undefined || b === undefined) return
  join(drawing.data, 'veth', from, to, [
    { x: a.x, y },
    { x: b.x, y },
  ])
}

/**
 * The API server is a process on its Node, in the Node's own network: packets reach it from the kernel's sockets.
 * Folded, the way from eth0 is drawn; in the open house it is seen when it is taken.
 */
function wayToApiServer(drawing: Drawing, { box, node, open }: ControlPlaneSpec, api: Box): void {
  if (node === undefined) return
  const x = api.x + api.w / 2
  if (!open) {
    join(drawing.data, 'veth', floorOf(node), thing.apiServer, [{ x, y: box.y + HEADER - 2 }])
    return
  }
  const local = drawing.data.at.get(thing.local(node.name))
  const ledger = drawing.data.at.get(thing.conntrack(node.name))
  if (local === undefined || ledger === undefined) return
  const below = (local.y + ledger.y) / 2
  const gutter = box.x + ETH0_WIDTH / 2 + 2.5
  const above = box.y + CONTROL_PLANE_HEIGHT - 7
  join(drawing.data, 'way', thing.local(node.name), thing.apiServer, [
    { x: local.x, y: below },
    { x: gutter, y: below },
    { x: gutter, y: above },
    { x, y: above },
  ])
}

/** No Node shows the control plane: it stands outside the cluster's Nodes, as a managed one does. */
function bareFrame(drawing: Drawing, { box }: ControlPlaneSpec): HousePlugs {
  drawing.areas.push({ kind: 'objects', box, text: 'control-plane', owner: undefined })
  const control = pin(drawing.control, 'eth0/control-plane', { x: box.x, y: box.y + box.h - 5 })
  return { eth0: pin(drawing.data, 'eth0/control-plane', { x: box.x, y: box.y + 44 }), control }
}

function star(drawing: Drawing, spec: ControlPlaneSpec): void {
  const { box, narrow, scene, node } = spec
  const parent = node === undefined ? undefined : thing.node(node.name)
  const inHouse = parent === undefined ? {} : { parent }
  const top = box.y + HEADER
  const height = 3 * ROW + 2 * GAP
  const clientsWidth = narrow ? Math.min(150, box.w * 0.34) : 176
  const spoke = narrow ? 14 : 20
  const apiWidth = narrow ? 58 : 84
  const etcdWidth = narrow ? 44 : 62
  const x = box.x + 20
  const clients = [thing.scheduler, thing.controllerManager, thing.cloudControllerManager] as const
  const api = place(
    drawing,
    thing.apiServer,
    'api-server',
    { x: x + clientsWidth + spoke, y: top, w: apiWidth, h: height },
    { ...inHouse },
  )
  pinCentre(drawing.control, thing.apiServer, api)
  pinCentre(drawing.data, thing.apiServer, api)
  wayToApiServer(drawing, spec, api)
  clients.forEach((id, index) => {
    if (!scene.components.has(id)) return
    const row = { x, y: top + index * (ROW + GAP), w: clientsWidth, h: ROW }
    place(drawing, id, 'component', row, inHouse)
    const at = pin(drawing.control, id, { x: row.x + row.w, y: row.y + ROW / 2 })
    join(drawing.control, 'spoke', id, thing.apiServer, [{ x: api.x + api.w / 2, y: at.y }])
  })
  const etcd = { x: api.x + api.w + (narrow ? 10 : 24), y: top, w: etcdWidth, h: height }
  if (scene.components.has(thing.etcd)) {
    place(drawing, thing.etcd, 'etcd', etcd, inHouse)
    pinCentre(drawing.control, thing.etcd, etcd)
    join(drawing.control, 'store', thing.apiServer, thing.etcd)
  }
  shelf(drawing, scene, { x: etcd.x + etcd.w, y: top, w: box.x + box.w - 8 - etcd.x - etcd.w, h: height })
  watchEntry(drawing, spec, api)
}

/** All watches from outside come in through eth0 and meet the API server from below. */
function watchEntry(drawing: Drawing, spec: ControlPlaneSpec, api: Box): void {
  const eth0 = spec.node === undefined ? 'eth0/control-plane' : thing.eth0(spec.node.name)
  const from = drawing.control.at.get(eth0)
  if (from === undefined) return
  const y = spec.open ? spec.box.y + CONTROL_PLANE_HEIGHT - 4 : from.y
  const x = api.x + api.w / 2
  const turn: readonly Point[] = spec.open
    ? [
        { x: from.x, y },
        { x, y },
      ]
    : [{ x, y }]
  join(drawing.control, 'watch', eth0, thing.apiServer, turn)
}

/** What etcd holds that has no shape of its own in the picture: Services, workloads, Pods without a Node. */
function shelf(drawing: Drawing, scene: Scene, area: Box): void {
  const inner: Box = { x: area.x + 6, y: area.y, w: area.w - 6, h: area.h }
  const columns = inner.w >= 190 ? 2 : 1
  const gap = 4
  const w = (inner.w - gap * (columns - 1)) / columns
  const places = columns * 3
  const entries = shelfOf(scene)
  const shown = entries.length > places ? entries.slice(0, places - 1) : entries
  const boxOf = (index: number): Box => ({
    x: inner.x + (index % columns) * (w + gap),
    y: inner.y + Math.floor(index / columns) * (ROW + GAP),
    w,
    h: ROW,
  })
  shown.forEach((id, index) => {
    const box = place(drawing, id, 'object', boxOf(index), { parent: thing.etcd })
    pinCentre(drawing.control, id, box)
  })
  if (entries.length > shown.length)
    place(drawing, `more/${entries.length - shown.length}`, 'more', boxOf(places - 1), { parent: thing.etcd })
}
