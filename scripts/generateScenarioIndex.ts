/**
 * Writes what the page needs of the built-in scenarios before it can read YAML:
 * `src/generated/scenarioIndex.ts`, what the gallery shows; `src/generated/startScenario.ts`, the scenario that it opens with, read.
 */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtinScenario, readScenario, STORY_IDS } from '../src/scenario/index.js'

/** The scenario that the page opens with. */
const START_ID = 'first-request'

const entries = STORY_IDS.map((id) => {
  const input = readScenario(builtinScenario(id) ?? [])
  if (!input.ok || input.value.story === undefined) throw new Error(`built-in scenario ${id} does not read`)
  const { title, summary, question } = input.value.story
  return { id, title, summary, question }
})

const generated = join(dirname(fileURLToPath(import.meta.url)), '..', 'src', 'generated')
const out = join(generated, 'scenarioIndex.ts')
writeFileSync(
  out,
  `// Written by scripts/generateScenarioIndex.ts. Do not edit; do not commit.

interface Text {
  readonly en: string
  readonly 'zh-TW'?: string
  readonly 'zh-CN'?: string
}

/** The built-in scenarios, in the gallery's order. */
export const SCENARIO_INDEX: readonly {
  readonly id: string
  readonly title: Text
  readonly summary: Text
  readonly question: Text
}[] = ${JSON.stringify(entries, undefined, 2)}
`,
)
const start = readScenario(builtinScenario(START_ID) ?? [])
if (!start.ok) throw new Error(`built-in scenario ${START_ID} does not read`)
writeFileSync(
  join(generated, 'startScenario.ts'),
  `// Written by scripts/generateScenarioIndex.ts. Do not edit; do not commit.
import type { ScenarioInput } from '../scenario/index.js'

export const START_ID = ${JSON.stringify(START_ID)}

export const START_INPUT = ${JSON.stringify(start.value)} as unknown as ScenarioInput
`,
)
process.stdout.write(`scenario index: ${entries.length} scenarios\n`)
