import { expect, test } from './page.js'

/** Every line that the picture draws is explained, by a sample that looks like it. */

const WORDS = [
  'request: gone, and still to come',
  'reply: gone, and still to come',
  'network cable',
  'link inside a Node (veth)',
  'watch: this one asks the API server for news',
  'only the API server talks to etcd',
  "the load balancer's health checks",
  'cut, switched off or failing',
]

test('the key opens from the picture, explains its lines by samples, and gives the focus back', async ({ sandbox, page }) => {
  await sandbox.open()
  const key = sandbox.button('Key')
  await key.focus()
  await page.keyboard.press('Enter')
  const title = page.getByRole('heading', { name: 'Key to the lines' })
  await expect(title).toBeVisible()
  const entries = page.getByRole('listitem').filter({ has: page.locator('svg[width="48"]') })
  const told = await entries.allTextContents()
  for (const words of WORDS) expect(told).toContain(words)
  for (const entry of await entries.all()) {
    const lines = await entry.locator('svg path').evaluateAll((paths) =>
      paths.map((path) => {
        const { stroke, strokeWidth } = getComputedStyle(path)
        return stroke !== 'none' && Number.parseFloat(strokeWidth) > 0
      }),
    )
    expect(lines.length, (await entry.textContent()) ?? '').toBeGreaterThan(0)
    expect(lines).not.toContain(false)
  }
  await page.keyboard.press('Escape')
  await expect(title).toBeHidden()
  await expect(key).toBeFocused()
})

test('what the picture draws has the look of its entry in the key', async ({ sandbox, page }) => {
  await sandbox.open()
  await sandbox.button('Key').click()
  const classes = (scope: string) =>
    page
      .locator(`${scope} svg[class*="lanes"] path`)
      .evaluateAll((paths) => [...new Set(paths.map((path) => path.getAttribute('class') ?? ''))])
  const explained = await classes('[popover]')
  const drawn = (await classes('.react-flow__viewport')).filter((name) => name !== '')
  expect(drawn.length).toBeGreaterThan(5)
  // A spoke of the star is a watch within the API server's own Node.
  const unexplained = drawn.filter((name) => !explained.includes(name) && !name.includes('spoke'))
  expect(unexplained).toEqual([])
})

test('the key fits a phone', async ({ sandbox, page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await sandbox.open()
  await sandbox.button('Key').click()
  const box = await page.getByRole('heading', { name: 'Key to the lines' }).locator('..').boundingBox()
  expect(box?.x ?? -1).toBeGreaterThanOrEqual(0)
  expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(390)
  expect(box?.y ?? -1).toBeGreaterThanOrEqual(0)
})
