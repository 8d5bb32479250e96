/**
 * Requests per second through one Service, every one a new connection: ours, traced rule by rule, beside `@ngrok/webernetes`, the other
 * Kubernetes in TypeScript, untraced. That package can only be imported through a bundler, so both are.
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

/** Requests per second over so many milliseconds. */
type Measure = (forMs: number) => number | Promise<number>

const WARM_UP_MS = 1_500
const TURN_MS = 300
const TURNS = 9
const here = dirname(fileURLToPath(import.meta.url))

/** Figures for `npm run bench`. */
export async function benchNeighbour(): Promise<Record<string, number>> {
  const both = { ours: await open('podpath.ts'), theirs: await open('webernetes.mjs') }
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

/** Opens one of the two, bundled as our own command line is. */
async function open(name: string): Promise<Measure> {
  const outfile = join(here, '..', '..', 'node_modules', '.cache', 'podpath', `bench-${name}.mjs`)
  mkdirSync(dirname(outfile), { recursive: true })
  await build({
    entryPoints: [join(here, name)],
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile,
    logLevel: 'error',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
  })
  const module: { readonly open?: () => Measure | Promise<Measure> } = await import(pathToFileURL(outfile).href)
  if (module.open === undefined) throw new Error('the bundle has no open')
  return module.open()
}
