import { useEffect, useMemo, useState } from 'react'
import { phrase, useTranslate } from '../../i18n/index.js'
import type { ChainDiff, Step, SyncRules } from '../../protocol/index.js'
import { askFor } from '../../state/client.js'
import { useMirror } from '../../state/mirror.js'
import { Say } from '../common/Say.js'
import { StepLink } from '../common/StepLink.js'
import { ChainChange } from './ChainChange.js'
import styles from './SyncView.module.css'

/** Chains that stand open at first, together with this many lines at most. */
const OPEN_LINES = 30

/** A sync of kube-proxy: the rules it wrote and took away, chain by chain, and the same change on the other Nodes. */
export function SyncView({ step }: { readonly step: Step<'proxy-sync'> }) {
  const t = useTranslate()
  const rules = useSyncRules(step.id)
  const [sought, setSought] = useState('')
  const { node } = step.facts
  return (
    <section className={styles['sync']} data-testid="sync-rules">
      <h3>
        <Say phrase={phrase('sync.title', { node })} />
      </h3>
      {rules === 'asking' && <p>{t('inspector.loading')}</p>}
      {rules === undefined && <p>{t('inspector.gone')}</p>}
      {typeof rules === 'object' && (
        <>
          <p>
            <Say
              phrase={
                rules.chains.length === 0
                  ? phrase('sync.nothing')
                  : phrase(step.facts.mode === 'nftables' ? 'sync.counts.nft' : 'sync.counts', {
                      added: rules.added,
                      removed: rules.removed,
                      chains: rules.chains.length + rules.more,
                    })
              }
            />
          </p>
          {tookOther(rules.chains, step.facts.mode) && (
            <p className={styles['note']}>
              <Say phrase={phrase('sync.other-mode', { mode: step.facts.mode })} />
            </p>
          )}
          {rules.chains.length > 3 && (
            <input
              type="search"
              aria-label={t('sync.search')}
              placeholder={t('sync.search')}
              value={sought}
              onChange={(event) => setSought(event.target.value)}
            />
          )}
          <Chains chains={rules.chains} sought={sought.trim().toLowerCase()} />
          {rules.more > 0 && <p>{t('dump.more', { count: rules.more })}</p>}
        </>
      )}
      <Others step={step} />
    </section>
  )
}

function Chains({ chains, sought }: { readonly chains: readonly ChainDiff[]; readonly sought: string }) {
  const found = chains.flatMap((chain) => {
    if (sought === '' || chain.name.toLowerCase().includes(sought)) return [{ chain, lines: chain.lines }]
    const lines = chain.lines.filter((line) => line.text.toLowerCase().includes(sought))
    return lines.length === 0 ? [] : [{ chain, lines }]
  })
  const total = found.reduce((sum, { lines }) => sum + lines.length, 0)
  return found.map(({ chain, lines }) => (
    <details key={`${chain.name} ${chain.isIpv6}`} open={total <= OPEN_LINES}>
      <summary>
        <span lang="en" translate="no" className={styles['name']}>
          {chain.name}
          {chain.isIpv6 === true && ' · IPv6'}
        </span>{' '}
        <span className={styles['what']}>
          <Say phrase={whatPhrase(chain)} />
        </span>
      </summary>
      <ChainChange chain={chain} lines={lines} />
    </details>
  ))
}

/** Whether rules were taken away that a proxy of the other mode had written. Names of nftables have a family before the table. */
function tookOther(chains: readonly ChainDiff[], mode: string): boolean {
  return chains.some(({ change, name }) => change === 'removed' && name.split(' ').length > 2 !== (mode === 'nftables'))
}

function whatPhrase({ change, missing, extra, changed }: ChainDiff) {
  if (change === 'added') return phrase('sync.chain.new')
  if (change === 'removed') return phrase('sync.chain.gone')
  const [added, removed] = [extra + changed, missing + changed]
  if (removed === 0) return phrase('sync.chain.added', { count: added })
  return added === 0 ? phrase('sync.chain.removed', { count: removed }) : phrase('sync.chain.changed', { added, removed })
}

/** One change may make every kube-proxy write several times: of the other Nodes the syncs of the same round. */
function sameRound(steps: readonly Step[], step: Step<'proxy-sync'>): readonly Step<'proxy-sync'>[] {
  const alike = steps.filter(
    (other): other is Step<'proxy-sync'> =>
      other.kind === 'proxy-sync' && other.flow === step.flow && other.facts.services.join() === step.facts.services.join(),
  )
  const rounds = new Map<string, Step<'proxy-sync'>[]>()
  for (const each of alike) rounds.set(each.facts.node, [...(rounds.get(each.facts.node) ?? []), each])
  const round = rounds.get(step.facts.node)?.findIndex((each) => each.id === step.id) ?? 0
  return [...rounds].flatMap(([node, own]) => (node === step.facts.node ? [] : (own[round] ?? [])))
}

/** The syncs of the same change on the other Nodes: each writes its own kernel, at its own time. */
function Others({ step }: { readonly step: Step<'proxy-sync'> }) {
  const t = useTranslate()
  const steps = useMirror((mirror) => mirror.steps)
  const others = useMemo(() => sameRound(steps, step), [steps, step])
  if (others.length === 0) return null
  return (
    <>
      <h3>{t('sync.others')}</h3>
      <ul className={styles['others']}>
        {others.slice(0, 40).map((other) => {
          const { node, rulesBefore, rulesAfter } = other.facts
          return (
            <li key={other.id}>
              <StepLink to={other.id}>
                <Say phrase={phrase('sync.other', { node, before: rulesBefore, after: rulesAfter })} terms={false} />
              </StepLink>
            </li>
          )
        })}
      </ul>
      {others.length > 40 && <p>{t('dump.more', { count: others.length - 40 })}</p>}
    </>
  )
}

function useSyncRules(step: number): SyncRules | undefined | 'asking' {
  const [answer, setAnswer] = useState<{ readonly step: number; readonly rules: SyncRules | undefined } | undefined>()
  useEffect(() => {
    let wanted = true
    void askFor({ type: 'sync-rules', step }, 'sync-rules').then((reply) => {
      if (wanted) setAnswer({ step, rules: reply?.rules })
    })
    return () => {
      wanted = false
    }
  }, [step])
  return answer?.step === step ? answer.rules : 'asking'
}
