import { useId, useRef } from 'react'
import { createPortal } from 'react-dom'
import { type TermId, useTranslate } from '../../i18n/index.js'
import styles from './Term.module.css'
import { usePlacedPopover } from './usePlacedPopover.js'

/** A word that opens its one-sentence definition. */
export function Term({ id, children }: { readonly id: TermId; readonly children: string }) {
  const t = useTranslate()
  const popover = useId()
  const trigger = useRef<HTMLButtonElement>(null)
  const placed = usePlacedPopover(trigger, 'above')
  return (
    <>
      <button ref={trigger} type="button" className={styles['term']} popoverTarget={popover}>
        {children}
      </button>
      {/* Outside the sentence, which is read as a whole. */}
      {createPortal(
        <span id={popover} ref={placed} popover="auto" className={styles['definition']}>
          <strong>{children}</strong> {t(`term.${id}`)}
        </span>,
        document.body,
      )}
    </>
  )
}
