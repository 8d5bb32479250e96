import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { startLanguage } from './i18n/index.js'
import { releaseWorker } from './state/client.js'
import { App } from './ui/App.js'
import { exposeAid } from './ui/shell/debuggingAid.js'
import { startRouting } from './ui/shell/routing.js'
import { startTheme } from './ui/shell/theme.js'
import './ui/tokens.css'
import './ui/base.css'

const opened = startRouting()
exposeAid(opened)
startTheme()

const root = document.getElementById('root')
void startLanguage().then(() => {
  if (root !== null)
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    )
  afterPaint(releaseWorker)
})

/** Calls back once the first picture has been painted; a page in the background is never painted, so not later than in a moment. */
function afterPaint(done: () => void): void {
  let called = false
  const once = (): void => {
    if (!called) done()
    called = true
  }
  requestAnimationFrame(() => requestAnimationFrame(once))
  setTimeout(once, 400)
}
