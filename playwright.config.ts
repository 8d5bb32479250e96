import { defineConfig } from '@playwright/test'
import { BROWSER_FLAGS } from './scripts/browserFlags.js'

const executablePath = process.env['PODPATH_CHROMIUM'] ?? '/usr/bin/chromium'

/** Against the production build, in a real Chromium. `npm test` builds first and names the browser it found. */
export default defineConfig({
  testDir: 'e2e',
  timeout: 60_000,
  expect: { timeout: 15_000 },
  fullyParallel: false,
  workers: 2,
  retries: process.env['CI'] === 'true' ? 1 : 0,
  reporter: [['list']],
  use: {
    baseURL: 'http://localhost:4188',
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    launchOptions: { executablePath, args: BROWSER_FLAGS },
  },
  webServer: {
    command: 'node_modules/.bin/vite preview --port 4188 --strictPort',
    url: 'http://localhost:4188/',
    reuseExistingServer: true,
    timeout: 60_000,
  },
})
