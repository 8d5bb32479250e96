import { useEffect, useRef, useState } from 'react'
import { localText, useLanguage, useTranslate } from '../../i18n/index.js'
import type { CheckResult } from '../../protocol/index.js'
import { askFor } from '../../state/client.js'
import { useMirror } from '../../state/mirror.js'
import { useView } from '../../state/view.js'
import styles from './StoryPanel.module.css'

/** The tasks of a scenario that has checks, and how many are done at the present position. Nothing for one that has none. */
export function Tasks() {
  const t = useTranslate()
  const language = useLanguage()
  const checks = useChecked()
  if (checks.length === 0) return null
  const done = checks.filter((check) => check.ok).length
  return (
    <section className={styles['tasks']} aria-label={t('story.tasks')}>
      <p className={styles['question']} aria-live="polite">
        {t('story.tasksDone', { done, count: checks.length })}
      </p>
      <ul>
        {checks.map((check) => (
          <li key={check.name.en} data-ok={check.ok}>
            <span aria-hidden="true">{check.ok ? '✓' : '○'}</span>{' '}
            <span className="visually-hidden">{t(check.ok ? 'story.task.done' : 'story.task.open')} </span>
            {localText(check.name, language)}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Looking costs the simulation a trace: it is asked when the position rests, not at every step that plays. */
const REST_MS = 300

function useChecked(): readonly CheckResult[] {
  const [checks, setChecks] = useState<readonly CheckResult[]>([])
  const opened = useMirror((mirror) => `${mirror.opened?.id}\n${mirror.opened?.manifests}`)
  // Most scenarios have no tasks: one answer is enough.
  const without = useRef<string>(undefined)
  const ready = useMirror((mirror) => mirror.phase === 'ready')
  const position = useMirror((mirror) => mirror.position.step)
  const playing = useView((view) => view.playing)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another cluster or position is what may change the answer
  useEffect(() => {
    if (!ready || playing || without.current === opened) return
    let wanted = true
    const timer = setTimeout(
      () =>
        void askFor({ type: 'checks' }, 'checks').then((answer) => {
          if (!wanted || answer === undefined) return
          if (answer.checks.length === 0) without.current = opened
          setChecks(answer.checks)
        }),
      REST_MS,
    )
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [opened, ready, position, playing])
  return checks
}
