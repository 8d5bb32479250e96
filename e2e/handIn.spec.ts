import { expect, Sandbox, stillTest as test } from './page.js'

/** What a student does in one Chinese, and a teacher opens in the other, or in English. */
const READERS = [
  {
    code: 'zh-CN',
    share: '分享',
    link: '分享链接',
    list: ['停止 kube-proxy（node1 的 kube-proxy）', '经过 10 秒'],
    by: 'B11902001 王小明 提交的作业',
    predicted: /两个：.*正确/,
    says: /\p{Script=Han}/u,
  },
  {
    code: 'en',
    share: 'Share',
    link: 'Share link',
    list: ['Stop a kube-proxy: kube-proxy of node1', 'Let 10 s pass'],
    by: 'Handed in by B11902001 王小明',
    predicted: /Two – .*right/,
    says: /^[^\p{Script=Han}]+$/u,
  },
] as const

test('homework done in 繁體中文 is handed in by link and read in another language', async ({
  sandbox,
  page,
  browser,
  baseURL,
}) => {
  await page.goto('/?lang=zh-TW#/scenario/first-request')
  await page.evaluate(() => window.podpath.ready)
  await page.getByRole('radio', { name: /^兩個/ }).check()
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
  await sandbox.act(() => press('送出請求'))
  await press('到結尾')
  await sandbox.settled()
  await sandbox.act(async () => {
    await press('弄壞')
    await page.getByRole('menuitem', { name: '停止 kube-proxy', exact: true }).click()
    await page.getByRole('menuitem', { name: 'node1 的 kube-proxy' }).first().click()
  })
  await press('到結尾')
  await sandbox.act(async () => {
    await press('讓時間流逝')
    await press('經過 10 秒')
  })
  await sandbox.settled()
  const there = await sandbox.position()
  const digest = await sandbox.digest()
  await press('分享')
  const field = page.getByRole('textbox', { name: '分享連結', exact: true })
  await expect(field).toBeVisible()
  const nameless = await field.inputValue()
  await page.getByRole('textbox', { name: '姓名或學號（可以不填）', exact: true }).fill('B11902001 王小明')
  await expect(field).not.toHaveValue(nameless)
  const link = await field.inputValue()
  await expect(page.getByText('已複製到剪貼簿。')).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link)
  await expect(page.getByRole('listitem').filter({ hasText: '停止 kube-proxy（node1 的 kube-proxy）' })).toBeVisible()
  expect(link.startsWith(`${baseURL}/#/s/`)).toBe(true)

  for (const reader of READERS) {
    const context = await browser.newContext({ locale: reader.code, permissions: ['clipboard-read', 'clipboard-write'] })
    try {
      const other = new Sandbox(await context.newPage())
      await other.page.goto(link.replace('/#', `/?lang=${reader.code}#`))
      await other.page.evaluate(() => window.podpath.ready)
      await expect(other.page.locator('html')).toHaveAttribute('lang', reader.code)
      await expect.poll(() => other.position()).toEqual(there)
      expect(await other.digest()).toBe(digest)
      await expect(other.page.getByRole('status').first()).toHaveText(reader.says)
      await expect(other.page.getByText(reader.by)).toBeVisible()
      await other.page.getByRole('button', { name: reader.share, exact: true }).click()
      await expect(other.page.getByRole('listitem').filter({ hasText: reader.predicted })).toBeVisible()
      // Marked and handed back: the same cluster, told in the reader's words.
      for (const told of reader.list)
        await expect(other.page.getByRole('listitem').filter({ hasText: told }).first()).toBeVisible()
      expect(await other.page.getByRole('textbox', { name: reader.link, exact: true }).inputValue()).toContain('/#/s/')
    } finally {
      await context.close()
    }
  }
})

const TASK = `apiVersion: podpath.dev/v1alpha1
kind: Scenario
metadata:
  name: three-replicas
spec:
  checks:
  - name: { en: Three replicas, zh-TW: 三個副本, zh-CN: 三个副本 }
    object: { resource: deployments, key: default/web, path: spec.replicas, equals: 3 }
  - name: { en: The Pods answer from inside, zh-TW: Pod 從叢集內有回應, zh-CN: Pod 在集群内有响应 }
    trace: { from: node/node1, to: 'service/default/web:80', verdict: delivered }
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: { app: web }
  template:
    metadata:
      labels: { app: web }
    spec:
      containers:
      - name: nginx
        image: nginxinc/nginx-unprivileged:1.27
        ports:
        - containerPort: 8080
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: { app: web }
  ports:
  - port: 80
    targetPort: 8080
`

test('a file’s tasks tell how many are done, and stay told in a link', async ({ sandbox, page, browser }) => {
  await page.goto('/?lang=zh-TW')
  await page.evaluate(() => window.podpath.ready)
  await page.getByRole('button', { name: '情境', exact: true }).click()
  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: '開啟檔案…' }).first().click()
  await (await choosing).setFiles({ name: 'task.yaml', mimeType: 'application/yaml', buffer: Buffer.from(TASK) })
  const tasks = page.getByRole('region', { name: '任務', exact: true })
  await expect(tasks).toContainText('任務：已完成 1/2')
  const editor = page.getByRole('region', { name: '資源清單編輯器' })
  const text = editor.getByRole('textbox').and(page.locator('[aria-roledescription]'))
  await text.focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Control+c')
  const manifests = await page.evaluate(() => navigator.clipboard.readText())
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), manifests.replace('replicas: 2', 'replicas: 3'))
  await page.keyboard.press('Control+v')
  await sandbox.act(() => editor.getByRole('button', { name: '套用', exact: true }).click())
  await page.getByRole('button', { name: '到結尾', exact: true }).click()
  await expect(tasks).toContainText('任務：已完成 2/2')
  await page.getByRole('button', { name: '分享', exact: true }).click()
  const link = await page.getByRole('textbox', { name: '分享連結', exact: true }).inputValue()
  const context = await browser.newContext()
  try {
    const teacher = await context.newPage()
    await teacher.goto(link.replace('/#', '/?lang=en#'))
    await teacher.evaluate(() => window.podpath.ready)
    await expect(teacher.getByRole('region', { name: 'Tasks', exact: true })).toContainText('Tasks: 2 of 2 done')
  } finally {
    await context.close()
  }
})
