/**
 * Writes `src/generated/startPicture.ts`: what the worker answers to the page's first `open`, by asking it. The page draws it while the
 * worker is still on its way, and replaces it by the worker's own answer, which is the same (a test compares them).
 */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { START_ID } from '../src/generated/startScenario.js'
import { PROTOCOL_VERSION } from '../src/protocol/messages.js'
import { createDesk } from '../src/worker/desk.js'

const answer = await createDesk()({
  requestId: 0,
  type: 'open',
  source: { type: 'builtin', id: START_ID },
  protocolVersion: PROTOCOL_VERSION,
})
if (answer.type !== 'opened') throw new Error(`the start scenario does not open: ${answer.type}`)

const out = join(dirname(fileURLToPath(import.meta.url)), '..', 'src', 'generated', 'startPicture.ts')
writeFileSync(
  out,
  `// Written by scripts/generateStartPicture.ts. Do not edit; do not commit.
import type { WorkerMessage } from '../protocol/index.js'

export const START_PICTURE = ${JSON.stringify(answer)} as unknown as Extract<WorkerMessage, { readonly type: 'opened' }>
`,
)
process.stdout.write('start picture: written\n')
