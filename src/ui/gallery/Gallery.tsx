import { useEffect, useRef } from 'react'
import { SCENARIO_INDEX } from '../../generated/scenarioIndex.js'
import { localText, useLanguage, useTranslate } from '../../i18n/index.js'
import { useMirror } from '../../state/mirror.js'
import { Button } from '../common/Button.js'
import { Icon } from '../common/Icon.js'
import { openFiles, saveFile } from '../share/files.js'
import { useUi } from '../uiState.js'
import styles from './Gallery.module.css'

/** The built-in scenarios, and files. A panel beside the picture, not over it. */
export function Gallery() {
  const t = useTranslate()
  const language = useLanguage()
  const open = useMirror((mirror) => mirror.opened?.id)
  const chooser = useRef<HTMLInputElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const close = () => useUi.setState({ galleryOpen: false })
  // The focus comes with the panel, and goes back to what opened it.
  useEffect(() => {
    const opener = document.activeElement
    heading.current?.focus()
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true })
    }
  }, [])
  return (
    <section
      className={styles['gallery']}
      aria-label={t('gallery.title')}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close()
      }}
    >
      <div className={styles['head']}>
        <h2 ref={heading} tabIndex={-1}>
          {t('gallery.title')}
        </h2>
        <Button look="quiet" aria-label={t('shell.close')} onClick={close}>
          <Icon name="close" />
        </Button>
      </div>
      <ul className={styles['list']}>
        {SCENARIO_INDEX.map((entry) => (
          <li key={entry.id} data-current={entry.id === open}>
            <a href={`#/scenario/${entry.id}`} className={styles['link']} onClick={() => reopen(entry.id)}>
              {localText(entry.title, language)}
            </a>
            <p>{localText(entry.summary, language)}</p>
            {entry.id === open && <p className={styles['current']}>{t('gallery.current')}</p>}
          </li>
        ))}
      </ul>
      <div className={styles['files']}>
        <Button onClick={() => chooser.current?.click()}>
          <Icon name="file" />
          {t('gallery.open')}
        </Button>
        <Button onClick={() => void saveFile()}>{t('gallery.save')}</Button>
        <input
          ref={chooser}
          type="file"
          hidden
          multiple
          accept=".yaml,.yml,.json"
          onChange={(event) => void openFiles([...(event.target.files ?? [])])}
        />
        <p>{t('gallery.drop')}</p>
      </div>
    </section>
  )
}

/** The same address again makes no event of the browser's; the scenario opens afresh all the same. */
function reopen(id: string): void {
  if (location.hash === `#/scenario/${id}`) dispatchEvent(new HashChangeEvent('hashchange'))
}
