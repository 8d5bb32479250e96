import { expect, stillTest as test } from './page.js'

/** What is to be pressed stays where it is, and can be pressed. */

const OLD = `apiVersion: extensions/v1beta1
kind: Deployment
metadata:
  name: old
spec:
  template:
    metadata:
      labels:
        app: old
    spec:
      containers:
      - name: nginx
        image: nginx
`

const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: x\nspec:\n  '

test('a scenario as it is can be applied at once: nothing changes, nothing is warned of', async ({ sandbox }) => {
  await sandbox.open()
  await expect(sandbox.manifests).toBeVisible()
  // The first click, without the focus having been in the editor: the panel may grow, but not under the pointer.
  await sandbox.editor.getByRole('button', { name: 'Apply', exact: true }).click()
  await expect(sandbox.report).toContainText('deployment.apps/web unchanged')
  await expect(sandbox.report).toContainText('service/web unchanged')
  await expect(sandbox.report).not.toContainText('Warning')
})

test('the fix stays under the pointer when kubectl answers', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.paste(OLD)
  const fix = sandbox.problems.getByRole('button', { name: 'Fix it for me' })
  await expect(fix).toBeVisible()
  const before = await fix.boundingBox()
  await sandbox.editor.getByRole('button', { name: 'Apply', exact: true }).click()
  await expect(sandbox.report).toContainText('no matches for kind')
  expect(await fix.boundingBox()).toEqual(before)
  await fix.click()
  await expect(sandbox.problems).toHaveCount(0)
})

test('texts that would keep the language service busy for ever do not, and completion is there after them', async ({
  sandbox,
  page,
}) => {
  await sandbox.open()
  await sandbox.paste(`apiVersion: v1\nkind: ConfigMap\ndata:\n  a: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`)
  await expect(sandbox.editor.getByText('Deeply nested')).toBeVisible()
  await sandbox.paste(SERVICE)
  await page.keyboard.press('Control+Space')
  await expect(page.locator('.suggest-widget .monaco-list-row').first()).toBeVisible()
})

test('a request can be sent wherever the camera is', async ({ sandbox, page }) => {
  await sandbox.open()
  const room = await sandbox.graph.boundingBox()
  if (room === null) throw new Error('no graph')
  for (let i = 0; i < 5; i++) await sandbox.button('Zoom in').click()
  await page.mouse.move(room.x + 500, room.y + 560)
  await page.mouse.down()
  await page.mouse.move(room.x + 60, room.y + 60, { steps: 5 })
  await page.mouse.up()
  await expect(sandbox.thing('Client 203.0.113.7')).not.toBeInViewport()
  await sandbox.sendRequest()
  await sandbox.sendRequest()
})

test('the large inspector leaves the transport to the hand', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await sandbox.thing('iptables of node1').click()
  await sandbox.inspector.getByRole('button', { name: 'Larger' }).click()
  for (const name of ['Why', 'Step back', 'To end']) await sandbox.button(name).click({ trial: true })
  await sandbox.combobox('Following').click({ trial: true })
  await sandbox.slider.click({ trial: true, position: { x: 700, y: 12 } })
})

test('the sending control stays where it is when time goes back', async ({ sandbox }) => {
  await sandbox.open()
  const send = sandbox.thing('Send request')
  const before = await send.boundingBox()
  await sandbox.sendRequest()
  await sandbox.toEnd()
  expect(await send.boundingBox()).toEqual(before)
  await sandbox.move('Step back')
  await expect(sandbox.graph.getByText(/^here, at /)).toBeVisible()
  expect(await send.boundingBox()).toEqual(before)
})

test('steps faster than the camera leave the picture as large as it was', async ({ sandbox, page }) => {
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  await page.setViewportSize({ width: 390, height: 844 })
  await sandbox.open()
  await sandbox.sendRequest()
  for (let i = 0; i < 6; i++) await sandbox.button('Step forward').click()
  await sandbox.settled()
  await expect
    .poll(() =>
      sandbox.graph.locator('.react-flow__viewport').evaluate((view) => new DOMMatrix(getComputedStyle(view).transform).a),
    )
    .toBe(1)
})

