import { phrase, useTranslate } from '../../i18n/index.js'
import { useMirror } from '../../state/mirror.js'
import { Button } from '../common/Button.js'
import { Say } from '../common/Say.js'
import { FIRST_SCENARIO } from './address.js'
import styles from './Banner.module.css'
import { openSource } from './routing.js'

/** Our own bug in the simulation: what to report, and the way on. */
export function CrashBanner() {
  const t = useTranslate()
  const crash = useMirror((mirror) => mirror.crash)
  if (crash === undefined) return null
  return (
    <div role="alert" className={styles['banner']} data-tone="problem">
      <div>
        <strong>{t(crash.restored ? 'shell.crash.restored' : 'shell.crash.title')}</strong>{' '}
        <Say phrase={phrase('shell.crash.report', { seed: crash.seed, step: crash.step, message: crash.message })} />
      </div>
      {crash.restored ? (
        <Button onClick={() => useMirror.setState({ crash: undefined })}>{t('shell.close')}</Button>
      ) : (
        <Button look="strong" onClick={() => void openSource({ type: 'builtin', id: FIRST_SCENARIO })}>
          {t('shell.crash.reload')}
        </Button>
      )}
    </div>
  )
}
