import { type RefCallback, type RefObject, useCallback } from 'react'

/**
 * Places a native popover beside its trigger whenever it opens, within the window.
 * The browser itself closes it on Esc and on a click elsewhere, and gives the focus back.
 */
export function usePlacedPopover(trigger: RefObject<HTMLElement | null>, side: 'above' | 'below'): RefCallback<HTMLElement> {
  return useCallback(
    (popover) => {
      if (popover === null) return
      const place = () => {
        const anchor = trigger.current?.getBoundingClientRect()
        if (anchor === undefined || !popover.matches(':popover-open')) return
        const { offsetWidth: width, offsetHeight: height } = popover
        const fitsAbove = anchor.top - height - 6 > 8
        const fitsBelow = anchor.bottom + height + 6 < innerHeight - 8
        const above = side === 'above' ? fitsAbove || !fitsBelow : !fitsBelow && fitsAbove
        popover.style.position = 'fixed'
        popover.style.inset = 'auto'
        popover.style.left = `${Math.max(8, Math.min(anchor.left, innerWidth - width - 8))}px`
        popover.style.top = `${Math.max(8, above ? anchor.top - height - 6 : Math.min(anchor.bottom + 6, innerHeight - height - 8))}px`
      }
      popover.addEventListener('toggle', place)
      // Its content may come a little after it has opened.
      const sizes = new ResizeObserver(place)
      sizes.observe(popover)
      addEventListener('resize', place)
      return () => {
        popover.removeEventListener('toggle', place)
        sizes.disconnect()
        removeEventListener('resize', place)
      }
    },
    [trigger, side],
  )
}
