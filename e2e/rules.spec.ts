import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import type { Sandbox } from './page.js'
import { expect, stillTest as test } from './page.js'

/** Lets the kube-proxy of a Node (or of every Node) write later, by the last stop of its slider. */
async function slowDown(sandbox: Sandbox, node: string, whose: string): Promise<void> {
  await sandbox.line(`kube-proxy of ${node}`).click()
  const slider = sandbox.inspector.getByRole('slider', { name: 'Lag of kube-proxy' })
  await slider.focus()
  await sandbox.page.keyboard.press('End')
  await expect(slider).toHaveAttribute('aria-valuetext', '2 min')
  await sandbox.inspector.getByRole('radio', { name: whose }).check()
  await sandbox.act(() => sandbox.inspector.getByRole('button', { name: `Set: 2 min · ${whose}` }).click())
  await sandbox.toEnd()
}

async function useNftables(sandbox: Sandbox): Promise<void> {
  await sandbox.line('kube-proxy of node1').click()
  await sandbox.inspector.getByRole('radio', { name: 'nftables' }).click()
  await expect(sandbox.inspector.getByTestId('sync-rules').or(sandbox.explanation)).toBeVisible()
  await expect.poll(async () => (await sandbox.position()).step).toBeGreaterThan(0)
  await expect(async () => {
    await sandbox.toEnd()
    await expect(sandbox.thing('nftables of node1')).toBeVisible({ timeout: 2_000 })
  }).toPass()
}

test('a lag is set for every Node, is in the link and can be undone; meanwhile each kube-proxy says what it has not written', async ({
  sandbox,
  page,
}) => {
  await sandbox.open()
  await slowDown(sandbox, 'node1', 'every Node')
  await expect(sandbox.explanation).toContainText('kube-proxy of every Node is slow: a change reaches the rules 2 min later')
  const [pod = ''] = await sandbox.pods('default/web-')
  await sandbox.breakThing('Delete a Pod', `Pod ${pod}`)
  await sandbox.toEnd()
  await sandbox.line('kube-proxy of node2').click()
  const behind = sandbox.inspector.getByRole('region', { name: 'Not in the rules yet' })
  await expect(behind).toContainText(/Knows EndpointSlice default\/web-\w+ in generation \d+; the rules are of generation \d+/)
  await expect(behind).toContainText(/Writes at 2 min/)
  // The rule that still sends to it says why.
  await sandbox.line('iptables of node2').click()
  await sandbox.inspector.getByRole('searchbox', { name: 'Search the rules' }).fill('to-destination 10.244.')
  const origin = sandbox.inspector.getByTestId('rule-origin')
  await expect(async () => {
    const rules = sandbox.inspector.getByRole('option', { name: /"default\/web"/ })
    for (const rule of await rules.all()) {
      await rule.click()
      await expect(origin).toContainText('Service default/web')
      if ((await origin.textContent())?.includes('no longer lists it') === true) return
    }
    throw new Error('no rule is stale')
  }).toPass()
  await expect(origin).toContainText(/The kube-proxy of node2 learned this at .+ It writes them at 2 min/)
  const digest = await sandbox.digest()
  const link = await sandbox.shareLink()
  await page.goto('about:blank')
  await page.goto(link)
  await sandbox.ready()
  expect(await sandbox.digest()).toBe(digest)
  await sandbox.toEnd()
  await sandbox.button('Break').click()
  await expect(page.getByRole('menuitem', { name: 'Mend: Slow a kube-proxy down: kube-proxy of every Node' })).toBeVisible()
})

test('what one change of a Service does to the rules is told Node by Node', async ({ sandbox }) => {
  await sandbox.open()
  const [pod = ''] = await sandbox.pods('default/web-')
  await sandbox.breakThing('Delete a Pod', `Pod ${pod}`)
  await sandbox.steps.getByRole('link', { name: 'kube-proxy on every Node' }).click()
  const sync = sandbox.inspector.getByTestId('sync-rules')
  await expect(sync).toContainText(/What this sync changed on (control-plane|node\d)/)
  await expect(sync).toContainText(/\d+ rules? written, \d+ taken away, in \d+ chains?/)
  await expect(sync.getByText(/^nat KUBE-SEP-/).first()).toBeVisible()
  await expect(sync.getByRole('link', { name: /^(control-plane|node\d): \d+ → \d+ rules$/ })).toHaveCount(3)
})

test('an end leads back to the rule, what of the Service made it so, and its line', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.sendRequest()
  await sandbox.toEnd()
  await sandbox.button('Why').click()
  const inspector = sandbox.inspector
  await expect(inspector).toContainText('What decided')
  await expect(inspector.getByTestId('rule-origin')).toContainText('Service default/web')
  await expect(inspector.getByRole('button', { name: /^Line \d+ of the manifests$/ })).toBeVisible()
  await inspector.getByRole('link', { name: 'Go to that rule' }).click()
  await expect(sandbox.currentStep).toContainText('new destination')
})

