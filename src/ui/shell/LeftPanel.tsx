import { lazy, Suspense } from 'react'
import { useTranslate } from '../../i18n/index.js'
import { useMirror } from '../../state/mirror.js'
import { Contained } from '../common/Contained.js'
import { type Tab, Tabs } from '../common/Tabs.js'
import { StepsList } from '../transport/StepsList.js'
import { type LeftTab, useUi } from '../uiState.js'
import styles from './LeftPanel.module.css'

const StoryPanel = lazy(() => import('../story/StoryPanel.js').then((module) => ({ default: module.StoryPanel })))
const Outline = lazy(() => import('../outline/index.js').then((module) => ({ default: module.Outline })))
const ManifestEditor = lazy(() => import('../editor/ManifestEditor.js').then((module) => ({ default: module.ManifestEditor })))

/** Story, manifests or outline above; the steps of the followed flow below. */
export function LeftPanel() {
  const t = useTranslate()
  const tab = useUi((ui) => ui.leftTab)
  const tabs: readonly Tab<LeftTab>[] = [
    { id: 'story', label: t('shell.panel.story') },
    { id: 'manifests', label: t('shell.panel.manifests') },
    { id: 'outline', label: t('shell.panel.outline') },
  ]
  return (
    <aside className={styles['left']} aria-label={t('shell.left')} data-tab={tab}>
      <div className={styles['top']}>
        <Tabs label={t('shell.panels')} tabs={tabs} current={tab} onChange={(leftTab) => useUi.setState({ leftTab })}>
          <LeftContent tab={tab} />
        </Tabs>
      </div>
      <div className={styles['steps']}>
        <Contained>
          <StepsList />
        </Contained>
      </div>
    </aside>
  )
}

export function LeftContent({ tab }: { readonly tab: LeftTab }) {
  const ready = useMirror((mirror) => mirror.phase !== 'loading')
  if (!ready) return null
  return (
    <Contained key={tab}>
      <Suspense>
        {tab === 'story' && <StoryPanel />}
        {tab === 'outline' && <Outline />}
        {tab === 'manifests' && <ManifestEditor />}
      </Suspense>
    </Contained>
  )
}
