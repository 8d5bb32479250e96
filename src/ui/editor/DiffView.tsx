import { useEffect, useRef } from 'react'
import { useTranslate } from '../../i18n/index.js'
import { useView } from '../../state/view.js'
import { isDark } from '../shell/theme.js'
import { useDraft } from './draft.js'
import styles from './ManifestEditor.module.css'
import { manifestModel, setUpMonaco } from './monaco.js'

/** The editor's text beside what the cluster holds now. */
export function DiffView({ live }: { readonly live: string }) {
  const t = useTranslate()
  const box = useRef<HTMLDivElement>(null)
  const theme = useView((view) => view.theme)
  const label = t('editor.diff.left')
  useEffect(() => {
    if (box.current === null) return
    const monaco = setUpMonaco()
    monaco.editor.setTheme(isDark(theme) ? 'podpath-dark' : 'podpath-light')
    const original = monaco.editor.createModel(live, 'yaml')
    const diff = monaco.editor.createDiffEditor(box.current, {
      automaticLayout: true,
      readOnly: true,
      renderSideBySide: false,
      minimap: { enabled: false },
      fontSize: 12,
      originalAriaLabel: label,
    })
    diff.setModel({ original, modified: manifestModel(useDraft.getState().text) })
    return () => {
      diff.dispose()
      original.dispose()
    }
  }, [live, theme, label])
  return <div ref={box} className={styles['code']} lang="en" translate="no" />
}
