import type { Locator, Page } from '@playwright/test'
import { expect, stillTest as test } from './page.js'

const WORDS = {
  en: { send: 'Send request', read: 'Read on (1 of 4)', next: 'Next', act: 'Send the request', why: 'Why', details: 'Inspector' },
  'zh-TW': { send: '送出請求', read: '讀故事 1/4', next: '下一段', act: '送出這個請求', why: '為什麼', details: '詳細資訊' },
  'zh-CN': { send: '发送请求', read: '读故事 1/4', next: '下一段', act: '发送这个请求', why: '为什么', details: '详情' },
} as const

type Language = keyof typeof WORDS

const LANGUAGES: readonly Language[] = ['en', 'zh-TW', 'zh-CN']

async function open(page: Page, language: Language): Promise<void> {
  await page.goto(`/?lang=${language}`)
  await page.evaluate(() => window.podpath.ready)
}

/** The middle of a control, as a thumb meets it: is it this control that is there, within the page's first view? */
async function canBeTouched(control: Locator): Promise<boolean> {
  return control.evaluate((element) => {
    const { x, y, width, height } = element.getBoundingClientRect()
    const there = document.elementFromPoint(x + width / 2, y + height / 2)
    return width >= 24 && height >= 24 && there !== null && (element.contains(there) || there.contains(element))
  })
}

async function boxOf(locator: Locator) {
  const box = await locator.boundingBox()
  if (box === null) throw new Error('not on the page')
  return box
}

test.describe('a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

  for (const language of LANGUAGES)
    test(`the first screen holds the story, the picture and the sending control: ${language}`, async ({ sandbox, page }) => {
      const words = WORDS[language]
      await open(page, language)
      const send = page.getByRole('button', { name: words.send, exact: true })
      await expect(send).toBeVisible()
      const read = page.getByRole('button', { name: words.read, exact: true })
      expect(await canBeTouched(read)).toBe(true)
      expect(await canBeTouched(send)).toBe(true)
      // Below the middle: where the thumb of the hand that holds the phone is.
      const at = await boxOf(send)
      expect(at.y).toBeGreaterThan(844 / 2)
      expect(at.y + at.height).toBeLessThan(844)
      for (const node of ['client/203.0.113.7', 'apiserver', 'node/node1', 'node/node2', 'node/node3'])
        await expect(page.locator(`[data-thing="${node}"]`), node).toBeInViewport({ ratio: 0.4 })
      const before = await sandbox.position()
      await send.tap()
      await expect.poll(async () => (await sandbox.position()).step).toBeGreaterThan(before.step)
      expect(await page.evaluate(() => scrollY)).toBe(0)
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    })

  for (const language of LANGUAGES)
    test(`the story is a touch away, and what it does is seen in the picture: ${language}`, async ({ sandbox, page }) => {
      const words = WORDS[language]
      await open(page, language)
      await page.getByRole('button', { name: words.read, exact: true }).tap()
      await expect(page.getByRole('radio').first()).toBeInViewport()
      await page.getByRole('radio').first().tap()
      await page.getByRole('button', { name: words.next, exact: true }).tap()
      const act = page.getByRole('button', { name: words.act, exact: true })
      await expect(act).toBeInViewport()
      await sandbox.act(() => act.tap())
      await expect(page.locator('[data-thing="client/203.0.113.7"]')).toBeInViewport()
      await page.getByRole('button', { name: words.why, exact: true }).tap()
      await expect(page.getByRole('region', { name: words.details, exact: true })).toBeInViewport()
    })
})

test.describe('a small phone', () => {
  test.use({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true })

  test('the picture keeps its room, and what one needs first is there', async ({ sandbox, page }) => {
    await open(page, 'zh-TW')
    expect(await canBeTouched(page.getByRole('button', { name: WORDS['zh-TW'].send, exact: true }))).toBe(true)
    expect((await boxOf(page.getByRole('region', { name: '叢集圖' }))).height).toBeGreaterThan(200)
    await expect(page.locator('[data-thing="client/203.0.113.7"]')).toBeInViewport()
    await sandbox.settled()
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  })
})