test('what to do next fits in one row of a phone, in each language', async ({ sandbox, page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  for (const [language, send] of [
    ['en', 'Send request'],
    ['zh-TW', '送出請求'],
    ['zh-CN', '发送请求'],
  ]) {
    await page.goto(`/?lang=${language}`)
    await page.evaluate(() => window.podpath.ready)
    await page.getByRole('button', { name: send ?? '', exact: true }).click()
    await expect.poll(async () => (await sandbox.position()).step).toBeGreaterThan(0)
    await sandbox.settled()
    const row = page.locator('[role=status] ~ p')
    await page.getByRole('slider').press('End')
    await expect(row.getByRole('button')).toHaveCount(3)
    expect(await row.evaluate((box) => box.scrollWidth - box.clientWidth), language).toBeLessThanOrEqual(0)
  }
})

test('a dragged Node lies on nothing', async ({ sandbox, page }) => {
  await sandbox.open()
  const names = ['Node control-plane', 'Node node1', 'Node node2', 'Node node3', 'Load balancer default/web']
  const from = await sandbox.thing('Node node3').boundingBox()
  if (from === null) throw new Error('no Node')
  await page.mouse.move(from.x + 300, from.y + 12)
  await page.mouse.down()
  await page.mouse.move(from.x + 320, from.y - 120, { steps: 6 })
  await page.mouse.up()
  const boxes = await Promise.all(names.map(async (name) => ({ name, box: await sandbox.thing(name).boundingBox() })))
  for (const { name, box } of boxes)
    for (const other of boxes) {
      if (box === null || other.box === null || other.name === name) continue
      const isApart =
        box.x + box.width <= other.box.x ||
        other.box.x + other.box.width <= box.x ||
        box.y + box.height <= other.box.y ||
        other.box.y + other.box.height <= box.y
      expect(isApart, `${name} and ${other.name}`).toBe(true)
    }
})

test('who presses by keyboard keeps the focus, whatever becomes of the button', async ({ sandbox, page }) => {
  await sandbox.open()
  const press = async (name: string) => {
    await sandbox.button(name).first().focus()
    await page.keyboard.press('Enter')
    await sandbox.settled()
  }
  await sandbox.sendRequest()
  await sandbox.toEnd()
  await press('Send again')
  await expect(sandbox.explanation).toBeFocused()
  await press('Undo')
  await expect(sandbox.button('Undo')).toBeFocused()
  await press('Apply')
  await expect(sandbox.button('Apply')).toBeFocused()
  await press('Scenarios')
  await expect(page.getByRole('heading', { name: 'Scenarios' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(sandbox.button('Scenarios')).toBeFocused()
})

test.describe('1280×720', () => {
  test.use({ viewport: { width: 1280, height: 720 } })

  test('at a flow’s end the whole picture is in view, open Nodes and all', async ({ sandbox }) => {
    await sandbox.open()
    await sandbox.sendRequest()
    await sandbox.toEnd()
    const room = await sandbox.graph.boundingBox()
    for (const name of ['Node control-plane', 'Node node1', 'Node node2', 'Node node3'])
      await expect
        .poll(async () => {
          const box = await sandbox.thing(name).boundingBox()
          return box !== null && room !== null && box.y + box.height <= room.y + room.height + 1
        }, name)
        .toBe(true)
  })
})

test.describe('390×844', () => {
  test.use({ viewport: { width: 390, height: 844 } })

  test('nothing has to be scrolled sideways to be pressed', async ({ sandbox, page }) => {
    await sandbox.open()
    await sandbox.sendRequest()
    await sandbox.toEnd()
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll('header, form, [role=status] ~ p, [role=tablist]')].flatMap((box) =>
        [...box.querySelectorAll('button, select, a')].flatMap((item) => {
          const { left, right, width } = item.getBoundingClientRect()
          return width > 0 && (left < -1 || right > innerWidth + 1) ? [item.textContent] : []
        }),
      ),
    )
    expect(cut).toEqual([])
  })
})
