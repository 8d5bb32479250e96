import { expect, test } from './page.js'

test('a living cluster stands on the first screen, with one thing to try', async ({ sandbox, page }) => {
  await sandbox.open()
  for (const name of ['Node node1', 'Node node2', 'Node node3', 'Node control-plane', 'API server', 'etcd', 'Scheduler'])
    await expect(sandbox.thing(name)).toBeVisible()
  for (const name of ['Controller manager', 'Cloud controller manager', 'Load balancer default/web', 'Client 203.0.113.7'])
    await expect(sandbox.thing(name)).toBeVisible()
  for (const node of ['node1', 'node2', 'node3'])
    for (const part of ['iptables', 'kube-proxy', 'kubelet', 'Container runtime', 'Bridge', 'eth0'])
      await expect(sandbox.thing(`${part} of ${node}`)).toBeAttached()
  await expect(sandbox.thing('Service default/web')).toBeAttached()
  await expect(sandbox.thing(/^Pod default\/web-/)).toHaveCount(2)
  await expect(sandbox.thing('Node node3')).toContainText('Joined after the Pods were placed')
  await expect(sandbox.thing('Load balancer default/web')).toContainText('nodePort')
  await expect(sandbox.explanation).toContainText('Send request')
  await expect(sandbox.button('Send request')).toBeVisible()
  await expect(page).toHaveTitle(/Podpath/)
})

test('a request is followed to the Pod and home again, forwards and back, each step told in its own words', async ({
  sandbox,
}) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await sandbox.button('To start').click()
  await sandbox.combobox('Level').selectOption('Rules')
  const seen: number[] = []
  const told: string[] = []
  for (let step = 0; step < 12; step++) {
    seen.push((await sandbox.move('Step forward')).step)
    await expect(sandbox.explanation).not.toHaveText(told.at(-1) ?? '')
    told.push((await sandbox.explanation.textContent()) ?? '')
  }
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  for (const [index, expected] of [...seen.entries()].toReversed().slice(1)) {
    expect((await sandbox.move('Step back')).step).toBe(expected)
    await expect(sandbox.explanation).toHaveText(told[index] ?? '')
  }
  await sandbox.toEnd()
  await expect(sandbox.explanation).toContainText(/^Done: Pod default\/web-.* answered Client 203\.0\.113\.7/)
})

test('playing goes on by itself, pauses, and starts with the request', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.combobox('Speed').selectOption('4×')
  await sandbox.thing('Send request').click()
  await expect(sandbox.button('Pause')).toBeVisible()
  const first = (await sandbox.position()).step
  await expect.poll(async () => (await sandbox.position()).step).toBeGreaterThan(first)
  await sandbox.button('Pause').click()
  await sandbox.settled()
  const paused = await sandbox.position()
  await sandbox.settled()
  expect(await sandbox.position()).toEqual(paused)
  await sandbox.button('Play').click()
  await expect(sandbox.button('Play')).toBeVisible({ timeout: 30_000 })
  await expect(sandbox.explanation).toContainText(/^Done:/)
})

test('the level changes what is stepped over, never where one stands', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.sendRequest()
  const there = await sandbox.position()
  const counts: number[] = []
  for (const level of ['Overview', 'Stations', 'Rules']) {
    await sandbox.combobox('Level').selectOption(level)
    expect(await sandbox.position()).toEqual(there)
    counts.push(await sandbox.steps.getByRole('listitem').count())
  }
  const [overview = 0, stations = 0, rules = 0] = counts
  expect(overview).toBeLessThanOrEqual(9)
  expect(stations).toBeGreaterThan(overview)
  expect(rules).toBeGreaterThan(stations)
  expect(rules).toBeGreaterThanOrEqual(60)
})

test('the list of steps marks the current one, and each of its lines leads there', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await sandbox.combobox('Level').selectOption('Stations')
  await sandbox.toEnd()
  await expect(sandbox.currentStep).toHaveCount(1)
  const lines = sandbox.steps.getByRole('listitem')
  await expect(lines.last()).toHaveAttribute('aria-current', 'step')
  const third = lines.nth(2)
  const words = (await third.textContent()) ?? ''
  await third.getByRole('link').click()
  await expect(third).toHaveAttribute('aria-current', 'step')
  await expect(sandbox.currentStep).toHaveCount(1)
  await expect(sandbox.explanation).toContainText(words.trim())
})

test('the timeline says where one stands, and is scrubbed by keys', async ({ sandbox, page }) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await sandbox.combobox('Level').selectOption('Rules')
  await sandbox.toEnd()
  const valueText = /^step (\d+) of (\d+), \S/
  await expect(sandbox.slider).toHaveAttribute('aria-valuetext', valueText)
  const end = valueText.exec((await sandbox.slider.getAttribute('aria-valuetext')) ?? '')
  expect(end?.[1]).toBe(end?.[2])
  const last = await sandbox.position()
  await sandbox.slider.focus()
  await page.keyboard.press('ArrowLeft')
  await expect.poll(async () => (await sandbox.position()).step).toBeLessThan(last.step)
  await expect(sandbox.slider).toHaveAttribute('aria-valuetext', new RegExp(`^step ${Number(end?.[2]) - 1} of ${end?.[2]}, `))
  await page.keyboard.press('Shift+ArrowLeft')
  await expect.poll(async () => (await sandbox.position()).step).toBeLessThan(last.step - 1)
  await page.keyboard.press('Home')
  await expect.poll(async () => (await sandbox.position()).step).toBe(0)
  await expect(sandbox.slider).toHaveAttribute('aria-valuetext', /^before the first of \d+ steps$/)
})

