import { useMemo } from 'react'
import { phrase, stepPhrase, useTranslate } from '../../i18n/index.js'
import type { Step } from '../../protocol/index.js'
import { findStep, type Mirror, useMirror } from '../../state/mirror.js'
import { useView } from '../../state/view.js'
import { Say } from '../common/Say.js'
import { StepLink } from '../common/StepLink.js'
import { wrongPort } from './because.js'
import { endReasons, stoppedAt } from './ends.js'
import { TriedAt } from './Misses.js'
import { RuleOrigin } from './RuleOrigin.js'
import { decidingRule, firstHook } from './stepModel.js'
import styles from './Why.module.css'

/** From an end of a request back: the rule that decided it, and all that led to that rule being there. */
export function Decided({ step }: { readonly step: Step }) {
  const t = useTranslate()
  const steps = useMirror((mirror) => mirror.steps)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the rule is found in
  const found = useMemo(() => {
    const mirror = useMirror.getState()
    const rule = decidingRule(mirror, step)
    const stopped = stoppedAt(mirror, step)
    const reasons = rule === undefined ? endReasons(mirror.scene, step, stopped) : []
    return rule === undefined
      ? { rule, rewrite: undefined, hook: firstHook(mirror, step), reasons }
      : { rule, rewrite: rewriteAfter(mirror, rule), hook: undefined, reasons }
  }, [step, steps])
  const { rule, rewrite, hook, reasons } = found
  return (
    <div className={styles['decided']}>
      <h3>{t('why.decided')}</h3>
      {rule === undefined ? (
        <p>
          <Say phrase={phrase(nobodyDecided(step, hook !== undefined))} />
        </p>
      ) : (
        <p>
          <Say phrase={stepPhrase(rule)} />{' '}
          <StepLink to={rule.id} before={() => useView.setState({ level: 'rules' })}>
            {t('why.toRule')}
          </StepLink>
        </p>
      )}
      {rewrite !== undefined && (
        <p>
          <Say phrase={stepPhrase(rewrite)} />
        </p>
      )}
      {reasons.map((reason) => (
        <p key={reason.key} className={styles['because']}>
          <Say phrase={reason} />
        </p>
      ))}
      <WrongPort step={step} rule={rule} />
      {hook !== undefined && reasons.length === 0 && <TriedAt hook={hook} dst={hook.facts.packet.dst} />}
      {rule !== undefined && <RuleOrigin rule={rule} {...(rewrite === undefined ? {} : { chosen: endpointOf(rewrite) })} />}
    </div>
  )
}

/** What is to be said where no rule decided: whether there was a packet at all, and whether a Node saw it. */
function nobodyDecided(step: Step, wasAtNode: boolean): 'why.unresolved' | 'why.outside' | 'why.decided.none' {
  if (step.kind === 'request-done' && step.facts.verdict === 'unresolved') return 'why.unresolved'
  return wasAtNode ? 'why.decided.none' : 'why.outside'
}

/** What the rule's decision made of the packet: the rewrite that came of it on the same host. */
function rewriteAfter(mirror: Mirror, rule: Step<'rule'>): Step<'rewrite'> | undefined {
  for (const later of mirror.steps.slice(findStep(mirror.steps, rule.id) + 1)) {
    if (later.event !== rule.event) return undefined
    if (later.kind === 'rewrite' && later.facts.what === 'dnat') return later
  }
  return undefined
}

function endpointOf({ facts: { after } }: Step<'rewrite'>): string {
  return after.dst.includes(':') ? `[${after.dst}]:${after.dport}` : `${after.dst}:${after.dport}`
}

/** An address of a Service answers on its ports alone; what was asked for was another one. */
function WrongPort({ step, rule }: { readonly step: Step; readonly rule: Step<'rule'> | undefined }) {
  const scene = useMirror((mirror) => mirror.scene)
  const to = step.kind === 'request-done' ? step.facts.to : undefined
  const packet = 'packet' in step.facts ? step.facts.packet : undefined
  const ip = to?.ip ?? packet?.dst
  const port = to?.port ?? packet?.dport
  if (ip === undefined || port === undefined || (rule !== undefined && !/^(?:drop|reject)\b/i.test(rule.facts.action)))
    return null
  const says = wrongPort(scene, ip, port)
  return says === undefined ? null : (
    <p className={styles['because']}>
      <Say phrase={says} />
    </p>
  )
}
