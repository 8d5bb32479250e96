import { expect, stillTest as test } from './page.js'

/** `1/3 × 1/2 = 1/6`, as the tree shows it, as a number. */
function shareOf(fraction: string): number {
  const match = /(\d+)(?:\/(\d+))?$/.exec(fraction.trim())
  if (match === null) throw new Error(`no fraction: ${fraction}`)
  return Number(match[1]) / Number(match[2] ?? 1)
}

test('Explore shows every outcome; their probabilities add up to 1, and looking changes nothing', async ({ sandbox }) => {
  await sandbox.open()
  const before = await sandbox.digest()
  await sandbox.button('Explore').click()
  await expect(sandbox.inspector.getByRole('heading', { name: 'All possible outcomes' })).toBeVisible()
  const runs = sandbox.inspector.getByRole('button', { name: /^Run this one: / })
  await expect(runs.first()).toBeVisible()
  const count = await runs.count()
  expect(count).toBe(6)
  const leaves = sandbox.inspector.getByRole('listitem').filter({ has: sandbox.page.getByRole('button') })
  const fractions: number[] = []
  for (const leaf of await leaves.all()) {
    if ((await leaf.getByRole('button').count()) !== 1) continue
    const text = await leaf.locator('p').first().textContent()
    fractions.push(shareOf(text ?? ''))
  }
  expect(fractions).toHaveLength(count)
  expect(Math.abs(fractions.reduce((sum, each) => sum + each, 0) - 1)).toBeLessThan(1e-9)
  expect(await sandbox.digest()).toBe(before)
})

test('an outcome can be run: the choice is forced, and says so', async ({ sandbox, page }) => {
  await sandbox.open()
  await sandbox.button('Explore').click()
  const run = sandbox.inspector.getByRole('button', { name: /^Run this one: / }).last()
  const pod = ((await run.getAttribute('aria-label')) ?? '').replace('Run this one: ', '')
  await sandbox.act(() => run.click())
  await sandbox.combobox('Level').selectOption('Rules')
  await sandbox.steps
    .getByRole('link', { name: /you asked for it/ })
    .first()
    .click()
  await expect(sandbox.explanation).toContainText('you asked for it')
  await expect(page.getByText('forced', { exact: true })).toBeVisible()
  await sandbox.toEnd()
  await expect(sandbox.explanation).toContainText(`Done: Pod ${pod} answered`)
})

test('a thousand requests are counted beside theory', async ({ sandbox, page }) => {
  await sandbox.open()
  await sandbox.button('Options').click()
  await sandbox.combobox('How many').selectOption('1,000 new connections')
  await page.keyboard.press('Escape')
  await sandbox.sendRequest()
  await sandbox.toEnd()
  const table = sandbox.inspector.getByRole('table', { name: 'Counts beside theory' })
  await expect(table).toBeVisible()
  const rows = await table
    .getByRole('row')
    .filter({ has: page.getByRole('cell') })
    .all()
  let sum = 0
  for (const row of rows) {
    const [seen = '', expected = ''] = await row.getByRole('cell').allTextContents()
    const [mean = 0, spread = 0] = expected.split('±').map(Number)
    sum += Number(seen)
    expect(Math.abs(Number(seen) - mean)).toBeLessThanOrEqual(2 * spread)
  }
  expect(rows.length).toBeGreaterThan(1)
  expect(sum).toBe(1000)
})

test('the form chooses from where and to where: a Node, a Pod, an address, a URL', async ({ sandbox, page }) => {
  await sandbox.open()
  const form = page.getByRole('form', { name: 'Request' })
  await form.getByRole('combobox', { name: 'From' }).selectOption('node3')
  await sandbox.sendRequest()
  await sandbox.toEnd()
  await expect(sandbox.explanation).toContainText(/^Done: Pod default\/web-.* answered Node node3/)
  const [pod = ''] = await sandbox.pods('default/web-')
  await form.getByRole('combobox', { name: 'From' }).selectOption(pod)
  await form.getByRole('combobox', { name: 'To' }).selectOption('Address or URL…')
  const address = form.getByRole('textbox', { name: 'Address or URL' })
  await address.fill('http://web.default/')
  await sandbox.act(() => address.press('Enter'))
  await sandbox.toEnd()
  await expect(sandbox.explanation).toContainText(new RegExp(`answered Pod ${pod}`))
  await address.fill('10.96.0.1:81')
  await sandbox.act(() => address.press('Enter'))
  await sandbox.toEnd()
  await expect(sandbox.explanation).not.toContainText(/^Done: /)
  await address.fill('not an address')
  await address.press('Enter')
  await expect(page.getByRole('alert').filter({ hasText: 'cannot be sent as written' })).toBeVisible()
})
