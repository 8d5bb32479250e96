import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { Batch } from '../../cli/batch.js'
import { splitWords } from '../../scenario/index.js'
import { maskText } from './mask.js'

interface SessionStep {
  readonly n: number
  readonly id: string
  readonly command: string
  readonly manifests?: string
  readonly waitBefore?: number
  readonly expect?: { readonly exit: number; readonly stdout: string; readonly stderr: string }
}

interface Answer {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

const data = (name: string): string => readFileSync(fileURLToPath(new URL(`data/${name}`, import.meta.url)), 'utf8')

/** Where the sandbox stood when this number was written; raise it, never lower it. */
const FLOOR = 152

it('[KUBECTL1] answers as the real kubectl does in one long session', { timeout: 120_000 }, () => {
  const { steps } = JSON.parse(data('session.json')) as {
    readonly steps: readonly (SessionStep & { readonly marker?: string })[]
  }
  const batch = new Batch()
  const ask = (verb: string, args: readonly string[], files: Readonly<Record<string, string>>): Answer =>
    JSON.parse(batch.answer(JSON.stringify({ id: 0, verb, args, files, session: 's' }))) as Answer
  const nodes: unknown = JSON.parse(data('initial-nodes.json'))
  ask('kubectl', ['version'], { 'nodes.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: nodes }) })
  const failing: string[] = []
  const details: string[] = []
  let passing = 0
  for (const step of steps) {
    if (step.marker !== undefined) {
      const file = /kubectl delete -f (\d+)-/.exec(step.marker)?.[1]
      const manifests = steps.find((each) => each.n === Number(file))?.manifests
      if (manifests !== undefined) ask('kubectl', ['delete', '-f', 'manifests.yaml'], { 'manifests.yaml': manifests })
      continue
    }
    if ((step.waitBefore ?? 0) > 0) ask('wait', [`${step.waitBefore}s`], {})
    const files = step.manifests === undefined ? {} : { 'manifests.yaml': step.manifests }
    const answer = ask('kubectl', splitWords(step.command).slice(1), files)
    if (step.expect === undefined) continue
    const wanted = [step.expect.exit, maskText(step.expect.stdout), maskText(step.expect.stderr)]
    const got = [answer.exit, maskText(answer.stdout), maskText(answer.stderr)]
    if (JSON.stringify(wanted) === JSON.stringify(got)) passing++
    else {
      failing.push(`${step.n} ${step.id}`)
      details.push(
        `## ${step.n} ${step.command}\n-- wanted ${step.expect.exit}\n${step.expect.stdout}${step.expect.stderr}\n-- got ${answer.exit}\n${answer.stdout}${answer.stderr}`,
      )
    }
  }
  if (process.env['PODPATH_SHOW'] !== undefined) process.stdout.write(`${details.join('\n')}\n`)
  expect(passing, `failing: ${failing.join(', ')}`).toBeGreaterThanOrEqual(FLOOR)
})
