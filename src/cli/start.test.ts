import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const BIN = fileURLToPath(new URL('../../bin/podpath.mjs', import.meta.url))

function podpath(...args: readonly string[]): {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
} {
  return spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8' })
}

it('starts from wherever it is called, and tells its verbs', { timeout: 30_000 }, () => {
  const help = podpath('help')
  expect(help.status).toBe(0)
  expect(help.stdout).toContain('trace FILE... --from WHO --to WHERE')
  expect(podpath()).toMatchObject({ status: 2, stdout: '' })
  expect(podpath('kubectl', 'get', 'pods')).toMatchObject({ status: 2, stderr: "kubectl's own words stand behind --\n" })
})
