import { localText, useLanguage, useTranslate } from '../../i18n/index.js'
import { useMirror } from '../../state/mirror.js'
import { useUi } from '../uiState.js'

/** What the page shows: the scenario's title, else the files it came from; empty until something is open. */
export function useTitle(): string {
  const t = useTranslate()
  const language = useLanguage()
  const isOpen = useMirror((mirror) => mirror.opened !== undefined)
  const title = useMirror((mirror) => mirror.opened?.scenario?.title)
  const fileNames = useUi((ui) => ui.fileNames)
  if (title !== undefined) return localText(title, language)
  if (fileNames !== '') return fileNames
  return isOpen ? t('shell.ownCluster') : ''
}
