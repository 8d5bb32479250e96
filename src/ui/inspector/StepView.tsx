import { useMemo } from 'react'
import { excludedPhrase, phrase, useTranslate } from '../../i18n/index.js'
import type { PacketView, Step } from '../../protocol/index.js'
import { useMirror } from '../../state/mirror.js'
import { Button } from '../common/Button.js'
import { Fact, Say } from '../common/Say.js'
import { StepLink } from '../common/StepLink.js'
import { CountsTable } from '../request/CountsTable.js'
import { exploreRequest } from '../request/send.js'
import { fractionOf, placePhrase } from '../transport/presentModel.js'
import { useCurrentStep } from '../transport/usePresent.js'
import { useUi } from '../uiState.js'
import { Decided } from './Decided.js'
import { factRows } from './factRows.js'
import { withoutChain } from './ruleText.js'
import styles from './StepView.module.css'
import { SyncView } from './SyncView.js'
import { conntrackNote, headerOf, ruleOf, rulesMet } from './stepModel.js'
import { Why } from './Why.js'

/** The present step in full: rules met, chance, header before and after, the kernel's notes. */
export function StepView() {
  const t = useTranslate()
  const step = useCurrentStep()
  if (step === undefined) return <p className={styles['nothing']}>{t('inspector.nothing')}</p>
  return <StepDetails step={step} />
}

function StepDetails({ step }: { readonly step: Step }) {
  const why = useUi((ui) => ui.why)
  const steps = useMirror((mirror) => mirror.steps)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the rest is found in
  const found = useMemo(() => {
    const mirror = useMirror.getState()
    return { met: rulesMet(mirror, step), rule: ruleOf(mirror, step), conntrack: conntrackNote(mirror, step) }
  }, [step, steps])
  const header = headerOf(step)
  return (
    <div className={`goes-on ${styles['view']}`}>
      <h2 className={styles['title']}>
        <span>
          <Say phrase={placePhrase(step)} />
        </span>
        {'table' in step.facts && <Fact>{step.facts.table}</Fact>}
      </h2>
      {why && <Why step={step} rule={found.rule} />}
      {!why && step.kind === 'request-done' && step.facts.verdict !== 'delivered' && <Decided step={step} />}
      {found.met.length > 0 && <RulesMet met={found.met} current={step} />}
      <Chances step={step} />
      {header !== undefined && <Header packet={header.packet} before={header.before} />}
      {header !== undefined && <Notes packet={header.packet} conntrack={found.conntrack} />}
      {step.kind === 'requests-counted' && <CountsTable facts={step.facts} />}
      {step.kind === 'scheduler-score' && <Scores facts={step.facts} />}
      {step.kind === 'proxy-sync' && <SyncView step={step} />}
      {header === undefined && !OWN_VIEW.has(step.kind) && <Facts step={step} />}
    </div>
  )
}

function RulesMet({ met, current }: { readonly met: readonly Step<'rule'>[]; readonly current: Step }) {
  const t = useTranslate()
  return (
    <section>
      <h3>{t('inspector.rulesMet')}</h3>
      <ol className={styles['rules']} lang="en" translate="no">
        {met.map((rule) => (
          <li key={rule.id} data-current={rule.id === current.id} {...(rule.id === current.id ? { 'aria-current': true } : {})}>
            <StepLink to={rule.id}>
              <span className={styles['where']}>
                {rule.facts.chain} {rule.facts.rule}
              </span>
              <code>{withoutChain(rule.facts.text)}</code>
            </StepLink>
          </li>
        ))}
      </ol>
    </section>
  )
}

function Chances({ step }: { readonly step: Step }) {
  const t = useTranslate()
  const explore = (
    <Button look="plain" onClick={() => void exploreRequest()}>
      {t('inspector.elsewhere')}
    </Button>
  )
  if (step.kind === 'lb-choice') {
    const { candidates, excluded, chance } = step.facts
    return (
      <section>
        <h3>{t('inspector.chance')}</h3>
        <p>
          <Say
            phrase={phrase('inspector.chance.lb', {
              count: candidates.length,
              share: chance.share ?? fractionOf(chance.probability),
            })}
          />
        </p>
        <ul className={styles['candidates']} lang="en" translate="no">
          {candidates.slice(0, 12).map((candidate) => (
            <li key={candidate} data-chosen={candidate === step.facts.chosen}>
              <code>{candidate}</code>
            </li>
          ))}
        </ul>
        <ul className={styles['candidates']}>
          {excluded.map((left) => (
            <li key={left.node}>
              × <Say phrase={excludedPhrase(left)} />
            </li>
          ))}
        </ul>
        {explore}
      </section>
    )
  }
  if (step.kind !== 'rule' || step.facts.chance === undefined) return null
  const { share, probability } = step.facts.chance
  return (
    <section>
      <h3>{t('inspector.chance')}</h3>
      <p>
        <Say
          phrase={phrase('inspector.chance.rule', {
            share: share ?? fractionOf(probability),
            probability: fractionOf(probability),
          })}
        />
      </p>
      {explore}
    </section>
  )
}

