import type { ConsoleMessage, Locator, Page } from '@playwright/test'
import { test as base, expect } from '@playwright/test'

export interface Position {
  readonly step: number
  readonly at: number
}

/** The page as its users find it: by role and accessible name. */
export class Sandbox {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  /** Opens the page at this address (query and fragment) and waits for its cluster. */
  async open(address = ''): Promise<void> {
    await this.page.goto(`/${address}`)
    await this.ready()
  }

  async ready(): Promise<void> {
    await this.page.evaluate(() => window.podpath.ready)
    await expect(this.graph).toBeVisible()
  }

  get graph(): Locator {
    return this.page.getByRole('region', { name: 'Cluster graph' })
  }

  get explanation(): Locator {
    return this.page.getByRole('status', { name: 'Explanation' })
  }

  get steps(): Locator {
    return this.page.getByRole('list', { name: 'Steps' })
  }

  get currentStep(): Locator {
    return this.steps.locator('[aria-current="step"]')
  }

  get slider(): Locator {
    return this.page.getByRole('slider', { name: 'Timeline' })
  }

  get editor(): Locator {
    return this.page.getByRole('region', { name: 'Manifest editor' })
  }

  get problems(): Locator {
    return this.editor.getByRole('region', { name: 'Problems' })
  }

  get report(): Locator {
    return this.editor.getByRole('region', { name: 'What kubectl said' })
  }

  get inspector(): Locator {
    return this.page.getByRole('region', { name: 'Inspector' })
  }

  get outline(): Locator {
    return this.page.getByRole('tree', { name: 'Outline' })
  }

  get linkField(): Locator {
    return this.page.getByRole('textbox', { name: 'Share link' })
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' })
  }

  combobox(name: string): Locator {
    return this.page.getByRole('combobox', { name, exact: true })
  }

  /** A thing of the graph by its accessible name. */
  thing(name: string | RegExp): Locator {
    return this.graph.getByRole('button', { name, exact: typeof name === 'string' })
  }

  /** A line of the outline. */
  line(name: string | RegExp): Locator {
    return this.outline.getByRole('treeitem', { name, exact: typeof name === 'string' })
  }

  position(): Promise<Position> {
    return this.page.evaluate(() => window.podpath.position())
  }

  digest(): Promise<string> {
    return this.page.evaluate(() => window.podpath.digest())
  }

  /** Resolves when the simulation has answered everything that was asked so far, and what followed from those answers. */
  async settled(): Promise<void> {
    for (let round = 0; round < 4; round++) await this.digest()
  }

  /** Does something to the cluster and waits until its flow is there; the playing is paused. */
  async act(doIt: () => Promise<unknown>): Promise<void> {
    const before = await this.position()
    await doIt()
    await expect.poll(async () => (await this.position()).step).toBeGreaterThan(before.step)
    await this.settled()
    const pause = this.button('Pause')
    // A short flow may have come to its end by itself.
    if (await pause.isVisible()) await pause.click({ timeout: 3_000 }).catch(() => undefined)
    await this.settled()
  }

  /** Sends the form's request. */
  async sendRequest(): Promise<void> {
    await this.act(() => this.button('Send request').click())
  }

  /** Goes to the end of the followed flow. */
  async toEnd(): Promise<void> {
    await this.button('To end').click()
    await this.settled()
    await expect.poll(() => this.slider.evaluate((slider: HTMLInputElement) => Number(slider.max) - Number(slider.value))).toBe(0)
  }

  /** Presses a button of the transport and waits until we stand elsewhere. */
  async move(name: 'Step forward' | 'Step back' | 'To start'): Promise<Position> {
    const before = (await this.position()).step
    await this.button(name).click()
    await expect.poll(async () => (await this.position()).step).not.toBe(before)
    return this.position()
  }

  /** Breaks something: the menu's item, and which of them. */
  async breakThing(fault: string, target?: string | RegExp): Promise<void> {
    await this.act(async () => {
      await this.button('Break').click()
      const item = this.page.getByRole('menuitem', { name: fault, exact: true })
      await item.click()
      if (target !== undefined)
        await this.page
          .getByRole('menuitem', { name: target, exact: typeof target === 'string' })
          .first()
          .click()
    })
  }

  /** Mends what is broken, from the same menu. */
  async mend(what: string | RegExp): Promise<void> {
    await this.act(async () => {
      await this.button('Break').click()
      await this.page
        .getByRole('group', { name: 'Broken now' })
        .getByRole('menuitem', { name: what, exact: typeof what === 'string' })
        .click()
    })
  }

  /** Lets virtual time pass. */
  async wait(span: string): Promise<void> {
    await this.act(async () => {
      await this.button('Let time pass').click()
      await this.button(`Let ${span} pass`).click()
    })
    await this.toEnd()
  }

  /** The text field of the editor, when the code editor has come. */
  get manifests(): Locator {
    return this.editor.getByRole('textbox', { name: 'Manifests' }).and(this.page.locator('[aria-roledescription]'))
  }

  /** The editor's text: select all, copy. */
  async copyManifests(): Promise<string> {
    await this.manifests.focus()
    await this.page.keyboard.press('Control+a')
    await this.page.keyboard.press('Control+c')
    return this.page.evaluate(() => navigator.clipboard.readText())
  }

  /** Replaces the manifests as a person does: select all, paste. */
  async paste(text: string): Promise<void> {
    await this.manifests.focus()
    await this.page.evaluate((copied) => navigator.clipboard.writeText(copied), text)
    await this.page.keyboard.press('Control+a')
    await this.page.keyboard.press('Control+v')
  }

  /** Pastes manifests, applies them, and waits for kubectl's report. */
  async apply(text: string): Promise<void> {
    await this.paste(text)
    await this.editor.getByRole('button', { name: 'Apply', exact: true }).click()
    await expect(this.report).toBeVisible()
    await this.settled()
  }

  /** Opens the Share panel and gives the link in it. */
  async shareLink(): Promise<string> {
    await this.button('Share').click()
    await expect(this.linkField).toBeVisible()
    return this.linkField.inputValue()
  }

  /** Names of the Pods of this prefix, as the outline has them. */
  async pods(prefix: string): Promise<readonly string[]> {
    const names = await this.outline
      .getByRole('treeitem', { name: new RegExp(`^Pod ${prefix}`) })
      .evaluateAll((lines) => lines.map((line) => line.getAttribute('aria-label') ?? ''))
    return names.map((name) => name.replace(/^Pod /, ''))
  }
}

interface Options {
  /** Errors in the console that a test expects. */
  readonly expectedErrors: RegExp | undefined
}

/** A test with the sandbox, that fails on any error in the console or request that leaves the page's own origin. */
export const test = base.extend<{ sandbox: Sandbox } & Options>({
  permissions: ['clipboard-read', 'clipboard-write'],
  expectedErrors: [undefined, { option: true }],
  sandbox: async ({ page, expectedErrors }, use) => {
    const problems: string[] = []
    page.on('console', (message: ConsoleMessage) => {
      if (message.type() === 'error' && expectedErrors?.test(message.text()) !== true) problems.push(message.text())
    })
    page.on('pageerror', (error) => problems.push(String(error)))
    page.context().on('request', (request) => {
      const url = new URL(request.url())
      if (url.protocol.startsWith('http') && url.hostname !== 'localhost') problems.push(`request to ${url.hostname}`)
    })
    await use(new Sandbox(page))
    expect(problems).toEqual([])
  },
})

/** Tests in which nothing plays by itself: what an action begins is shown to the end of its first chapter at once. */
export const stillTest = test.extend({ contextOptions: { reducedMotion: 'reduce' } })

export { expect }
