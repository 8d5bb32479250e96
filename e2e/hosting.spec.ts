import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, stillTest as test } from './page.js'

const UNDER = '/some/path/'

/** Serves what the base address serves under another path alone, as a static host with sub-paths does. */
async function serveUnder(base: string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (!pathname.startsWith(UNDER)) {
      response.writeHead(404).end()
      return
    }
    void fetch(`${base}/${pathname.slice(UNDER.length)}`).then(async (file) => {
      response.writeHead(file.status, { 'content-type': file.headers.get('content-type') ?? 'text/plain' })
      response.end(Buffer.from(await file.arrayBuffer()))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  return server
}

test('the page works from a sub-path, its links stay there, and no request leaves it', async ({ sandbox, page, baseURL }) => {
  const server = await serveUnder(baseURL ?? '')
  try {
    const { port } = server.address() as AddressInfo
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(`http://localhost:${port}${UNDER}`)
    await sandbox.ready()
    await sandbox.manifests.waitFor()
    await sandbox.sendRequest()
    await sandbox.toEnd()
    const link = await sandbox.shareLink()
    expect(link).toContain(`http://localhost:${port}${UNDER}#/s/`)
    const outside = asked.filter((url) => url.startsWith('http') && !url.startsWith(`http://localhost:${port}${UNDER}`))
    expect(outside.filter((url) => !url.endsWith('/favicon.ico'))).toEqual([])
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

test('embedded: the picture and the transport, without the chrome', async ({ sandbox, page }) => {
  await sandbox.open('?embed=1#/scenario/node-without-pod')
  await expect(sandbox.thing('Node node3')).toBeVisible()
  await expect(sandbox.button('Send request')).toBeVisible()
  await expect(sandbox.button('Scenarios')).toHaveCount(0)
  await expect(sandbox.editor).toHaveCount(0)
  await sandbox.sendRequest()
  await sandbox.toEnd()
  await expect(sandbox.explanation).not.toBeEmpty()
  await expect(page).toHaveTitle(/The Node without a Pod/)
})

test('embedded: Why shows its reasons beside the picture, and can be put away again', async ({ sandbox }) => {
  await sandbox.open('?embed=1#/scenario/node-without-pod')
  await sandbox.sendRequest()
  await sandbox.toEnd()
  await expect(sandbox.inspector).toHaveCount(0)
  await sandbox.button('Why').click()
  await expect(sandbox.inspector.getByRole('heading', { name: 'What decided' })).toBeVisible()
  await expect(sandbox.button('Why')).toHaveAttribute('aria-pressed', 'true')
  await sandbox.button('Close').click()
  await expect(sandbox.inspector).toHaveCount(0)
  await expect(sandbox.button('Why')).toHaveAttribute('aria-pressed', 'false')
})
