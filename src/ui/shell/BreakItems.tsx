import { type KeyboardEvent, useState } from 'react'
import { type FaultCode, faultOnPhrase, faultPhrase, phrase, thingPhrase, useTranslate } from '../../i18n/index.js'
import type { Action } from '../../protocol/index.js'
import { useMirror } from '../../state/mirror.js'
import { perform } from '../act.js'
import { Icon } from '../common/Icon.js'
import { Say } from '../common/Say.js'
import { spanPhrase } from '../common/time.js'
import styles from './BreakMenu.module.css'
import { breakable, EVERY_PROXY, lagAction, mendAction } from './faults.js'
import { HereNote } from './HereNote.js'

/** Targets shown of one kind; more are found through the thing itself. */
const SHOWN = 12

/** Every fault in one menu, with what is broken now on top. */
export function BreakItems({ close }: { readonly close: () => void }) {
  const t = useTranslate()
  const scene = useMirror((mirror) => mirror.scene)
  const [unfolded, setUnfolded] = useState<FaultCode | undefined>()
  const [lag, setLag] = useState<Lag>(LAGS[3])
  const act = (action: Action) => {
    close()
    void perform(action)
  }
  return (
    <div role="menu" aria-label={t('fault.menu')} className={styles['menu']} onKeyDown={walk} ref={focusFirst}>
      <HereNote />
      {scene.faults.size > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: a group of menu items, not a form's fieldset
        <div role="group" aria-label={t('fault.broken')}>
          <p className={styles['title']}>{t('fault.broken')}</p>
          {[...scene.faults.values()].map((fault) => (
            <button
              key={fault.id}
              type="button"
              role="menuitem"
              className={styles['item']}
              onClick={() => act(mendAction(fault))}
            >
              <Say phrase={phrase('fault.mend', { what: faultOnPhrase(fault.fault, fault.target) })} />
            </button>
          ))}
        </div>
      )}
      {breakable(scene).map(({ code, targets }) => {
        const only =
          code.startsWith('stop-') && targets.length === 1 && !targets[0]?.target.includes('/') ? targets[0] : undefined
        if (only !== undefined)
          return (
            <button key={code} type="button" role="menuitem" className={styles['item']} onClick={() => act(only.action)}>
              <Say phrase={faultPhrase(code)} />
            </button>
          )
        const isOpen = unfolded === code
        return (
          <div key={code} role="none">
            <button
              type="button"
              role="menuitem"
              aria-expanded={isOpen}
              aria-disabled={targets.length === 0}
              className={styles['item']}
              onClick={() => setUnfolded(isOpen ? undefined : code)}
            >
              <Icon name={isOpen ? 'down' : 'right'} size={12} />
              <Say phrase={faultPhrase(code)} />
            </button>
            {isOpen && targets.length === 0 && <p className={styles['note']}>{t('fault.noTargets')}</p>}
            {isOpen && code === 'slow-kube-proxy' && <LagItems lag={lag} choose={setLag} act={act} />}
            {isOpen &&
              targets.slice(0, SHOWN).map(({ target, action }) => (
                <button
                  key={target}
                  type="button"
                  role="menuitem"
                  className={styles['target']}
                  onClick={() => act(code === 'slow-kube-proxy' ? lagAction(target, lag) : action)}
                >
                  <Say phrase={thingPhrase(target)} />
                </button>
              ))}
            {isOpen && targets.length > SHOWN && (
              <p className={styles['note']}>{t('fault.many', { shown: SHOWN, count: targets.length })}</p>
            )}
          </div>
        )
      })}
    </div>
  )
}

/** Lags that the menu offers, in microseconds; the inspector of a kube-proxy has all of them. */
const LAGS = [1_000_000, 5_000_000, 10_000_000, 30_000_000, 60_000_000, 120_000_000] as const
type Lag = (typeof LAGS)[number]

/** By how much, and every Node's kube-proxy at once. */
function LagItems(props: { readonly lag: Lag; readonly choose: (lag: Lag) => void; readonly act: (action: Action) => void }) {
  const { lag, choose, act } = props
  const t = useTranslate()
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a group of menu items, not a form's fieldset */}
      <div role="group" aria-label={t('lag.choose')} className={styles['choices']}>
        {LAGS.map((each) => (
          <button
            key={each}
            type="button"
            role="menuitemradio"
            aria-checked={each === lag}
            className={styles['choice']}
            onClick={() => choose(each)}
          >
            <Say phrase={spanPhrase(each)} />
          </button>
        ))}
      </div>
      <button type="button" role="menuitem" className={styles['target']} onClick={() => act(lagAction(EVERY_PROXY, lag))}>
        <Say phrase={thingPhrase(EVERY_PROXY)} />
      </button>
    </>
  )
}

function focusFirst(menu: HTMLElement | null): void {
  menu?.querySelector<HTMLElement>('[role="menuitem"]')?.focus()
}

/** Arrow keys, Home and End walk a menu's items. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role^="menuitem"]')]
  const at = items.findIndex((item) => item.matches(':focus'))
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key]
  if (to === undefined) return
  event.preventDefault()
  items[(to + items.length) % items.length]?.focus()
}
