/**
 * Keeps the house's arrows: each room imports only from the rooms before it (ARCHITECTURE.md, "The house").
 * Prints every import that goes the wrong way, with where to go instead, and exits 1.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const src = join(root, 'src')

/** Room to the rooms it may import from; its own room always. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  generated: ['scenario', 'protocol'],
  'sim/core': [],
  'sim/net': ['sim/core'],
  'sim/kube': ['sim/core', 'sim/net', 'sim/cni', 'sim/workload', 'generated'],
  'sim/cni': ['sim/core', 'sim/net', 'sim/kube', 'generated'],
  'sim/workload': ['sim/core', 'sim/net', 'sim/kube', 'generated'],
  sim: ['sim/core', 'sim/net', 'sim/kube', 'sim/cni', 'sim/workload', 'generated'],
  scenario: ['sim', 'generated'],
  kubectl: ['sim', 'scenario', 'generated'],
  session: ['sim', 'scenario', 'kubectl', 'generated'],
  protocol: ['sim', 'scenario', 'kubectl', 'session', 'generated'],
  worker: ['sim', 'scenario', 'kubectl', 'session', 'protocol', 'generated'],
  cli: ['sim', 'scenario', 'kubectl', 'session', 'protocol'],
  i18n: ['protocol'],
  state: ['protocol', 'i18n', 'worker', 'generated'],
  ui: ['state', 'protocol', 'i18n', 'generated'],
}

/** What no file of a room may import, whatever the arrows say. */
const PACKAGE_RULES: readonly { readonly room: RegExp; readonly allowed: RegExp; readonly why: string }[] = [
  {
    room: /^(sim|scenario|kubectl|session|protocol)/,
    allowed: /^(yaml|fflate|valibot)$/,
    why: 'the simulation and its neighbours are plain TypeScript',
  },
]

function roomOf(file: string): string {
  const parts = relative(src, file).split('/')
  if (parts.length === 1) return 'ui'
  if (parts[0] === 'sim') return parts.length === 2 ? 'sim' : `sim/${parts[1]}`
  return parts[0] ?? ''
}

function* sources(directory: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) yield* sources(path)
    else if (/\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name)) yield path
  }
}

const faults: string[] = []
for (const file of sources(src)) {
  const room = roomOf(file)
  if (room === 'testing') continue
  const text = readFileSync(file, 'utf8')
  for (const match of text.matchAll(
    /^(?:import|export)\s[^'"]*?from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)/gm,
  )) {
    const target = match[1] ?? match[2] ?? match[3] ?? ''
    const where = `${relative(root, file)}: '${target}'`
    if (!target.startsWith('.')) {
      for (const rule of PACKAGE_RULES) {
        if (rule.room.test(room) && !rule.allowed.test(target)) faults.push(`${where}: ${rule.why}`)
      }
      continue
    }
    const path = resolve(dirname(file), target.replace(/\.js$/, '.ts').replace(/\?.*$/, ''))
    if (!path.startsWith(src)) continue
    const to = roomOf(path)
    if (to === room) continue
    const allowed = MAY_IMPORT[room] ?? []
    const isDoor = to !== 'sim' || relative(src, path) === 'sim/index.ts'
    if (to.startsWith('sim/') && !room.startsWith('sim')) faults.push(`${where}: go through the door, src/sim/index.ts`)
    else if (!allowed.includes(to))
      faults.push(`${where}: ${room} may not import from ${to} (allowed: ${allowed.join(', ') || 'nothing'})`)
    else if (!isDoor) faults.push(`${where}: go through the door, src/sim/index.ts`)
  }
}
if (faults.length > 0) {
  process.stderr.write(`${faults.join('\n')}\n`)
  process.exit(1)
}
process.stdout.write('imports: every arrow goes the right way\n')
