/**
 * `npm run bench`: the project's figures, medians of five where chance has a part. `-- --json` prints one object, name to number.
 * Nothing here can fail a test run. What needs a browser is left out, and said, where there is none.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'
import { builtinScenario, readScenario } from '../../src/scenario/index.js'
import { act, openSession, seekEnd, seekStep, sessionDigest, toSessionInput } from '../../src/session/index.js'
import { BROWSER_FLAGS } from '../browserFlags.js'
import { benchNeighbour } from './neighbour.js'
import { packetsPerSecond } from './packets.js'
import { benchProxy } from './proxy.js'
import { benchScale } from './scale.js'

type Figures = Record<string, number>

const RUNS = 5
const PORT = 4187

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

function time(work: () => void): number {
  const started = performance.now()
  work()
  return performance.now() - started
}

const round = (value: number): number => Math.round(value * 100) / 100

function openStart() {
  const input = readScenario(builtinScenario('first-request') ?? [])
  if (!input.ok) throw new Error('the start scenario does not read')
  return openSession(toSessionInput(input.value))
}

const REQUEST = { type: 'request', request: { from: 'client', to: 'service/default/web:80', proto: 'tcp' } } as const

function measureSession(): Figures {
  const bringUp = Array.from({ length: RUNS }, () => time(() => void openStart()))
  const session = openStart()
  const request = time(() => void act(session, REQUEST))
  seekEnd(session)
  const ids = session.history.steps.map((step) => step.id)
  const steps = [...ids, ...ids.toReversed()].map((id) => time(() => seekStep(session, id)))
  return {
    'session.bringUpMs': round(median(bringUp)),
    'session.requestMs': round(request),
    'session.seekP95Ms': round(percentile(steps, 0.95)),
  }
}

function measureNetwork(): Figures {
  const figures: Figures = {}
  const rates = new Map<number, number>()
  for (const services of [10, 1_000, 10_000]) {
    const rate = packetsPerSecond(services)
    rates.set(services, rate)
    figures[`packets.perSecond.${services}Services`] = Math.round(rate)
  }
  const ten = rates.get(10) ?? Number.NaN
  figures['packets.costRatio.1000to10'] = round(ten / (rates.get(1_000) ?? Number.NaN))
  figures['packets.costRatio.10000to10'] = round(ten / (rates.get(10_000) ?? Number.NaN))
  return figures
}

async function measurePage(executablePath: string): Promise<Figures> {
  const server = spawn('node_modules/.bin/vite', ['preview', '--port', String(PORT), '--strictPort'], { stdio: 'ignore' })
  const url = `http://localhost:${PORT}/`
  try {
    await waitFor(url)
    const browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS })
    const first: number[] = []
    const steps: number[] = []
    const applies: number[] = []
    let digest = ''
    for (let run = 0; run < RUNS; run++) {
      const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
      await page.goto(url, { waitUntil: 'commit' })
      await page.getByLabel('Node node1', { exact: true }).first().waitFor()
      first.push(await page.evaluate(() => performance.now()))
      await page.evaluate(() => window.podpath.ready)
      digest = await page.evaluate(() => window.podpath.digest())
      await page.getByRole('button', { name: 'Send request' }).first().click()
      await page.getByRole('button', { name: 'Pause' }).click()
      await page.getByRole('combobox', { name: 'Level', exact: true }).selectOption('rules')
      for (let step = 0; step < 20; step++) steps.push(await clickUntilMoved(page, step < 10 ? 'Step forward' : 'Step back'))
      applies.push(await timeApply(page))
      await page.context().close()
    }
    await browser.close()
    return {
      'page.firstGraphMs': round(median(first)),
      'page.stepP95Ms': round(percentile(steps, 0.95)),
      'page.applyToFirstChangeMs': round(median(applies)),
      'digest.nodeEqualsChromium': digest === sessionDigest(openStart()) ? 1 : 0,
    }
  } finally {
    server.kill()
  }
}

type BenchPage = Awaited<ReturnType<Awaited<ReturnType<typeof chromium.launch>>['newPage']>>

/** Milliseconds, measured in the page, from a click on a transport button until the position has moved. */
function clickUntilMoved(page: BenchPage, name: string): Promise<number> {
  return page.evaluate(async (label) => {
    const button = [...document.querySelectorAll('button')].find(
      (each) => (each.getAttribute('aria-label') ?? each.textContent) === label,
    )
    const before = window.podpath.position().step
    const started = performance.now()
    button?.click()
    while (window.podpath.position().step === before && performance.now() - started < 2_000) {
      await new Promise((resolve) => requestAnimationFrame(resolve))
    }
    return performance.now() - started
  }, name)
}

async function timeApply(page: BenchPage): Promise<number> {
  await page.getByRole('button', { name: 'Apply', exact: true }).waitFor()
  await page.locator('.monaco-editor').first().waitFor()
  return clickUntilMoved(page, 'Apply')
}

async function waitFor(url: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const answered = await fetch(url).then(
      (response) => response.ok,
      () => false,
    )
    if (answered) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`nothing answers at ${url}`)
}

const executablePath = process.env['PODPATH_CHROMIUM'] ?? '/usr/bin/chromium'
const figures: Figures = {
  ...measureSession(),
  ...measureNetwork(),
  ...benchProxy(),
  ...benchScale(),
  ...(await benchNeighbour()),
}
if (existsSync(executablePath) && existsSync('dist/index.html')) Object.assign(figures, await measurePage(executablePath))
else process.stderr.write('left out: figures of the page (needs Chromium, and `npm run build` before)\n')

const text = process.argv.includes('--json')
  ? `${JSON.stringify(figures)}\n`
  : Object.entries(figures)
      .map(([name, value]) => `${name.padEnd(36)} ${value}\n`)
      .join('')
// The neighbour's cluster has timers of its own that would go on for ever.
process.stdout.write(text, () => process.exit(0))
