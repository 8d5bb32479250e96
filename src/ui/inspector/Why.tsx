import { phrase, stepPhrase, useTranslate } from '../../i18n/index.js'
import type { Step } from '../../protocol/index.js'
import { useMirror } from '../../state/mirror.js'
import { Say } from '../common/Say.js'
import { StepLink } from '../common/StepLink.js'
import { causesOf } from '../transport/presentModel.js'
import { Decided } from './Decided.js'
import { Misses, TriedAt } from './Misses.js'
import { RuleOrigin } from './RuleOrigin.js'
import { hookOf } from './stepModel.js'
import styles from './Why.module.css'

/** Why it went so: for a rule, what was tried before it and what each lacked; for other steps, what caused it. */
export function Why({ step, rule }: { readonly step: Step; readonly rule: Step<'rule'> | undefined }) {
  const t = useTranslate()
  const hook = hookOf(useMirror.getState(), step)
  return (
    <section className={styles['why']}>
      {rule === undefined ? (
        ENDS.has(step.kind) ? (
          <Decided step={step} />
        ) : (
          <>
            <Cause step={step} />
            {hook !== undefined && <TriedAt hook={hook} dst={hook.facts.packet.dst} all />}
            <p className={styles['hint']}>{t('inspector.whyHint')}</p>
          </>
        )
      ) : (
        <>
          <Misses rule={rule} />
          <RuleOrigin rule={rule} />
        </>
      )}
    </section>
  )
}

/** Steps at which a request, or one of its packets, has come to its end. */
const ENDS: ReadonlySet<Step['kind']> = new Set(['request-done', 'stopped', 'answered', 'delivered', 'connection-rest'])

function Cause({ step }: { readonly step: Step }) {
  const t = useTranslate()
  const { cause } = causesOf(useMirror.getState(), step)
  return (
    <>
      <h3>{t('inspector.whyCause')}</h3>
      {cause === undefined ? (
        <p>{t('inspector.noCause')}</p>
      ) : (
        <>
          <p>
            <Say phrase={stepPhrase(cause)} />
          </p>
          <StepLink to={cause.id}>
            <Say phrase={phrase('transport.number', { n: cause.id })} />
          </StepLink>
        </>
      )}
    </>
  )
}
