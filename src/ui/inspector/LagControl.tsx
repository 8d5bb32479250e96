import { useId, useState } from 'react'
import { phrase, usePhrases, useTranslate } from '../../i18n/index.js'
import type { SceneProxyPace } from '../../protocol/index.js'
import { useMirror } from '../../state/mirror.js'
import { perform } from '../act.js'
import { Button } from '../common/Button.js'
import { Say } from '../common/Say.js'
import { spanPhrase } from '../common/time.js'
import { EVERY_PROXY, lagAction } from '../shell/faults.js'
import styles from './LagControl.module.css'

/** Seconds at which the slider stops. */
const STOPS = [0, 1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120] as const

/** How much later than by itself a kube-proxy writes its rules: chosen on a slider, of this Node or of all. */
export function LagControl({ node, pace }: { readonly node: string; readonly pace: SceneProxyPace }) {
  const t = useTranslate()
  const { say } = usePhrases()
  const group = useId()
  const [moved, setMoved] = useState<{ readonly from: number; readonly stop: number } | undefined>()
  const [isAll, setAll] = useState(false)
  // What is set elsewhere (Undo, another position) wins over a slider that stands on something else.
  const stop = moved?.from === pace.lag ? moved.stop : stopOf(pace.lag)
  const seconds = STOPS[stop] ?? 0
  const said = say(seconds === 0 ? phrase('lag.none') : spanPhrase(seconds * 1_000_000))
  const isSame = useMirror(({ scene }) =>
    [...scene.nodes.values()].every((each) => (!isAll && each.name !== node) || each.pace.lag === seconds * 1_000_000),
  )
  const whose = (all: boolean) => say(all ? phrase('lag.all') : phrase('lag.this', { node }))
  return (
    <div className={styles['lag']}>
      <p>
        <Say phrase={pace.lag === 0 ? phrase('lag.now.none') : phrase('lag.now', { span: spanPhrase(pace.lag) })} />
      </p>
      <label className={styles['slider']}>
        <span className={styles['label']}>{t('lag.slider')}</span>
        <input
          type="range"
          min={0}
          max={STOPS.length - 1}
          step={1}
          value={stop}
          aria-valuetext={said}
          onChange={(event) => setMoved({ from: pace.lag, stop: Number(event.target.value) })}
        />
        <output aria-hidden="true">{said}</output>
      </label>
      <div role="radiogroup" aria-label={t('lag.whose')} className={styles['whose']}>
        {[false, true].map((all) => (
          <label key={String(all)}>
            <input type="radio" name={group} checked={isAll === all} onChange={() => setAll(all)} /> {whose(all)}
          </label>
        ))}
      </div>
      <Button
        disabled={isSame}
        onClick={() => void perform(lagAction(isAll ? EVERY_PROXY : `kube-proxy/${node}`, seconds * 1_000_000))}
      >
        {t('lag.set')}: {said} · {whose(isAll)}
      </Button>
      <p className={styles['hint']}>
        <Say phrase={phrase('lag.adds', { min: spanPhrase(pace.minSyncPeriod), period: spanPhrase(pace.syncPeriod) })} />
      </p>
    </div>
  )
}

/** The stop nearest to a lag that may have been set by a scenario or a link. */
function stopOf(lag: number): number {
  let best = 0
  STOPS.forEach((seconds, index) => {
    if (Math.abs(seconds * 1_000_000 - lag) < Math.abs((STOPS[best] ?? 0) * 1_000_000 - lag)) best = index
  })
  return best
}
