import { useEffect, useState } from 'react'
import { useTranslate } from '../../i18n/index.js'
import { askFor } from '../../state/client.js'
import { useMirror } from '../../state/mirror.js'
import { useView } from '../../state/view.js'
import { Say } from '../common/Say.js'
import { addressOfLink } from '../shell/address.js'
import { actionText } from './actionText.js'
import styles from './SharePanel.module.css'
import { viewToLink } from './viewLink.js'

type Made =
  | { readonly state: 'making' | 'failed' }
  | { readonly state: 'made'; readonly address: string; readonly copied: boolean }

/** Makes a link of what is on the page, puts it on the clipboard, and says what it holds. */
export function SharePanel() {
  const t = useTranslate()
  const made = useLink()
  const actions = useMirror((mirror) => mirror.actions)
  return (
    <div className={styles['share']}>
      {made.state === 'making' && <p>{t('share.making')}</p>}
      {made.state === 'failed' && <p>{t('share.failed')}</p>}
      {made.state === 'made' && (
        <>
          <input
            className={styles['link']}
            readOnly
            aria-label={t('share.link')}
            lang="en"
            translate="no"
            value={made.address}
            onFocus={(event) => event.target.select()}
          />
          <p aria-live="polite">
            {t(made.copied ? 'share.copied' : 'share.notCopied')} {t('share.length', { count: made.address.length })}
          </p>
          <p className={styles['note']}>{t('share.holds')}</p>
        </>
      )}
      <h2>{t('share.actions')}</h2>
      {actions.length === 0 && <p className={styles['note']}>{t('share.noActions')}</p>}
      <ol className={styles['actions']}>
        {actions.map((record, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list only grows; its place is what an action is known by
          <li key={index}>
            <Say phrase={actionText(record.action)} />
          </li>
        ))}
      </ol>
    </div>
  )
}

function useLink(): Made {
  const [made, setMade] = useState<Made>({ state: 'making' })
  useEffect(() => {
    let wanted = true
    void makeLink().then((result) => {
      if (wanted) setMade(result)
    })
    return () => {
      wanted = false
    }
  }, [])
  return made
}

async function makeLink(): Promise<Made> {
  const answer = await askFor({ type: 'link', view: viewToLink(useView.getState()) }, 'link')
  if (answer === undefined) return { state: 'failed' }
  const address = addressOfLink(location, answer.text)
  try {
    await navigator.clipboard.writeText(address)
    return { state: 'made', address, copied: true }
  } catch {
    return { state: 'made', address, copied: false }
  }
}
