import { lazy, Suspense, useState } from 'react'
import { useTranslate } from '../../i18n/index.js'
import { Popover } from '../common/Popover.js'

const BreakItems = lazy(() => import('./BreakItems.js').then((module) => ({ default: module.BreakItems })))

/** The menu of everything that can be broken or mended. */
export function BreakMenu() {
  const t = useTranslate()
  const [open, setOpen] = useState(false)
  return (
    <Popover label={t('shell.break')} onOpen={setOpen}>
      {(close) => <Suspense>{open && <BreakItems close={close} />}</Suspense>}
    </Popover>
  )
}
