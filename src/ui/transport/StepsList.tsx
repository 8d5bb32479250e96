import { memo, useEffect, useMemo, useRef } from 'react'
import { phrase, usePhrases, useTranslate } from '../../i18n/index.js'
import { useMirror } from '../../state/mirror.js'
import { useView } from '../../state/view.js'
import { Button } from '../common/Button.js'
import { Say } from '../common/Say.js'
import { StepLink } from '../common/StepLink.js'
import { toast } from '../uiState.js'
import { flowPhrase, type StepLine, stepLines } from './presentModel.js'
import styles from './StepsList.module.css'
import { traceMarkdown } from './traceMarkdown.js'
import { useTrack } from './usePresent.js'

/** The followed flow as a list at the present level; the present step has `aria-current`. */
export function StepsList() {
  const t = useTranslate()
  const track = useTrack()
  const level = useView((view) => view.level)
  const position = useMirror((mirror) => mirror.position.step)
  const forgotten = useMirror((mirror) => mirror.forgotten)
  const lines = useMemo(() => stepLines(track, level, position), [track, level, position])
  const list = useRef<HTMLOListElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls whenever another step is current
  useEffect(() => {
    showInList(list.current?.querySelector<HTMLElement>('[aria-current]') ?? null)
  }, [position, lines])
  return (
    <div className={styles['box']}>
      <div className={styles['head']}>
        <h2 className={styles['title']}>{t('transport.steps')}</h2>
        {lines.length > 0 && <CopyTrace />}
      </div>
      {forgotten > 0 && <p className={styles['note']}>{t('transport.forgotten', { count: forgotten })}</p>}
      {lines.length === 0 && <p className={styles['note']}>{t('transport.stepsEmpty')}</p>}
      <ol ref={list} aria-label={t('transport.steps')} className={`goes-on ${styles['list']}`} data-level={level}>
        {lines.map((line) => (
          <Line key={line.stop} stop={line.stop} text={line.text} state={line.state} tone={line.tone} />
        ))}
      </ol>
    </div>
  )
}

/** Puts the followed flow, as the list shows it, on the clipboard: for a report or an answer in a forum. */
function CopyTrace() {
  const t = useTranslate()
  const { segments } = usePhrases()
  const track = useTrack()
  const level = useView((view) => view.level)
  const first = track.steps[0]
  const flow = useMirror((mirror) => mirror.flows.find((known) => known.id === first?.flow))
  const copy = async () => {
    const title = flow === undefined ? phrase('transport.steps') : flowPhrase(flow)
    try {
      await navigator.clipboard.writeText(traceMarkdown(title, track, level, segments))
      toast(phrase('transport.copied'))
    } catch {
      toast(phrase('transport.notCopied'), { tone: 'problem' })
    }
  }
  return (
    <Button look="quiet" className={styles['copy']} title={t('transport.copyHint')} onClick={() => void copy()}>
      {t('transport.copy')}
    </Button>
  )
}

/** One line; only those whose state changed are drawn again when the position moves. */
const Line = memo(function Line({ stop, text, state, tone }: StepLine) {
  return (
    <li
      className={styles['line']}
      data-state={state}
      data-tone={tone}
      {...(state === 'current' ? { 'aria-current': 'step' as const } : {})}
    >
      <StepLink to={stop} className={styles['go']}>
        <span className={styles['dot']} aria-hidden="true" />
        <span className={styles['text']}>
          <Say phrase={text} terms={false} />
        </span>
      </StepLink>
    </li>
  )
})

/** Scrolls the list alone, never the page, so that the line stands in its middle. */
function showInList(line: HTMLElement | null): void {
  const list = line?.parentElement
  if (line === null || list === null || list === undefined) return
  list.scrollTop = line.offsetTop - (list.clientHeight - line.offsetHeight) / 2
}
