import { useEffect, useRef } from 'react'
import { useTranslate } from '../../i18n/index.js'
import { editDraft, useDraft } from './draft.js'
import styles from './ManifestEditor.module.css'
import { useCursor } from './reveal.js'

/** The same text in a plain field: until Monaco is there, and where it cannot be. */
export function PlainEditor() {
  const t = useTranslate()
  const text = useDraft((draft) => draft.text)
  const reveal = useCursor((cursor) => cursor.reveal)
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    if (reveal === undefined || field.current === null) return
    const lines = field.current.value.split('\n')
    const start = lines.slice(0, reveal.line - 1).reduce((sum, line) => sum + line.length + 1, 0)
    field.current.setSelectionRange(start, start + (lines[reveal.line - 1]?.length ?? 0))
    field.current.scrollTop = (field.current.scrollHeight / lines.length) * Math.max(0, reveal.line - 5)
  }, [reveal])
  return (
    <textarea
      ref={field}
      onSelect={(event) => {
        const { value, selectionStart } = event.currentTarget
        useCursor.setState({ line: value.slice(0, selectionStart).split('\n').length })
      }}
      className={styles['plain']}
      aria-label={t('editor.text')}
      lang="en"
      translate="no"
      spellCheck={false}
      value={text}
      onChange={(event) => editDraft(event.target.value)}
    />
  )
}
