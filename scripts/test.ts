/**
 * `npm test`: everything that must hold. Finds or installs what the tests need (a Chromium; as root also iptables, nftables and conntrack),
 * says first what it is about to install and afterwards what it skipped. `PODPATH_NO_INSTALL=1` forbids installing.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { prepareMachine } from './prepareMachine.js'

interface Stage {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  /** Why it cannot run here; told at the end. */
  readonly skip?: string | undefined
}

const machine = prepareMachine()
const bin = (name: string): string => `node_modules/.bin/${name}`

const stages: readonly Stage[] = [
  { name: 'format and lint', command: [bin('biome'), 'check', '--error-on-warnings', '.'] },
  { name: 'import directions', command: [bin('tsx'), 'scripts/checkImports.ts'] },
  { name: 'types: simulation without DOM', command: [bin('tsc'), '-p', 'src/sim'] },
  { name: 'types', command: [bin('tsc'), '-p', '.'] },
  { name: 'unit and property tests', command: [bin('vitest'), 'run', '--project', 'unit'] },
  { name: 'conformance', command: [bin('vitest'), 'run', '--project', 'conformance'] },
  { name: 'kernel', command: [bin('vitest'), 'run', '--project', 'kernel'], skip: machine.kernelMissing },
  { name: 'build', command: [bin('vite'), 'build', '--logLevel', 'warn'] },
  { name: 'size budget', command: [bin('tsx'), 'scripts/checkSize.ts'] },
  { name: 'end to end', command: [bin('playwright'), 'test'], skip: machine.browserMissing },
]

if (!existsSync('src/generated/startPicture.ts')) execFileSync('npm', ['run', '-s', 'prepare'], { stdio: 'inherit' })

const failed: string[] = []
for (const stage of stages) {
  if (stage.skip !== undefined) continue
  process.stdout.write(`\n== ${stage.name}\n`)
  const started = process.hrtime.bigint()
  const [command, ...args] = stage.command
  const result = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...machine.env } })
  const seconds = Number(process.hrtime.bigint() - started) / 1e9
  process.stdout.write(`== ${stage.name}: ${result.status === 0 ? 'passed' : 'FAILED'} in ${seconds.toFixed(1)} s\n`)
  if (result.status !== 0) failed.push(stage.name)
}

const skipped = stages.filter((stage) => stage.skip !== undefined)
process.stdout.write('\n')
for (const { name, skip } of skipped) process.stdout.write(`skipped: ${name}: ${skip}\n`)
for (const name of failed) process.stdout.write(`failed: ${name}\n`)
const passed = stages.length - skipped.length - failed.length
process.stdout.write(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped\n`)
process.exit(failed.length === 0 ? 0 : 1)
