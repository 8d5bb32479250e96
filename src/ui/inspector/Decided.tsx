import { useMemo } from 'react'
import { phrase, stepPhrase, useTranslate } from '../../i18n/index.js'
import type { Step } from '../../protocol/index.js'
import { useMirror } from '../../state/mirror.js'
import { useView } from '../../state/view.js'
import { Say } from '../common/Say.js'
import { StepLink } from '../common/StepLink.js'
import { decidingRule } from './stepModel.js'
import { RuleOrigin } from './Why.js'

/** From an end of a request back: the rule that decided it, and all that led to that rule being there. */
export function Decided({ step }: { readonly step: Step }) {
  const t = useTranslate()
  const steps = useMirror((mirror) => mirror.steps)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the rule is found in
  const rule = useMemo(() => decidingRule(useMirror.getState(), step), [step, steps])
  return (
    <>
      <h3>{t('why.decided')}</h3>
      {rule === undefined ? (
        <p>
          <Say phrase={phrase('why.decided.none')} />
        </p>
      ) : (
        <>
          <p>
            <Say phrase={stepPhrase(rule)} />
          </p>
          <p>
            <StepLink to={rule.id} before={() => useView.setState({ level: 'rules' })}>
              {t('why.toRule')}
            </StepLink>
          </p>
          <RuleOrigin rule={rule} />
        </>
      )}
    </>
  )
}
