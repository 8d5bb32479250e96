import { expect, stillTest as test } from './page.js'

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1280, height: 720 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
] as const

for (const size of SIZES)
  test.describe(`${size.width}×${size.height}`, () => {
    test.use({ viewport: size })

    test('everything is reachable by its name, nothing scrolls sideways, the picture fits', async ({ sandbox, page }) => {
      await sandbox.open()
      for (const name of [
        'Send request',
        'Explore',
        'Why',
        'Break',
        'Start over',
        'Share',
        'Scenarios',
        'Step back',
        'Step forward',
      ])
        await expect(sandbox.button(name).first()).toBeVisible()
      for (const name of ['Play', 'To start', 'To end', 'Undo']) await expect(sandbox.button(name)).toBeVisible()
      for (const name of ['Level', 'Speed', 'Following', 'Language']) await expect(sandbox.combobox(name)).toBeVisible()
      await expect(sandbox.slider).toBeVisible()
      await expect(sandbox.explanation).toBeVisible()
      for (const [panel, tab, found] of [
        ['Steps', 'Steps', sandbox.steps],
        ['Manifest editor', 'Manifests', sandbox.editor],
        ['Outline', 'Outline', sandbox.outline],
      ] as const) {
        if ((await found.count()) === 0) await page.getByRole('tab', { name: tab, exact: true }).click()
        await expect(found, panel).toBeAttached()
      }
      if ((await sandbox.inspector.count()) === 0)
        await page
          .getByRole('tab', { name: 'Details', exact: true })
          .or(page.getByRole('button', { name: 'Inspector', exact: true }))
          .first()
          .click()
      await expect(sandbox.inspector).toBeVisible()
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      expect(overflow).toBeLessThanOrEqual(0)
    })

    test('the default scenario fits, and a request can be followed', async ({ sandbox }) => {
      await sandbox.open()
      const room = await sandbox.graph.boundingBox()
      if (room === null) throw new Error('no graph')
      for (const name of [
        'Client 203.0.113.7',
        'Load balancer default/web',
        'API server',
        'Node node1',
        'Node node2',
        'Node node3',
      ]) {
        const box = await sandbox.thing(name).boundingBox()
        expect(box, name).not.toBeNull()
        if (box === null) continue
        expect(box.x, name).toBeGreaterThanOrEqual(room.x - 1)
        expect(box.x + box.width, name).toBeLessThanOrEqual(room.x + room.width + 1)
        expect(box.y, name).toBeGreaterThanOrEqual(room.y - 1)
        if (size.width > 400) expect(box.y + box.height, name).toBeLessThanOrEqual(room.y + room.height + 1)
      }
      await sandbox.sendRequest()
      await sandbox.move('Step forward')
      await sandbox.toEnd()
      await expect(sandbox.explanation).toContainText(/^Done: /)
    })
  })
