import type { SceneNode } from '../../protocol/index.js'
import type { Drawing } from './drawing.js'
import { join, pin, place } from './drawing.js'
import type { Box } from './geometry.js'
import { thing } from './things.js'

/** Up to this many Nodes are cards with a name; more are tiles. */
export const MOST_CARDS = 60
const CARD = { w: 140, h: 48, gap: 10 }
const TILE = { w: 26, h: 26, gap: 4 }
/** Tiles stand in bands of this many rows, with a wire above each band. */
const BAND_GAP = 10

export interface FieldSpec {
  /** Workers by name. */
  readonly nodes: readonly SceneNode[]
  /** Names of Nodes that are drawn as houses above; their place in the field stays, empty. */
  readonly raised: ReadonlySet<string>
  readonly area: Box
  readonly cable: number
  /** Width of the page by its height. */
  readonly aspect: number
}

interface Grid {
  readonly isTiles: boolean
  readonly size: typeof CARD
  readonly columns: number
  readonly rows: number
  readonly pitch: number
}

function gridOf(nodes: number, width: number, aspect: number): Grid {
  const isTiles = nodes > MOST_CARDS
  const size = isTiles ? TILE : CARD
  // A field as broad as the page is for its height is seen at the largest zoom.
  const broad = isTiles ? Math.ceil(Math.sqrt(nodes * aspect)) : 0
  const columns = Math.max(1, broad, Math.floor((width + size.gap) / (size.w + size.gap)))
  const pitch = size.h + (isTiles ? BAND_GAP : size.gap + 4)
  return { isTiles, size, columns, rows: Math.ceil(nodes / columns), pitch }
}

/** How high a field of so many Nodes is. */
export function fieldHeight(nodes: number, width: number, aspect: number): number {
  const { rows, pitch } = gridOf(nodes, width, aspect)
  return rows * pitch
}

/** Many Nodes: cards or tiles in rows by name. Each row has its own stretch of the underlay's wire above it. */
export function layoutField(drawing: Drawing, spec: FieldSpec): void {
  const { area, nodes } = spec
  const { isTiles, size, columns, pitch, rows } = gridOf(nodes.length, area.w, spec.aspect)
  // Cards share the width of the houses above them.
  const w = isTiles ? TILE.w : Math.floor((area.w - size.gap * (columns - 1)) / columns)
  for (let row = 0; row < rows; row++) {
    const wireY = area.y + row * pitch + (isTiles ? 4 : 6)
    const first = `cable/row${row}`
    pin(drawing.data, first, { x: spec.cable, y: wireY })
    let before = first
    for (let column = 0; column < columns; column++) {
      const node = nodes[row * columns + column]
      if (node === undefined) break
      const box = { x: area.x + column * (w + size.gap), y: wireY + (isTiles ? 5 : 7), w, h: size.h }
      before = plugTile(drawing, node, box, wireY, before, isTiles, spec.raised.has(node.name))
    }
  }
}

function plugTile(
  drawing: Drawing,
  node: SceneNode,
  box: Box,
  wireY: number,
  before: string,
  isTile: boolean,
  isRaised: boolean,
): string {
  const joint = `wire/${node.name}`
  const x = box.x + box.w / 2
  pin(drawing.data, joint, { x, y: wireY })
  join(drawing.data, 'wire', before, joint)
  if (isRaised) return joint
  const id = thing.node(node.name)
  place(drawing, id, isTile ? 'tile' : 'card', box)
  pin(drawing.data, id, { x, y: box.y + box.h / 2 })
  join(drawing.data, 'wire', joint, id)
  return joint
}
