import { expect, test } from './page.js'

test('a living cluster stands on the first screen, with one thing to try', async ({ sandbox, page }) => {
  await sandbox.open()
  for (const name of [
    'Node node1',
    'Node node2',
    'Node node3',
    'API server',
    'etcd',
    'Scheduler',
    'Controller manager',
    'Cloud controller manager',
  ]) {
    await expect(sandbox.graph.getByLabel(name, { exact: true }).first()).toBeVisible()
  }
  for (const name of [
    'iptables of node1',
    'kube-proxy of node1',
    'kubelet of node1',
    'Container runtime of node1',
    'Bridge of node1',
    'eth0 of node1',
  ]) {
    await expect(sandbox.graph.getByLabel(name, { exact: true }).first()).toBeAttached()
  }
  await expect(sandbox.graph.getByLabel('Load balancer default/web', { exact: true }).first()).toBeVisible()
  await expect(sandbox.graph.getByLabel('Service default/web', { exact: true }).first()).toBeAttached()
  await expect(sandbox.graph.getByLabel('Client 203.0.113.7', { exact: true }).first()).toBeVisible()
  await expect(sandbox.graph.getByLabel(/^Pod default\/web-/).first()).toBeAttached()
  await expect(sandbox.button('Send request').first()).toBeVisible()
  await expect(page).toHaveTitle(/Podpath/)
})

test('a request is followed to the Pod and home again, forwards and back', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await sandbox
    .combobox('Level')
    .selectOption('Rules')
    .catch(() => undefined)
  const seen: number[] = []
  for (let step = 0; step < 8; step++) {
    await sandbox.button('Step forward').click()
    await expect.poll(async () => (await sandbox.position()).step).toBeGreaterThan(seen.at(-1) ?? 0)
    seen.push((await sandbox.position()).step)
  }
  for (const expected of seen.toReversed().slice(1)) {
    await sandbox.button('Step back').click()
    await expect.poll(async () => (await sandbox.position()).step).toBe(expected)
  }
  await sandbox.toEnd()
  await expect(sandbox.explanation).not.toBeEmpty()
})

test('going back and forth leaves the world as it was', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await sandbox.toEnd()
  await expect.poll(async () => (await sandbox.position()).step).toBeGreaterThan(20)
  const there = await sandbox.position()
  const digest = await sandbox.digest()
  await sandbox.button('To start').click()
  await expect.poll(async () => (await sandbox.position()).step).toBeLessThan(there.step)
  await sandbox.toEnd()
  await expect.poll(async () => (await sandbox.position()).step).toBe(there.step)
  expect(await sandbox.digest()).toBe(digest)
})

test('a link opens the same cluster at the same step', async ({ sandbox, page }) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await sandbox.button('Step forward').click()
  const there = await sandbox.position()
  const digest = await sandbox.digest()
  await sandbox.button('Share').click()
  const link = await page.getByRole('textbox', { name: 'Share link' }).inputValue()
  expect(link).toContain('#/s/')
  await page.goto('about:blank')
  await page.goto(link)
  await page.evaluate(() => window.podpath.ready)
  await expect.poll(() => sandbox.position()).toEqual(there)
  expect(await sandbox.digest()).toBe(digest)
})

test('a broken link is told, and the page lives', async ({ sandbox, page }) => {
  await sandbox.open('#/s/1thisisnolink')
  await expect(page.getByRole('alert').first()).toBeVisible()
  await expect(sandbox.graph.getByLabel('Node node1', { exact: true }).first()).toBeVisible()
})
