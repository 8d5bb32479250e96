import { useTranslate } from '../../i18n/index.js'
import { editDraft, useDraft } from './draft.js'
import styles from './ManifestEditor.module.css'

/** The same text in a plain field: until Monaco is there, and where it cannot be. */
export function PlainEditor() {
  const t = useTranslate()
  const text = useDraft((draft) => draft.text)
  return (
    <textarea
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
