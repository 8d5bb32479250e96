/** `npm start`: builds the page and serves it on http://localhost:4173, or the next free port. */
import { build, preview } from 'vite'

await build({ logLevel: 'warn' })
const server = await preview({ preview: { port: 4173, strictPort: false, host: 'localhost' } })
const address = server.resolvedUrls?.local[0] ?? 'http://localhost:4173/'
process.stdout.write(`Podpath: ${address.replace(/\/$/, '')}\n`)
