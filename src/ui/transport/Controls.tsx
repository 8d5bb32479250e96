import type { ReactNode } from 'react'
import { usePhrases, useTranslate } from '../../i18n/index.js'
import type { Level } from '../../protocol/index.js'
import { useMirror } from '../../state/mirror.js'
import { pause, play, stepBack, stepForward, toEnd, toStart } from '../../state/transport.js'
import { SPEEDS, useView } from '../../state/view.js'
import { undo } from '../act.js'
import { Button } from '../common/Button.js'
import { Icon } from '../common/Icon.js'
import styles from './Controls.module.css'
import { flowPhrase } from './presentModel.js'

const LEVELS: readonly Level[] = ['overview', 'stations', 'rules']

/** Buttons and choices of the transport. */
export function Controls({ sendButton }: { readonly sendButton?: ReactNode }) {
  const t = useTranslate()
  const playing = useView((view) => view.playing)
  const canUndo = useMirror((mirror) => mirror.undoDepth > 0)
  const atStart = useMirror((mirror) => mirror.position.step === 0)
  const manually = (move: () => Promise<unknown>) => () => {
    pause()
    void move()
  }
  return (
    <div className={styles['controls']}>
      <div className={styles['buttons']}>
        {sendButton}
        <Button look="icon" aria-label={t('transport.toStart')} title={t('transport.toStart')} onClick={manually(toStart)}>
          <Icon name="start" />
        </Button>
        <Button
          look="icon"
          aria-label={t('transport.stepBack')}
          title={t('transport.stepBack')}
          aria-disabled={atStart}
          onClick={manually(stepBack)}
        >
          <Icon name="back" />
        </Button>
        <Button
          look="icon"
          className={styles['play'] ?? ''}
          aria-label={t(playing ? 'transport.pause' : 'transport.play')}
          title={t(playing ? 'transport.pause' : 'transport.play')}
          onClick={() => (playing ? pause() : play())}
        >
          <Icon name={playing ? 'pause' : 'play'} />
        </Button>
        <Button
          look="icon"
          aria-label={t('transport.stepForward')}
          title={t('transport.stepForward')}
          onClick={manually(stepForward)}
        >
          <Icon name="forward" />
        </Button>
        <Button look="icon" aria-label={t('transport.toEnd')} title={t('transport.toEnd')} onClick={manually(toEnd)}>
          <Icon name="end" />
        </Button>
        <Button look="quiet" disabled={!canUndo} onClick={() => void undo()}>
          <Icon name="undo" />
          <span className={styles['undo']}>{t('transport.undo')}</span>
        </Button>
      </div>
      <div className={styles['choices']}>
        <LevelChoice />
        <SpeedChoice />
        <FollowingChoice />
      </div>
    </div>
  )
}

function LevelChoice() {
  const t = useTranslate()
  return (
    <label className={styles['choice']}>
      <span>{t('transport.level')}</span>
      <select
        value={useView((view) => view.level)}
        onChange={(event) => {
          const level = LEVELS.find((known) => known === event.target.value)
          if (level !== undefined) useView.setState({ level })
        }}
      >
        {LEVELS.map((level) => (
          <option key={level} value={level}>
            {t(`transport.level.${level}`)}
          </option>
        ))}
      </select>
    </label>
  )
}

function SpeedChoice() {
  const t = useTranslate()
  return (
    <label className={styles['choice']}>
      <span>{t('transport.speed')}</span>
      <select
        value={String(useView((view) => view.speed))}
        onChange={(event) => {
          const speed = SPEEDS.find((known) => String(known) === event.target.value)
          if (speed !== undefined) useView.setState({ speed })
        }}
      >
        {SPEEDS.map((speed) => (
          <option key={speed} value={String(speed)}>
            {`${speed}×`}
          </option>
        ))}
      </select>
    </label>
  )
}

function FollowingChoice() {
  const t = useTranslate()
  const { say } = usePhrases()
  const flows = useMirror((mirror) => mirror.flows)
  const following = useView((view) => view.following)
  const flow = flows.find((known) => known.id === following)
  return (
    <label
      className={`${styles['choice']} ${styles['following']}`}
      title={flow === undefined ? undefined : say(flowPhrase(flow))}
    >
      <span>{t('transport.following')}</span>
      <select value={following} onChange={(event) => useView.setState({ following: event.target.value })}>
        <option value="all">{t('transport.following.all')}</option>
        {flows
          .filter((flow) => flow.kind !== 'background')
          .map((flow) => (
            <option key={flow.id} value={flow.id}>
              {say(flowPhrase(flow))}
            </option>
          ))}
      </select>
    </label>
  )
}