function Header({ packet, before }: { readonly packet: PacketView; readonly before: PacketView | undefined }) {
  const t = useTranslate()
  return (
    <section>
      <h3>{t('inspector.header')}</h3>
      <dl className={styles['pairs']}>
        <Pair
          label={t('inspector.header.source')}
          now={at(packet.src, packet.sport)}
          was={before && at(before.src, before.sport)}
        />
        <Pair
          label={t('inspector.header.destination')}
          now={at(packet.dst, packet.dport)}
          was={before && at(before.dst, before.dport)}
        />
        <Pair label={t('inspector.header.proto')} now={`${packet.proto} ${packet.flags}`} was={undefined} />
        <Pair label={t('inspector.header.ttl')} now={String(packet.ttl)} was={before && String(before.ttl)} />
      </dl>
    </section>
  )
}

function at(ip: string, port: number): string {
  return port === 0 ? ip : `${ip}:${port}`
}

function Pair({ label, now, was }: { readonly label: string; readonly now: string; readonly was: string | undefined }) {
  const changed = was !== undefined && was !== now
  return (
    <div data-changed={changed}>
      <dt>{label}</dt>
      <dd>
        {changed ? (
          <>
            <span className={styles['spoken']}>
              <Say phrase={phrase('inspector.header.was', { old: was, now })} />
            </span>
            <span aria-hidden="true" lang="en" translate="no">
              <s>{was}</s> <b>{now}</b>
            </span>
          </>
        ) : (
          <Fact>{now}</Fact>
        )}
      </dd>
    </div>
  )
}

function Notes({ packet, conntrack }: { readonly packet: PacketView; readonly conntrack: Step<'conntrack'> | undefined }) {
  const t = useTranslate()
  return (
    <section>
      <h3>{t('inspector.notes')}</h3>
      <dl className={styles['pairs']}>
        <Pair
          label={t('inspector.notes.mark')}
          now={packet.mark === 0 ? t('inspector.notes.noMark') : `0x${packet.mark.toString(16)}`}
          was={undefined}
        />
        {conntrack !== undefined && (
          <>
            <Pair
              label={t('inspector.notes.conntrack')}
              now={`${conntrack.facts.state} ${conntrack.facts.original}`}
              was={undefined}
            />
            <Pair label={t('inspector.notes.reply')} now={conntrack.facts.reply} was={undefined} />
          </>
        )}
      </dl>
    </section>
  )
}

function Scores({ facts }: { readonly facts: Step<'scheduler-score'>['facts'] }) {
  const t = useTranslate()
  return (
    <table className={styles['scores']}>
      <caption>{t('inspector.scores')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('inspector.scores.plugin')}</th>
          <th scope="col">{t('inspector.scores.raw')}</th>
          <th scope="col">{t('inspector.scores.normalized')}</th>
          <th scope="col">{t('inspector.scores.weight')}</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(facts.scores).map(([plugin, score]) => (
          <tr key={plugin}>
            <th scope="row">
              <Fact>{plugin}</Fact>
            </th>
            <td>{score.raw}</td>
            <td>{score.normalized}</td>
            <td>{score.weight}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Kinds of steps without a packet that are shown in a way of their own. */
const OWN_VIEW: ReadonlySet<Step['kind']> = new Set(['requests-counted', 'scheduler-score', 'proxy-sync'])

function Facts({ step }: { readonly step: Step }) {
  const t = useTranslate()
  const rows = factRows(step)
  if (rows.length === 0) return null
  return (
    <section>
      <h3>{t('inspector.facts')}</h3>
      <dl className={`${styles['pairs']} ${styles['told']}`}>
        {rows.map(({ label, value }) => (
          <div key={label.key}>
            <dt>
              <Say phrase={label} />
            </dt>
            <dd>
              <Say phrase={phrase('fact.value', { value })} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
