#!/usr/bin/env node
/**
 * The command line is TypeScript. Transforming several hundred modules at each start takes longer than what they do, so that they are bundled
 * once, under a name made of their sizes and times: another checkout, another bundle. Where none can be made (no esbuild, nowhere to write),
 * tsx runs the sources.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const source = join(root, 'src')
const cache = join(root, 'node_modules', '.cache', 'podpath')
const ROOMS = ['sim', 'scenario', 'kubectl', 'session', 'protocol', 'cli', 'generated']

/** Changes with every source file that changes. */
function stampOf() {
  const hash = createHash('sha256').update(process.version)
  for (const room of ROOMS) {
    for (const name of readdirSync(join(source, room), { recursive: true, encoding: 'utf8' }).sort()) {
      if (!/\.(?:ts|json)$/.test(name) || /(?:\.test\.ts$|\bconformance\b|\btestdata\b)/.test(name)) continue
      const { size, mtimeMs } = statSync(join(source, room, name))
      hash.update(`${room}/${name} ${size} ${mtimeMs}\n`)
    }
  }
  return hash.digest('hex').slice(0, 20)
}

async function bundle() {
  const file = join(cache, `cli-${stampOf()}.mjs`)
  if (existsSync(file)) return file
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    entryPoints: [join(source, 'cli', 'main.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    write: false,
    logLevel: 'silent',
    define: { 'process.env.PODPATH_ROOT': JSON.stringify(root) },
    // Packages in CommonJS form ask for Node's own modules this way.
    banner: {
      js: "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);",
    },
  })
  mkdirSync(cache, { recursive: true })
  for (const old of readdirSync(cache)) if (old.startsWith('cli-')) rmSync(join(cache, old), { force: true })
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, outputFiles[0].text)
  renameSync(fresh, file)
  return file
}

let entry
try {
  entry = pathToFileURL(await bundle()).href
} catch {
  const { register } = await import('tsx/esm/api')
  register()
  entry = '../src/cli/main.ts'
}
await import(entry)
