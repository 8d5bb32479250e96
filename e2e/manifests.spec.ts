import { expect, stillTest as test } from './page.js'

const HELLO = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: hello
spec:
  replicas: 2
  selector:
    matchLabels:
      app: hello
  template:
    metadata:
      labels:
        app: hello
    spec:
      containers:
      - name: nginx
        image: nginx
        ports:
        - containerPort: 80
`

const BAD_SERVICE = `apiVersion: v1
kind: Service
metadata:
  name: hello
spec:
  selector:
    app: hello
  ports:
  - port: 99999
`

/** The Deployment of old tutorials. */
const OLD = `apiVersion: extensions/v1beta1
kind: Deployment
metadata:
  name: old
spec:
  replicas: 2
  template:
    metadata:
      labels:
        app: old
    spec:
      containers:
      - name: nginx
        image: nginx
        ports:
        - containerPort: 80
`

test('a changed number of replicas is applied, and the control plane is seen to make it so', async ({ sandbox }) => {
  await sandbox.open()
  const text = await sandbox.copyManifests()
  expect(text).toContain('replicas: 2')
  const before = await sandbox.pods('default/web-')
  await sandbox.apply(text.replace('replicas: 2', 'replicas: 4'))
  await expect(sandbox.report).toContainText('deployment.apps/web configured')
  await expect(sandbox.report).toContainText('service/web unchanged')
  for (const chapter of [
    'The API server accepts',
    'Controllers act',
    'Scheduled',
    'The Node starts the Pod',
    'Endpoints follow',
    'kube-proxy on every Node',
  ])
    await expect(sandbox.steps).toContainText(chapter)
  await sandbox.toEnd()
  await expect.poll(() => sandbox.pods('default/web-')).toHaveLength(4)
  expect(await sandbox.pods('default/web-')).toEqual(expect.arrayContaining([...before]))
  await expect(sandbox.line('Deployment default/web')).toContainText('4/4')
  await sandbox.combobox('Level').selectOption('Rules')
  const names = await sandbox.steps.getByRole('link').allTextContents()
  for (const who of ['etcd', 'deployment-controller', 'replicaset-controller', 'Scheduler', 'kubelet', 'kube-proxy of node3'])
    expect(
      names.some((name) => name.toLowerCase().includes(who.toLowerCase())),
      who,
    ).toBe(true)
  await sandbox.button('Undo').click()
  await expect.poll(() => sandbox.pods('default/web-')).toHaveLength(2)
})

test('a syntax error is marked at its line and column, and nothing is applied', async ({ sandbox }) => {
  await sandbox.open()
  const before = await sandbox.outline.textContent()
  await sandbox.paste(`${HELLO}  bad: [1, 2\n`)
  await expect(sandbox.problems.getByRole('listitem').first()).toContainText(/line 2\d, column \d+/)
  await sandbox.editor.getByRole('button', { name: 'Apply' }).click()
  await expect(sandbox.report).toContainText(/error: .*yaml: line 2\d/i)
  await sandbox.toEnd()
  expect(await sandbox.outline.textContent()).toBe(before)
})

test('a tab where none belongs is told at its line', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.paste('apiVersion: v1\nkind: Service\nmetadata:\n\tname: tabbed\n')
  await expect(sandbox.problems.getByRole('listitem').first()).toContainText('line 4, column 1')
})

test('what the API server refuses is told in its own words, at its line, and the cluster is as before', async ({ sandbox }) => {
  await sandbox.open()
  const before = await sandbox.outline.textContent()
  await sandbox.paste(BAD_SERVICE)
  const words = 'spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535, inclusive'
  await expect(sandbox.problems).toContainText(words)
  await expect(sandbox.problems).toContainText('line 9')
  await sandbox.editor.getByRole('button', { name: 'Apply' }).click()
  await expect(sandbox.report).toContainText('The Service "hello" is invalid:')
  await expect(sandbox.report).toContainText(words)
  await sandbox.toEnd()
  expect(await sandbox.outline.textContent()).toBe(before)
})

test('an unknown field is refused as a real API server does', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.apply(HELLO.replace('replicas: 2', 'replica: 2'))
  await expect(sandbox.report).toContainText('unknown field "spec.replica"')
  await expect(sandbox.line('Deployment default/hello')).toHaveCount(0)
})

test('a half-good file is applied object by object, with a report', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.apply(`${HELLO}---\n${BAD_SERVICE}`)
  await expect(sandbox.report).toContainText('deployment.apps/hello created')
  await expect(sandbox.report).toContainText('The Service "hello" is invalid')
  await sandbox.toEnd()
  await expect(sandbox.line('Deployment default/hello')).toContainText('2/2')
  await expect(sandbox.line('Service default/hello')).toHaveCount(0)
})

test('the Deployment of old tutorials: kubectl’s words, one click mends it, and it runs', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.paste(OLD)
  await expect(sandbox.problems).toContainText('line 1, column 1')
  await sandbox.editor.getByRole('button', { name: 'Apply' }).click()
  await expect(sandbox.report).toContainText('no matches for kind "Deployment" in version "extensions/v1beta1"')
  await expect(sandbox.report).toContainText('ensure CRDs are installed first')
  await sandbox.settled()
  await sandbox.problems.getByRole('button', { name: 'Fix it for me' }).first().click()
  await expect(sandbox.problems).toHaveCount(0)
  const fixed = await sandbox.copyManifests()
  expect(fixed).toContain('apiVersion: apps/v1')
  expect(fixed).toMatch(/selector:\s+matchLabels:\s+app: old/)
  await sandbox.editor.getByRole('button', { name: 'Apply' }).click()
  await expect(sandbox.report).toContainText('deployment.apps/old created')
  await sandbox.settled()
  await sandbox.toEnd()
  await expect(sandbox.line(/^Pod default\/old-/)).toHaveCount(2)
  await expect(sandbox.line(/^Pod default\/old-/).first()).toContainText('Running')
})

test('what was typed and not applied survives a reload, and can be thrown away', async ({ sandbox, page }) => {
  await sandbox.open()
  await sandbox.paste(`# my own words\n${HELLO}`)
  await expect(sandbox.editor).toContainText('my own words')
  await page.reload()
  await sandbox.ready()
  await expect(sandbox.editor).toContainText('Your unsaved text is back.')
  expect(await sandbox.copyManifests()).toBe(`# my own words\n${HELLO}`)
  await sandbox.button('Discard it').click()
  await expect(sandbox.editor).not.toContainText('my own words')
})

