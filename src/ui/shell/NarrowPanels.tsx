import { useEffect } from 'react'
import { useTranslate } from '../../i18n/index.js'
import { Contained } from '../common/Contained.js'
import { type Tab, Tabs } from '../common/Tabs.js'
import { SidePanelContent } from '../inspector/SidePanel.js'
import { StepsList } from '../transport/StepsList.js'
import { type NarrowTab, useUi } from '../uiState.js'
import { LeftContent } from './LeftPanel.js'
import styles from './NarrowPanels.module.css'

const ID = 'panels'

/** Brings the panels into view: they are below the picture. */
export function showPanels(): void {
  // After the tab asked for has been put there.
  requestAnimationFrame(() => document.getElementById(ID)?.scrollIntoView({ block: 'start' }))
}

/** On a phone everything beside the graph is one tab away, below it. */
export function NarrowPanels() {
  const t = useTranslate()
  const tab = useUi((ui) => ui.narrowTab)
  // Who asks why, or what else could be, wants to read the answer.
  const why = useUi((ui) => ui.why)
  const exploring = useUi((ui) => ui.exploring)
  useEffect(() => {
    if (why || exploring) showPanels()
  }, [why, exploring])
  const tabs: readonly Tab<NarrowTab>[] = [
    { id: 'steps', label: t('shell.panel.steps') },
    { id: 'story', label: t('shell.panel.story') },
    { id: 'manifests', label: t('shell.panel.manifests') },
    { id: 'outline', label: t('shell.panel.outline') },
    { id: 'details', label: t('shell.panel.details') },
  ]
  return (
    <aside id={ID} className={styles['narrow']} aria-label={t('shell.left')}>
      <Tabs label={t('shell.panels')} tabs={tabs} current={tab} onChange={(narrowTab) => useUi.setState({ narrowTab })} dense>
        <Contained key={tab}>
          {tab === 'steps' ? <StepsList /> : tab === 'details' ? <SidePanelContent /> : <LeftContent tab={tab} />}
        </Contained>
      </Tabs>
    </aside>
  )
}
