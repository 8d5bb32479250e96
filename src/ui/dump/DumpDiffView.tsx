import { useMemo, useState } from 'react'
import { type MessageKey, phrase, useTranslate } from '../../i18n/index.js'
import type { ChainDiff, DumpDiff } from '../../protocol/index.js'
import { Say } from '../common/Say.js'
import { ChainChange } from '../inspector/ChainChange.js'
import styles from './DumpPanel.module.css'
import { type DiffKind, isProxys, shownOf } from './diffFilter.js'

const KINDS: readonly DiffKind[] = ['all', 'missing', 'extra', 'changed']
const LABEL = {
  all: 'dump.filter.all',
  missing: 'dump.filter.missing',
  extra: 'dump.filter.extra',
  changed: 'dump.filter.changed',
} as const satisfies Readonly<Record<DiffKind, MessageKey>>

/** Lines up to which all chains stand open. */
const OPEN_LINES = 24

/** The dump beside the simulated Node's rules, chain by chain; chains that are the same are only counted. */
export function DumpDiffView({ node, diff }: { readonly node: string; readonly diff: DumpDiff }) {
  const t = useTranslate()
  const [kind, setKind] = useState<DiffKind>('all')
  const [sought, setSought] = useState('')
  const [isOwn, setOwn] = useState(false)
  const shown = useMemo(
    () => shownOf(isOwn ? diff.chains.filter(isProxys) : diff.chains, kind, sought),
    [diff, kind, sought, isOwn],
  )
  const hasOthers = diff.chains.some((chain) => !isProxys(chain))
  const lines = shown.reduce((sum, each) => sum + each.lines.length, 0)
  const counts = {
    all: diff.missing + diff.extra + diff.changed,
    missing: diff.missing,
    extra: diff.extra,
    changed: diff.changed,
  }
  return (
    <section className={styles['diff']}>
      <h3>
        <Say phrase={phrase('dump.diff', { node })} />
      </h3>
      <p className={styles['note']}>
        <Say
          phrase={
            !diff.comparable
              ? phrase('dump.diff.incomparable', { format: diff.format })
              : diff.chains.length === 0
                ? phrase('dump.diff.same', { count: diff.same })
                : phrase('dump.diff.counts', { changed: diff.chains.length + diff.more, same: diff.same })
          }
        />
      </p>
      {diff.chains.length > 0 && (
        <div className={styles['filter']}>
          <select aria-label={t('dump.filter')} value={kind} onChange={(event) => setKind(kindOf(event.target.value))}>
            {KINDS.map((each) => (
              <option key={each} value={each}>
                {t(LABEL[each], { count: counts[each] })}
              </option>
            ))}
          </select>
          <input
            type="search"
            aria-label={t('dump.search')}
            placeholder={t('dump.search')}
            value={sought}
            onChange={(event) => setSought(event.target.value)}
          />
          {hasOthers && (
            <label>
              <input type="checkbox" checked={isOwn} onChange={(event) => setOwn(event.target.checked)} /> {t('dump.filter.own')}
            </label>
          )}
        </div>
      )}
      {diff.chains.length > 0 && shown.length === 0 && <p className={styles['note']}>{t('dump.filter.none')}</p>}
      {shown.map(({ chain, lines: own }) => (
        <details key={`${kind} ${chain.name} ${chain.isIpv6}`} open={lines <= OPEN_LINES}>
          <summary>
            <span lang="en" translate="no">
              {SIGN[chain.change]} {chain.name}
              {chain.isIpv6 === true && ' · IPv6'}
            </span>{' '}
            <span className={styles['note']}>
              <Say phrase={changeOf(chain)} terms={false} />
            </span>
          </summary>
          <ChainChange chain={chain} lines={own} first={t('diff.onlyFirst')} second={t('diff.onlySecond')} />
        </details>
      ))}
      {diff.more > 0 && <p className={styles['note']}>{t('dump.more', { count: diff.more })}</p>}
    </section>
  )
}

const SIGN = { same: '=', added: '+', removed: '−', changed: '±' } as const

function kindOf(text: string): DiffKind {
  return KINDS.find((each) => each === text) ?? 'all'
}

function changeOf({ change, missing, extra, changed, moved }: ChainDiff) {
  if (change === 'added') return phrase('dump.diff.added')
  if (change === 'removed') return phrase('dump.diff.removed')
  const parts = [
    ...(missing === 0 ? [] : [phrase('dump.diff.missing', { count: missing })]),
    ...(extra === 0 ? [] : [phrase('dump.diff.extra', { count: extra })]),
    ...(changed === 0 ? [] : [phrase('dump.diff.changed', { count: changed })]),
    ...(moved === 0 ? [] : [phrase('dump.diff.moved', { count: moved })]),
  ]
  return phrase('fact.value', { value: { list: parts } })
}
