import { describe, expect, it } from 'vitest'
import { readScenario } from '../read.js'
import { withoutStory } from '../withoutStory.js'
import { builtinScenario, STORY_IDS } from './index.js'

describe('built-in scenarios', () => {
  it.each(['default', ...STORY_IDS])('[LIB1] %s reads without a fault or a warning', (id) => {
    const input = readScenario(builtinScenario(id) ?? [])
    expect(input.ok ? [] : input.error).toEqual([])
    expect(input.ok && input.value.warnings).toEqual([])
  })

  it.each(STORY_IDS)(
    '[LIB2] %s asks one question, names one misconception, and has at least two predictions, in three languages',
    (id) => {
      const input = readScenario(builtinScenario(id) ?? [])
      const story = input.ok ? input.value.story : undefined
      expect(story).toBeDefined()
      const texts = [
        story?.title,
        story?.summary,
        story?.question,
        story?.misconception,
        ...(story?.steps ?? []).map((step) => step.text),
      ]
      for (const text of texts) {
        expect(text?.en).not.toBe('')
        expect(text?.['zh-TW']).toBeTruthy()
        expect(text?.['zh-CN']).toBeTruthy()
        expect(text?.['zh-TW']).not.toBe(text?.['zh-CN'])
      }
      expect(story?.steps.filter((step) => step.prediction !== undefined).length).toBeGreaterThanOrEqual(2)
    },
  )

  it('[LIB3] an unknown id is no scenario', () => {
    expect(builtinScenario('nothing')).toBeUndefined()
  })
})

describe('without its story', () => {
  it.each(STORY_IDS)('[LIB4] %s is the same cluster in less than half the text', (id) => {
    const files = builtinScenario(id) ?? []
    const short = files.map(({ name, text }) => ({ name, text: withoutStory(text) }))
    const whole = readScenario(files)
    const cut = readScenario(short)
    if (!whole.ok || !cut.ok) throw new Error('does not read')
    expect(cut.value.story).toBeUndefined()
    expect(cut.value.objects.map(({ object }) => object)).toEqual(whole.value.objects.map(({ object }) => object))
    expect([cut.value.cluster, cut.value.seed, cut.value.actions]).toEqual([
      whole.value.cluster,
      whole.value.seed,
      whole.value.actions,
    ])
    expect(short[0]?.text.length).toBeLessThan((files[0]?.text.length ?? 0) / 2)
  })
})
