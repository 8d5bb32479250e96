import { useId, useRef } from 'react'
import { useTranslate } from '../../i18n/index.js'
import { usePlacedPopover } from '../common/usePlacedPopover.js'
import lanes from './lanes.module.css'
import styles from './legend.module.css'

const KINDS = ['wire', 'track', 'veth', 'process', 'lookup', 'watch', 'store', 'health'] as const

/** What the picture's lines mean: drawn by the same styles as the lines themselves, so that the two cannot differ. */
export function Legend() {
  const t = useTranslate()
  const id = useId()
  const trigger = useRef<HTMLButtonElement>(null)
  const placed = usePlacedPopover(trigger, 'above')
  return (
    <>
      <button ref={trigger} type="button" data-words="true" popoverTarget={id}>
        {t('canvas.legend.short')}
      </button>
      <div id={id} popover="auto" className={styles['legend']} ref={placed}>
        <h2>{t('canvas.legend')}</h2>
        <ul>
          {(['request', 'reply'] as const).map((direction) => (
            <li key={direction}>
              <Sample className={lanes['trail']}>
                <g data-direction={direction}>
                  <g data-gone="true">
                    <path d="M0 8H22" />
                  </g>
                  <g data-gone="false">
                    <path d="M27 8H48" />
                  </g>
                </g>
              </Sample>
              <span>{t(`canvas.legend.${direction}`)}</span>
            </li>
          ))}
          {KINDS.map((kind) => (
            <li key={kind}>
              <Sample className={lanes['lanes']}>
                <path className={lanes[kind]} d="M0 8H48" />
                {kind === 'track' && <path className={lanes['heading']} d="M21 4.5 27 8 21 11.5" />}
              </Sample>
              <span>{t(`canvas.legend.${kind}`)}</span>
            </li>
          ))}
          <li>
            <Sample className={lanes['lanes']}>
              <path data-cut="true" d="M0 8H48" />
            </Sample>
            <span>{t('canvas.legend.cut')}</span>
          </li>
        </ul>
      </div>
    </>
  )
}

/** The lines' own style places them over the picture; here one stands in the text. */
function Sample({ className, children }: { readonly className: string | undefined; readonly children: React.ReactNode }) {
  return (
    <svg className={className} style={{ position: 'static' }} width="48" height="16" aria-hidden="true">
      {children}
    </svg>
  )
}
