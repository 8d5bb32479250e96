import { usePhrases, useTranslate } from '../../i18n/index.js'
import { useView } from '../../state/view.js'
import { Button } from '../common/Button.js'
import { Contained } from '../common/Contained.js'
import { Icon } from '../common/Icon.js'
import { useThingName } from '../common/thingName.js'
import { ExploreTree } from '../request/ExploreTree.js'
import { useUi } from '../uiState.js'
import { useLarge } from './large.js'
import styles from './SidePanel.module.css'
import { StepView } from './StepView.js'
import { ThingView } from './ThingView.js'

/** The present step, the selected thing, or the tree of outcomes. */
export function Inspector() {
  const panel = useUi((ui) => ui.panel)
  const selected = useView((view) => view.selected)
  if (panel === 'explore') return <ExploreTree />
  return (
    <Contained key={`${panel} ${selected ?? ''}`}>
      {selected !== undefined && <Switch selected={selected} />}
      {panel === 'thing' && selected !== undefined ? <ThingView id={selected} /> : <StepView />}
    </Contained>
  )
}

/** Between the present step and the thing that is selected. */
function Switch({ selected }: { readonly selected: string }) {
  const t = useTranslate()
  const { say } = usePhrases()
  const name = useThingName(selected)
  const panel = useUi((ui) => ui.panel)
  return (
    <div className={styles['switch']}>
      <Button look="chip" aria-pressed={panel === 'thing'} onClick={() => useUi.setState({ panel: 'thing' })}>
        {say(name)}
      </Button>
      <Button look="chip" aria-pressed={panel === 'step'} onClick={() => useUi.setState({ panel: 'step' })}>
        {t('inspector.tab.step')}
      </Button>
      <LargerButton />
      <Button
        look="chip"
        aria-label={t('shell.close')}
        onClick={() => {
          useLarge.setState({ large: false })
          useView.setState({ selected: undefined })
          useUi.setState({ panel: 'step' })
        }}
      >
        <Icon name="close" size={12} />
      </Button>
    </div>
  )
}

/** Rules are long: the inspector can take half of a wide page for a while. */
function LargerButton() {
  const t = useTranslate()
  const large = useLarge((state) => state.large)
  return (
    <Button
      look="chip"
      className={styles['larger'] ?? ''}
      aria-pressed={large}
      onClick={() => useLarge.setState({ large: !large })}
    >
      {t(large ? 'inspector.smaller' : 'inspector.larger')}
    </Button>
  )
}
