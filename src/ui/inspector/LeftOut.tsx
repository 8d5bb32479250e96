import { phrase, thingPhrase, usePhrases, useTranslate } from '../../i18n/index.js'
import type { AskedRule, RuleSource, ToldChoice } from '../../protocol/index.js'
import { Fact, Say } from '../common/Say.js'
import { useThingName } from '../common/thingName.js'
import styles from './Origin.module.css'

type OfService = Extract<RuleSource, { readonly kind: 'service' }>

/** Endpoints of the Service that this Node does not use for such traffic, each with the reason. */
export function LeftOut({ node, choice }: { readonly node: string; readonly choice: ToldChoice }) {
  const t = useTranslate()
  return (
    <>
      {choice.isFallback && <p>{t('left-out.fallback')}</p>}
      {choice.leftOut.length > 0 && (
        <>
          <Say phrase={phrase('left-out.title', { used: choice.used, node: thingPhrase(`node/${node}`) })} />
          <ul className={styles['leftOut']}>
            {choice.leftOut.map((each) => (
              <li key={each.endpoint}>
                <span aria-hidden="true">× </span>
                <Endpoint {...each} />: {t(whyKey(each, choice.used))}
              </li>
            ))}
          </ul>
          {choice.more > 0 && <Say phrase={phrase('dump.more', { count: choice.more })} />}
        </>
      )}
    </>
  )
}

function Endpoint({ endpoint, pod }: { readonly endpoint: string; readonly pod?: string }) {
  const { say } = usePhrases()
  const name = useThingName(`pod/${pod ?? ''}`)
  return (
    <>
      <code className={styles['inline']} lang="en" translate="no">
        {endpoint}
      </code>
      {pod !== undefined && (
        <>
          {' '}
          (<Fact>{say(name)}</Fact>)
        </>
      )}
    </>
  )
}

function whyKey({ why }: ToldChoice['leftOut'][number], used: number) {
  return why === 'terminating' && used === 0 ? 'left-out.terminating.alone' : (`left-out.${why}` as const)
}

/** Chains in which an endpoint is chosen or used, and rules that stand for there being none. */
const OF_CHOICE = /^(?:KUBE-(?:SVC|SVL|SEP)-|service-|local-|endpoint-)/
const OF_NONE = / has no (?:local )?endpoints"|@no-endpoint-/

/**
 * The choice of endpoints that a rule is part of: by the policy that its traffic is under. @param via the chain that led to the rule's own,
 * where that is known.
 */
export function choiceOf({ chain, text }: AskedRule, source: OfService, via: string | undefined): ToldChoice | undefined {
  const { cluster, local } = source
  const isNone = OF_NONE.test(text)
  if (!isNone && !OF_CHOICE.test(chain)) return undefined
  const chains = `${chain} ${via ?? ''}`
  const isLocal = isNone ? / has no local endpoints"/.test(text) : /(?:^| )(?:KUBE-SVL-|local-)/.test(chains)
  const choice = isLocal ? (local ?? cluster) : (cluster ?? local)
  return choice !== undefined && (choice.leftOut.length > 0 || choice.isFallback) ? choice : undefined
}

/** The field of the Service that leaves endpoints out which could take traffic; undefined where they could not. */
export function fieldOf(choice: ToldChoice | undefined): string | undefined {
  const whys = new Set(choice?.leftOut.map(({ why }) => why))
  if (whys.has('hinted-node') || whys.has('hinted-zone')) return 'trafficDistribution'
  return whys.has('other-node') ? 'TrafficPolicy' : undefined
}
