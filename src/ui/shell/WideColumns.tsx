import { lazy, Suspense, useState } from 'react'
import { useTranslate } from '../../i18n/index.js'
import { useMirror } from '../../state/mirror.js'
import { Contained } from '../common/Contained.js'
import { SidePanelContent } from '../inspector/SidePanel.js'
import { StepsList } from '../transport/StepsList.js'
import styles from './WideColumns.module.css'

const StoryPanel = lazy(() => import('../story/StoryPanel.js').then((module) => ({ default: module.StoryPanel })))
const Outline = lazy(() => import('../outline/index.js').then((module) => ({ default: module.Outline })))
const ManifestEditor = lazy(() => import('../editor/ManifestEditor.js').then((module) => ({ default: module.ManifestEditor })))

/**
 * On a wide page nothing hides behind a tab: what one does stands at the left, the story above and the manifests below.
 * The one in which somebody acted last is the larger. It grows after the click, so that nothing moves under the pointer.
 */
export function WideLeft() {
  const [large, setLarge] = useState<'story' | 'manifests'>('story')
  const t = useTranslate()
  const ready = useMirror((mirror) => mirror.phase !== 'loading')
  const hasStory = useMirror((mirror) => mirror.opened?.scenario !== undefined)
  return (
    <aside className={styles['left']} data-large={large} aria-label={t('shell.left')}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: only notes where somebody acts; what acts is inside */}
      <div className={styles['story']} data-short={!hasStory} onClick={() => setLarge('story')} onKeyUp={() => setLarge('story')}>
        <h2 className={styles['title']}>{t('shell.panel.story')}</h2>
        <Contained>
          <Suspense>{ready && <StoryPanel />}</Suspense>
        </Contained>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: as above */}
      <div className={styles['manifests']} onClick={() => setLarge('manifests')} onKeyUp={() => setLarge('manifests')}>
        <h2 className={styles['title']}>{t('shell.panel.manifests')}</h2>
        <Contained>
          <Suspense>{ready && <ManifestEditor />}</Suspense>
        </Contained>
      </div>
    </aside>
  )
}

/** What happened stands at the right: the steps, what is known of the present one or of a thing, and everything as a list. */
export function WideRight() {
  const t = useTranslate()
  const ready = useMirror((mirror) => mirror.phase !== 'loading')
  return (
    <aside className={styles['right']} aria-label={t('shell.right')}>
      <div className={styles['steps']}>
        <Contained>
          <StepsList />
        </Contained>
      </div>
      <div className={styles['details']}>
        <SidePanelContent />
      </div>
      <div className={styles['outline']}>
        <h2 className={styles['title']}>{t('shell.panel.outline')}</h2>
        <Contained>
          <Suspense>{ready && <Outline />}</Suspense>
        </Contained>
      </div>
    </aside>
  )
}
