import type { ViewState } from '../protocol/index.js'
import { askFor } from './client.js'
import { useMirror } from './mirror.js'

const KEY = 'podpath.saved'
/** What a person does is kept at once; where they look, when the hand rests. */
const LOOK_DELAY_MS = 600

/** What this tab had when it was left, or undefined: a text for `open { type: 'saved' }`. */
export function loadSaved(): string | undefined {
  try {
    return sessionStorage.getItem(KEY) ?? undefined
  } catch {
    return undefined
  }
}

export function forgetSaved(): void {
  try {
    sessionStorage.removeItem(KEY)
  } catch {
    // No storage, nothing kept.
  }
}

/**
 * Keeps the tab's state over a reload: after each action, and a little after each change of position, it is put into the tab's own storage.
 *
 * @param view what the link is to carry of the view, asked at that moment.
 * @returns a function that stops it.
 */
export function keepSaved(view: () => ViewState): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isUrgent = false
  const save = async (): Promise<void> => {
    isUrgent = false
    const saved = await askFor({ type: 'save', view: view() }, 'saved')
    if (saved === undefined) return
    try {
      sessionStorage.setItem(KEY, saved.text)
    } catch {
      // Full or forbidden: a reload then begins with the scenario.
    }
  }
  const stop = useMirror.subscribe((mirror, before) => {
    const hasActed = mirror.actions !== before.actions
    if (mirror.phase !== 'ready' || (!hasActed && mirror.position === before.position)) return
    isUrgent ||= hasActed
    clearTimeout(timer)
    timer = setTimeout(() => void save(), isUrgent ? 0 : LOOK_DELAY_MS)
  })
  return () => {
    clearTimeout(timer)
    stop()
  }
}
