import { type ReactNode, type RefObject, useLayoutEffect, useRef } from 'react'
import { useTranslate } from '../../i18n/index.js'
import { useView } from '../../state/view.js'
import { Contained } from '../common/Contained.js'
import styles from './Bottom.module.css'
import { Controls } from './Controls.js'
import { Explanation } from './Explanation.js'
import { TimelineBar } from './TimelineBar.js'

/** What happens now and the means to move in time; on a phone also the control that sends. */
export function Bottom({ sendButton }: { readonly sendButton?: ReactNode }) {
  const t = useTranslate()
  const embed = useView((view) => view.embed)
  const section = useRef<HTMLElement>(null)
  useHeightTold(section)
  return (
    <section ref={section} className={styles['bottom']} aria-label={t('transport.name')} data-embed={embed}>
      <Contained>
        <Explanation />
      </Contained>
      <Controls sendButton={sendButton} />
      <Contained>
        <TimelineBar />
      </Contained>
    </section>
  )
}

/** Tells the style sheets its height, so that what lies over the page leaves it uncovered. */
function useHeightTold(section: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = section.current
    if (element === null) return
    const tell = () => document.documentElement.style.setProperty('--transport-height', `${element.offsetHeight}px`)
    tell()
    const observer = new ResizeObserver(tell)
    observer.observe(element)
    return () => observer.disconnect()
  }, [section])
}
