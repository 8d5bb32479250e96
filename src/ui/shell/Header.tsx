import { lazy, Suspense, useState } from 'react'
import {
  chooseLanguage,
  isLanguage,
  LANGUAGE_NAMES,
  LANGUAGES,
  phrase,
  useLanguage,
  usePhrases,
  useTranslate,
} from '../../i18n/index.js'
import { type Theme, useView } from '../../state/view.js'
import { perform, startOver } from '../act.js'
import { Button } from '../common/Button.js'
import { Icon } from '../common/Icon.js'
import { Popover } from '../common/Popover.js'
import { spanPhrase } from '../common/time.js'
import { useUi } from '../uiState.js'
import { BreakMenu } from './BreakMenu.js'
import styles from './Header.module.css'
import { HereNote } from './HereNote.js'
import { useTitle } from './useTitle.js'

const SharePanel = lazy(() => import('../share/SharePanel.js').then((module) => ({ default: module.SharePanel })))

/** Brand, scenario, and what is done to the cluster as a whole. */
export function Header() {
  const t = useTranslate()
  const title = useTitle()
  return (
    <header className={styles['header']}>
      <h1 className={styles['brand']} translate="no">
        {t('shell.brand')}
      </h1>
      <p className={styles['scenario']} title={title}>
        {title}
      </p>
      <div className={styles['tools']}>
        <Button
          look="quiet"
          aria-expanded={useUi((ui) => ui.galleryOpen)}
          onClick={() => useUi.setState((ui) => ({ galleryOpen: !ui.galleryOpen }))}
        >
          {t('shell.scenarios')}
        </Button>
        <BreakMenu />
        <WaitMenu />
        <Button look="quiet" onClick={() => void startOver()}>
          {t('shell.startOver')}
        </Button>
        <LanguagePicker />
        <ThemePicker />
        <Share />
      </div>
    </header>
  )
}

const WAITS_US = [1_000_000, 10_000_000, 60_000_000, 300_000_000] as const

function WaitMenu() {
  const t = useTranslate()
  const { say } = usePhrases()
  return (
    <Popover label={t('shell.wait')}>
      {(close) => (
        <>
          <HereNote />
          {WAITS_US.map((us) => (
            <Button
              key={us}
              look="quiet"
              className={styles['wait'] ?? ''}
              onClick={() => {
                close()
                void perform({ type: 'wait', us })
              }}
            >
              {say(phrase('shell.wait.by', { span: spanPhrase(us) }))}
            </Button>
          ))}
        </>
      )}
    </Popover>
  )
}

function LanguagePicker() {
  const t = useTranslate()
  return (
    <select
      aria-label={t('shell.language')}
      className={styles['select']}
      value={useLanguage()}
      onChange={(event) => {
        if (isLanguage(event.target.value)) void chooseLanguage(event.target.value)
      }}
    >
      {LANGUAGES.map((language) => (
        <option key={language} value={language} lang={language}>
          {LANGUAGE_NAMES[language]}
        </option>
      ))}
    </select>
  )
}

const THEMES: readonly Theme[] = ['system', 'light', 'dark']

function ThemePicker() {
  const t = useTranslate()
  return (
    <span className={styles['theme']}>
      <Icon name="theme" size={14} />
      <select
        aria-label={t('shell.theme')}
        title={t('shell.theme')}
        className={styles['select']}
        value={useView((view) => view.theme)}
        onChange={(event) => {
          const theme = THEMES.find((known) => known === event.target.value)
          if (theme !== undefined) useView.setState({ theme })
        }}
      >
        {THEMES.map((theme) => (
          <option key={theme} value={theme}>
            {t(`shell.theme.${theme}`)}
          </option>
        ))}
      </select>
    </span>
  )
}

function Share() {
  const t = useTranslate()
  const [open, setOpen] = useState(false)
  return (
    <Popover label={t('shell.share')} look="strong" arrow={false} onOpen={setOpen}>
      {open && (
        <Suspense>
          <SharePanel />
        </Suspense>
      )}
    </Popover>
  )
}
