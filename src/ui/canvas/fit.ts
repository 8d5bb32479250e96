import type { Layout } from './layout.js'

const ROOMY = { width: 840, height: 580 }
const LARGEST = 1.4

/** How much larger than life the picture is drawn on a large page. */
export function scaleOf({ width, height }: { readonly width: number; readonly height: number }): number {
  return Math.max(1, Math.min(LARGEST, width / ROOMY.width, height / ROOMY.height))
}

/** The viewport in which everything is seen; on a narrow page as wide as the page. */
export function fitOf(
  { bounds, narrow }: Pick<Layout, 'bounds' | 'narrow'>,
  { width, height }: { readonly width: number; readonly height: number },
): { readonly x: number; readonly y: number; readonly zoom: number } {
  const whole = Math.min(scaleOf({ width, height }), width / bounds.w, height / bounds.h)
  const zoom = narrow ? Math.min(1, width / bounds.w) : Math.max(0.2, whole)
  return { x: (width - bounds.w * zoom) / 2 - bounds.x * zoom, y: -bounds.y * zoom, zoom }
}
