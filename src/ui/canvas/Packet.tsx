import { useStore } from '@xyflow/react'
import { memo, type ReactNode, useLayoutEffect, useMemo, useRef } from 'react'
import { createPortal } from 'react-dom'
import { useTranslate } from '../../i18n/index.js'
import type { PacketView, Scene } from '../../protocol/index.js'
import { useView } from '../../state/view.js'
import { anchorOf, pointOf, wayBetween } from './anchors.js'
import type { Obstacle } from './callout.js'
import { leaderEnd, placeCallout, within } from './callout.js'
import type { Placed } from './drawing.js'
import type { Box, Point } from './geometry.js'
import { simplify } from './geometry.js'
import type { Journey } from './journey.js'
import { stopsBetween } from './journey.js'
import type { Layout } from './layout.js'
import { durationOf, moveAlong } from './motion.js'
import styles from './packet.module.css'
import { RULES_SHOWN, RULES_SHOWN_CLOSE, RulesMet, shortChain, shortRule } from './RulesMet.js'
import { roomOf } from './room.js'
import { thing } from './things.js'
import type { Size } from './useSize.js'

export interface PacketProps {
  readonly journey: Journey
  readonly layout: Layout
  readonly scene: Scene
  /** Of the page's part that shows the picture. */
  readonly size: Size
}

/** The packet: a token on the track, with its header beside it and, at a hook, the rules it met there. */
export const Packet = memo(function Packet({ journey, layout, scene, size }: PacketProps) {
  const speed = useView((view) => view.speed)
  const here = journey.stops[journey.here]
  const track = here === undefined ? undefined : pointOf(here.thing, layout.data, layout, scene)
  const at = useStanding(here?.thing, track, layout, scene)
  const token = useRef<HTMLDivElement>(null)
  const way = useWay(journey, layout, scene, at)
  const duration = durationOf(way, speed)
  useLayoutEffect(() => {
    if (token.current !== null) moveAlong(token.current, way, duration)
  }, [way, duration])
  const callout = useCallout(at, journey, layout, scene, size)
  if (at === undefined || callout === undefined) return null
  const words = <PacketWords journey={journey} most={rulesShownIn(layout)} />
  return (
    <div className={styles['packet']} data-direction={journey.direction}>
      {!layout.narrow && <Leader from={at} to={callout} />}
      <div
        ref={token}
        className={styles['token']}
        style={{ transform: `translate(${at.x}px, ${at.y}px)` }}
        data-end={journey.end}
        data-token={here?.thing}
      >
        <TokenShape direction={journey.direction} end={journey.end} refuses={isRefusal(journey.packet)} />
      </div>
      {layout.narrow ? (
        <Docked direction={journey.direction}>{words}</Docked>
      ) : (
        <div
          key={`${journey.flow} ${here?.step ?? 0}`}
          className={styles['callout']}
          style={{ left: callout.x, top: callout.y, width: callout.w, animationDelay: `${Math.round(duration * 0.8)}ms` }}
        >
          {words}
        </div>
      )}
    </div>
  )
})

/** Its place is that of the callout as it will be when the packet leaves here, so that it does not move while rules are met. */
function useCallout(at: Point | undefined, journey: Journey, layout: Layout, scene: Scene, size: Size): Box | undefined {
  return useMemo(() => {
    if (at === undefined) return undefined
    const { room, tools } = roomOf(layout, size)
    const stay = journey.rules.length === 0 ? journey : journey.grown
    const most = rulesShownIn(layout)
    const place = placeCallout(at, calloutSize(stay, most), [...obstaclesOf(journey, layout, scene), tools], room)
    return within(place, at, calloutSize(journey, most))
  }, [at, journey, layout, scene, size])
}

/** On a narrow page there is no free place beside the token: what it carries stands at the foot of the picture. */
function Docked({ direction, children }: { readonly direction: Journey['direction']; readonly children: ReactNode }) {
  const root = useStore((store) => store.domNode)
  if (root === null) return null
  return createPortal(
    <div className={styles['docked']} data-direction={direction}>
      {children}
    </div>,
    root,
  )
}

/** How many rules the callout lists in this picture. */
function rulesShownIn(layout: Layout): number {
  for (const placed of layout.things.values()) if (placed.face === 'card') return RULES_SHOWN_CLOSE
  return RULES_SHOWN
}

function PacketWords({ journey, most }: { readonly journey: Journey; readonly most: number }) {
  return (
    <>
      <Header journey={journey} />
      {journey.rules.length > 0 && <RulesMet rules={journey.rules} most={most} />}
    </>
  )
}

