import { useTranslate } from '../../i18n/index.js'
import { useMirror } from '../../state/mirror.js'
import { Button } from '../common/Button.js'
import { useHere } from '../shell/HereNote.js'
import { useWidth } from '../shell/useWidth.js'
import styles from './SendButton.module.css'
import { sendRequest } from './send.js'

/** The one emphasised control; it stands on the client, on a phone beside the transport. */
export function SendButton() {
  const t = useTranslate()
  const here = useHere(useWidth() === 'narrow')
  const ready = useMirror((mirror) => mirror.phase === 'ready')
  return (
    <span className={styles['send']}>
      <Button look="accent" disabled={!ready} onClick={() => void sendRequest()}>
        {t('request.send')}
      </Button>
      {here !== '' && <span className={styles['here']}>{here}</span>}
    </span>
  )
}
