import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { START_INPUT } from '../src/generated/startScenario.js'
import type { Sandbox } from './page.js'
import { expect, stillTest as test } from './page.js'

/** What the page says of chance is what the command line's trace says of it, and what the rules themselves say. */

const NODES = ['node1', 'node2', 'node3']

interface Outcome {
  readonly probability: number
  readonly verdict: string
  readonly to: { readonly pod: string }
  readonly hops: readonly { readonly node: string; readonly text: string }[]
}

/** Every outcome of the first scenario's request, from the command line. */
function traced(): readonly Outcome[] {
  const folder = mkdtempSync(join(tmpdir(), 'podpath-'))
  try {
    const file = join(folder, 'scenario.yaml')
    writeFileSync(file, START_INPUT.files[0]?.text ?? '')
    const args = ['trace', file, '--from', 'client', '--to', '172.18.0.100:80', '--all', '--json']
    const printed = execFileSync('npm', ['run', '-s', 'podpath', '--', ...args], { encoding: 'utf8', timeout: 50_000 })
    return (JSON.parse(printed) as { readonly outcomes: readonly Outcome[] }).outcomes
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** `1/6` as a number. */
function numberOf(fraction: string): number {
  const [above = Number.NaN, below = 1] = fraction.trim().split('/').map(Number)
  return above / below
}

/** The rules in the packet's callout: their whole text, and the chance shown beside it. */
async function rulesMet(sandbox: Sandbox): Promise<readonly { readonly text: string; readonly chance: string | undefined }[]> {
  return sandbox.graph.locator('li[data-last]').evaluateAll((items) =>
    items.map((item) => ({
      text: item.getAttribute('title') ?? '',
      chance: /⚄ (\S+)$/.exec(item.textContent ?? '')?.[1],
    })),
  )
}

test('Explore is the product of the load balancer’s choices and the endpoints, as the command line traces it', async ({
  sandbox,
}) => {
  await sandbox.open()
  await sandbox.button('Explore').click()
  const pods = [...(await sandbox.pods('default/web-'))].sort()
  expect(pods).toHaveLength(2)
  const branches = sandbox.inspector.getByRole('listitem').filter({ has: sandbox.page.getByRole('list') })
  await expect(branches).toHaveCount(NODES.length)
  const shown: string[] = []
  for (const [index, branch] of (await branches.all()).entries()) {
    await expect(branch.locator('p').first()).toHaveText(new RegExp(`Load balancer default/web chooses ${NODES[index]}\\s*1/3`))
    for (const leaf of await branch.getByRole('list').getByRole('listitem').all()) {
      const name = (await leaf.getByRole('button').getAttribute('aria-label')) ?? ''
      const sum = (await leaf.locator('p').first().textContent()) ?? ''
      const [product = '', whole = ''] = sum.split('=')
      const factors = product.split('×').map(numberOf)
      expect(factors, sum).toEqual([1 / 3, 1 / 2])
      expect(Math.abs(factors.reduce((all, factor) => all * factor, 1) - numberOf(whole)), sum).toBeLessThan(1e-12)
      shown.push(`${NODES[index]} ${name.replace('Run this one: ', '')} ${whole.trim()}`)
    }
  }
  expect(shown.sort()).toEqual(NODES.flatMap((node) => pods.map((pod) => `${node} ${pod} 1/6`)))
  const outcomes = traced().map(({ hops, to, probability, verdict }) => {
    expect(verdict).toBe('delivered')
    expect(Math.abs(probability - 1 / 6)).toBeLessThan(1e-9)
    return `${hops.find((hop) => hop.node !== '')?.node} ${to.pod} 1/6`
  })
  expect(outcomes.sort()).toEqual(shown)
})

test('the chances in the packet’s callout are those of its rules, and their product is that of the trace', async ({
  sandbox,
}) => {
  await sandbox.open()
  await sandbox.button('Explore').click()
  const runs = sandbox.inspector.getByRole('button', { name: /^Run this one: / })
  await expect(runs).toHaveCount(6)
  // Through node3, which has neither Pod, to the Pod whose rule rolls the dice.
  const pod = ((await runs.nth(4).getAttribute('aria-label')) ?? '').replace('Run this one: ', '')
  await sandbox.act(() => runs.nth(4).click())
  await sandbox.combobox('Level').selectOption('Rules')
  const chances = new Map<string, string>()
  const count = await sandbox.slider.evaluate((slider: HTMLInputElement) => Number(slider.max))
  for (let at = 0; at < count; at++) {
    for (const { text, chance } of await rulesMet(sandbox)) {
      const asked = /--probability (\S+)/.exec(text)?.[1]
      expect(chance === undefined, text).toBe(asked === undefined)
      if (asked === undefined || chance === undefined) continue
      // The rule's own text has ten digits and more.
      expect(Math.abs(numberOf(chance) - Number(asked)), text).toBeLessThan(1e-9)
      chances.set(text, chance)
    }
    if (chances.size > 0 && (await rulesMet(sandbox)).length === 0) break
    await sandbox.move('Step forward')
    await sandbox.settled()
  }
  expect([...chances.values()]).toEqual(['1/2'])
  await sandbox.toEnd()
  const outcome = traced().find(({ hops, to }) => hops[0]?.node === 'node3' && to.pod === pod)
  expect(outcome?.hops.map(({ text }) => text)).toEqual(expect.arrayContaining([...chances.keys()]))
  const product = [...chances.values()].map(numberOf).reduce((all, each) => all * each, 1 / 3)
  expect(Math.abs(product - (outcome?.probability ?? 0))).toBeLessThan(1e-9)
  await expect(sandbox.inspector).toContainText(/chance of this path\s*1\/6/)
})
