import { expect, it } from 'vitest'
import { builtinScenario, STORY_IDS } from '../../scenario/index.js'
import { heaviness } from './heavy.js'

it('[EDH1] lets the language service at every built-in scenario', () => {
  for (const id of STORY_IDS) for (const { text } of builtinScenario(id) ?? []) expect(heaviness(text), id).toBeUndefined()
})

it('[EDH2] keeps it from nested brackets, deep blocks, alias bombs and very large texts', () => {
  expect(heaviness('['.repeat(10_000))).toBe('deep')
  expect(heaviness(`a: ${'{b: '.repeat(300)}${'}'.repeat(300)}`)).toBe('deep')
  expect(heaviness(Array.from({ length: 300 }, (_, level) => `${' '.repeat(level)}a:`).join('\n'))).toBe('deep')
  expect(heaviness(`- ${'- '.repeat(300)}a`)).toBe('deep')
  const line = (name: string, of: string) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${of}`).join(',')}]\n`
  expect(heaviness(`a: &a x\n${line('b', 'a')}${line('c', 'b')}${line('d', 'c')}`)).toBe('aliases')
  expect(heaviness('# text\n'.repeat(100_000))).toBe('large')
  expect(heaviness('a: [1, [2, 3], {b: "*.example.com"}]\n'.repeat(300))).toBeUndefined()
})
