import { memo, useMemo } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { useTranslate } from '../../i18n/index.js'
import type { Scene } from '../../protocol/index.js'
import { useMirror } from '../../state/mirror.js'
import { wayBetween } from './anchors.js'
import type { Point } from './geometry.js'
import type { Journey, Stop } from './journey.js'
import type { Lane, Lanes } from './lanes.js'
import styles from './lanes.module.css'
import type { Layout } from './layout.js'
import { arrowsOf, pathOf } from './paths.js'

/** The ways that things travel, at rest: drawn beneath everything that can be pointed at. */
export const LaneLayer = memo(function LaneLayer({ layout }: { readonly layout: Layout }) {
  const t = useTranslate()
  const { bounds } = layout
  const cut = useMirror(useShallow((mirror) => unpluggedOf(mirror.scene)))
  return (
    <svg className={styles['lanes']} width={bounds.w} height={bounds.h} aria-hidden="true">
      {layout.areas.map((area) => (
        <g key={`${area.kind}${area.owner ?? ''}`} className={styles[area.kind]}>
          <rect x={area.box.x} y={area.box.y} width={area.box.w} height={area.box.h} rx="6" />
          {area.kind === 'internet' && (
            <text x={area.box.x + 10} y={area.box.y + 16}>
              {t('canvas.internet')}
            </text>
          )}
          {area.kind === 'kernel' && (
            <KernelName layout={layout} owner={area.owner ?? ''} at={area.box} name={t('canvas.kernel')} />
          )}
        </g>
      ))}
      {[...layout.control.lanes, ...layout.data.lanes].filter(isDrawn).map((lane) => (
        <LanePath key={`${lane.kind} ${lane.a} ${lane.b}`} lane={lane} isCut={isCut(lane, cut)} />
      ))}
    </svg>
  )
})

/** Ends of lanes that lead nowhere: plugs of Nodes that are cut or off, and checks of load balancers that fail. */
function unpluggedOf(scene: Scene): readonly string[] {
  const plugs = [...scene.nodes.values()].filter((node) => !node.connected || !node.powered).map((node) => `eth0/${node.name}`)
  const checks = [...scene.loadBalancers.values()].flatMap((lb) =>
    lb.nodes.filter((node) => !node.usable).map((node) => `${lb.id} eth0/${node.node}`),
  )
  return [...plugs, ...checks]
}

/** A plug's own stretch of wire or of watch, or a load balancer's failing check. */
function isCut(lane: Lane, unplugged: readonly string[]): boolean {
  switch (lane.kind) {
    case 'wire':
    case 'watch':
      return unplugged.includes(lane.a) || unplugged.includes(lane.b)
    case 'health':
      return unplugged.includes(lane.b) || unplugged.includes(`${lane.a} ${lane.b}`)
    default:
      return false
  }
}

/** Some ways are taken at times, but are no connection that stands. */
function isDrawn(lane: Lane): boolean {
  return lane.kind !== 'way'
}

/** The floor's name stands in the free place under PREROUTING, or at the foot of a folded floor. */
function KernelName({
  layout,
  owner,
  at,
  name,
}: {
  readonly layout: Layout
  readonly owner: string
  readonly at: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly name: string
}) {
  if (at.h < 60) return null
  const isOpen = layout.things.get(owner)?.open === true
  const input = layout.data.at.get(`hook/${owner.slice(5)}/INPUT`)
  return (
    <text x={at.x + (isOpen ? 46 : 28)} y={isOpen && input !== undefined ? input.y + 4 : at.y + at.h - 12}>
      {name}
    </text>
  )
}

const LanePath = memo(function LanePath({ lane, isCut }: { readonly lane: Lane; readonly isCut: boolean }) {
  const arrows = lane.kind === 'track' ? arrowsOf(lane.points, 90) : []
  return (
    <>
      <path className={styles[lane.kind]} data-cut={isCut || undefined} d={pathOf(lane.points)} />
      {arrows.map(({ at, angle }) => (
        <path
          key={`${at.x} ${at.y}`}
          className={styles['heading']}
          d="M-3 -3.5 3 0-3 3.5"
          transform={`translate(${at.x} ${at.y}) rotate(${angle})`}
        />
      ))}
    </>
  )
})

/** A leg of the packet's way, between two stops. */
interface Leg {
  readonly key: string
  readonly points: readonly Point[]
  readonly direction: Stop['direction']
  readonly gone: boolean
}

function legsOf(journey: Journey, lanes: Lanes, layout: Layout, scene: Scene): readonly Leg[] {
  const legs: Leg[] = []
  const seen = new Set<string>()
  journey.stops.forEach((stop, index) => {
    const next = journey.stops[index + 1]
    if (next === undefined) return
    const gone = index < journey.here
    const key = `${stop.thing} ${next.thing} ${next.direction} ${gone}`
    if (seen.has(key)) return
    seen.add(key)
    const way = wayBetween(stop.thing, next.thing, lanes, layout, scene)
    if (!way.jump && way.points.length > 1) legs.push({ key, points: way.points, direction: next.direction, gone })
  })
  return legs
}

/** Beside each other, not upon each other: the reply runs a little off the request's line. */
const REPLY_OFF = { x: 3, y: 3 }

interface TrailLayerProps {
  readonly journey: Journey
  readonly layout: Layout
  readonly scene: Scene
}

/** The way already gone, solid; the way to come, dotted. */
export const TrailLayer = memo(function TrailLayer({ journey, layout, scene }: TrailLayerProps) {
  const legs = useMemo(() => legsOf(journey, layout.data, layout, scene), [journey, layout, scene])
  return (
    <svg className={styles['trail']} width={layout.bounds.w} height={layout.bounds.h} aria-hidden="true">
      {legs.map((leg) => (
        <g key={leg.key} data-direction={leg.direction} data-gone={leg.gone}>
          <path d={pathOf(leg.points, leg.direction === 'reply' ? REPLY_OFF : undefined)} />
          {leg.gone &&
            arrowsOf(leg.points, 30).map(({ at, angle }) => (
              <path
                key={`${at.x} ${at.y}`}
                className={styles['head']}
                d={leg.direction === 'request' ? 'M-4 -5 5 0-4 5Z' : 'M-3 -5 4 0-3 5'}
                transform={`translate(${at.x + (leg.direction === 'reply' ? 3 : 0)} ${at.y + (leg.direction === 'reply' ? 3 : 0)}) rotate(${angle})`}
              />
            ))}
        </g>
      ))}
    </svg>
  )
})
