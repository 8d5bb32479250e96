import { lazy, Suspense, useEffect } from 'react'
import { useTranslate } from '../i18n/index.js'
import { useView } from '../state/view.js'
import styles from './App.module.css'
import { ClusterGraph } from './canvas/index.js'
import { Contained } from './common/Contained.js'
import { SidePanel } from './inspector/SidePanel.js'
import { RequestBar } from './request/RequestBar.js'
import { SendButton } from './request/SendButton.js'
import { FileDrop } from './share/FileDrop.js'
import { CrashBanner } from './shell/CrashBanner.js'
import { Header } from './shell/Header.js'
import { LeftPanel } from './shell/LeftPanel.js'
import { NarrowPanels } from './shell/NarrowPanels.js'
import { Notices } from './shell/Notices.js'
import { StoryStrip } from './shell/StoryStrip.js'
import { Toasts } from './shell/Toasts.js'
import { useFocusGuard } from './shell/useFocusGuard.js'
import { useTitle } from './shell/useTitle.js'
import { useWidth } from './shell/useWidth.js'
import { WideLeft, WideRight } from './shell/WideColumns.js'
import { Bottom } from './transport/Bottom.js'
import { graphKeys } from './transport/keys.js'
import { useUi } from './uiState.js'

const Gallery = lazy(() => import('./gallery/Gallery.js').then((module) => ({ default: module.Gallery })))

/** The whole page: header, story and manifests, the graph, details, and what happens now. */
export function App() {
  const t = useTranslate()
  const width = useWidth()
  const drawer = useUi((ui) => ui.drawerOpen)
  const embed = useView((view) => view.embed)
  const galleryOpen = useUi((ui) => ui.galleryOpen)
  const title = useTitle()
  const left = useUi((ui) => ui.leftTab)
  useFocusGuard()
  useEffect(() => {
    document.title = title === '' ? t('shell.brand') : `${title} · ${t('shell.brand')}`
  }, [title, t])

  return (
    <div className={styles['app']} data-width={width} data-embed={embed} data-left={left}>
      <a className={styles['skip']} href="#graph">
        {t('shell.skip')}
      </a>
      {embed ? (
        <h1 className="visually-hidden">{title === '' ? t('shell.brand') : title}</h1>
      ) : (
        <Contained>
          <Header />
        </Contained>
      )}
      <CrashBanner />
      <div className={styles['body']}>
        {!embed && width === 'wide' && <WideLeft />}
        {!embed && width === 'medium' && <LeftPanel />}
        <main className={styles['main']}>
          <Contained>
            <Notices />
          </Contained>
          {!embed && width === 'narrow' && (
            <Contained>
              <StoryStrip />
            </Contained>
          )}
          {!embed && (
            <Contained>
              <RequestBar />
            </Contained>
          )}
          {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the focused graph bubble up to here */}
          <div id="graph" className={styles['graph']} tabIndex={-1} onKeyDown={graphKeys}>
            <Contained>
              <ClusterGraph sendButton={width === 'narrow' ? undefined : <SendButton />} />
            </Contained>
            <Contained>
              <Toasts />
            </Contained>
          </div>
          <Contained>
            <Bottom sendButton={width === 'narrow' ? <SendButton /> : undefined} />
          </Contained>
        </main>
        {!embed && width === 'wide' && <WideRight />}
        {!embed && width === 'medium' && <SidePanel drawer />}
        {!embed && width === 'narrow' && <NarrowPanels />}
        {embed && drawer && <SidePanel drawer />}
      </div>
      {galleryOpen && (
        <Suspense>
          <Contained>
            <Gallery />
          </Contained>
        </Suspense>
      )}
      {!embed && <FileDrop />}
    </div>
  )
}
