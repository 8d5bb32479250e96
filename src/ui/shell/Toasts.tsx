import { useEffect } from 'react'
import { useTranslate } from '../../i18n/index.js'
import { undo } from '../act.js'
import { Button } from '../common/Button.js'
import { Icon } from '../common/Icon.js'
import { Say } from '../common/Say.js'
import { dismissToast, type Toast, useUi } from '../uiState.js'
import styles from './Toasts.module.css'

/** Short notes that take no focus and go by themselves; never a dialog. */
export function Toasts() {
  const toasts = useUi((ui) => ui.toasts)
  return (
    <div role="log" className={styles['toasts']}>
      {toasts.map((toast) => (
        <Note key={toast.id} toast={toast} />
      ))}
    </div>
  )
}

/** How long a note stays: long enough to read it and to reach its button. */
const STAY_MS = 9_000

function Note({ toast }: { readonly toast: Toast }) {
  const t = useTranslate()
  useEffect(() => {
    const timer = setTimeout(() => dismissToast(toast.id), STAY_MS)
    return () => clearTimeout(timer)
  }, [toast.id])
  return (
    <div className={styles['toast']} data-tone={toast.tone}>
      <span>
        <Say phrase={toast.text} />
      </span>
      {toast.canUndo && (
        <Button
          look="quiet"
          className={styles['action'] ?? ''}
          onClick={() => {
            dismissToast(toast.id)
            void undo()
          }}
        >
          <Icon name="undo" />
          {t('shell.toast.undo')}
        </Button>
      )}
      <Button
        look="quiet"
        className={styles['action'] ?? ''}
        aria-label={t('shell.close')}
        onClick={() => dismissToast(toast.id)}
      >
        <Icon name="close" />
      </Button>
    </div>
  )
}