/** On a station the token stands on the roof, so that the name stays readable. */
function useStanding(at: string | undefined, track: Point | undefined, layout: Layout, scene: Scene): Point | undefined {
  return useMemo(() => {
    if (at === undefined || track === undefined) return undefined
    const placed = placeOf(at, layout, scene)
    if (placed?.face === 'client') return { x: track.x, y: track.y + 8 }
    const isRoof = placed !== undefined && (ON_ROOF.has(placed.face) || (layout.narrow && placed.face === 'pod'))
    return isRoof ? { x: track.x, y: placed.box.y - 7 } : track
  }, [at, track, layout, scene])
}

/** What is at a Node and at nothing in it stands at its processes, or at the sign of its kernel. */
function placeOf(id: string, layout: Layout, scene: Scene): Placed | undefined {
  const node = /^node\/([^/]+)$/.exec(id)?.[1]
  const inside =
    node === undefined ? undefined : (layout.things.get(thing.local(node)) ?? layout.things.get(thing.iptables(node)))
  return inside ?? layout.things.get(anchorOf(id, layout, scene))
}

const ON_ROOF: ReadonlySet<string> = new Set(['station', 'routing', 'local', 'iptables'])

/** The way from where the token was shown last; only the last point when nothing leads there. */
function useWay(journey: Journey, layout: Layout, scene: Scene, at: Point | undefined): readonly Point[] {
  const shown = useRef<{ readonly flow: string; readonly here: number } | undefined>(undefined)
  const way = useMemo(() => {
    if (at === undefined) return []
    const before = shown.current
    if (before === undefined || before.flow !== journey.flow || before.here === journey.here) return [at]
    const passed = stopsBetween(journey.stops, before.here, journey.here)
    return passedWay(passed, before.here > journey.here, layout, scene, at)
  }, [journey, layout, scene, at])
  useLayoutEffect(() => {
    shown.current = { flow: journey.flow, here: journey.here }
  }, [journey])
  return way
}

function passedWay(passed: Journey['stops'], isBack: boolean, layout: Layout, scene: Scene, at: Point): readonly Point[] {
  const points: Point[] = []
  passed.forEach((stop, index) => {
    const next = passed[index + 1]
    if (next === undefined) return
    const way = isBack
      ? wayBetween(next.thing, stop.thing, layout.data, layout, scene).points.toReversed()
      : wayBetween(stop.thing, next.thing, layout.data, layout, scene).points
    points.push(...way)
  })
  return simplify([...points, at])
}

/** Different in outline, not only in colour: a request is a full arrow to the right, a reply a ring with an open one to the left. */
function TokenShape({ direction, end, refuses }: Pick<Journey, 'direction' | 'end'> & { readonly refuses: boolean }) {
  return (
    <svg width="28" height="28" viewBox="-14 -14 28 28" aria-hidden="true">
      {direction === 'request' ? <rect x="-10" y="-10" width="20" height="20" rx="5" /> : <circle r="11" />}
      {end === 'stopped' ? (
        <path className={styles['glyph']} d="M-4 -4 4 4M4 -4-4 4" />
      ) : end === 'delivered' && refuses ? (
        <path className={styles['glyph']} d="M0 -5.5V1M0 5V5.2" />
      ) : end === 'delivered' ? (
        <path className={styles['glyph']} d="M-5 0-1.5 4 5-4" />
      ) : direction === 'request' ? (
        <path className={styles['glyph']} d="M-4.5 0H4M0.5-4 4.5 0 0.5 4" />
      ) : (
        <path className={styles['glyph']} d="M4.5 0H-4M-0.5-4-4.5 0-0.5 4" />
      )}
    </svg>
  )
}

/** That it has arrived is no success: it says that the request came to nothing. */
function isRefusal({ proto, flags }: PacketView): boolean {
  return /^icmp/i.test(proto) || /\bRST\b/.test(flags)
}

/** Source and destination as they are now; what was rewritten here struck through, and said in words. */
function Header({ journey }: { readonly journey: Journey }) {
  const t = useTranslate()
  const { packet, was, direction, end } = journey
  return (
    <div className={styles['header']}>
      <span className={styles['what']}>
        <b>{t(direction === 'request' ? 'canvas.request' : 'canvas.reply')}</b>
        <span lang="en" translate="no">
          {packet.proto.toUpperCase()} {packet.flags.replace(/^icmp6?-/, '')}
        </span>
        {end !== undefined && <span>{t(`canvas.end.${end}`)}</span>}
        {packet.mark !== 0 && (
          <span className={styles['mark']}>✎ {t('canvas.mark', { mark: `0x${packet.mark.toString(16)}` })}</span>
        )}
      </span>
      <Address sign="" now={source(packet)} was={was === undefined ? undefined : source(was)} words="canvas.srcWas" />
      <Address sign="→" now={destination(packet)} was={was === undefined ? undefined : destination(was)} words="canvas.dstWas" />
    </div>
  )
}

