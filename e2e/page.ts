import type { ConsoleMessage, Locator, Page } from '@playwright/test'
import { test as base, expect } from '@playwright/test'

/** The page as its users find it: by role and accessible name. */
export class Sandbox {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  async open(hash = ''): Promise<void> {
    await this.page.goto(`/${hash}`)
    await this.page.evaluate(() => window.podpath.ready)
    await expect(this.graph).toBeVisible()
  }

  get graph(): Locator {
    return this.page.getByRole('region', { name: 'Cluster graph' })
  }

  get explanation(): Locator {
    return this.page.getByRole('status', { name: 'Explanation' })
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' })
  }

  combobox(name: string): Locator {
    return this.page.getByRole('combobox', { name, exact: true })
  }

  position(): Promise<{ step: number; at: number }> {
    return this.page.evaluate(() => window.podpath.position())
  }

  digest(): Promise<string> {
    return this.page.evaluate(() => window.podpath.digest())
  }

  /** Sends the default request and waits until its flow is there; the playing is paused. */
  async sendRequest(): Promise<void> {
    const before = await this.position()
    await this.button('Send request').first().click()
    const submit = this.page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true })
    if (await submit.isVisible().catch(() => false)) await submit.click()
    await expect.poll(async () => (await this.position()).step).toBeGreaterThan(before.step)
    const pause = this.button('Pause')
    if (await pause.isVisible()) await pause.click()
  }

  /** Goes to the end of the followed flow. */
  async toEnd(): Promise<void> {
    await this.button('To end').click()
  }
}

/** A test with the sandbox, that fails on any error in the console or request that leaves the page's own origin. */
export const test = base.extend<{ sandbox: Sandbox }>({
  sandbox: async ({ page }, use) => {
    const problems: string[] = []
    page.on('console', (message: ConsoleMessage) => {
      if (message.type() === 'error') problems.push(message.text())
    })
    page.on('pageerror', (error) => problems.push(String(error)))
    page.on('request', (request) => {
      const url = new URL(request.url())
      if (url.protocol.startsWith('http') && url.hostname !== 'localhost') problems.push(`request to ${url.hostname}`)
    })
    await use(new Sandbox(page))
    expect(problems).toEqual([])
  },
})

export { expect }
