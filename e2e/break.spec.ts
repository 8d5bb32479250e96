import type { Sandbox } from './page.js'
import { expect, stillTest as test } from './page.js'

/** Faults with what they are done to, and how the menu then names their mending. */
const FAULTS: readonly (readonly [fault: string, target: string | undefined, mend: string])[] = [
  ['Stop a Node', 'Node node2', 'Mend: Stop a Node: Node node2'],
  ['Cut a Node off the network', 'Node node1', 'Mend: Cut a Node off the network: Node node1'],
  ['Stop a kubelet', 'kubelet of node1', 'Mend: Stop a kubelet: kubelet of node1'],
  ['Stop a kube-proxy', 'kube-proxy of node3', 'Mend: Stop a kube-proxy: kube-proxy of node3'],
  ['Stop the API server', undefined, 'Mend: Stop the API server'],
  ['Stop etcd', undefined, 'Mend: Stop etcd'],
  ['Stop the scheduler', undefined, 'Mend: Stop the scheduler'],
  ['Stop the controller manager', undefined, 'Mend: Stop the controller manager'],
  ['Stop the cloud controller manager', undefined, 'Mend: Stop the cloud controller manager'],
]

for (const [fault, target, mend] of FAULTS)
  test(`${fault}: broken from the menu, told, and mended`, async ({ sandbox, page }) => {
    await sandbox.open()
    await sandbox.breakThing(fault, target)
    await expect(sandbox.explanation).not.toBeEmpty()
    await sandbox.toEnd()
    await sandbox.mend(mend)
    await sandbox.toEnd()
    await sandbox.button('Break').click()
    await expect(page.getByRole('menu', { name: 'What to break' })).toBeVisible()
    await expect(page.getByRole('group', { name: 'Broken now' })).toHaveCount(0)
    await page.keyboard.press('Escape')
    await expect(sandbox.line('Deployment default/web')).toContainText('2/2')
    for (const node of ['node1', 'node2', 'node3']) await expect(sandbox.line(`Node ${node}`)).toContainText(/ Ready|Ready /)
  })

async function fromNode3(sandbox: Sandbox): Promise<void> {
  await sandbox.page.getByRole('form', { name: 'Request' }).getByRole('combobox', { name: 'From' }).selectOption('node3')
}

test('a deleted Pod is replaced by another', async ({ sandbox }) => {
  await sandbox.open()
  const [pod = '', other = ''] = await sandbox.pods('default/web-')
  await sandbox.breakThing('Delete a Pod', `Pod ${pod}`)
  await sandbox.toEnd()
  const after = await sandbox.pods('default/web-')
  expect(after).toHaveLength(2)
  expect(after).toContain(other)
  expect(after).not.toContain(pod)
  await expect(sandbox.line('Deployment default/web')).toContainText('2/2')
})

test('a killed container is started again in the same Pod', async ({ sandbox }) => {
  await sandbox.open()
  const before = await sandbox.pods('default/web-')
  await sandbox.breakThing('Kill a container', /^Container nginx of default\/web-/)
  await expect(sandbox.explanation).toContainText(/kill|exit|die|stop/i)
  await sandbox.toEnd()
  await sandbox.wait('10 s')
  expect(await sandbox.pods('default/web-')).toEqual(before)
  await sandbox.line(`Pod ${before[0]}`).click()
  await sandbox.inspector.getByRole('tab', { name: 'describe' }).click()
  await expect(sandbox.inspector).toContainText(/Restart Count: +[01]/)
})

