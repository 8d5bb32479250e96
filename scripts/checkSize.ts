/**
 * What the page loads before the first graph must stay within the budget: the scripts that index.html names, all that those import
 * statically, and the largest language, each gzipped. The worker is fetched once the first graph is painted (state/client.ts,
 * releaseWorker) and has a budget of its own. Canaries prove that the check still finds what it is to keep out.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const BUDGET_KB = 350
/** The whole API server is in it, which judges every field and prints tables, and all of kubectl: 318 kB. Nobody waits for it to see the picture. */
const WORKER_BUDGET_KB = 325
const assets = join('dist', 'assets')

const read = (name: string): string => readFileSync(join(assets, name), 'utf8')
const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'))

/** A chunk with all that it imports statically. */
function closure(name: string, seen: Set<string>): Set<string> {
  if (seen.has(name) || !scripts.includes(name)) return seen
  seen.add(name)
  for (const match of read(name).matchAll(/(?:\bfrom|\bimport)\s*["']\.\/([^"']+\.js)["']/g)) closure(match[1] ?? '', seen)
  return seen
}

const entries = [...readFileSync(join('dist', 'index.html'), 'utf8').matchAll(/assets\/([^"']+\.js)/g)].map(
  (match) => match[1] ?? '',
)
const first = new Set<string>()
for (const entry of entries) closure(entry, first)
const workers = scripts.filter((name) => /^main-.*\.js$/.test(name) && !first.has(name) && read(name).includes('KUBE-SERVICES'))
const problems: string[] = []
if (entries.length === 0) problems.push('index.html names no script')
if (workers.length !== 1) problems.push(`expected one simulation worker, found ${workers.length}`)
const kilobytes = (name: string): number => gzipSync(readFileSync(join(assets, name)), { level: 9 }).length / 1024
const tell = (size: number, text: string): void => void process.stdout.write(`${size.toFixed(1).padStart(8)} kB  ${text}\n`)

const languages = scripts.filter((name) => /^(en|zh-TW|zh-CN)-.*\.js$/.test(name)).sort((a, b) => kilobytes(b) - kilobytes(a))
if (languages.length !== 3) problems.push(`expected three languages, found ${languages.length}`)
if (languages[0] !== undefined) closure(languages[0], first)
const early = new Set<string>()
for (const name of workers) closure(name, early)
for (const name of workers) if (first.has(name)) problems.push(`${name}: the worker would load before the first graph`)

let total = 0
for (const name of [...first].sort()) {
  total += kilobytes(name)
  tell(kilobytes(name), name)
}
tell(total, `before the first graph; budget ${BUDGET_KB} kB`)
if (total > BUDGET_KB) problems.push(`${total.toFixed(1)} kB is over the budget of ${BUDGET_KB} kB`)
const workerTotal = [...early].reduce((sum, name) => sum + kilobytes(name), 0)
tell(workerTotal, `worker, right after it; budget ${WORKER_BUDGET_KB} kB`)
if (workerTotal > WORKER_BUDGET_KB)
  problems.push(`the worker's ${workerTotal.toFixed(1)} kB are over its budget of ${WORKER_BUDGET_KB} kB`)

const isMonaco = (text: string): boolean => text.includes('monaco-editor') || text.includes('vs/editor')
for (const name of first) if (isMonaco(read(name))) problems.push(`${name} holds Monaco, which must come after the graph`)
if (!scripts.some((name) => !first.has(name) && isMonaco(read(name))))
  problems.push('canary: no later chunk holds Monaco, so the check sees nothing')
for (const name of workers) if (/react-dom|createRoot/.test(read(name))) problems.push(`${name}: the worker holds React`)

for (const problem of problems) process.stderr.write(`${problem}\n`)
process.exit(problems.length === 0 ? 0 : 1)
