import { phrase, useTranslate } from '../../i18n/index.js'
import type { DumpDiff } from '../../protocol/index.js'
import { Button } from '../common/Button.js'
import { Say } from '../common/Say.js'
import styles from './DumpPanel.module.css'

/** What of a dump is not as on the real Node: said before anything is read off it. */
export function DumpNotesView({
  notes,
  showLine,
}: {
  readonly notes: DumpDiff['notes']
  readonly showLine: (line: number) => void
}) {
  const t = useTranslate()
  const { unmodelled, unmodelledCount, twice, isCut, hasBothFamilies } = notes
  if (unmodelledCount === 0 && twice.length === 0 && !isCut && !hasBothFamilies) return null
  return (
    <ul className={styles['notes']} data-testid="dump-notes">
      {hasBothFamilies && <li>{t('dump.bothFamilies')}</li>}
      {isCut && <li>{t('dump.cut')}</li>}
      {twice.map((table) => (
        <li key={table}>
          <Say phrase={phrase('dump.twice', { table })} />
        </li>
      ))}
      {unmodelledCount > 0 && (
        <li>
          <Say phrase={phrase('dump.unmodelled', { count: unmodelledCount })} />
          {unmodelled.map(({ line, what }) => (
            <div key={line}>
              <Button look="chip" onClick={() => showLine(line)}>
                <span>
                  <Say phrase={phrase('dump.unmodelled.line', { line, what })} terms={false} />
                </span>
              </Button>
            </div>
          ))}
          {unmodelledCount > unmodelled.length && (
            <Say phrase={phrase('dump.more', { count: unmodelledCount - unmodelled.length })} />
          )}
        </li>
      )}
    </ul>
  )
}