test('a stopped kube-proxy leaves its rules stale: a request goes to a Pod that is gone; started again, it mends them', async ({
  sandbox,
}) => {
  await sandbox.open()
  await sandbox.breakThing('Stop a kube-proxy', 'kube-proxy of node3')
  const [pod = ''] = await sandbox.pods('default/web-')
  await sandbox.breakThing('Delete a Pod', `Pod ${pod}`)
  await sandbox.combobox('Following').selectOption('All')
  await sandbox.toEnd()
  await fromNode3(sandbox)
  await sandbox.button('Explore').click()
  const gone = sandbox.inspector
    .getByRole('listitem')
    .filter({ hasText: /timed out|no route|refused/ })
    .last()
  await expect(gone).toContainText('1/2')
  await sandbox.act(() => gone.getByRole('button', { name: /^Run this one/ }).click())
  await sandbox.toEnd()
  await expect(sandbox.explanation).toContainText(/no usable answer|no route|nothing listens/)
  await sandbox.mend('Mend: Stop a kube-proxy: kube-proxy of node3')
  await sandbox.toEnd()
  await sandbox.button('Explore').click()
  await expect(sandbox.inspector.getByRole('button', { name: /^Run this one/ })).toHaveCount(2)
  await expect(sandbox.inspector).not.toContainText(/timed out|no route|refused/)
})

test('without the API server traffic goes on, and kubectl says what kubectl says', async ({ sandbox }) => {
  await sandbox.open()
  const text = await sandbox.copyManifests()
  await sandbox.breakThing('Stop the API server')
  await sandbox.sendRequest()
  await sandbox.toEnd()
  await expect(sandbox.explanation).toContainText(/^Done: /)
  await sandbox.apply(text.replace('replicas: 2', 'replicas: 3'))
  await expect(sandbox.report).toContainText(
    /The connection to the server \S+:6443 was refused - did you specify the right host or port\?/,
  )
  expect(await sandbox.pods('default/web-')).toHaveLength(2)
  await sandbox.mend('Mend: Stop the API server')
  await sandbox.apply(text.replace('replicas: 2', 'replicas: 3'))
  await expect(sandbox.report).toContainText('deployment.apps/web configured')
  await sandbox.combobox('Following').selectOption('All')
  await sandbox.toEnd()
  await expect.poll(() => sandbox.pods('default/web-')).toHaveLength(3)
})

test('a stopped Node: its Pods are given up after a while and live on elsewhere', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.breakThing('Stop a Node', 'Node node1')
  await expect(sandbox.combobox('Following')).toHaveValue('all')
  for (const chapter of ['Something breaks', 'The cluster notices', 'Endpoints follow', 'Pods are evicted', 'Controllers act'])
    await expect(sandbox.steps).toContainText(chapter)
  await sandbox.toEnd()
  await expect(sandbox.line('Node node1')).toContainText('NotReady')
  await sandbox.line('Deployment default/web').click()
  await sandbox.inspector.getByRole('tab', { name: 'describe' }).click()
  await expect(sandbox.inspector).toContainText('2 available')
  await sandbox.sendRequest()
  await sandbox.toEnd()
  await expect(sandbox.explanation).toContainText(/^Done: /)
})

test('what can be broken is also broken from the thing itself', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.thing('kube-proxy of node1').click()
  await sandbox.act(() => sandbox.inspector.getByRole('button', { name: 'Stop a kube-proxy' }).click())
  await expect(sandbox.explanation).toContainText('go stale')
  await sandbox.toEnd()
  await sandbox.line('kube-proxy of node1').click()
  await sandbox.act(() => sandbox.inspector.getByRole('button', { name: /^Mend: / }).click())
})

test('Start over goes back to the beginning, and can be taken back', async ({ sandbox }) => {
  await sandbox.open()
  const fresh = await sandbox.digest()
  await sandbox.breakThing('Stop etcd')
  await sandbox.toEnd()
  const broken = await sandbox.digest()
  await sandbox.button('Start over').click()
  await expect(sandbox.page.getByText('Back at the start.')).toBeVisible()
  expect(await sandbox.digest()).toBe(fresh)
  await sandbox.button('Undo').click()
  await sandbox.settled()
  await sandbox.toEnd()
  expect(await sandbox.digest()).toBe(broken)
})
