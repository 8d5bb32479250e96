import type { ReactNode } from 'react'
import { usePhrases, useTranslate } from '../../i18n/index.js'
import type { ThingId } from '../../protocol/index.js'
import { useView } from '../../state/view.js'
import { useThingName } from '../common/thingName.js'
import { showThing } from '../uiState.js'
import { useCanvas } from './canvasStore.js'
import styles from './faces/thing.module.css'

export interface ThingProps {
  readonly id: ThingId
  readonly className?: string | undefined
  /** What screen readers hear after the name: state, address. Also the tooltip. */
  readonly about?: string
  /** Replaces the name made from the id. */
  readonly name?: string
  /** A look of its own: `down`, `stale`, `crashed`. */
  readonly state?: string | undefined
  readonly expanded?: boolean | undefined
  /** Large things can be hit however far away the picture is; a holder is one in which others stand. */
  readonly extent?: 'large' | 'holder'
  readonly children?: ReactNode
}

/**
 * Something that can be pointed at. Clicking selects it; keys are the graph's (`useGraphKeys`).
 * Only one of them is in the Tab order.
 */
export function Thing({ id, className, about, name, state, expanded, extent, children }: ThingProps) {
  const { say } = usePhrases()
  const t = useTranslate()
  const isSelected = useView((view) => view.selected === id)
  const isTabStop = useCanvas((canvas) => canvas.focus === id)
  const light = useCanvas((canvas) => canvas.lights.get(id))
  const isMoving = useCanvas((canvas) => canvas.moving === id)
  const named = useThingName(id)
  const label = name ?? say(named)
  return (
    // A div, not a button element: it holds blocks, and dragging a button does not start everywhere.
    // biome-ignore lint/a11y/useSemanticElements: see above; role, focus and keys are all here.
    // biome-ignore lint/a11y/useKeyWithClickEvents: the graph handles keys for all things in one place.
    <div
      role="button"
      tabIndex={isTabStop ? 0 : -1}
      aria-label={label}
      aria-description={about}
      aria-pressed={isSelected}
      aria-expanded={expanded}
      title={about === undefined || about === '' ? label : t('thing.about', { name: label, about })}
      className={`${styles['thing']} ${className ?? ''}`}
      data-thing={id}
      data-light={light}
      data-state={state}
      data-extent={extent}
      data-moving={isMoving || undefined}
      onClick={(event) => {
        event.stopPropagation()
        useCanvas.setState({ focus: id })
        showThing(id)
      }}
      onFocus={() => useCanvas.setState({ focus: id })}
    >
      {children}
    </div>
  )
}
