import type { ComponentPropsWithRef } from 'react'
import { pause, seek } from '../../state/transport.js'

/** A link to a moment: it goes to a step, and stops playing. A link, not a button: it leads somewhere and does nothing else. */
export function StepLink({
  to,
  before,
  ...rest
}: Omit<ComponentPropsWithRef<'a'>, 'href' | 'onClick'> & {
  readonly to: number /** Done before going. */
  readonly before?: () => void
}) {
  return (
    // biome-ignore lint/a11y/useValidAnchor: it leads to a place within the timeline, which has no address of its own
    <a
      {...rest}
      href="#graph"
      onClick={(event) => {
        event.preventDefault()
        pause()
        before?.()
        void seek(to)
      }}
    />
  )
}
