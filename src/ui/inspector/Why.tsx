import { useEffect, useMemo, useState } from 'react'
import { phrase, stepPhrase, useTranslate } from '../../i18n/index.js'
import type { AskedRule, Miss, Step } from '../../protocol/index.js'
import { askFor } from '../../state/client.js'
import { useMirror } from '../../state/mirror.js'
import { Say } from '../common/Say.js'
import { StepLink } from '../common/StepLink.js'
import { causesOf } from '../transport/presentModel.js'
import { Decided } from './Decided.js'
import { Origin } from './Origin.js'
import { withoutChain } from './StepView.js'
import { callerOf, markedBy } from './stepModel.js'
import styles from './Why.module.css'

/** Why it went so: for a rule, what was tried before it and what each lacked; for other steps, what caused it. */
export function Why({ step, rule }: { readonly step: Step; readonly rule: Step<'rule'> | undefined }) {
  const t = useTranslate()
  return (
    <section className={styles['why']}>
      {rule === undefined ? (
        ENDS.has(step.kind) ? (
          <Decided step={step} />
        ) : (
          <>
            <Cause step={step} />
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

function Misses({ rule }: { readonly rule: Step<'rule'> }) {
  const t = useTranslate()
  const misses = useMisses(rule.id)
  if (misses === undefined) return <p className={styles['hint']}>{t('inspector.loading')}</p>
  return (
    <>
      <h3>{t('inspector.misses')}</h3>
      {misses.length === 0 && <p className={styles['hint']}>{t('inspector.noMisses')}</p>}
      <MissList misses={misses} />
    </>
  )
}

/** Rules of a hook that are told when none matched. */
const TRIED = 30

/** Where no rule touched the destination: those at the first hook of a Node that name the same address, else all that were tried. */
export function TriedAt({ hook, dst }: { readonly hook: Step<'packet-hook'>; readonly dst: string }) {
  const misses = useMisses(hook.id)
  if (misses === undefined || misses.length === 0) return null
  const near = misses.filter(({ text }) => new RegExp(`(?<![\\d.])${dst.replaceAll('.', '\\.')}(?![\\d.]*\\d)`).test(text))
  const told = near.length > 0 ? near : misses
  const { host, hook: name } = hook.facts
  return (
    <>
      <h3>
        <Say phrase={phrase(near.length > 0 ? 'why.near' : 'why.tried', { host, hook: name, dst })} />
      </h3>
      <MissList misses={told.slice(0, TRIED)} />
      {told.length > TRIED && (
        <p className={styles['hint']}>
          <Say phrase={phrase('dump.more', { count: told.length - TRIED })} />
        </p>
      )}
    </>
  )
}

function MissList({ misses }: { readonly misses: readonly Miss[] }) {
  return (
    <ul className={styles['misses']}>
      {misses.map((miss, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: chains of two tables may have one name; the list is replaced as a whole
        <li key={index}>
          <span className={styles['where']} lang="en" translate="no">
            × {miss.chain} {miss.rule}
          </span>
          <code lang="en" translate="no">
            {withoutChain(miss.text)}
          </code>
          <span className={styles['saw']}>
            <Say phrase={phrase('inspector.miss', { wanted: miss.wanted, saw: miss.saw })} />
          </span>
        </li>
      ))}
    </ul>
  )
}

/** Why the rule that matched is there at all; of a rule for all Services, why the packet came to it. */
export function RuleOrigin({ rule, chosen }: { readonly rule: Step<'rule'>; readonly chosen?: string }) {
  const t = useTranslate()
  const steps = useMirror((mirror) => mirror.steps)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the others are found in
  const [caller, marker] = useMemo(() => {
    const mirror = useMirror.getState()
    return [callerOf(mirror, rule), markedBy(mirror, rule)]
  }, [rule, steps])
  const because = caller ?? marker
  return (
    <>
      {because === undefined && (
        <Origin node={rule.facts.host} rule={askedOf(rule)} {...(chosen === undefined ? {} : { chosen })} />
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

/** Asks the simulation for the misses of a rule's step; undefined until it has answered. */
function useMisses(step: number): readonly Miss[] | undefined {
  const [answer, setAnswer] = useState<{ readonly step: number; readonly misses: readonly Miss[] } | undefined>()
  useEffect(() => {
    let wanted = true
    void askFor({ type: 'misses', step }, 'misses').then((reply) => {
      if (wanted) setAnswer({ step, misses: reply?.misses ?? [] })
    })
    return () => {
      wanted = false
    }
  }, [step])
  return answer?.step === step ? answer.misses : undefined
}

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
