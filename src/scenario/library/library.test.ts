import { describe, expect, it } from 'vitest'
import { readScenario } from '../read.js'
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
