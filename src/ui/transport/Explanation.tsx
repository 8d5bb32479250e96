import { useMemo } from 'react'
import { phrase, stepPhrase, usePhrases, useTranslate } from '../../i18n/index.js'
import type { Step } from '../../protocol/index.js'
import { findStep, useMirror } from '../../state/mirror.js'
import { chapterAt, previousStop } from '../../state/transport.js'
import { useView } from '../../state/view.js'
import { Button } from '../common/Button.js'
import { Say } from '../common/Say.js'
import { StepLink } from '../common/StepLink.js'
import { spanPhrase } from '../common/time.js'
import { useUi } from '../uiState.js'
import { AfterFlow } from './AfterFlow.js'
import styles from './Explanation.module.css'
import { causesOf, chapterPhrase, explanationOf, foldedIn } from './presentModel.js'
import { useCurrentStep, useTrack } from './usePresent.js'

/** One sentence for the present moment, what is folded into it, and its causes and effects. */
export function Explanation() {
  const t = useTranslate()
  const { say } = usePhrases()
  const step = useCurrentStep()
  const track = useTrack()
  const playing = useView((view) => view.playing)
  const actions = useMirror((mirror) => mirror.actions.length)
  const isUnfinished = useMirror((mirror) => mirror.unfinished && mirror.position.step === mirror.position.end)
  const story = useMirror((mirror) => mirror.opened?.scenario)
  const chapter = step === undefined ? undefined : chapterAt(track.levels, step.id)
  const isForced = step !== undefined && 'forced' in step.facts && step.facts.forced
  // Pressed while the reasons are what the panel shows.
  const why = useUi((ui) => ui.why && ui.panel === 'step')
  return (
    <div className={styles['explanation']} data-begun={step !== undefined}>
      <div className={styles['words']}>
        <p className={styles['eyebrow']}>
          {chapter !== undefined && <span className={styles['chapter']}>{say(chapterPhrase(chapter))}</span>}
          {step !== undefined && <Moment step={step} />}
          {step !== undefined && <Place step={step} />}
          {isUnfinished && <span className={styles['badge']}>{t('transport.unfinished')}</span>}
          {isForced && (
            <span className={styles['badge']} title={t('transport.forcedHint')}>
              {t('transport.forced')}
            </span>
          )}
        </p>
        {/* While playing, the region below speaks per chapter instead. */}
        <div
          role="status"
          aria-label={t('transport.explanation')}
          aria-live={playing ? 'off' : 'polite'}
          className={`goes-on ${styles['sentence']}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a long sentence scrolls here on a phone, also for the keyboard
          tabIndex={0}
        >
          <Say phrase={explanationOf(step, actions, story)} />
        </div>
        {playing && (
          <div className="visually-hidden" aria-live="polite">
            {chapter === undefined ? '' : say(chapterPhrase(chapter))}
          </div>
        )}
        {step === undefined ? (
          <p className={styles['links']}>{t('shell.disclaimer')}</p>
        ) : (
          <AfterFlow otherwise={<Folded step={step} />} />
        )}
      </div>
      <Button
        look="plain"
        className={styles['why'] ?? ''}
        aria-pressed={why}
        disabled={step === undefined}
        onClick={() => useUi.setState({ why: !why, panel: 'step', drawerOpen: true, narrowTab: 'details' })}
      >
        {t('transport.why')}
      </Button>
    </div>
  )
}

function Moment({ step }: { readonly step: Step }) {
  const { say } = usePhrases()
  const began = useMirror((mirror) => mirror.flows.find((flow) => flow.id === step.flow)?.at ?? 0)
  return <span>{say(spanPhrase(Math.max(0, step.at - began)))}</span>
}

/** Which of the track's steps this is, as on the timeline. */
function Place({ step }: { readonly step: Step }) {
  const { say } = usePhrases()
  const { steps } = useTrack()
  return (
    <span className={styles['place']}>
      {say(phrase('transport.valueOnly', { n: findStep(steps, step.id + 1), count: steps.length }))}
    </span>
  )
}

const FOLDED_SHOWN = 3

function Folded({ step }: { readonly step: Step }) {
  const t = useTranslate()
  const track = useTrack()
  const level = useView((view) => view.level)
  const mirrorSteps = useMirror((mirror) => mirror.steps)
  const folded = useMemo(() => {
    const stops = track.levels.stops[level]
    return stops.includes(step.id) ? foldedIn(track.steps, previousStop(stops, step.id) ?? 0, step.id) : []
  }, [track, level, step])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the steps are what causes are found in
  const { cause, effect } = useMemo(() => causesOf(useMirror.getState(), step), [step, mirrorSteps])
  if (folded.length === 0 && cause === undefined && effect === undefined) return <p className={styles['links']} />
  return (
    <p className={styles['links']}>
      {folded.slice(0, FOLDED_SHOWN).map((item) => (
        <StepLink key={item.id} to={item.id} className={styles['chip']}>
          <Say phrase={item.text} terms={false} />
        </StepLink>
      ))}
      {folded.length > FOLDED_SHOWN && <span>{t('transport.folded.more', { count: folded.length - FOLDED_SHOWN })}</span>}
      <Jump label={t('transport.causedBy')} to={cause} />
      <Jump label={t('transport.ledTo')} to={effect} />
    </p>
  )
}

function Jump({ label, to }: { readonly label: string; readonly to: Step | undefined }) {
  const { say } = usePhrases()
  if (to === undefined) return null
  return (
    <StepLink to={to.id} before={() => followFlow(to.flow)} className={styles['jump']} title={say(stepPhrase(to))}>
      {label}
    </StepLink>
  )
}

/** When another flow is followed, follows this one from then on. */
function followFlow(flow: string): void {
  const { following } = useView.getState()
  if (following !== 'all' && flow !== following) useView.setState({ following: flow === 'background' ? 'all' : flow })
}
