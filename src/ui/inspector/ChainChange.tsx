import { phrase, useTranslate } from '../../i18n/index.js'
import type { ChainDiff } from '../../protocol/index.js'
import { Say } from '../common/Say.js'
import styles from './ChainChange.module.css'

type Line = ChainDiff['lines'][number]

/** One chain's difference, rule by rule: what is gone, what is new, and a rule that became another one as one entry with both forms. */
export function ChainChange(props: {
  readonly chain: ChainDiff
  readonly lines: readonly Line[]
  /** What is spoken before a line that only one side has: of a change in time unless said otherwise. */
  readonly first?: string
  readonly second?: string
}) {
  const t = useTranslate()
  const { chain, lines, first = t('diff.minus'), second = t('diff.plus') } = props
  return (
    <>
      <ul className={styles['lines']} lang="en" translate="no">
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: equal lines can stand twice; the list is replaced as a whole
          <li key={index} data-side={line.side} data-paired={line.pair !== undefined}>
            <span className={styles['sign']} aria-hidden="true">
              {line.side === 'second' ? '+' : '−'}
            </span>
            <span className={styles['spoken']}>{line.side === 'second' ? second : first} </span>
            <code>{line.isMoved === true ? afterChain(line.text) : <Marked line={line} other={partnerOf(line, lines)} />}</code>
          </li>
        ))}
      </ul>
      {chain.isUnordered === true && (
        <p className={styles['note']}>
          <Say phrase={phrase('diff.unordered')} />
        </p>
      )}
      {chain.more > 0 && <p className={styles['note']}>{t('dump.more', { count: chain.more })}</p>}
    </>
  )
}

/** The chain stands above. */
function afterChain(text: string): string {
  return text.replace(/^-A \S+ /, '')
}

function partnerOf(line: Line, lines: readonly Line[]): Line | undefined {
  return line.pair === undefined ? undefined : lines.find((other) => other.pair === line.pair && other.side !== line.side)
}

/** A rule with the words marked that its other form lacks. */
function Marked({ line, other }: { readonly line: Line; readonly other: Line | undefined }) {
  if (other === undefined) return afterChain(line.text)
  const known = new Set(other.text.split(' '))
  return afterChain(line.text)
    .split(' ')
    .map((word, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: words of one line, replaced as a whole
      <span key={index}>
        {index > 0 && ' '}
        {known.has(word) ? word : <mark>{word}</mark>}
      </span>
    ))
}
