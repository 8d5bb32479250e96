import type { Box } from './geometry.js'
import { clamp } from './geometry.js'

/** Height of the room above the client's face, in the picture's units. */
export const SEND_ROOM = 46
const EDGE = 8
/** The tools and the notice stand at the foot; on a phone the packet's header does. */
const FOOT = 110
const NARROW = 700
/** The control is no smaller than this, however far away the picture is, so that it can always be hit. */
const LEAST = 0.9

/**
 * Where the sending control stands on the page: above the client's face, within the picture in any case.
 *
 * @param client the client's box in the picture; without one it stands in the corner.
 * @param extent the control's own size at scale 1
 */
export function placeSend(
  client: Box | undefined,
  extent: { readonly w: number; readonly h: number },
  { x, y, zoom }: { readonly x: number; readonly y: number; readonly zoom: number },
  { width, height }: { readonly width: number; readonly height: number },
): { readonly x: number; readonly y: number; readonly scale: number; readonly away: boolean } {
  const scale = Math.max(LEAST, zoom)
  const w = extent.w * scale
  const h = extent.h * scale
  const centre = client === undefined ? 0 : (client.x + client.w / 2) * zoom + x
  const foot = client === undefined ? 0 : (client.y + SEND_ROOM - 2) * zoom + y
  const wanted = { x: centre - w / 2, y: foot - h }
  const at = {
    x: clamp(wanted.x, EDGE, Math.max(EDGE, width - w - EDGE)),
    y: clamp(wanted.y, EDGE, Math.max(EDGE, height - h - FOOT)),
  }
  const away = Math.abs(at.x - wanted.x) > h || Math.abs(at.y - wanted.y) > h
  // Nodes have their names at the left: where there is little room, what is not at its place keeps to the right.
  if (away && width < NARROW) at.x = Math.max(EDGE, width - w - EDGE)
  return { x: Math.round(at.x), y: Math.round(at.y), scale, away }
}
