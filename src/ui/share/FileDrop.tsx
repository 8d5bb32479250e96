import { useEffect, useState } from 'react'
import { useTranslate } from '../../i18n/index.js'
import { openDropped } from '../dump/dropRules.js'
import styles from './FileDrop.module.css'

/** A file dropped anywhere on the page opens as a cluster; the rules of a real Node are tried on the Node under them. */
export function FileDrop() {
  const t = useTranslate()
  const [hovering, setHovering] = useState(false)
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      setHovering(true)
    }
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setHovering(false)
    }
    const drop = (event: DragEvent) => {
      setHovering(false)
      const files = [...(event.dataTransfer?.files ?? [])]
      if (files.length === 0) return
      event.preventDefault()
      void openDropped(files, event.target)
    }
    addEventListener('dragover', over)
    addEventListener('dragleave', leave)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragover', over)
      removeEventListener('dragleave', leave)
      removeEventListener('drop', drop)
    }
  }, [])
  return hovering ? <p className={styles['hover']}>{t('gallery.dropHere')}</p> : null
}
