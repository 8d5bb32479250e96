import { useReactFlow } from '@xyflow/react'
import { useTranslate } from '../../i18n/index.js'
import { useView } from '../../state/view.js'
import styles from './canvas.module.css'
import { Legend } from './Legend.js'
import { prefersStill } from './motion.js'
import type { Camera } from './useCamera.js'

/** Zoom, back to the whole picture, and what its lines mean. */
export function Tools({ camera }: { readonly camera: Camera }) {
  const t = useTranslate()
  const flow = useReactFlow()
  const hasMoved = useView((view) => Object.keys(view.moved).length > 0)
  const duration = () => ({ duration: prefersStill() ? 0 : 160 })
  return (
    <div className={styles['tools']}>
      <button
        type="button"
        aria-label={t('canvas.zoomIn')}
        title={t('canvas.zoomIn')}
        onClick={() => {
          camera.take()
          void flow.zoomIn(duration())
        }}
      >
        +
      </button>
      <button
        type="button"
        aria-label={t('canvas.zoomOut')}
        title={t('canvas.zoomOut')}
        onClick={() => {
          camera.take()
          void flow.zoomOut(duration())
        }}
      >
        −
      </button>
      <button type="button" aria-label={t('canvas.fit')} title={t('canvas.fit')} onClick={camera.fit}>
        ⤢
      </button>
      {hasMoved && (
        <button
          type="button"
          aria-label={t('canvas.reset')}
          title={t('canvas.reset')}
          onClick={() => useView.setState({ moved: {} })}
        >
          ↺
        </button>
      )}
      <Legend />
    </div>
  )
}
