import { en } from '../src/i18n/en/index.js'
import { expect, stillTest as test } from './page.js'

const LANGUAGES = [
  { code: 'en', name: 'English', send: 'Send request', choice: 'Language' },
  { code: 'zh-TW', name: '繁體中文', send: '送出請求', choice: '語言' },
  { code: 'zh-CN', name: '简体中文', send: '发送请求', choice: '语言' },
] as const

const KEYS = Object.keys(en)

/** Texts and names of everything on the page that is ours to translate. */
function wordsOnPage(): { readonly texts: readonly string[]; readonly all: readonly string[] } {
  const texts: string[] = []
  const all: string[] = []
  const isOurs = (element: Element): boolean =>
    element.closest('[translate="no"], [lang="en"], .monaco-editor, option, style') === null
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const english = document.documentElement.lang === 'en'
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = (node.textContent ?? '').trim()
    const element = node.parentElement
    if (text === '' || element === null || element.closest('style, script, .monaco-editor') !== null) continue
    all.push(text)
    if (english || isOurs(element)) texts.push(text)
  }
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [aria-description]'))
    for (const name of ['aria-label', 'title', 'placeholder', 'aria-description']) {
      const text = element.getAttribute(name)?.trim() ?? ''
      if (text === '' || element.closest('.monaco-editor') !== null) continue
      all.push(text)
      if (isOurs(element) && name !== 'placeholder' && name !== 'aria-description') texts.push(text)
    }
  return { texts, all }
}

/** Chinese that is drawn smaller than 12 px, at zoom 1: what it says, and how small. */
function smallChinese(): readonly string[] {
  const small: string[] = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement
    if (element === null || !/\p{Script=Han}/u.test(node.textContent ?? '')) continue
    const size = Number.parseFloat(getComputedStyle(element).fontSize)
    if (size < 12 && element.getClientRects().length > 0) small.push(`${node.textContent}: ${size} px`)
  }
  return small
}

for (const { code, name, send } of LANGUAGES)
  test(`the page speaks ${name}: no raw key, no sentence of another language`, async ({ sandbox, page }) => {
    await page.goto(`/?lang=${code}`)
    await page.evaluate(() => window.podpath.ready)
    await expect(page.locator('html')).toHaveAttribute('lang', code)
    await sandbox.act(() => page.getByRole('button', { name: send, exact: true }).click())
    const sets = [await page.evaluate(wordsOnPage)]
    expect(await page.evaluate(smallChinese)).toEqual([])
    await page.locator('[data-thing="node/node1"]').first().press('Enter')
    sets.push(await page.evaluate(wordsOnPage))
    expect(await page.evaluate(smallChinese)).toEqual([])
    for (const { texts, all } of sets) {
      expect(all.filter((text) => KEYS.includes(text))).toEqual([])
      const rawKey = /^[a-z]+(\.[a-z-]+)+$/i
      expect(all.filter((text) => rawKey.test(text) && !/^(web|kubernetes|pod|default)\./.test(text))).toEqual([])
      // Five words of Latin letters on end are an English sentence.
      if (code !== 'en') expect(texts.filter((text) => /[A-Za-z]{2,}( [a-z]{2,}){4,}/.test(text))).toEqual([])
    }
    const wholePage = sets.flatMap(({ all }) => all).join('\n')
    if (code === 'en') expect(wholePage.replace(/繁體中文|简体中文/g, '')).not.toMatch(/\p{Script=Han}/u)
    if (code === 'zh-TW') expect(wholePage.replace('简体中文', '')).not.toMatch(/[请发节这说时会还应处]/u)
    if (code === 'zh-CN') expect(wholePage.replace('繁體中文', '')).not.toMatch(/[請發節這說時會還應處]/u)
  })

test('the language is chosen on the page, and remembered', async ({ sandbox, page }) => {
  await sandbox.open()
  let before = 'Language'
  for (const { code, name, send, choice } of LANGUAGES.toReversed()) {
    await page.getByRole('combobox', { name: before, exact: true }).selectOption(name)
    before = choice
    await expect(page.locator('html')).toHaveAttribute('lang', code)
    await expect(page.getByRole('button', { name: send, exact: true })).toBeVisible()
    await page.reload()
    await page.evaluate(() => window.podpath.ready)
    await expect(page.locator('html')).toHaveAttribute('lang', code)
  }
})

test.describe('a browser that prefers Chinese', () => {
  test.use({ locale: 'zh-TW' })
  test('gets the page in it', async ({ page }) => {
    await page.goto('/')
    await expect(page.locator('html')).toHaveAttribute('lang', 'zh-TW')
  })
})
