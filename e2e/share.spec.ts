import { deflateRawSync } from 'node:zlib'
import type { Sandbox } from './page.js'
import { expect, stillTest as test } from './page.js'

const PAIR = (name: string) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels:
    app: ${name}
spec:
  replicas: 2
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      containers:
      - name: ${name}
        image: registry.example.com/shop/${name}:1.4.2
        ports:
        - containerPort: 8080
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector:
    app: ${name}
  ports:
  - port: 80
    targetPort: 8080
`

const SHOP = ['cart', 'catalogue', 'checkout', 'currency', 'email', 'frontend', 'payment', 'orders', 'shipping', 'ads']
  .map(PAIR)
  .join('---\n')

test('a link opens the same cluster at the same step with the same view, and lists the actions', async ({
  sandbox,
  browser,
  baseURL,
}) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await sandbox.breakThing('Stop a kube-proxy', 'kube-proxy of node1')
  await sandbox.combobox('Level').selectOption('Rules')
  await sandbox.line('iptables of node1').click()
  await sandbox.combobox('Following').selectOption({ label: 'request 1: Client 203.0.113.7 → Service default/web:80' })
  await sandbox.move('To start')
  await sandbox.move('Step forward')
  await sandbox.move('Step forward')
  const there = await sandbox.position()
  const digest = await sandbox.digest()
  const link = await sandbox.shareLink()
  expect(link).toContain(`${baseURL}/#/s/`)
  expect(link.length).toBeLessThan(2_000)
  expect(await sandbox.page.evaluate(() => navigator.clipboard.readText())).toBe(link)
  const elsewhere = await browser.newContext()
  try {
    const { Sandbox } = await import('./page.js')
    const other = new Sandbox(await elsewhere.newPage())
    await other.page.goto(link)
    await other.ready()
    await expect.poll(() => other.position()).toEqual(there)
    expect(await other.digest()).toBe(digest)
    await expect(other.combobox('Level')).toHaveValue('rules')
    await expect(other.explanation).toHaveText((await sandbox.explanation.textContent()) ?? '')
    await expect(other.inspector).toContainText('iptables of node1')
    await other.button('Share').click()
    const actions = other.page.getByRole('listitem').filter({ hasText: /client\/203\.0\.113\.7 → service\/default\/web:80 tcp/ })
    await expect(actions).toBeVisible()
    await expect(other.page.getByRole('listitem').filter({ hasText: 'Stop a kube-proxy: kube-proxy of node1' })).toBeVisible()
  } finally {
    await elsewhere.close()
  }
})

/** Changes the address as one who pastes a link into a page that is open. */
async function follow(sandbox: Sandbox, hash: string): Promise<void> {
  await sandbox.page.evaluate((to) => {
    location.hash = to
  }, hash)
}

const bomb = () => `#/s/1${deflateRawSync(Buffer.alloc(60_000_000), { level: 9 }).toString('base64url')}`

const BAD: readonly (readonly [what: string, hash: () => string, message: RegExp])[] = [
  ['a broken link', () => '#/s/1thisisnolink', /damaged/],
  ['a link of nonsense', () => '#/s/%F0%9F%92%A3', /damaged/],
  ['a link from the future', () => '#/s/9AAAAAAAAAAAAAAAAAAAAAAAA', /newer version/],
  ['an oversized link', () => `#/s/1${'A'.repeat(500_000)}`, /too large/],
  ['a decompression bomb', bomb, /too large/],
  ['an unknown scenario', () => '#/scenario/there-is-none', /no scenario/],
]

for (const [what, hash, message] of BAD)
  test(`${what} is told, and what one had stays`, async ({ sandbox, page }) => {
    await sandbox.open()
    await sandbox.sendRequest()
    const there = await sandbox.position()
    const digest = await sandbox.digest()
    await follow(sandbox, hash())
    await expect(page.getByRole('alert').filter({ hasText: message })).toBeVisible()
    expect(await sandbox.position()).toEqual(there)
    expect(await sandbox.digest()).toBe(digest)
    await sandbox.move('Step forward')
  })

