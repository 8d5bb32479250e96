import { type KeyboardEvent, memo, useMemo } from 'react'
import { phrase, usePhrases, useTranslate } from '../../i18n/index.js'
import { useMirror } from '../../state/mirror.js'
import { chapterBack, chapterForward, pause, seek, stepBack, stepForward, toEnd, toStart } from '../../state/transport.js'
import { useView } from '../../state/view.js'
import { spanPhrase } from '../common/time.js'
import { togglePlay } from './keys.js'
import { chapterPhrase, flowPhrase, placePhrase } from './presentModel.js'
import styles from './TimelineBar.module.css'
import { placeOf, stepAtPlace, type TickTone, type Timeline, timelineOf } from './timelineModel.js'
import { useCurrentStep, useTrack } from './usePresent.js'

/** Ghost ticks drawn at most: enough to see that something lies there. */
const GHOSTS = 60

/** The followed flow as a line spaced by step, with chapters below and other flows in their own lane. */
export function TimelineBar() {
  const t = useTranslate()
  const { say } = usePhrases()
  const track = useTrack()
  const level = useView((view) => view.level)
  const following = useView((view) => view.following)
  const steps = useMirror((mirror) => mirror.steps)
  const position = useMirror((mirror) => mirror.position.step)
  const ghosts = useMirror((mirror) => mirror.ghosts.length)
  const step = useCurrentStep()
  const timeline = useMemo(() => timelineOf(track, steps, following, level), [track, steps, following, level])
  const count = timeline.ids.length
  const place = placeOf(timeline.ids, position)
  const width = Math.max(1, count + Math.min(ghosts, GHOSTS))
  const value =
    place === 0
      ? phrase('transport.valueStart', { count })
      : step === undefined
        ? phrase('transport.valueOnly', { n: place, count })
        : phrase('transport.value', { n: place, count, where: placePhrase(step) })

  return (
    <div className={styles['timeline']}>
      <div className={styles['track']}>
        <Ticks timeline={timeline} width={width} count={count} ghosts={Math.min(ghosts, GHOSTS)} place={place} />
        <input
          type="range"
          className={styles['slider']}
          aria-label={t('transport.timeline')}
          aria-valuetext={say(value)}
          min={0}
          max={Math.max(1, count)}
          step={1}
          value={place}
          style={{ width: `calc(${(100 * Math.max(1, count)) / width}% + 16px)` }}
          onChange={(event) => {
            pause()
            void seek(stepAtPlace(timeline.ids, Number(event.target.value)) ?? 'start')
          }}
          onKeyDown={walk}
        />
      </div>
      <Chapters timeline={timeline} width={width} place={place} />
    </div>
  )
}

/** Keys of the slider: a step of the present level, with Shift a chapter, space plays. */
function walk(event: KeyboardEvent): void {
  const move = {
    ArrowRight: event.shiftKey ? chapterForward : stepForward,
    ArrowLeft: event.shiftKey ? chapterBack : stepBack,
    ArrowUp: stepForward,
    ArrowDown: stepBack,
    PageUp: chapterForward,
    PageDown: chapterBack,
    Home: toStart,
    End: toEnd,
    ' ': togglePlay,
  }[event.key]
  if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  if (event.key !== ' ') pause()
  void move()
}

const TONES: readonly TickTone[] = ['request', 'reply', 'control', 'stopped']

function Ticks(props: {
  readonly timeline: Timeline
  readonly width: number
  readonly count: number
  readonly ghosts: number
  readonly place: number
}) {
  const { timeline, width, count, ghosts, place } = props
  return (
    <>
      <TickLines timeline={timeline} width={width} count={count} ghosts={ghosts} />
      <div className={styles['rail']}>
        <div className={styles['done']} style={{ width: `${(100 * place) / width}%` }} />
      </div>
      <Gaps timeline={timeline} width={width} />
    </>
  )
}

/** Does not depend on the position: drawn again only when steps, flow or level change. */
const TickLines = memo(function TickLines(props: {
  readonly timeline: Timeline
  readonly width: number
  readonly count: number
  readonly ghosts: number
}) {
  const { timeline, width, count, ghosts } = props
  const lines = (places: readonly number[], top: number, bottom: number) => places.map((at) => `M${at} ${top}V${bottom}`).join('')
  return (
    <svg className={styles['ticks']} viewBox={`0 0 ${width} 30`} preserveAspectRatio="none" aria-hidden="true">
      {TONES.flatMap((tone) =>
        [true, false].map((stop) => (
          <path
            key={`${tone}-${stop}`}
            data-tone={tone}
            data-stop={stop}
            d={lines(
              timeline.ticks.filter((tick) => tick.tone === tone && tick.stop === stop).map((tick) => tick.place),
              stop ? 0 : 5,
              12,
            )}
          />
        )),
      )}
      <path
        data-tone="ghost"
        d={lines(
          Array.from({ length: ghosts }, (_, index) => count + index + 1),
          4,
          12,
        )}
      />
      <path data-tone="other" d={lines(timeline.others, 24, 29)} />
      <path data-tone="background" d={lines(timeline.background, 26, 29)} />
    </svg>
  )
})

const Gaps = memo(function Gaps({ timeline, width }: { readonly timeline: Timeline; readonly width: number }) {
  const { say } = usePhrases()
  return timeline.gaps.map((gap) => (
    <span key={gap.place} className={styles['gap']} style={{ left: `${(100 * gap.place) / width}%` }}>
      {say(phrase('transport.gap', { span: spanPhrase(gap.us) }))}
    </span>
  ))
})

function Chapters({ timeline, width, place }: { readonly timeline: Timeline; readonly width: number; readonly place: number }) {
  const { say } = usePhrases()
  const following = useView((view) => view.following)
  const flow = useMirror((mirror) => mirror.flows.find((known) => known.id === following))
  if (timeline.chapters.length === 0) return <p className={styles['name']}>{flow === undefined ? '' : say(flowPhrase(flow))}</p>
  return (
    // For the mouse alone: the list of steps and the slider have the same for everybody else.
    <div className={styles['chapters']} aria-hidden="true">
      {timeline.chapters.map(({ chapter, from, to }, index) => (
        <button
          key={`${chapter.code}-${chapter.first}`}
          type="button"
          tabIndex={-1}
          className={styles['chapter']}
          data-current={place > from && place <= to}
          style={{ left: `${(100 * from) / width}%`, width: `${(100 * (to - from)) / width}%` }}
          title={`${index + 1} ${say(chapterPhrase(chapter))}`}
          onClick={() => {
            pause()
            void seek(chapter.stop)
          }}
        >
          <b>{index + 1}</b>
          <span>{say(chapterPhrase(chapter))}</span>
        </button>
      ))}
    </div>
  )
}
