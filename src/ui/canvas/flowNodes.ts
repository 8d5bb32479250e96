import type { Node } from '@xyflow/react'
import type { ThingId } from '../../protocol/index.js'
import type { Face, Placed } from './drawing.js'
import type { FaceData } from './faces/types.js'
import type { Layout } from './layout.js'

export type FlowNode = Node<FaceData>

/** Houses lie beneath the lanes, everything else above them. */
function depthOf(face: Face): number {
  if (face === 'house' || face === 'control-plane') return 0
  return face === 'container' ? 12 : 10
}

/** The wrapper has no role and no name of its own: those are on the thing inside it. */
const PLAIN = { 'aria-roledescription': undefined, tabIndex: undefined }

/**
 * React Flow nodes for a layout. Unchanged ones are the very objects of the time before, so that they are not drawn again.
 */
export function toFlowNodes(layout: Layout, before: ReadonlyMap<ThingId, FlowNode>): ReadonlyMap<ThingId, FlowNode> {
  const nodes = new Map<ThingId, FlowNode>()
  for (const placed of layout.things.values()) {
    const old = before.get(placed.id)
    nodes.set(placed.id, old !== undefined && isSame(old, placed) ? old : toFlowNode(placed, layout.movable.has(placed.id)))
  }
  return nodes
}

function isSame(node: FlowNode, { face, box, detail, open }: Placed): boolean {
  return (
    node.type === face &&
    node.position.x === box.x &&
    node.position.y === box.y &&
    node.width === box.w &&
    node.height === box.h &&
    node.data.detail === detail &&
    node.data.open === open
  )
}

function toFlowNode({ id, face, box, detail, open }: Placed, draggable: boolean): FlowNode {
  return {
    id,
    type: face,
    position: { x: box.x, y: box.y },
    width: box.w,
    height: box.h,
    data: { detail, open, w: box.w, h: box.h },
    draggable,
    selectable: false,
    focusable: false,
    zIndex: depthOf(face),
    domAttributes: PLAIN,
  }
}
