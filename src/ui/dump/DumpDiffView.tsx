import { phrase, useTranslate } from '../../i18n/index.js'
import type { ChainDiff, DumpDiff } from '../../protocol/index.js'
import { Say } from '../common/Say.js'
import styles from './DumpPanel.module.css'

/** The dump beside the simulated Node's rules, chain by chain; chains that are the same are only counted. */
export function DumpDiffView({ node, diff }: { readonly node: string; readonly diff: DumpDiff }) {
  const t = useTranslate()
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
      {diff.chains.map((chain) => (
        <details key={chain.name} open={diff.chains.length <= 3}>
          <summary>
            <span lang="en" translate="no">
              {SIGN[chain.change]} {chain.name}
            </span>{' '}
            <span className={styles['where']}>{t(`dump.diff.${chain.change === 'same' ? 'changed' : chain.change}`)}</span>
          </summary>
          <Chain chain={chain} />
        </details>
      ))}
      {diff.more > 0 && <p className={styles['note']}>{t('dump.more', { count: diff.more })}</p>}
    </section>
  )
}

const SIGN = { same: '=', added: '+', removed: '−', changed: '±' } as const

function Chain({ chain }: { readonly chain: ChainDiff }) {
  const t = useTranslate()
  const lines = chain.lines.filter((line) => line.side !== 'both')
  return (
    <>
      <ul className={styles['lines']} lang="en" translate="no">
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: equal lines can stand twice; the list is replaced as a whole
          <li key={index} data-side={line.side}>
            <code>
              {line.side === 'second' ? '+ ' : '− '}
              {line.text}
            </code>
          </li>
        ))}
      </ul>
      {chain.more > 0 && <p className={styles['note']}>{t('dump.more', { count: chain.more })}</p>}
    </>
  )
}
