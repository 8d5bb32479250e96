import { type Theme, useView } from '../../state/view.js'

const STORED = 'podpath.theme'

/** Shows the stored theme and follows later choices: `data-theme` on the document, absent while it is the system's. */
export function startTheme(): void {
  const stored = readStored()
  if (stored !== undefined) useView.setState({ theme: stored })
  show(useView.getState().theme)
  useView.subscribe((view, before) => {
    if (view.theme === before.theme) return
    show(view.theme)
    try {
      localStorage.setItem(STORED, view.theme)
    } catch {
      // Storage may be forbidden; the choice then lasts as long as the page.
    }
  })
}

function show(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

function readStored(): Theme | undefined {
  try {
    const stored = localStorage.getItem(STORED)
    return stored === 'light' || stored === 'dark' || stored === 'system' ? stored : undefined
  } catch {
    return undefined
  }
}

/** Whether the page is dark now, for what cannot read CSS (Monaco). */
export function isDark(theme: Theme): boolean {
  return theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
}
