import { useStore } from '@xyflow/react'
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import styles from './canvas.module.css'
import type { Layout } from './layout.js'
import { placeSend } from './sendPlace.js'
import type { Size } from './useSize.js'

export interface SendPlaceProps {
  readonly layout: Layout
  readonly size: Size
  readonly children: ReactNode
}

/** Holds the control that sends a request: on the first client, or at the edge beyond which the client is. */
export function SendPlace({ layout, size, children }: SendPlaceProps) {
  const [x, y, zoom] = useStore((store) => store.transform)
  const own = useRef<HTMLDivElement>(null)
  const [extent, setExtent] = useState({ w: 124, h: 28 })
  useLayoutEffect(() => {
    const element = own.current
    if (element === null) return
    const measure = () => {
      const { offsetWidth: w, offsetHeight: h } = element
      if (w > 0) setExtent((old) => (old.w === w && old.h === h ? old : { w, h }))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const client = [...layout.things.values()].find((placed) => placed.face === 'client')?.box
  const at = placeSend(client, extent, { x, y, zoom }, size)
  return (
    <div
      ref={own}
      className={styles['send']}
      data-away={at.away}
      style={{ transform: `translate(${at.x}px, ${at.y}px) scale(${at.scale})` }}
    >
      {children}
    </div>
  )
}
