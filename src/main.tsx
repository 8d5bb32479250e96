import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { startLanguage } from './i18n/index.js'
import { App } from './ui/App.js'
import { exposeAid } from './ui/shell/debuggingAid.js'
import { startRouting } from './ui/shell/routing.js'
import { startTheme } from './ui/shell/theme.js'
import './ui/tokens.css'
import './ui/base.css'

// The worker starts first: it has the most to do before the first picture.
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
})
