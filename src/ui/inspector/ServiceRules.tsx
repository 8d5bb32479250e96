import { useEffect, useState } from 'react'
import { phrase, thingPhrase, useTranslate } from '../../i18n/index.js'
import type { NodeRules } from '../../protocol/index.js'
import { askFor } from '../../state/client.js'
import { useMirror } from '../../state/mirror.js'
import { Say } from '../common/Say.js'
import { showRule, useSoughtInService } from './soughtRule.js'
import styles from './ThingView.module.css'

/** From a Service forward: its rules on every Node. A rule is shown on its Node when it is chosen. */
export function ServiceRules({ service }: { readonly service: string }) {
  const t = useTranslate()
  const nodes = useRules(service)
  const words = useSoughtInService((state) => (state.service === service ? state.words : ''))
  const sought = words.toLowerCase()
  if (nodes === undefined) return <p className={styles['note']}>{t('inspector.loading')}</p>
  const some = nodes.filter(({ count }) => count > 0)
  const found = some.map((each) => ({ ...each, rules: each.rules.filter(({ text }) => text.toLowerCase().includes(sought)) }))
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable by keyboard
    <section className={styles['nodes']} aria-label={t('rules.ofService')} tabIndex={0}>
      <h3>{t('rules.ofService')}</h3>
      {some.length === 0 && <p>{t('rules.ofService.none')}</p>}
      {some.length > 0 && (
        <input
          type="search"
          aria-label={t('rules.ofService.search')}
          placeholder={t('rules.ofService.search')}
          value={words}
          onChange={(event) => useSoughtInService.setState({ service, words: event.target.value })}
        />
      )}
      {some.length > 0 && found.every(({ rules }) => rules.length === 0) && <p>{t('rules.ofService.noneFound')}</p>}
      {found.map((each, index) => (
        <details key={`${each.node} ${each.service}`} open={index === 0}>
          <summary>
            <Say
              terms={false}
              phrase={phrase('rules.ofService.node', {
                node: thingPhrase(`node/${each.node}`),
                count: sought === '' ? each.count : each.rules.length,
                service: each.service,
              })}
            />
          </summary>
          <NodeList rules={sought === '' ? each : { ...each, count: each.rules.length }} />
        </details>
      ))}
    </section>
  )
}

function NodeList({ rules: { node, rules, count } }: { readonly rules: NodeRules }) {
  return (
    <>
      <ul lang="en" translate="no">
        {rules.map(({ family, table, chain, rule, text }) => (
          <li key={`${family} ${table} ${chain} ${rule} ${text}`}>
            <button type="button" onClick={() => showRule(node, { chain, text })}>
              <span className={styles['where']}>
                {table} {chain} {rule === 0 ? '' : rule}
                {family === 'IPv6' ? ' · IPv6' : ''}
              </span>{' '}
              <span>{text.replace(/^-A \S+ /, '')}</span>
            </button>
          </li>
        ))}
      </ul>
      {count > rules.length && <Say phrase={phrase('rules.ofService.more', { count: count - rules.length })} />}
    </>
  )
}

function useRules(service: string): readonly NodeRules[] | undefined {
  const position = useMirror((mirror) => mirror.position.step)
  const [answer, setAnswer] = useState<{ readonly service: string; readonly nodes: readonly NodeRules[] } | undefined>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again wherever we stand
  useEffect(() => {
    let wanted = true
    const [namespace = '', name = ''] = service.split('/')
    void askFor({ type: 'rules-of-service', kind: 'Service', namespace, name }, 'rules-of-service').then((reply) => {
      if (wanted) setAnswer({ service, nodes: reply?.nodes ?? [] })
    })
    return () => {
      wanted = false
    }
  }, [service, position])
  return answer?.service === service ? answer.nodes : undefined
}
