import type { Layout } from './layout.js'

/** The viewport in which everything is seen; never larger than life, and on a narrow page as wide as the page. */
export function fitOf(
  { bounds, narrow }: Pick<Layout, 'bounds' | 'narrow'>,
  { width, height }: { readonly width: number; readonly height: number },
): { readonly x: number; readonly y: number; readonly zoom: number } {
  const whole = Math.min(1, width / bounds.w, height / bounds.h)
  const zoom = narrow ? Math.min(1, width / bounds.w) : Math.max(0.2, whole)
  return { x: (width - bounds.w * zoom) / 2 - bounds.x * zoom, y: -bounds.y * zoom, zoom }
}
