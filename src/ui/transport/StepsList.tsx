import { useEffect, useMemo, useRef } from 'react'
import { useTranslate } from '../../i18n/index.js'
import { useMirror } from '../../state/mirror.js'
import { useView } from '../../state/view.js'
import { Say } from '../common/Say.js'
import { StepLink } from '../common/StepLink.js'
import { stepLines } from './presentModel.js'
import styles from './StepsList.module.css'
import { useTrack } from './usePresent.js'

/** The followed flow as a list at the present level; the present step has `aria-current`. */
export function StepsList() {
  const t = useTranslate()
  const track = useTrack()
  const level = useView((view) => view.level)
  const position = useMirror((mirror) => mirror.position.step)
  const forgotten = useMirror((mirror) => mirror.forgotten)
  const lines = useMemo(() => stepLines(track, level, position), [track, level, position])
  const current = useRef<HTMLLIElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls whenever another step is current
  useEffect(() => {
    showInList(current.current)
  }, [position, lines])
  return (
    <div className={styles['box']}>
      <h2 className={styles['title']}>{t('transport.steps')}</h2>
      {forgotten > 0 && <p className={styles['note']}>{t('transport.forgotten', { count: forgotten })}</p>}
      {lines.length === 0 && <p className={styles['note']}>{t('transport.stepsEmpty')}</p>}
      <ol aria-label={t('transport.steps')} className={styles['list']}>
        {lines.map((line) => (
          <li
            key={line.stop}
            ref={line.state === 'current' ? current : null}
            className={styles['line']}
            data-state={line.state}
            data-tone={line.tone}
            {...(line.state === 'current' ? { 'aria-current': 'step' } : {})}
          >
            <StepLink to={line.stop} className={styles['go']}>
              <span className={styles['dot']} aria-hidden="true" />
              <span className={styles['text']}>
                <Say phrase={line.text} terms={false} />
              </span>
            </StepLink>
          </li>
        ))}
      </ol>
    </div>
  )
}

/** Scrolls the list alone, never the page, so that the line stands in its middle. */
function showInList(line: HTMLElement | null): void {
  const list = line?.parentElement
  if (line === null || list === null || list === undefined) return
  list.scrollTop = line.offsetTop - (list.clientHeight - line.offsetHeight) / 2
}
