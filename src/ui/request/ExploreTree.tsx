import { askedPhrase, hostPhrase, phrase, useTranslate } from '../../i18n/index.js'
import { perform } from '../act.js'
import { Button } from '../common/Button.js'
import { Fact, Say } from '../common/Say.js'
import { useUi } from '../uiState.js'
import styles from './ExploreTree.module.css'
import { branchesOf, type Leaf } from './exploreModel.js'
import { verdictPhrase } from './requestModel.js'

/** Every outcome of a request with its exact probability; each can be run. */
export function ExploreTree() {
  const t = useTranslate()
  const explored = useUi((ui) => ui.explored)
  const exploring = useUi((ui) => ui.exploring)
  return (
    <div className={styles['explore']} aria-busy={exploring}>
      <div className={styles['head']}>
        <h2>{t('explore.title')}</h2>
        <Button look="quiet" onClick={() => useUi.setState({ panel: 'step' })}>
          {t('explore.close')}
        </Button>
      </div>
      {explored === undefined ? (
        <p>{t('explore.noRequest')}</p>
      ) : (
        <>
          <p className={styles['note']}>
            <Say
              phrase={phrase('explore.of', {
                from: hostPhrase(explored.request.from),
                to: askedPhrase(explored.request.to),
                count: explored.outcomes.length,
              })}
            />
          </p>
          <ul>
            {branchesOf(explored.outcomes).map((branch) => (
              <li key={`${branch.at} ${branch.chosen}`} className={styles['branch']}>
                {branch.chosen !== '' && (
                  <p className={styles['choice']}>
                    <span>
                      <Say phrase={phrase('explore.lb', { at: hostPhrase(branch.at), chosen: branch.chosen })} />
                    </span>
                    <strong>{branch.share}</strong>
                  </p>
                )}
                <ul className={styles['leaves']}>
                  {branch.leaves.map((leaf) => (
                    <Outcome
                      key={`${leaf.chance} ${leaf.outcome.to?.ip} ${leaf.outcome.to?.port} ${leaf.outcome.verdict}`}
                      leaf={leaf}
                    />
                  ))}
                </ul>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

function Outcome({ leaf }: { readonly leaf: Leaf }) {
  const t = useTranslate()
  const { outcome, chance, node } = leaf
  const request = useUi((ui) => ui.explored?.request)
  const to = outcome.to
  const name = to === undefined ? t('explore.nowhere') : (to.pod ?? `${to.ip}:${to.port}`)
  return (
    <li className={styles['leaf']} data-verdict={outcome.verdict}>
      <div className={styles['bar']} aria-hidden="true">
        <div style={{ width: `${outcome.probability * 100}%` }} />
      </div>
      <p className={styles['chance']}>
        <Fact>{chance}</Fact>
      </p>
      <p className={styles['to']}>
        <Fact>{name}</Fact>
        {to?.node !== undefined && <Fact>{to.node}</Fact>}
        <span className={styles['verdict']}>
          <Say phrase={verdictPhrase(outcome.verdict)} />
        </span>
      </p>
      {outcome.sourceSeen !== undefined && (
        <p className={styles['note']}>
          <Say phrase={phrase('explore.seen', { source: outcome.sourceSeen })} />
          {outcome.masqueraded && ` · ${t('explore.masked')}`}
        </p>
      )}
      {to !== undefined && request !== undefined && (
        <Button
          look="chip"
          aria-label={t('explore.runOne', { to: name })}
          onClick={() =>
            void perform({
              type: 'request',
              request: { ...request, force: { endpoint: `${to.ip}:${to.port}`, ...(node === undefined ? {} : { node }) } },
            })
          }
        >
          {t('explore.run')}
        </Button>
      )}
    </li>
  )
}
