import { memo, useLayoutEffect, useRef } from 'react'
import type { Scene } from '../../protocol/index.js'
import { useView } from '../../state/view.js'
import { pointOf, wayBetween } from './anchors.js'
import { placeCallout } from './callout.js'
import type { Point } from './geometry.js'
import type { Layout } from './layout.js'
import type { Message } from './message.js'
import { durationOf, moveAlong } from './motion.js'
import styles from './packet.module.css'

export interface MessengerProps {
  readonly message: Message
  readonly layout: Layout
  readonly scene: Scene
}

/** A message of the control plane: an envelope that goes along a line of the star. It looks like no packet. */
export const Messenger = memo(function Messenger({ message, layout, scene }: MessengerProps) {
  const speed = useView((view) => view.speed)
  const envelope = useRef<HTMLDivElement>(null)
  const { points } = wayBetween(message.from, message.to, layout.control, layout, scene)
  const at = standingOf(message.to, layout, pointOf(message.to, layout.control, layout, scene))
  const duration = durationOf(points, speed)
  // biome-ignore lint/correctness/useExhaustiveDependencies: one step moves one envelope once, however often it is drawn.
  useLayoutEffect(() => {
    if (envelope.current !== null) moveAlong(envelope.current, at === undefined ? points : [...points, at], duration)
  }, [message.step])
  if (at === undefined) return null
  const obstacles = [...layout.things.values()].map((placed) =>
    placed.face === 'house' || placed.face === 'control-plane'
      ? { box: { ...placed.box, w: 240, h: 28 }, weight: 4 }
      : { box: placed.box, weight: 1 },
  )
  const width = Math.min(320, message.words.length * 6.8 + 24)
  const label = placeCallout(at, { w: width, h: 24 }, obstacles, layout.bounds)
  return (
    <div className={styles['packet']} data-direction="control">
      <div ref={envelope} className={styles['token']} style={{ transform: `translate(${at.x}px, ${at.y}px)` }}>
        <svg width="28" height="24" viewBox="-14 -12 28 24" aria-hidden="true">
          <path d="M-11 -8H11V8H-11Z" />
          <path className={styles['glyph']} d="M-11 -8 0 1.5 11 -8" />
        </svg>
      </div>
      <div
        key={message.step}
        className={styles['words']}
        style={{ left: label.x, top: label.y, width, animationDelay: `${Math.round(duration * 0.8)}ms` }}
        lang="en"
        translate="no"
      >
        {message.words}
      </div>
    </div>
  )
})

/** At the foot of what is tall enough, so that its name stays readable. */
function standingOf(id: string, layout: Layout, at: Point | undefined): Point | undefined {
  const box = layout.things.get(id)?.box
  return at === undefined || box === undefined || box.h < 60 || box.h > 120 ? at : { x: at.x, y: box.y + box.h - 16 }
}
