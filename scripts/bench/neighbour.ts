/**
 * Requests per second through one Service, every one a new connection: ours, traced rule by rule, beside `@ngrok/webernetes`, the other
 * Kubernetes in TypeScript, untraced. That package can only be imported through a bundler.
 *
 * Ours goes from a client outside through the gateway to a NodePort, to a Pod on either of two Nodes, and back. Of every request,
 * on both ways, are recorded: each hook of each Node with its devices, each rule that matched and each policy that decided, conntrack's
 * findings, each rewrite, route, link, bridge and socket. Each takes a source port of its own, draws its endpoint, gets its entries in
 * the Nodes' connection tables, and has its record handed over before the next one begins. Texts and steps are made of a record when
 * somebody reads it, which nobody does here.
 *
 * The two take turns, so that what else the machine does meets both alike; the figures are medians of their turns.
 */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { builtinScenario, readScenario } from '../../src/scenario/index.js'
import { openSession, toSessionInput } from '../../src/session/index.js'
import { traceRequest } from '../../src/sim/index.js'

/** Requests per second over so many milliseconds. */
type Measure = (forMs: number) => number | Promise<number>

const WARM_UP_MS = 1_500
const TURN_MS = 300
const TURNS = 9
/** Requests between two looks at the clock. */
const BATCH = 1_000
/** A record that is shorter was not made: a request meets some twenty rules alone. */
const FEWEST_NOTES = 40
const here = dirname(fileURLToPath(import.meta.url))

/** Figures for `npm run bench`. */
export async function benchNeighbour(): Promise<Record<string, number>> {
  const both = { ours: openOurs(), theirs: await openTheirs() }
  const ours: number[] = []
  const theirs: number[] = []
  await both.ours(WARM_UP_MS)
  await both.theirs(WARM_UP_MS)
  for (let turn = 0; turn < TURNS; turn++) {
    ours.push(await both.ours(TURN_MS))
    theirs.push(await both.theirs(TURN_MS))
  }
  return {
    'requests.perSecond.oursTraced': Math.round(median(ours)),
    'requests.perSecond.webernetesUntraced': Math.round(median(theirs)),
    'requests.oursToTheirs': Math.round((median(ours) / median(theirs)) * 100) / 100,
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function openOurs(): Measure {
  const input = readScenario(builtinScenario('default') ?? [])
  if (!input.ok) throw new Error('the default scenario does not read')
  const { world } = openSession(toSessionInput(input.value)).history
  const spec = { kind: 'request', from: 'client', to: '172.18.0.11:30080', proto: 'tcp' } as const
  const send = (): void => {
    let recorded = 0
    const record = (notes: readonly unknown[]): void => {
      recorded += notes.length
    }
    const traced = traceRequest(world, spec, { count: BATCH, record })
    if (!traced.ok || Object.keys(traced.value.counts ?? {}).length !== 2) throw new Error('the requests did not reach both Pods')
    if (recorded < BATCH * FEWEST_NOTES) throw new Error('the requests were not recorded')
  }
  return (forMs) => {
    let sent = 0
    const started = performance.now()
    for (; performance.now() - started < forMs; sent += BATCH) send()
    return sent / ((performance.now() - started) / 1_000)
  }
}

async function openTheirs(): Promise<Measure> {
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
  const module: { readonly open?: () => Promise<Measure> } = await import(pathToFileURL(outfile).href)
  if (module.open === undefined) throw new Error('the bundle has no open')
  return module.open()
}
