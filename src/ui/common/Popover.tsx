import { type ReactNode, useCallback, useId, useRef } from 'react'
import { Button } from './Button.js'
import { Icon } from './Icon.js'
import styles from './Popover.module.css'
import { usePlacedPopover } from './usePlacedPopover.js'

/** A button that opens a panel beside itself. Never modal: the page behind stays usable; Esc and a click elsewhere close it. */
export function Popover(props: {
  readonly label: string
  readonly look?: 'plain' | 'quiet' | 'strong'
  readonly arrow?: boolean
  readonly side?: 'above' | 'below'
  readonly onOpen?: (open: boolean) => void
  readonly children: ReactNode | ((close: () => void) => ReactNode)
}) {
  const { label, look = 'quiet', arrow = true, side = 'below', onOpen, children } = props
  const id = useId()
  const trigger = useRef<HTMLButtonElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const placed = usePlacedPopover(trigger, side)
  const close = () => panel.current?.hidePopover()
  // Stable, so that a render while it opens does not take its listeners away.
  const both = useCallback(
    (element: HTMLDivElement | null) => {
      panel.current = element
      return placed(element)
    },
    [placed],
  )
  return (
    <>
      <Button ref={trigger} look={look} popoverTarget={id}>
        {label}
        {arrow && <Icon name="down" size={12} />}
      </Button>
      <div
        id={id}
        popover="auto"
        className={styles['popover']}
        ref={both}
        onToggle={(event) => onOpen?.(event.newState === 'open')}
      >
        {typeof children === 'function' ? children(close) : children}
      </div>
    </>
  )
}
