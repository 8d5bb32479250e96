import { useReactFlow } from '@xyflow/react'
import { useTranslate } from '../../i18n/index.js'
import { useView } from '../../state/view.js'
import styles from './canvas.module.css'
import { fitOf } from './fit.js'
import type { Layout } from './layout.js'
import { prefersStill } from './motion.js'

export interface ToolsProps {
  readonly layout: Layout
  readonly size: { readonly width: number; readonly height: number }
}

/** Zoom, and back to the whole picture. */
export function Tools({ layout, size }: ToolsProps) {
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
        onClick={() => void flow.zoomIn(duration())}
      >
        +
      </button>
      <button
        type="button"
        aria-label={t('canvas.zoomOut')}
        title={t('canvas.zoomOut')}
        onClick={() => void flow.zoomOut(duration())}
      >
        −
      </button>
      <button
        type="button"
        aria-label={t('canvas.fit')}
        title={t('canvas.fit')}
        onClick={() => void flow.setViewport(fitOf(layout, size), duration())}
      >
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
    </div>
  )
}
