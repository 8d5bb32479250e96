import type { ReactFlowInstance, Viewport } from '@xyflow/react'
import { useReactFlow } from '@xyflow/react'
import { useCallback, useEffect, useRef } from 'react'
import { useMirror } from '../../state/mirror.js'
import { pointOf } from './anchors.js'
import { fitOf } from './fit.js'
import type { Layout } from './layout.js'
import { prefersStill } from './motion.js'
import type { Happening } from './usePicture.js'
import type { Size } from './useSize.js'

/** Smaller than this a picture is not read any more: rather than shrink further, the camera follows the packet. */
const LEAST_READ = 0.72
const PAN_MS = 240

export interface Camera {
  /** Shows the whole picture, and keeps it in view from now on. */
  readonly fit: () => void
  /** From now on somebody's hand is on the camera. */
  readonly take: () => void
  readonly onMoveStart: (event: MouseEvent | TouchEvent | null) => void
}

/**
 * Everything in view at first and when the room changes. When a house opens, the picture is fitted again, unless somebody
 * has panned or zoomed by hand or the words would become too small; then the camera moves only as far as the packet needs.
 */
export function useCamera(layout: Layout, size: Size, happening: Happening): Camera {
  const flow = useReactFlow()
  const scene = useMirror((mirror) => mirror.scene)
  const isReady = layout.things.size > 0
  const { goal, move } = useMoves(flow)
  const isOwn = useRef(true)
  const latest = useRef(layout)
  latest.current = layout
  useEffect(() => {
    if (!isReady) return
    isOwn.current = true
    move(fitOf(latest.current, size), 0)
  }, [move, size, isReady])
  const { w, h } = layout.bounds
  // biome-ignore lint/correctness/useExhaustiveDependencies: the picture's extent is what the camera has to follow.
  useEffect(() => {
    const next = fitOf(latest.current, size)
    if (isReady && latest.current.narrow) {
      // Houses have folded, and the camera looks at where they were.
      const { x, y, zoom } = goal.current ?? flow.getViewport()
      const foot = (latest.current.bounds.y + h) * zoom + y
      if (foot < size.height / 2) move({ x, y: Math.min(next.y, y + size.height - foot), zoom }, PAN_MS)
      return
    }
    const isSmaller = next.zoom < LEAST_READ && next.zoom < flow.getZoom()
    if (!isReady || !isOwn.current || isSmaller) return
    move(next, PAN_MS)
  }, [flow, move, isReady, w, h])
  const here = happening.message?.to ?? happening.journey?.stops[happening.journey.here]?.thing
  useEffect(() => {
    if (here === undefined) return
    const lanes = happening.message === undefined ? layout.data : layout.control
    const at = pointOf(here, lanes, layout, scene)
    if (at === undefined) return
    const whole = fitOf(layout, size)
    const isWhole = isOwn.current && !layout.narrow && whole.zoom >= LEAST_READ
    // The picture is about to be seen as a whole: nothing in it can be out of view.
    if (isWhole) return
    // Where it is on its way to, not where it happens to be: steps may come faster than the picture moves.
    const { x, y, zoom } = goal.current ?? flow.getViewport()
    const seen = { x: at.x * zoom + x, y: at.y * zoom + y }
    const isNarrow = layout.narrow
    const margin = isNarrow ? size.height * 0.6 : Math.min(70, size.height / 5)
    const isSeen = seen.x > 10 && seen.x < size.width - 10 && seen.y > 30 && seen.y < size.height - margin
    if (isSeen) return
    const target = {
      x: isNarrow || (seen.x > 10 && seen.x < size.width - 10) ? x : size.width / 2 - at.x * zoom,
      y: size.height * (isNarrow ? 0.25 : 0.5) - at.y * zoom,
      zoom,
    }
    move(target, PAN_MS)
  }, [here, layout, scene, size, flow, goal, move, happening.message])
  const fit = useCallback(() => {
    isOwn.current = true
    move(fitOf(latest.current, size), 160)
  }, [move, size])
  const take = useCallback(() => {
    isOwn.current = false
    goal.current = undefined
  }, [goal])
  // React Flow names no event when the page itself moves the picture.
  const onMoveStart = useCallback(
    (event: MouseEvent | TouchEvent | null) => {
      if (event === null) return
      isOwn.current = false
      goal.current = undefined
    },
    [goal],
  )
  return { fit, take, onMoveStart }
}

/** Moves the camera in a straight line, and knows where to while it is on its way. */
function useMoves(flow: ReactFlowInstance) {
  const goal = useRef<Viewport | undefined>(undefined)
  const move = useCallback(
    (to: Viewport, ms: number) => {
      goal.current = to
      void flow.setViewport(to, { duration: prefersStill() ? 0 : ms, interpolate: 'linear' }).then(() => {
        if (goal.current === to) goal.current = undefined
      })
    },
    [flow],
  )
  return { goal, move }
}
