import { phrase } from '../../i18n/index.js'
import { askFor } from '../../state/client.js'
import { openSource } from '../shell/routing.js'
import { toast } from '../uiState.js'

/** Files larger than this are refused before they are read: no manifest that a person wrote is. */
const LARGEST_BYTES = 6_000_000

/** Opens scenario files or manifests as a cluster of their own. */
export async function openFiles(chosen: readonly File[]): Promise<void> {
  if (chosen.length === 0) return
  if (chosen.reduce((sum, file) => sum + file.size, 0) > LARGEST_BYTES) {
    toast(phrase('refusal.limit', { why: `${LARGEST_BYTES / 1_000_000} MB` }), { tone: 'problem' })
    return
  }
  const files = await Promise.all(chosen.map(async (file) => ({ name: file.name, text: await file.text() })))
  await openSource({ type: 'files', files })
}

/** Saves what is on the page as a scenario file. */
export async function saveFile(): Promise<void> {
  const answer = await askFor({ type: 'export' }, 'export')
  if (answer === undefined) return
  const url = URL.createObjectURL(new Blob([answer.text], { type: 'application/yaml' }))
  const link = document.createElement('a')
  link.href = url
  link.download = answer.name
  link.click()
  URL.revokeObjectURL(url)
  toast(phrase('gallery.saved', { name: answer.name }))
}
