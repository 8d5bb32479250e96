import type { Obstacle } from './callout.js'
import { fitOf } from './fit.js'
import type { Box } from './geometry.js'
import type { Layout } from './layout.js'

/** What the tools and the notice below them take of the page's lower left corner, in CSS pixels. */
const TOOLS = { w: 150, h: 66 }

/** The page around the fitted picture, in the picture's units, and the tools that stand in its corner. */
export function roomOf(
  layout: Pick<Layout, 'bounds' | 'narrow'>,
  { width, height }: { readonly width: number; readonly height: number },
): { readonly room: Box; readonly tools: Obstacle } {
  const { x, y, zoom } = fitOf(layout, { width, height })
  const room = { x: -x / zoom, y: -y / zoom, w: width / zoom, h: Math.max(height / zoom, layout.bounds.h) }
  const tools = { x: room.x, y: (height - TOOLS.h - y) / zoom, w: TOOLS.w / zoom, h: TOOLS.h / zoom }
  return { room, tools: { box: tools, weight: 20 } }
}
