/**
 * Requests per second through one Service, every one a new connection: ours, traced rule by rule, beside `@ngrok/webernetes`, the other
 * Kubernetes in TypeScript, untraced. That package can only be imported through a bundler.
 */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { builtinScenario, readScenario } from '../../src/scenario/index.js'
import { openSession, toSessionInput } from '../../src/session/index.js'
import { traceRequest } from '../../src/sim/index.js'

const FOR_MS = 2_000
const REQUESTS = 20_000
const here = dirname(fileURLToPath(import.meta.url))

/** Figures for `npm run bench`. */
export async function benchNeighbour(): Promise<Record<string, number>> {
  const ours = measureOurs()
  const theirs = await measureTheirs()
  return {
    'requests.perSecond.oursTraced': Math.round(ours),
    'requests.perSecond.webernetesUntraced': Math.round(theirs),
    'requests.oursToTheirs': Math.round((ours / theirs) * 100) / 100,
  }
}

function measureOurs(): number {
  const input = readScenario(builtinScenario('default') ?? [])
  if (!input.ok) throw new Error('the default scenario does not read')
  const { world } = openSession(toSessionInput(input.value)).history
  const send = (count: number): void => {
    const traced = traceRequest(world, { kind: 'request', from: 'client', to: '172.18.0.11:30080', proto: 'tcp' }, { count })
    if (!traced.ok || Object.keys(traced.value.counts ?? {}).length !== 2) throw new Error('the requests did not reach both Pods')
  }
  send(REQUESTS)
  const started = performance.now()
  send(REQUESTS)
  return REQUESTS / ((performance.now() - started) / 1_000)
}

async function measureTheirs(): Promise<number> {
  const outfile = join(here, '..', '..', 'node_modules', '.cache', 'podpath', 'webernetes.mjs')
  mkdirSync(dirname(outfile), { recursive: true })
  await build({
    entryPoints: [join(here, 'webernetes.mjs')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile,
    logLevel: 'error',
  })
  const module: { readonly measure?: (forMs: number) => Promise<number> } = await import(pathToFileURL(outfile).href)
  if (module.measure === undefined) throw new Error('the bundle has no measure')
  return module.measure(FOR_MS)
}
