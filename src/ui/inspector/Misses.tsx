import { useEffect, useState } from 'react'
import { phrase, useTranslate } from '../../i18n/index.js'
import type { Miss, Step } from '../../protocol/index.js'
import { askFor } from '../../state/client.js'
import { Say } from '../common/Say.js'
import { withoutChain } from './ruleText.js'
import styles from './Why.module.css'

/** The rules that were tried before the one that matched, and what each lacked. */
export function Misses({ rule }: { readonly rule: Step<'rule'> }) {
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
export function TriedAt(props: {
  readonly hook: Step<'packet-hook'>
  readonly dst: string
  /** Tells all of them, whether or not some name the address. */
  readonly all?: boolean
}) {
  const { hook, dst, all = false } = props
  const misses = useMisses(hook.id)
  if (misses === undefined || misses.length === 0) return null
  const near = all
    ? []
    : misses.filter(({ text }) => new RegExp(`(?<![\\d.])${dst.replaceAll('.', '\\.')}(?![\\d.]*\\d)`).test(text))
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
