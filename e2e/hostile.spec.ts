import { expect, stillTest as test } from './page.js'

const DEPLOYMENT = (replicas: number) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: many
spec:
  replicas: ${replicas}
  selector:
    matchLabels: {app: many}
  template:
    metadata:
      labels: {app: many}
    spec:
      containers:
      - {name: c, image: nginx}
`

const ALIAS_BOMB = `a: &a [x, x, x, x, x, x, x, x, x]
${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map((key, at) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghi'[at]}`).join(', ')}]`).join('\n')}
`

test('5 MB of YAML pasted: told, and the page lives', async ({ sandbox, page }) => {
  await sandbox.open()
  await sandbox.paste(`${'# a comment that goes on and on and on and on and on\n'.repeat(100_000)}`)
  await sandbox.editor.getByRole('button', { name: 'Apply' }).click()
  await expect(sandbox.report.or(page.getByText(/too large/)).first()).toBeVisible()
  await sandbox.sendRequest()
  await sandbox.toEnd()
  await expect(sandbox.explanation).toContainText(/^Done: /)
})

test('10,000 replicas: answered within seconds, and the page lives', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.paste(DEPLOYMENT(10_000))
  await sandbox.editor.getByRole('button', { name: 'Apply' }).click()
  await expect(sandbox.report).toContainText(/deployment\.apps\/many created|more than/, { timeout: 20_000 })
  await expect(sandbox.button('Undo')).toBeEnabled()
  await sandbox.button('Undo').click()
  await expect(sandbox.line('Deployment default/many')).toHaveCount(0, { timeout: 20_000 })
  await sandbox.sendRequest()
})

test('an alias bomb is refused with its reason, and the page lives', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.paste(ALIAS_BOMB)
  await expect(sandbox.problems).toContainText(/alias/i)
  await sandbox.editor.getByRole('button', { name: 'Apply' }).click()
  await expect(sandbox.report).toContainText('error: error parsing manifests.yaml')
  await sandbox.sendRequest()
})
