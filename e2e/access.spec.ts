import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import type { Sandbox } from './page.js'
import { expect, stillTest, test } from './page.js'

/** Serious and critical violations in a part of the page as it stands, in short. */
async function violations(page: Page, part: string): Promise<readonly string[]> {
  const { violations: found } = await new AxeBuilder({ page }).include(part).exclude('.monaco-editor').analyze()
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map((node) => node.target.join(' '))
          .slice(0, 4)
          .join(' | ')}`,
    )
}

/** Every panel in turn; each is named in the failure. */
async function walkPanels(sandbox: Sandbox): Promise<Record<string, readonly string[]>> {
  const { page } = sandbox
  const found: Record<string, readonly string[]> = {}
  const look = async (panel: string, part: string) => {
    found[panel] = await violations(page, part)
  }
  const inspector = '[aria-label="Inspector"]'
  await look('the whole page', 'body')
  await sandbox.sendRequest()
  await sandbox.combobox('Level').selectOption('Rules')
  await sandbox.steps
    .getByRole('link', { name: /of KUBE-SERVICES matches/ })
    .first()
    .click()
  await sandbox.button('Why').click()
  await expect(sandbox.inspector).toContainText('wants')
  await look('why', inspector)
  await sandbox.button('Explore').click()
  await expect(sandbox.inspector.getByRole('button', { name: /^Run this one/ }).first()).toBeVisible()
  await look('explore', inspector)
  await sandbox.line('iptables of node3').click()
  await expect(sandbox.inspector).toContainText('*nat')
  await look('rules of a Node', inspector)
  await sandbox
    .line(/^Pod default\/web-/)
    .first()
    .click()
  await sandbox.inspector.getByRole('tab', { name: 'describe' }).click()
  await expect(sandbox.inspector).toContainText('Namespace:')
  await look('a Pod', inspector)
  await sandbox.button('Share').click()
  await expect(sandbox.linkField).toBeVisible()
  await look('share', '[popover]:popover-open')
  await page.keyboard.press('Escape')
  await sandbox.button('Break').click()
  await look('break', '[popover]:popover-open')
  await page.keyboard.press('Escape')
  await sandbox.button('Scenarios').click()
  await expect(page.getByRole('region', { name: 'Scenarios' })).toBeVisible()
  await look('scenarios', '[aria-label="Scenarios"]')
  await page.keyboard.press('Escape')
  await sandbox.paste('apiVersion: v1\nkind: Service\nmetadata: [\n')
  await expect(sandbox.problems).toBeVisible()
  await sandbox.editor.getByRole('button', { name: 'Apply' }).click()
  await expect(sandbox.report).toBeVisible()
  await look('manifests', '[aria-label="Manifest editor"]')
  return found
}

for (const theme of ['Light', 'Dark'])
  stillTest(`axe finds nothing serious in any panel: ${theme}`, async ({ sandbox }) => {
    await sandbox.open()
    await sandbox.combobox('Theme').selectOption(theme)
    const found = await walkPanels(sandbox)
    expect(Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0))).toEqual({})
  })

/** Presses Tab until this holds of the focused element. */
async function tabTo(page: Page, role: string, name: RegExp): Promise<void> {
  for (let press = 0; press < 80; press++) {
    await page.keyboard.press('Tab')
    const label = await page.evaluate(() => {
      const focused = document.activeElement
      return `${focused?.getAttribute('role') ?? focused?.tagName.toLowerCase()}|${focused?.getAttribute('aria-label') ?? focused?.textContent ?? ''}`
    })
    const [is = '', called = ''] = label.split('|')
    if (is === role && name.test(called.trim())) return
  }
  throw new Error(`Tab never reaches ${role} ${String(name)}`)
}

stillTest('the main job without a mouse: send, step, look into things, apply', async ({ sandbox, page }) => {
  await sandbox.open()
  await sandbox.manifests.waitFor()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the graph' })).toBeFocused()
  await page.keyboard.press('Enter')
  await tabTo(page, 'button', /^Send request$/)
  await sandbox.act(() => page.keyboard.press('Enter'))
  await tabTo(page, 'button', /^(Client|Node|Pod|API|Load)/)
  const inGraph = () => sandbox.graph.locator(':focus').getAttribute('aria-label')
  const first = await inGraph()
  await page.keyboard.press('ArrowRight')
  await expect.poll(inGraph).not.toBe(first)
  const second = (await inGraph()) ?? ''
  await page.keyboard.press('Enter')
  await expect(sandbox.inspector.getByRole('heading', { level: 2 })).toHaveText(second)
  await tabTo(page, 'button', /^Step forward$/)
  const before = (await sandbox.position()).step
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await sandbox.position()).step).toBeGreaterThan(before)
  await sandbox.manifests.focus()
  await page.keyboard.press('Control+m')
  await page.keyboard.press('Shift+Tab')
  await expect(sandbox.manifests).not.toBeFocused()
  for (
    let press = 0;
    press < 10 && !(await sandbox.editor.getByRole('button', { name: 'Apply' }).evaluate((it) => it === document.activeElement));
    press++
  )
    await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Enter')
  await expect(sandbox.report).toContainText('deployment.apps/web unchanged')
})

test('arrow keys step while the graph has the focus only with Shift as chapters; the live region speaks per step', async ({
  sandbox,
  page,
}) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await expect(sandbox.explanation).toHaveAttribute('aria-live', 'polite')
  const said: string[] = []
  for (let step = 0; step < 3; step++) {
    await sandbox.move('Step forward')
    await expect(sandbox.explanation).not.toHaveText(said.at(-1) ?? '')
    said.push((await sandbox.explanation.textContent()) ?? '')
  }
  await sandbox.button('Play').click()
  await expect(sandbox.explanation).toHaveAttribute('aria-live', 'off')
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(sandbox.explanation).toHaveAttribute('aria-live', 'polite')
})

stillTest(
  'with reduced motion nothing plays by itself: an action is shown to the end of its first chapter',
  async ({ sandbox }) => {
    await sandbox.open()
    await sandbox.sendRequest()
    await expect(sandbox.button('Play')).toBeVisible()
    const lines = sandbox.steps.getByRole('listitem')
    await expect(lines.first()).toHaveAttribute('aria-current', 'step')
  },
)

stillTest('when the focused Pod vanishes, focus goes to its Node, and this is said', async ({ sandbox, page }) => {
  await sandbox.open()
  const [pod = ''] = await sandbox.pods('default/web-')
  await sandbox.breakThing('Delete a Pod', `Pod ${pod}`)
  await sandbox.move('To start')
  await sandbox.thing(`Pod ${pod}`).focus()
  await expect(sandbox.thing(`Pod ${pod}`)).toBeFocused()
  await page.keyboard.press('Shift+ArrowRight')
  for (let press = 0; press < 12 && (await sandbox.thing(`Pod ${pod}`).count()) > 0; press++) {
    const step = (await sandbox.position()).step
    await page.keyboard.press('Shift+ArrowRight')
    await expect.poll(async () => (await sandbox.position()).step).toBeGreaterThan(step)
    await sandbox.settled()
  }
  await expect(sandbox.thing(`Pod ${pod}`)).toHaveCount(0)
  await expect(sandbox.thing(/^Node node\d/).and(page.locator(':focus'))).toHaveCount(1)
  await expect(page.getByText(`Pod ${pod} is gone.`)).toBeAttached()
})