test('from a line of YAML forward: the rules of what it asks for, on every Node, and each shown where it stands', async ({
  sandbox,
}) => {
  await sandbox.open()
  await expect(sandbox.manifests).toBeAttached()
  const lines = (await sandbox.copyManifests()).split('\n')
  const nodePort = lines.findIndex((line) => line.includes('nodePort: 30080'))
  await sandbox.manifests.focus()
  await sandbox.page.keyboard.press('Control+Home')
  for (let line = 0; line < nodePort; line++) await sandbox.page.keyboard.press('ArrowDown')
  await sandbox.editor.getByRole('button', { name: /^Rules of this/ }).click()
  const rules = sandbox.inspector.getByRole('region', { name: 'Rules on every Node' })
  await expect(rules.getByRole('searchbox')).toHaveValue(' 30080')
  await expect(rules.getByRole('group')).toHaveCount(4)
  await rules
    .getByRole('button', { name: /--dport 30080/ })
    .first()
    .click()
  await expect(sandbox.inspector.getByTestId('rule-origin')).toContainText('Service default/web')
})

test('rules of a real Node are compared, filtered, walked through and taken away', async ({ sandbox }) => {
  await sandbox.open()
  await sandbox.line('iptables of node3').click()
  const { inspector } = sandbox
  await inspector.getByRole('tab', { name: 'Real rules' }).click()
  await inspector.getByRole('button', { name: 'Begin with the rules of node3' }).click()
  await expect(inspector).toContainText(/All \d+ chains are the same/)
  const text = inspector.getByRole('textbox', { name: 'Rules of a real Node' })
  const own = await text.inputValue()
  const changed = own
    .replace(/^.*-A KUBE-EXT-.*KUBE-MARK-MASQ\n/m, '')
    .replace(/^:KUBE-MARK-MASQ/m, ':__proto__ - [0:0]\n:KUBE-MARK-MASQ')
    .replace(/^(.*-A KUBE-POSTROUTING .*-j RETURN)$/m, '$1\n-A KUBE-POSTROUTING -s 192.0.2.1/32 -j RETURN')
  await text.fill(changed)
  const which = inspector.getByRole('combobox', { name: 'Which differences' })
  await expect(which).toContainText('missing in the dump: 1')
  await expect(which).toContainText('only in the dump: 1')
  await which.selectOption('extra')
  await expect(inspector.getByText('-s 192.0.2.1/32 -j RETURN', { exact: true })).toBeVisible()
  await expect(inspector.getByText(/external destinations/)).toHaveCount(0)
  await inspector
    .getByRole('textbox', { name: 'destination (IP:port)' })
    .or(inspector.getByRole('combobox', { name: 'destination (IP:port)' }))
    .fill('172.18.0.13:30080')
  await inspector.getByRole('button', { name: 'Walk', exact: true }).click()
  await expect(inspector).toContainText(/delivered|timed out/)
  await text.fill(own.replace('*nat', '*nat\n-A NOWHERE -j ACCEPT'))
  await expect(inspector.getByRole('alert')).toContainText(/Line \d+: Chain 'NOWHERE' does not exist/)
  await inspector.getByRole('button', { name: 'Take it away' }).click()
  await expect(text).toHaveValue('')
})

test('where the kernel holds nftables, things are called so, and the element that a rule found is lit', async ({ sandbox }) => {
  await sandbox.open()
  await useNftables(sandbox)
  await expect(sandbox.line('nftables of node3 (in place of iptables of node3)')).toBeVisible()
  await sandbox.sendRequest()
  await sandbox.combobox('Level').selectOption('Rules')
  await sandbox.steps
    .getByRole('link', { name: /rule \d+ of services matches/ })
    .first()
    .click()
  await sandbox.thing('nftables of node3').click()
  const rules = sandbox.inspector.getByRole('listbox', { name: /^nft list ruleset/ })
  await expect(rules).toContainText('table ip kube-proxy {')
  await expect(rules.locator('[aria-current="true"]')).toContainText('vmap @')
  await expect(rules.locator('[data-element="true"]')).toContainText('goto ')
  await sandbox.inspector.getByRole('combobox', { name: 'Family' }).selectOption('6')
  await expect(rules).toContainText('table ip6 kube-proxy {')
})

async function serious(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).include('[aria-label="Inspector"]').analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
}

test.describe('in the dark', () => {
  test.use({ colorScheme: 'dark' })

  test('the lag, the rules and the real rules have no serious fault of access', async ({ sandbox, page }) => {
    await sandbox.open()
    await slowDown(sandbox, 'node3', 'only node3')
    const [pod = ''] = await sandbox.pods('default/web-')
    await sandbox.breakThing('Delete a Pod', `Pod ${pod}`)
    await sandbox.toEnd()
    await sandbox.line('kube-proxy of node3').click()
    await expect(sandbox.inspector.getByRole('region', { name: 'Not in the rules yet' })).toBeVisible()
    expect(await serious(page)).toEqual([])
    await sandbox.line('iptables of node3').click()
    await sandbox.inspector
      .getByRole('option', { name: /to-destination/ })
      .first()
      .click()
    await expect(sandbox.inspector.getByTestId('rule-origin')).toBeVisible()
    expect(await serious(page)).toEqual([])
    await sandbox.inspector.getByRole('tab', { name: 'Real rules' }).click()
    const text = sandbox.inspector.getByRole('textbox', { name: 'Rules of a real Node' })
    await text.fill('*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -j KUBE-SERVICES\nCOMMIT\n')
    await expect(sandbox.inspector.getByRole('combobox', { name: 'Which differences' })).toBeVisible()
    expect(await serious(page)).toEqual([])
  })
})
