import { phrase, useTranslate } from '../../i18n/index.js'
import { useMirror } from '../../state/mirror.js'
import { Button } from '../common/Button.js'
import { Icon } from '../common/Icon.js'
import { refusalPhrase } from '../common/refusalPhrase.js'
import { Say } from '../common/Say.js'
import { useUi } from '../uiState.js'
import styles from './Banner.module.css'

/** Lines above the graph: what could not be opened, what is not simulated. */
export function Notices() {
  const t = useTranslate()
  const refusal = useUi((ui) => ui.refusal)
  const loading = useMirror((mirror) => mirror.phase === 'loading')
  const untouched = useMirror((mirror) => mirror.phase === 'ready' && mirror.actions.length === 0)
  const notSimulated = useMirror((mirror) => mirror.opened?.notSimulated)
  return (
    <>
      {refusal !== undefined && (
        <div role="alert" className={styles['banner']} data-tone="problem">
          <div>
            <Say phrase={refusalPhrase(refusal)} />
          </div>
          <Button look="quiet" aria-label={t('shell.close')} onClick={() => useUi.setState({ refusal: undefined })}>
            <Icon name="close" />
          </Button>
        </div>
      )}
      {loading && refusal === undefined && <p className={styles['hint']}>{t('shell.loading')}</p>}
      {notSimulated !== undefined && notSimulated.length > 0 && untouched && (
        <p className={styles['hint']}>
          <Say phrase={phrase('shell.notSimulated', { what: { list: notSimulated.slice(0, 8) } })} />
        </p>
      )}
    </>
  )
}
