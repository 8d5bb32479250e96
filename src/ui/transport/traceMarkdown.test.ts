import { describe, expect, it } from 'vitest'
import { loadCatalogue } from '../../i18n/catalogues.js'
import { phrase, segmentsOf } from '../../i18n/message.js'
import { levelsOf } from '../../protocol/levels.js'
import { fixtureSteps } from '../../testing/sceneFixture.js'
import { traceMarkdown } from './traceMarkdown.js'

const steps = fixtureSteps().filter((step) => step.flow === 'request-1')
const track = { steps, levels: levelsOf(steps) }
const catalogue = await loadCatalogue('en')
const written = (level: 'overview' | 'stations' | 'rules') =>
  traceMarkdown(phrase('transport.steps'), track, level, (said) => segmentsOf(catalogue, said))

describe('a trace as Markdown', () => {
  it.each(['overview', 'stations', 'rules'] as const)('[MD1] numbers every stop of %s, in order', (level) => {
    const numbers = [...written(level).matchAll(/^(\d+)\. /gm)].map((found) => Number(found[1]))
    expect(numbers).toEqual(track.levels.stops[level].map((_stop, index) => index + 1))
  })

  it('[MD2] prints every rule that matched, as the Node prints it', () => {
    const text = written('rules')
    const rules = steps.filter((step) => step.kind === 'rule')
    expect(rules.length).toBeGreaterThan(0)
    for (const step of rules) expect(text).toContain(`\`${step.facts.text}\``)
  })

  it('[MD3] names what a chapter folds: each rewrite of the header', () => {
    const folded = written('overview')
      .split('\n')
      .filter((line) => line.startsWith('   - ') && line.includes('→'))
    expect(folded.length).toBeGreaterThanOrEqual(steps.filter((step) => step.kind === 'rewrite').length)
  })

  it('[MD4] leaves no mark-up to chance: what a name holds is code or escaped', () => {
    const nasty = traceMarkdown(phrase('transport.steps'), { steps: [], levels: levelsOf([]) }, 'rules', () => [
      { type: 'text', text: 'a *b* <img> [x](y)' },
      { type: 'fact', text: 'c`d' },
    ])
    expect(nasty).toBe('### a \\*b\\* \\<img\\> \\[x\\](y)`` c`d ``\n\n')
  })
})
