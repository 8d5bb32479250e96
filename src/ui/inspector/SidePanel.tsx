import { lazy, Suspense, useEffect } from 'react'
import { useTranslate } from '../../i18n/index.js'
import { useMirror } from '../../state/mirror.js'
import { useView } from '../../state/view.js'
import { Button } from '../common/Button.js'
import { Contained } from '../common/Contained.js'
import { Icon } from '../common/Icon.js'
import { useUi } from '../uiState.js'
import { useLarge } from './large.js'
import styles from './SidePanel.module.css'

const Inspector = lazy(() => import('./Inspector.js').then((module) => ({ default: module.Inspector })))

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
        onClick={() => useUi.setState({ drawerOpen: false, why: false })}
      >
        <Icon name="close" />
      </Button>
      <SidePanelContent />
    </aside>
  )
}

/** The inspector's region is there at once; what it shows is loaded after the graph. */
export function SidePanelContent() {
  const t = useTranslate()
  const ready = useMirror((mirror) => mirror.phase !== 'loading')
  const large = useLarge((state) => state.large)
  useOpenOnSelection()
  return (
    <section className={styles['content']} data-large={large} aria-label={t('shell.inspector')}>
      <Contained>
        <Suspense>{ready && <Inspector />}</Suspense>
      </Contained>
    </section>
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
