import { describe, expect, it } from 'vitest'
import { readDocuments } from './documents.js'
import { nestingOf } from './nesting.js'

const MANY = 10_000
const DEEP: Readonly<Record<string, string>> = {
  lists: `a: ${'['.repeat(MANY)}${']'.repeat(MANY)}`,
  'lists that do not end': '['.repeat(MANY),
  maps: `${'{a: '.repeat(MANY)}1`,
  json: `${'{"a":'.repeat(MANY)}1${'}'.repeat(MANY)}`,
  dashes: `${'- '.repeat(MANY)}a`,
  'question marks': `${'? '.repeat(MANY)}a`,
  blocks: Array.from({ length: 1000 }, (_, index) => `${' '.repeat(index)}a:`).join('\n'),
  'lists in blocks': Array.from({ length: 1000 }, (_, index) => `${' '.repeat(index)}-\n`).join(''),
  'brackets after quoted ones': `a: "${']'.repeat(MANY)}"\nb: ${'['.repeat(MANY)}`,
}

describe('nesting', () => {
  for (const [name, text] of Object.entries(DEEP)) {
    it(`[NEST1] is bounded before the text is read: ${name}`, () => {
      const read = readDocuments([{ name: 'a.yaml', text }])
      expect(read.ok).toBe(false)
      if (!read.ok) expect(read.error[0]?.code).toBe('too-deep')
    })
  }

  it('[NEST2] brackets in texts and wide margins are no nesting', () => {
    const code = `a: |\n  ${'{'.repeat(1000)}\n  ${'['.repeat(1000)}\nb: "${'[{'.repeat(500)}"\nc: x # ${'['.repeat(500)}\nd:\n${' '.repeat(900)}far right\n`
    expect(nestingOf(code).depth).toBeLessThan(10)
    const read = readDocuments([{ name: 'a.yaml', text: code }])
    expect(read.ok && read.value.documents.length).toBe(1)
  })

  it('[NEST3] documents and items start anew', () => {
    const text = `${'a:\n  - b: [1, {c: d}]\n---\n'.repeat(500)}# ${'-'.repeat(10)}${'['.repeat(300)}\n`
    expect(nestingOf(text).depth).toBeLessThan(10)
  })
})
