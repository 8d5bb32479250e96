import type { ReactNode } from 'react'
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
  return (
    <section className={styles['bottom']} aria-label={t('transport.name')} data-embed={embed}>
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
