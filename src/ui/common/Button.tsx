import type { ComponentPropsWithRef } from 'react'
import styles from './Button.module.css'

type Look = 'plain' | 'quiet' | 'strong' | 'accent' | 'icon' | 'chip'

/** A button of the house: `accent` is for the one emphasised control. */
export function Button({ look = 'plain', className, ...rest }: ComponentPropsWithRef<'button'> & { readonly look?: Look }) {
  return <button type="button" {...rest} className={`${styles['button']} ${styles[look]} ${className ?? ''}`} />
}
