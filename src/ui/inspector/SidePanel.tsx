import { useEffect } from 'react'
import { thingPhrase, usePhrases, useTranslate } from '../../i18n/index.js'
import { useView } from '../../state/view.js'
import { Button } from '../common/Button.js'
import { Contained } from '../common/Contained.js'
import { Icon } from '../common/Icon.js'
import { ExploreTree } from '../request/ExploreTree.js'
import { useUi } from '../uiState.js'
import styles from './SidePanel.module.css'
import { StepView } from './StepView.js'
import { ThingView } from './ThingView.js'

/** Details at the right; a drawer over the graph's edge where the page is not wide. */
export function SidePanel({ drawer }: { readonly drawer: boolean }) {
  const t = useTranslate()
  const open = useUi((ui) => ui.drawerOpen)
  if (!drawer)
    return (
      <aside className={styles['side']}>
        <SidePanelContent />
      </aside>
    )
  if (!open)
    return (
      <Button look="quiet" className={styles['opener'] ?? ''} onClick={() => useUi.setState({ drawerOpen: true })}>
        {t('shell.inspector')}
      </Button>
    )
  return (
    <aside className={styles['side']} data-drawer="true">
      <Button
        look="quiet"
        className={styles['close'] ?? ''}
        aria-label={t('shell.close')}
        onClick={() => useUi.setState({ drawerOpen: false })}
      >
        <Icon name="close" />
      </Button>
      <SidePanelContent />
    </aside>
  )
}

export function SidePanelContent() {
  const t = useTranslate()
  const panel = useUi((ui) => ui.panel)
  const selected = useView((view) => view.selected)
  useOpenOnSelection()
  return (
    <section className={styles['content']} aria-label={t('shell.inspector')}>
      <Contained key={`${panel} ${selected ?? ''}`}>
        {panel === 'explore' ? (
          <ExploreTree />
        ) : (
          <>
            {selected !== undefined && <Switch selected={selected} />}
            {panel === 'thing' && selected !== undefined ? <ThingView id={selected} /> : <StepView />}
          </>
        )}
      </Contained>
    </section>
  )
}

/** Between the present step and the thing that is selected. */
function Switch({ selected }: { readonly selected: string }) {
  const t = useTranslate()
  const { say } = usePhrases()
  const panel = useUi((ui) => ui.panel)
  return (
    <div className={styles['switch']}>
      <Button look="chip" aria-pressed={panel === 'thing'} onClick={() => useUi.setState({ panel: 'thing' })}>
        {say(thingPhrase(selected))}
      </Button>
      <Button look="chip" aria-pressed={panel === 'step'} onClick={() => useUi.setState({ panel: 'step' })}>
        {t('inspector.tab.step')}
      </Button>
      <Button
        look="chip"
        aria-label={t('shell.close')}
        onClick={() => {
          useView.setState({ selected: undefined })
          useUi.setState({ panel: 'step' })
        }}
      >
        <Icon name="close" size={12} />
      </Button>
    </div>
  )
}

/** What is selected anew is what one wants to see. */
function useOpenOnSelection(): void {
  const selected = useView((view) => view.selected)
  useEffect(() => {
    const { selectedBefore } = useUi.getState()
    if (selected === selectedBefore) return
    useUi.setState({
      selectedBefore: selected,
      ...(selected === undefined ? { panel: 'step' } : { panel: 'thing', drawerOpen: true }),
    })
  }, [selected])
}
