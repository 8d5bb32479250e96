import { numberText, phrase, useTranslate } from '../../i18n/index.js'
import type { StepFacts } from '../../protocol/index.js'
import { Fact, Say } from '../common/Say.js'
import styles from './CountsTable.module.css'
import { expectedCount, verdictPhrase } from './requestModel.js'

/** A thousand requests: what was counted beside what theory says, with its spread. */
export function CountsTable({ facts }: { readonly facts: StepFacts['requests-counted'] }) {
  const t = useTranslate()
  return (
    <div>
      <table className={styles['table']}>
        <caption>{t('counts.title')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('counts.to')}</th>
            <th scope="col">{t('counts.seen')}</th>
            <th scope="col">{t('counts.expected')}</th>
          </tr>
        </thead>
        <tbody>
          {facts.results.map((result) => {
            const { mean, spread } = expectedCount(facts.count, result.probability)
            return (
              <tr key={`${result.to} ${result.verdict}`}>
                <th scope="row">
                  <Fact>{result.pod ?? result.to}</Fact>
                  {result.verdict !== 'delivered' && (
                    <span>
                      {' '}
                      <Say phrase={verdictPhrase(result.verdict)} />
                    </span>
                  )}
                </th>
                <td>{numberText(result.seen)}</td>
                <td>
                  <Say phrase={phrase('counts.spread', { mean, spread })} />
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      <p className={styles['note']}>{t('counts.note')}</p>
    </div>
  )
}
