/** `npm start`: builds the page and serves it on http://localhost:4173, or the next free port. */
import { build, preview } from 'vite'

await build({ logLevel: 'warn' })
// Not the name: it may stand for ::1 alone, where http://127.0.0.1 finds nobody. Who asks for localhost tries both.
const server = await preview({ preview: { port: 4173, strictPort: false, host: '127.0.0.1' } })
const address = server.resolvedUrls?.local[0] ?? 'http://localhost:4173/'
process.stdout.write(`Podpath: ${address.replace('127.0.0.1', 'localhost').replace(/\/$/, '')}\n`)