test('the timeline is scrubbed by the mouse', async ({ sandbox, page }) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await sandbox.toEnd()
  const last = (await sandbox.position()).step
  const box = await sandbox.slider.boundingBox()
  if (box === null) throw new Error('no slider')
  await page.mouse.move(box.x + box.width - 10, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.7, box.y + box.height / 2, { steps: 4 })
  await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2, { steps: 4 })
  await page.mouse.up()
  await expect.poll(async () => (await sandbox.position()).step).toBeLessThan(last)
  await sandbox.settled()
  const value = Number(await sandbox.slider.inputValue())
  const max = Number(await sandbox.slider.getAttribute('max'))
  expect(value / max).toBeGreaterThan(0.25)
  expect(value / max).toBeLessThan(0.55)
})

test('going back and forth leaves the world as it was', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await sandbox.toEnd()
  const there = await sandbox.position()
  const digest = await sandbox.digest()
  await sandbox.move('To start')
  expect((await sandbox.position()).step).toBe(0)
  expect(await sandbox.digest()).not.toBe(digest)
  await sandbox.toEnd()
  expect(await sandbox.position()).toEqual(there)
  expect(await sandbox.digest()).toBe(digest)
})

test('acting in the past puts the future aside, says so, and Undo brings it back', async ({ sandbox, page }) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await sandbox.sendRequest()
  await sandbox.combobox('Following').selectOption('All')
  await sandbox.toEnd()
  const whole = await sandbox.digest()
  const there = await sandbox.position()
  await sandbox.move('To start')
  await sandbox.move('Step forward')
  await expect(
    page
      .getByText(/^here, at /)
      .filter({ visible: true })
      .first(),
  ).toBeVisible()
  await sandbox.thing('Send request').click()
  const toast = page.getByText(/^\d+ steps? and 1 of your actions were put aside\.$/)
  await expect(toast).toBeVisible()
  await sandbox.button('Bring back').click()
  await expect(toast).toBeHidden()
  await sandbox.combobox('Following').selectOption('All')
  await sandbox.toEnd()
  await expect.poll(() => sandbox.position()).toEqual(there)
  expect(await sandbox.digest()).toBe(whole)
  await sandbox.button('Undo').click()
  await sandbox.settled()
  expect(await sandbox.digest()).not.toBe(whole)
  await expect(sandbox.combobox('Following').getByRole('option')).toHaveCount(2)
})

test('following one flow or all: each request is a choice of its own', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await sandbox.sendRequest()
  const options = await sandbox.combobox('Following').getByRole('option').allTextContents()
  expect(options[0]).toBe('All')
  expect(options.slice(1)).toEqual([
    'request 1: Client 203.0.113.7 → Service default/web:80',
    'request 2: Client 203.0.113.7 → Service default/web:80',
  ])
  await sandbox.combobox('Level').selectOption('Rules')
  const one = await sandbox.steps.getByRole('listitem').count()
  await sandbox.combobox('Following').selectOption('All')
  await expect.poll(() => sandbox.steps.getByRole('listitem').count()).toBeGreaterThan(one)
})

test('Why shows the rules that were tried and did not match, each with the condition that failed', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await sandbox.combobox('Level').selectOption('Rules')
  await sandbox.steps
    .getByRole('link', { name: /of KUBE-SERVICES matches/ })
    .first()
    .click()
  await expect(sandbox.currentStep).toContainText('KUBE-SERVICES')
  await sandbox.button('Why').click()
  await expect(sandbox.inspector).toContainText('Tried before it, without a match')
  const misses = sandbox.inspector.getByRole('listitem').filter({ hasText: '×' })
  expect(await misses.count()).toBeGreaterThan(2)
  await expect(misses.first()).toContainText(/KUBE-SERVICES 1/)
  for (const miss of await misses.all()) await expect(miss).toContainText(/wants .+, saw .+/)
})

test('when a request has ended, it says what to do next', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await sandbox.toEnd()
  await sandbox.act(() => sandbox.button('Send again').click())
  await sandbox.toEnd()
  await sandbox.act(() => sandbox.button('Same connection').click())
  await sandbox.toEnd()
  await sandbox.sendRequest()
  await sandbox.toEnd()
  await sandbox.page.getByRole('link', { name: 'Why this Pod?' }).click()
  await expect(sandbox.explanation).toContainText('dice')
  await expect(sandbox.inspector).toContainText(/1\/2/)
})

test('the packet shows its header before and after in the inspector', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await sandbox.combobox('Level').selectOption('Rules')
  await sandbox.steps
    .getByRole('link', { name: /rewrites the destination: it was 172\.18\.0\.1\d:\d+, now/ })
    .first()
    .click()
  await expect(sandbox.explanation).toContainText('rewrites the destination')
  await expect(sandbox.inspector).toContainText(/was 172\.18\.0\.1\d:\d+, now 10\.244\.\d\.\d+:8080/)
  await expect(sandbox.inspector).toContainText('mark')
})

test('the rule of the present step is lit in the Node’s iptables-save', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await sandbox.combobox('Level').selectOption('Rules')
  const rule = sandbox.steps.getByRole('link', { name: /rule \d+ of KUBE-SVC-\w+ / }).first()
  const node = /^(node\d)/.exec(((await rule.textContent()) ?? '').trim())?.[1] ?? ''
  await rule.click()
  await sandbox.line(`iptables of ${node}`).click()
  const lines = sandbox.inspector.getByRole('listbox', { name: /^iptables-save/ })
  await expect(lines).toContainText('*nat')
  await expect(lines.locator('[aria-current="true"]')).toContainText('-A KUBE-SVC-')
})
