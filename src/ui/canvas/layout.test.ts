import { describe, expect, it } from 'vitest'
import { fixtureScene } from '../../testing/sceneFixture.js'
import type { Placed } from './drawing.js'
import { contains, crosses, overlaps } from './geometry.js'
import { findWay, type Lane } from './lanes.js'
import { type Layout, layoutScene } from './layout.js'
import { assignSlots, NO_SLOTS } from './slots.js'

/** Faces that hold others, or that others may stand on: everything else must have its place for itself. */
const HOLDERS: ReadonlySet<string> = new Set(['house', 'control-plane'])

function layoutOf(
  nodes: number,
  podsPerNode: number,
  open: readonly string[] = [],
  size = { width: 800, height: 620 },
  moved = {},
): Layout {
  const scene = fixtureScene({ nodes, podsPerNode })
  return layoutScene({ scene, slots: assignSlots(NO_SLOTS, scene), open: new Set(open), moved, ...size })
}

function clashes(layout: Layout): readonly string[] {
  const solid = [...layout.things.values()].filter((placed) => !HOLDERS.has(placed.face))
  const found: string[] = []
  solid.forEach((a, index) => {
    for (const b of solid.slice(index + 1))
      if (a.parent !== b.id && b.parent !== a.id && overlaps(a.box, b.box)) found.push(`${a.id} on ${b.id}`)
  })
  const houses = [...layout.things.values()].filter((placed) => HOLDERS.has(placed.face))
  houses.forEach((a, index) => {
    for (const b of houses.slice(index + 1)) if (overlaps(a.box, b.box)) found.push(`${a.id} on ${b.id}`)
  })
  return found
}

/** Lanes that pass through a box that is neither one of their ends nor holds one of them. */
function crossings(layout: Layout): readonly string[] {
  const found: string[] = []
  const isEnd = (placed: Placed, lane: Lane) => {
    for (const end of [lane.a, lane.b]) {
      if (end === placed.id || (end === 'person' && placed.id === 'host/router')) return true
      if (layout.things.get(end)?.parent === placed.id) return true
    }
    return false
  }
  for (const lane of [...layout.data.lanes, ...layout.control.lanes])
    for (const placed of layout.things.values()) {
      if (HOLDERS.has(placed.face) || isEnd(placed, lane) || placed.face === 'container') continue
      lane.points.forEach((point, index) => {
        const next = lane.points[index + 1]
        if (next !== undefined && crosses(placed.box, point, next))
          found.push(`${lane.kind} ${lane.a} > ${lane.b} through ${placed.id}`)
      })
    }
  return found
}

function slanted(layout: Layout): readonly string[] {
  return [...layout.data.lanes, ...layout.control.lanes].flatMap((lane) =>
    lane.points.flatMap((point, index) => {
      const next = lane.points[index + 1]
      return next === undefined || Math.abs(next.x - point.x) < 0.01 || Math.abs(next.y - point.y) < 0.01
        ? []
        : [`${lane.kind} ${lane.a} > ${lane.b}`]
    }),
  )
}

const SIZES = [
  { width: 800, height: 620 },
  { width: 824, height: 716 },
  { width: 1200, height: 700 },
  { width: 730, height: 430 },
  { width: 729, height: 430 },
  { width: 760, height: 466 },
  { width: 500, height: 560 },
  { width: 390, height: 480 },
]