function Address({
  sign,
  now,
  was,
  words,
}: {
  readonly sign: string
  readonly now: string
  readonly was: string | undefined
  readonly words: 'canvas.srcWas' | 'canvas.dstWas'
}) {
  const t = useTranslate()
  const isNew = was !== undefined && was !== now
  return (
    <code className={styles['address']} translate="no">
      <span aria-hidden="true">{sign}</span>
      {isNew ? (
        <>
          <span className="visually-hidden">{t(words, { before: was, after: now })}</span>
          <s aria-hidden="true">{was}</s>
          <ins aria-hidden="true">{now}</ins>
        </>
      ) : (
        <span>{now}</span>
      )}
    </code>
  )
}

function source(packet: PacketView): string {
  return packet.sport === 0 ? packet.src : `${packet.src}:${packet.sport}`
}

function destination(packet: PacketView): string {
  return packet.dport === 0 ? packet.dst : `${packet.dst}:${packet.dport}`
}

function calloutSize(
  { was, packet, rules }: Pick<Journey, 'was' | 'packet' | 'rules'>,
  most: number,
): { readonly w: number; readonly h: number } {
  const rewritten =
    was === undefined ? 0 : (source(was) === source(packet) ? 0 : 15) + (destination(was) === destination(packet) ? 0 : 15)
  if (rules.length === 0) return { w: 232, h: 60 + (packet.mark === 0 ? 0 : 17) + rewritten }
  const shown = Math.min(rules.length, most)
  const last = rules.at(-1)?.facts
  const words =
    last === undefined ? 0 : shortChain(last.chain).length + 8 + shortRule(last.text).length + (last.chance === undefined ? 0 : 6)
  const lines = Math.ceil((words * 6.4) / 318)
  // A wide callout has room for the mark beside the first words, and for most addresses that were and are in one line.
  const long = [source, destination].filter((end) => was !== undefined && (end(was) + end(packet)).length > 44).length
  return { w: 340, h: 68 + long * 15 + shown * 20 + (lines - 1) * 16 + (rules.length > shown ? 18 : 0) }
}

/** What the callout must not hide: the place itself, open stations, Pods, and the way ahead most of all. */
function obstaclesOf(journey: Journey, layout: Layout, scene: Scene): readonly Obstacle[] {
  const near = new Set(
    journey.stops.slice(Math.max(0, journey.here - 1), journey.here + 4).map((stop) => anchorOf(stop.thing, layout, scene)),
  )
  const obstacles: Obstacle[] = []
  for (const placed of layout.things.values())
    if (TITLED.has(placed.face))
      obstacles.push(
        { box: { ...placed.box, w: 96, h: 28 }, weight: 14 },
        { box: { ...placed.box, x: placed.box.x + 96, w: 144, h: 28 }, weight: 4 },
      )
  for (const placed of layout.things.values()) {
    if (near.has(placed.id)) obstacles.push({ box: placed.box, weight: 12 })
    else if (WEIGHTS[placed.face] !== undefined) obstacles.push({ box: placed.box, weight: WEIGHTS[placed.face] ?? 0 })
  }
  return obstacles
}

/** Whose name stands in its upper left corner: which Node one looks at must stay readable. */
const TITLED: ReadonlySet<string> = new Set(['house', 'control-plane'])

const WEIGHTS: Readonly<Partial<Record<string, number>>> = {
  station: 3,
  routing: 3,
  local: 2,
  conntrack: 2,
  pod: 5,
  client: 6,
  router: 2,
  'load-balancer': 2.5,
  // Nothing happens here while a packet is under way.
  component: 0.5,
  'api-server': 0.5,
  etcd: 0.4,
  object: 0.4,
  iptables: 1.5,
  agent: 1,
  bridge: 1,
  eth0: 1,
  card: 1,
  tile: 1,
  house: 0.05,
}

/** A thin line that says whose header it is. */
function Leader({ from, to }: { readonly from: Point; readonly to: Box }) {
  const end = leaderEnd(from, to)
  return (
    <svg className={styles['leader']} aria-hidden="true">
      <path d={`M${from.x} ${from.y}L${end.x} ${end.y}`} />
    </svg>
  )
}
