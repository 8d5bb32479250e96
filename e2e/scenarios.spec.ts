import { SCENARIO_INDEX } from '../src/generated/scenarioIndex.js'
import { expect, stillTest as test } from './page.js'

const LANGUAGES = ['en', 'zh-TW', 'zh-CN'] as const
const WORDS = {
  en: { scenarios: 'Scenarios', next: 'Next' },
  'zh-TW': { scenarios: '情境', next: '下一段' },
  'zh-CN': { scenarios: '场景', next: '下一段' },
} as const

for (const language of LANGUAGES)
  test(`each scenario opens by its title and is told to its end: ${language}`, async ({ sandbox, page }) => {
    await page.goto(`/?lang=${language}`)
    await page.evaluate(() => window.podpath.ready)
    const words = WORDS[language]
    for (const entry of SCENARIO_INDEX) {
      const title = entry.title[language] ?? ''
      expect(title, `${entry.id} has a title in ${language}`).not.toBe('')
      await page.getByRole('button', { name: words.scenarios, exact: true }).click()
      await page.getByRole('link', { name: title, exact: true }).click()
      await expect(page).toHaveTitle(new RegExp(title.replace(/[?？()]/g, '.')))
      await expect(page.getByText(entry.question[language] ?? '', { exact: true }).first()).toBeVisible()
      const next = page.getByRole('button', { name: words.next, exact: true })
      for (let step = 0; step < 20 && (await next.isEnabled()); step++) await next.click()
      await expect(next).toBeDisabled()
      expect((await sandbox.position()).step).toBe(0)
    }
  })

for (const entry of SCENARIO_INDEX)
  test(`what the scenario ${entry.id} says to do is done`, async ({ sandbox, page }) => {
    await sandbox.open(`#/scenario/${entry.id}`)
    const story = page.getByRole('complementary', { name: 'Story and manifests' })
    const next = story.getByRole('button', { name: 'Next', exact: true })
    let done = 0
    for (let step = 0; step < 20; step++) {
      const action = story
        .getByRole('button')
        .and(page.locator(':not(section button, p button)'))
        .filter({ hasNotText: /^(Next|Previous|Show me why)$/ })
      if ((await action.count()) > 0) {
        await sandbox.act(() => action.first().click())
        await sandbox.toEnd()
        done++
      }
      const choice = story.getByRole('radio').first()
      if ((await choice.count()) > 0) await choice.check()
      if (await next.isDisabled()) break
      await next.click()
    }
    expect(done).toBeGreaterThan(0)
    await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toHaveCount(0)
  })

test('a prediction is answered by the simulation: right or wrong, with the step that shows why', async ({ sandbox, page }) => {
  await sandbox.open()
  const group = page.getByRole('group', { name: 'Predict' })
  await group.getByRole('radio', { name: /^One/ }).check()
  await expect(group).toContainText('Not this time')
  await group.getByRole('radio', { name: /^Two/ }).check()
  await expect(group).toContainText('That is what happens.')
})