test('a page opened with a broken link says so and shows a cluster all the same', async ({ sandbox, page }) => {
  await sandbox.open('#/s/1thisisnolink')
  await expect(page.getByRole('alert').filter({ hasText: /damaged/ })).toBeVisible()
  await expect(sandbox.thing('Node node1')).toBeVisible()
})

test('a link that was cut short opens nothing', async ({ sandbox, page }) => {
  await sandbox.open()
  const link = await sandbox.shareLink()
  await page.keyboard.press('Escape')
  await follow(sandbox, link.slice(link.indexOf('#'), -12))
  await expect(page.getByRole('alert').filter({ hasText: /damaged/ })).toBeVisible()
})

test('ten Deployments with their Services open from a file, make a link under 2,000 characters, and are saved as a file', async ({
  sandbox,
  page,
}) => {
  await sandbox.open()
  await sandbox.button('Scenarios').click()
  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('region', { name: 'Scenarios' }).getByRole('button', { name: 'Open a file…' }).click()
  await (await choosing).setFiles({ name: 'shop.yaml', mimeType: 'application/yaml', buffer: Buffer.from(SHOP) })
  await expect(sandbox.line('Deployment default/frontend')).toContainText('2/2')
  const link = await sandbox.shareLink()
  expect(link.length).toBeLessThan(2_000)
  const service = (await sandbox.line('Service default/frontend').textContent()) ?? ''
  expect(service).toMatch(/10\.96\.\d+\.\d+/)
  await page.keyboard.press('Escape')
  await sandbox.button('Scenarios').click()
  const downloading = page.waitForEvent('download')
  await page.getByRole('region', { name: 'Scenarios' }).getByRole('button', { name: 'Save as a file' }).click()
  const saved = await downloading
  expect(saved.suggestedFilename()).toMatch(/\.ya?ml$/)
  const chunks: Buffer[] = []
  for await (const chunk of await saved.createReadStream()) chunks.push(Buffer.from(chunk))
  await page.keyboard.press('Escape')
  await dropFile(sandbox, saved.suggestedFilename(), Buffer.concat(chunks).toString('utf8'))
  await sandbox.settled()
  await expect(sandbox.line('Deployment default/frontend')).toContainText('2/2')
  await expect(sandbox.line('Service default/frontend')).toHaveText(service)
  await expect(sandbox.line(/^Deployment default\//)).toHaveCount(10)
})

/** Drops a file on the graph. */
async function dropFile(sandbox: Sandbox, name: string, text: string): Promise<void> {
  const dragged = await sandbox.page.evaluateHandle(
    ([fileName, content]) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([content ?? ''], fileName ?? '', { type: 'application/yaml' }))
      return transfer
    },
    [name, text],
  )
  await sandbox.graph.dispatchEvent('dragover', { dataTransfer: dragged })
  await sandbox.graph.dispatchEvent('drop', { dataTransfer: dragged })
}

test('manifests dropped on the page open as a cluster of their own, by the file’s name', async ({ sandbox, page }) => {
  await sandbox.open()
  await dropFile(sandbox, 'pair.yaml', PAIR('frontend'))
  await expect(sandbox.line('Deployment default/frontend')).toContainText('2/2')
  await expect(sandbox.line('Deployment default/web')).toHaveCount(0)
  await expect(sandbox.editor).toContainText('frontend')
  await expect(page).toHaveTitle('pair.yaml · Podpath')
  await expect(page.getByRole('banner').getByText('pair.yaml', { exact: true })).toBeVisible()
})

test('a dropped file that is none is told with its place, and what one had stays', async ({ sandbox, page }) => {
  await sandbox.open()
  const digest = await sandbox.digest()
  await dropFile(sandbox, 'bad.yaml', 'apiVersion: v1\nkind: [\n')
  await expect(page.getByRole('alert').filter({ hasText: /cannot be read/ })).toBeVisible()
  expect(await sandbox.digest()).toBe(digest)
})