test('a reload keeps what was done and where one stood', async ({ sandbox, page }) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await sandbox.move('Step forward')
  const there = await sandbox.position()
  const digest = await sandbox.digest()
  await expect.poll(() => page.evaluate(() => sessionStorage.length)).toBeGreaterThan(0)
  await page.reload()
  await sandbox.ready()
  expect(await sandbox.position()).toEqual(there)
  expect(await sandbox.digest()).toBe(digest)
})

test('a rolling update replaces the Pods', async ({ sandbox }) => {
  await sandbox.open()
  const before = await sandbox.pods('default/web-')
  const text = await sandbox.copyManifests()
  await sandbox.apply(text.replace(/image: (\S+)/, 'image: httpd:2.4'))
  await sandbox.toEnd()
  await expect.poll(async () => (await sandbox.pods('default/web-')).filter((pod) => before.includes(pod))).toEqual([])
  await expect(sandbox.line(/^Pod default\/web-/)).toHaveCount(2)
  await expect(sandbox.line(/^ReplicaSet default\/web-/)).toHaveCount(2)
})

test('what kubectl get -o yaml prints, with status and uid, can be pasted as it is', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.line('Deployment default/web').click()
  await sandbox.inspector.getByRole('tab', { name: 'YAML' }).click()
  const yaml = (await sandbox.inspector.getByRole('region', { name: 'YAML' }).textContent()) ?? ''
  expect(yaml).toContain('resourceVersion:')
  await sandbox.apply(`${yaml.trim()}\n`)
  await expect(sandbox.report).toContainText(/deployment\.apps\/web (unchanged|configured)/)
})

test('the editor knows the schema: it completes and explains', async ({ sandbox, page }) => {
  await sandbox.open()
  await sandbox.paste('apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\nspec:\n  ')
  await expect(sandbox.problems).toBeVisible()
  await page.keyboard.press('Control+Space')
  await expect(page.getByRole('option', { name: /minReadySeconds/ })).toBeVisible({ timeout: 30_000 })
  await page.keyboard.press('Escape')
})
