import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { START_INPUT } from '../src/generated/startScenario.js'
import { expect, stillTest as test } from './page.js'

/** What `npm run -s podpath -- ARGS...` prints. */
function podpath(...args: readonly string[]): string {
  return execFileSync('npm', ['run', '-s', 'podpath', '--', ...args], { encoding: 'utf8', timeout: 50_000 }).trim()
}

function withFile<T>(text: string, use: (name: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'podpath-'))
  try {
    const name = join(folder, 'scenario.yaml')
    writeFileSync(name, text)
    return use(name)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('the page’s digest is the command line’s: the built-in scenario, settled', async ({ sandbox }) => {
  await sandbox.open()
  const [file] = START_INPUT.files
  const printed = withFile(file?.text ?? '', (name) => podpath('digest', name))
  expect(printed).toMatch(/^[0-9a-f]{16,}$/)
  expect(await sandbox.digest()).toBe(printed)
})

test('the page’s digest is the command line’s: a scenario printed from a link', async ({ sandbox }) => {
  await sandbox.open('#/scenario/who-tells-iptables')
  const digest = await sandbox.digest()
  const link = await sandbox.shareLink()
  const text = podpath('open', link)
  expect(text).toContain('name: who-tells-iptables')
  expect(withFile(text, (name) => podpath('digest', name))).toBe(digest)
})
