import { useId, useState } from 'react'
import { faultPhrase, phrase, usePhrases, useTranslate } from '../../i18n/index.js'
import { useMirror } from '../../state/mirror.js'
import { perform } from '../act.js'
import { Button } from '../common/Button.js'
import { breakAction, mendAction } from '../shell/faults.js'
import { type ProxyMode, switchProxies } from './proxyMode.js'
import styles from './ThingView.module.css'

const MODES: readonly ProxyMode[] = ['iptables', 'nftables']

/** What one can do with the kube-proxies: let all of them work another way, and slow this one down. */
export function ProxyControls({ node }: { readonly node: string }) {
  const t = useTranslate()
  const { say } = usePhrases()
  const group = useId()
  const here = useMirror((mirror) => mirror.scene.nodes.get(`node/${node}`))
  const slow = useMirror((mirror) =>
    [...mirror.scene.faults.values()].find(({ fault, target }) => fault === 'slow-kube-proxy' && target === `kube-proxy/${node}`),
  )
  const [switching, setSwitching] = useState(false)
  if (here === undefined) return null
  const choose = async (mode: ProxyMode) => {
    setSwitching(true)
    await switchProxies(mode)
    setSwitching(false)
  }
  return (
    <section className={styles['proxy']} data-testid="proxy-controls">
      <h3 id={group}>{t('proxy.mode')}</h3>
      <div role="radiogroup" aria-labelledby={group} className={styles['actions']}>
        {MODES.map((mode) => (
          <label key={mode}>
            <input
              type="radio"
              name={group}
              checked={here.proxyMode === mode}
              disabled={switching}
              onChange={() => void choose(mode)}
            />{' '}
            <span lang="en" translate="no">
              {mode}
            </span>
          </label>
        ))}
      </div>
      <p className={styles['hint']}>{t('proxy.mode.hint')}</p>
      <h3>{t('proxy.lag')}</h3>
      {here.rulesStale && <p>{t('proxy.waiting')}</p>}
      <Button
        onClick={() => void perform(slow === undefined ? breakAction('slow-kube-proxy', `kube-proxy/${node}`) : mendAction(slow))}
      >
        {slow === undefined
          ? say(faultPhrase('slow-kube-proxy'))
          : say(phrase('fault.mend', { what: faultPhrase('slow-kube-proxy') }))}
      </Button>
      <p className={styles['hint']}>{t('proxy.lag.hint')}</p>
    </section>
  )
}
