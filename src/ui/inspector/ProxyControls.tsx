import { useId, useState } from 'react'
import { useTranslate } from '../../i18n/index.js'
import { useMirror } from '../../state/mirror.js'
import { Behind } from './Behind.js'
import { LagControl } from './LagControl.js'
import { type ProxyMode, switchProxies } from './proxyMode.js'
import styles from './ThingView.module.css'

const MODES: readonly ProxyMode[] = ['iptables', 'nftables']

/** What one can do with the kube-proxies: let all of them work another way, and slow this one down. */
export function ProxyControls({ node }: { readonly node: string }) {
  const t = useTranslate()
  const group = useId()
  const here = useMirror((mirror) => mirror.scene.nodes.get(`node/${node}`))
  const [switching, setSwitching] = useState(false)
  if (here === undefined) return null
  const choose = async (mode: ProxyMode) => {
    setSwitching(true)
    await switchProxies(mode)
    setSwitching(false)
  }
  return (
    <section className={styles['proxy']} data-testid="proxy-controls">
      <Behind node={here} />
      <h3>{t('proxy.lag')}</h3>
      <LagControl node={node} pace={here.pace} />
      <p className={styles['hint']}>{t('proxy.lag.hint')}</p>
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
    </section>
  )
}
