import type { ComponentPropsWithRef, MouseEvent } from 'react'
import styles from './Button.module.css'

type Look = 'plain' | 'quiet' | 'strong' | 'accent' | 'icon' | 'chip'

/**
 * A button of the house: `accent` is for the one emphasised control.
 * One that is off keeps its place in the Tab order: who has just pressed it must not lose the focus with it.
 */
export function Button({
  look = 'plain',
  className,
  disabled = false,
  onClick,
  ...rest
}: ComponentPropsWithRef<'button'> & { readonly look?: Look }) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={disabled ? true : rest['aria-disabled']}
      onClick={disabled ? stop : onClick}
      className={`${styles['button']} ${styles[look]} ${className ?? ''}`}
    />
  )
}

/** Neither its form nor its panel hears of it. */
function stop(event: MouseEvent): void {
  event.preventDefault()
}
