import { changePhrase, phrase, useTranslate } from '../../i18n/index.js'
import type { SceneChange, SceneNode } from '../../protocol/index.js'
import { findStep, useMirror } from '../../state/mirror.js'
import { Say } from '../common/Say.js'
import { StepLink } from '../common/StepLink.js'
import { spanPhrase, useClock } from '../common/time.js'
import styles from './Behind.module.css'

/** What a kube-proxy knows that its Node's rules do not: which change, since when, and when it will be written. */
export function Behind({ node }: { readonly node: SceneNode }) {
  const t = useTranslate()
  const clock = useClock()
  const now = useMirror((mirror) => mirror.position.at)
  const { behind } = node
  if (!node.kubeProxy || !node.powered) return <p className={styles['stopped']}>{t('behind.stopped')}</p>
  if (behind === undefined) return <p className={styles['fine']}>{t('behind.upToDate')}</p>
  return (
    <section className={styles['behind']} aria-label={t('behind.title')}>
      <h3>{t('behind.title')}</h3>
      <ul>
        {behind.changes.map((change) => (
          <li key={`${change.service} ${change.slice ?? ''}`}>
            <Say phrase={changePhrase(change)} /> <Heard change={change} />
          </li>
        ))}
      </ul>
      {behind.more > 0 && <p>{t('behind.more', { count: behind.more })}</p>}
      {behind.due !== undefined && (
        <p className={styles['due']}>
          <Say phrase={phrase('behind.due', { due: clock(behind.due), span: spanPhrase(Math.max(0, behind.due - now)) })} />
        </p>
      )}
    </section>
  )
}

function Heard({ change }: { readonly change: SceneChange }) {
  const clock = useClock()
  const { step, at } = change
  const known = useMirror((mirror) => step !== undefined && mirror.steps[findStep(mirror.steps, step)]?.id === step)
  const said = <Say phrase={phrase('behind.at', { at: clock(at) })} terms={false} />
  return known && step !== undefined ? <StepLink to={step}>{said}</StepLink> : said
}
