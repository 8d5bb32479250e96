import type { ReactNode } from 'react'
import { useTranslate } from '../../i18n/index.js'
import type { FlowId, Step } from '../../protocol/index.js'
import { useMirror } from '../../state/mirror.js'
import { useView } from '../../state/view.js'
import { perform } from '../act.js'
import { Button } from '../common/Button.js'
import { StepLink } from '../common/StepLink.js'
import { useUi } from '../uiState.js'
import styles from './AfterFlow.module.css'
import { useCurrentStep, useTrack } from './usePresent.js'

/** What to do next when the followed request has ended, in place of the links; never a dialog over the picture. */
export function AfterFlow({ otherwise }: { readonly otherwise: ReactNode }) {
  const t = useTranslate()
  const step = useCurrentStep()
  const track = useTrack()
  const last = track.steps.at(-1)
  const flow = useMirror((mirror) => mirror.flows.find((known) => known.id === last?.flow))
  if (step === undefined || last === undefined || step.id !== last.id || flow?.kind !== 'request') return otherwise
  const chose = whatChose(track.steps)
  return (
    <p className={styles['after']}>
      <Button look="chip" onClick={() => sendAgain()}>
        {t('transport.after.again')}
      </Button>
      <Button look="chip" onClick={() => sendAgain(last.flow)}>
        {t('transport.after.againSame')}
      </Button>
      {chose !== undefined && (
        <StepLink
          to={chose.id}
          className={styles['link']}
          before={() => {
            useView.setState({ level: 'rules' })
            useUi.setState({ why: true, panel: 'step', drawerOpen: true, narrowTab: 'details' })
          }}
        >
          {t('transport.after.whyPod')}
        </StepLink>
      )}
      <Button look="chip" onClick={() => void openNext()}>
        {t('transport.after.next')}
      </Button>
    </p>
  )
}

/** The step in which chance chose the endpoint: the last rule with a chance before the destination was rewritten. */
function whatChose(steps: readonly Step[]): Step | undefined {
  const rewritten = steps.findIndex((step) => step.kind === 'rewrite' && step.facts.what === 'dnat' && step.facts.by === 'rule')
  const before = rewritten < 0 ? steps : steps.slice(0, rewritten)
  return before.findLast((step) => step.kind === 'rule' && step.facts.chance !== undefined) ?? steps[rewritten]
}

/** Opens the scenario after this one; the gallery after the last, or when this is none of the built-in ones. */
async function openNext(): Promise<void> {
  const { SCENARIO_INDEX } = await import('../../generated/scenarioIndex.js')
  const open = useMirror.getState().opened?.id
  const at = SCENARIO_INDEX.findIndex((entry) => entry.id === open)
  const next = at < 0 ? undefined : SCENARIO_INDEX[at + 1]
  if (next === undefined) useUi.setState({ galleryOpen: true })
  else location.hash = `#/scenario/${next.id}`
}

/** The latest request once more: on a new connection, or on that of this flow. */
function sendAgain(sameConnectionAs?: FlowId): void {
  const last = useMirror.getState().actions.findLast((record) => record.action.type === 'request')
  if (last?.action.type !== 'request') return
  const { sameConnectionAs: _before, ...request } = last.action.request
  void perform({ type: 'request', request: sameConnectionAs === undefined ? request : { ...request, sameConnectionAs } })
}
