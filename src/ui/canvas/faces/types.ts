import type { Node, NodeProps } from '@xyflow/react'
import type { Detail } from '../drawing.js'

/** What every node of the picture carries; the rest is read from the mirror by its id. */
export type FaceData = { readonly detail: Detail; readonly open: boolean; readonly w: number; readonly h: number }
export type FaceProps = NodeProps<Node<FaceData>>

/** The part of an id after its kind: `node1` of `eth0/node1`. */
export function nameIn(id: string): string {
  return id.slice(id.indexOf('/') + 1)
}
