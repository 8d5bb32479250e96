import { useMemo } from 'react'
import { stepPhrase, useTranslate } from '../../i18n/index.js'
import type { AskedRule, Step } from '../../protocol/index.js'
import { useMirror } from '../../state/mirror.js'
import { Say } from '../common/Say.js'
import { StepLink } from '../common/StepLink.js'
import { Origin } from './Origin.js'
import { callerOf, leaderOf, markedBy } from './stepModel.js'

/** Why the rule that matched is there at all; of a rule for all Services, why the packet came to it. */
export function RuleOrigin({ rule, chosen }: { readonly rule: Step<'rule'>; readonly chosen?: string }) {
  const t = useTranslate()
  const steps = useMirror((mirror) => mirror.steps)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the others are found in
  const [caller, marker, via] = useMemo(() => {
    const mirror = useMirror.getState()
    return [callerOf(mirror, rule), markedBy(mirror, rule), leaderOf(mirror, rule)?.facts.chain]
  }, [rule, steps])
  const because = caller ?? marker
  return (
    <>
      {because === undefined && (
        <Origin node={rule.facts.host} rule={askedOf(rule)} via={via} {...(chosen === undefined ? {} : { chosen })} />
      )}
      {because !== undefined && (
        <>
          <h3>{t(caller === undefined ? 'why.marked' : 'why.led')}</h3>
          <p>
            <Say phrase={stepPhrase(because)} /> <StepLink to={because.id}>{t('why.toRule')}</StepLink>
          </p>
          <Origin node={because.facts.host} rule={askedOf(because)} />
        </>
      )}
    </>
  )
}

function askedOf({ facts: { chain, text, action, packet } }: Step<'rule'>): AskedRule {
  const { proto, dst, dport } = packet
  return { chain, text, action, packet: { proto, dst, dport } }
}
