import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ApiDocs } from '../kubectl/index.js'

/** The API's documentation, read when it is first asked for. Written by scripts/generateKubeTypes.ts. */
export function readApiDocs(): ApiDocs {
  const root = process.env['PODPATH_ROOT'] ?? fileURLToPath(new URL('../..', import.meta.url))
  // Our own generator wrote it.
  return JSON.parse(readFileSync(join(root, 'src', 'generated', 'kubeDocs.json'), 'utf8')) as ApiDocs
}