describe('layout', () => {
  for (const nodes of [1, 2, 3, 4, 7, 10])
    for (const pods of [0, 1, 3, 4, 8, 12, 13, 30])
      it(`places ${nodes} Nodes with ${pods} Pods each without overlaps, lanes beside boxes and at right angles`, () => {
        for (const size of SIZES)
          for (const open of [[], ['node1'], ['node1', 'node3', 'control-plane']]) {
            const layout = layoutOf(nodes, pods, open, size)
            const where = `${size.width}x${size.height}, open ${open.join(' ')}`
            expect(clashes(layout), where).toEqual([])
            expect(crossings(layout), where).toEqual([])
            expect(slanted(layout), where).toEqual([])
          }
      })

  it('leads to a Pod on the host network from the processes of its Node, past the bridge, whatever stands beside it', () => {
    for (const podsPerNode of [1, 2, 4, 6, 30])
      for (const size of SIZES)
        for (const open of [[], ['node1', 'node2']]) {
          const plain = fixtureScene({ nodes: 3, podsPerNode })
          // Every other Pod is on the host's network.
          const pods = [...plain.pods].map(
            ([id, pod], index) => [id, index % 2 === 0 ? { ...pod, hostNetwork: true } : pod] as const,
          )
          const scene = { ...plain, pods: new Map(pods) }
          const layout = layoutScene({ scene, slots: assignSlots(NO_SLOTS, scene), open: new Set(open), moved: {}, ...size })
          const where = `${podsPerNode} ${size.width}x${size.height} ${open.join(' ')}`
          expect(clashes(layout), where).toEqual([])
          expect(crossings(layout), where).toEqual([])
          expect(slanted(layout), where).toEqual([])
          for (const placed of layout.things.values()) {
            const pod = scene.pods.get(placed.id)
            if (placed.face !== 'pod' || pod?.hostNetwork !== true || pod.node === 'control-plane') continue
            expect(findWay(layout.data, `node/${pod.node}`, placed.id), `${where} ${placed.id}`).toBeDefined()
            expect(layout.data.lanes.filter((lane) => lane.b === placed.id).map((lane) => lane.kind)).toEqual(['process'])
          }
        }
  })

  it('fits the default cluster into 800x620 at full size, with all its Nodes open', () => {
    const scene = fixtureScene()
    const slots = assignSlots(NO_SLOTS, scene)
    const layout = layoutScene({
      scene,
      slots,
      open: new Set(['node1', 'node2', 'node3']),
      moved: {},
      width: 800,
      height: 620,
    })
    const page = { x: 0, y: 0, w: 800, h: 620 }
    for (const placed of layout.things.values()) expect(contains(page, placed.box), placed.id).toBe(true)
  })

  it('opens a Node without moving anything that is outside of it', () => {
    const folded = layoutOf(3, 2)
    const opened = layoutOf(3, 2, ['node2'])
    for (const [id, placed] of folded.things) {
      const now = opened.things.get(id)
      if (placed.parent === 'node/node2' && placed.face !== 'pod') continue
      expect(now?.box, id).toEqual(placed.box)
    }
  })

  it('opens one of many Nodes below their cards, and moves none of them', () => {
    const folded = layoutOf(20, 2)
    const opened = layoutOf(20, 2, ['node6', 'node20'])
    const cards = [...opened.things.values()].filter((placed) => placed.face === 'card')
    expect(cards).toHaveLength(18)
    for (const card of cards) expect(folded.things.get(card.id)?.box, card.id).toEqual(card.box)
    const lowest = Math.max(...cards.map(({ box }) => box.y + box.h))
    for (const node of ['node6', 'node20']) expect(opened.things.get(`node/${node}`)?.box.y).toBeGreaterThan(lowest)
    expect(clashes(opened)).toEqual([])
    expect(crossings(opened)).toEqual([])
  })

  it('gives every thing that people may act on a target of 24 px', () => {
    const scene = fixtureScene()
    for (const size of SIZES) {
      const layout = layoutScene({ scene, slots: assignSlots(NO_SLOTS, scene), open: new Set(['node1']), moved: {}, ...size })
      for (const placed of layout.things.values()) {
        expect(placed.box.w, placed.id).toBeGreaterThanOrEqual(24)
        expect(placed.box.h, placed.id).toBeGreaterThanOrEqual(24)
      }
    }
  })

  it('leads from the client through the kernel of one Node to a Pod on another', () => {
    const layout = layoutOf(3, 1, ['node1', 'node3'])
    const hops = [
      ['client/203.0.113.7', 'lb/default/web'],
      ['lb/default/web', 'eth0/node3'],
      ['eth0/node3', 'hook/node3/PREROUTING'],
      ['hook/node3/PREROUTING', 'hook/node3/FORWARD'],
      ['hook/node3/FORWARD', 'hook/node3/POSTROUTING'],
      ['hook/node3/POSTROUTING', 'eth0/node1'],
      ['hook/node1/POSTROUTING', 'pod/default/web-7c9d8f6b5-0000'],
      ['bridge/node1', 'hook/node1/PREROUTING'],
      ['hook/node1/INPUT', 'local/node1'],
    ] as const
    for (const [from, to] of hops) expect(findWay(layout.data, from, to), `${from} > ${to}`).toBeDefined()
    const back = findWay(layout.data, 'hook/node3/POSTROUTING', 'hook/node3/FORWARD')
    expect(back?.length ?? 99, 'no way back through the hooks').toBeGreaterThan(4)
  })

  it('leads every watch to the API server over the cable, and only the API server to etcd', () => {
    const layout = layoutOf(3, 1)
    for (const client of ['scheduler', 'controller-manager', 'kubelet/node2', 'kube-proxy/node3', 'kubelet/node1', 'person'])
      expect(findWay(layout.control, client, 'apiserver'), client).toBeDefined()
    expect(layout.control.from.get('etcd')?.map((hop) => hop.to)).toEqual(['apiserver'])
  })

  it('puts dragged things where they were dragged, and leads their wires around the rest', () => {
    const layout = layoutOf(
      3,
      2,
      [],
      { width: 800, height: 620 },
      { 'lb/default/web': { x: 300, y: 660 }, 'node/node2': { x: 900, y: 300 } },
    )
    expect(layout.things.get('lb/default/web')?.box).toMatchObject({ x: 300, y: 660 })
    expect(layout.things.get('bridge/node2')?.box.x ?? 0).toBeGreaterThan(900)
    const outer = crossings(layout).filter((text) => text.startsWith('wire'))
    expect(outer).toEqual([])
    expect(slanted(layout)).toEqual([])
  })

  it('puts no dragged thing on another, wherever it was dropped, and the latest gives way', () => {
    const size = { width: 800, height: 620 }
    const places = [
      { x: 182, y: 110 },
      { x: 200, y: 300 },
      { x: 20, y: 200 },
      { x: 150, y: -40 },
      { x: 420, y: 420 },
    ]
    for (const open of [[], ['node1', 'node2', 'node3', 'control-plane']])
      for (const a of places)
        for (const b of places) {
          const moved = { 'node/node3': a, 'lb/default/web': b, 'node/node1': b, 'node/control-plane': a }
          const layout = layoutOf(3, 2, open, size, moved)
          const where = `${open.join(' ')} ${JSON.stringify(moved)}`
          expect(clashes(layout), where).toEqual([])
          for (const placed of layout.things.values()) {
            if (!HOLDERS.has(placed.face)) continue
            for (const other of layout.things.values())
              if (other.parent === undefined && other !== placed) expect(overlaps(other.box, placed.box), where).toBe(false)
          }
          expect(slanted(layout), where).toEqual([])
        }
    const free = { x: 900, y: 40 }
    const layout = layoutOf(3, 2, [], size, { 'node/node3': free, 'node/node1': free })
    expect(layout.things.get('node/node3')?.box).toMatchObject(free)
    expect(layout.things.get('node/node1')?.box).not.toMatchObject(free)
  })

  it('leads packets from the eth0 of the folded control plane to the API server, its rules and its Pods, and in the open one too', () => {
    const folded = layoutOf(3, 1)
    for (const to of ['apiserver', 'iptables/control-plane', 'bridge/control-plane'])
      expect(findWay(folded.data, 'eth0/control-plane', to), to).toBeDefined()
    const open = layoutOf(3, 1, ['control-plane'])
    expect(findWay(open.data, 'local/control-plane', 'apiserver')).toBeDefined()
    for (const node of ['node1', 'control-plane'])
      for (const layout of [folded, open]) expect(findWay(layout.data, `eth0/${node}`, `node/${node}`), node).toBeDefined()
  })

  it('shows a thousand Nodes as tiles', () => {
    const layout = layoutOf(1000, 1)
    expect([...layout.things.values()].filter((placed) => placed.face === 'tile')).toHaveLength(1000)
    expect(clashes(layoutOf(200, 1))).toEqual([])
  })
})

describe('slots', () => {
  it('keeps the place of every Pod when another goes, and fills the gap with the next', () => {
    const scene = fixtureScene({ nodes: 1, podsPerNode: 4 })
    const before = assignSlots(NO_SLOTS, scene)
    const gone = 'pod/default/web-7c9d8f6b5-0001'
    const fewer = { ...scene, pods: new Map([...scene.pods].filter(([id]) => id !== gone)) }
    const after = assignSlots(before, fewer)
    for (const [id, place] of after) expect(place).toEqual(before.get(id))
    const pod = scene.pods.get(gone)
    if (pod === undefined) throw new Error('the fixture has changed')
    const more = { ...fewer, pods: new Map([...fewer.pods, ['pod/default/aaa', { ...pod, id: 'pod/default/aaa', name: 'aaa' }]]) }
    expect(assignSlots(after, more).get('pod/default/aaa')).toEqual(before.get(gone))
    expect(assignSlots(before, scene)).toBe(before)
  })
})
