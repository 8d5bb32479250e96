/** Writes `src/generated/scenarioIndex.ts`: what the gallery shows of the built-in scenarios, so that the page need not read YAML for it. */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtinScenario, readScenario, STORY_IDS } from '../src/scenario/index.js'

const entries = STORY_IDS.map((id) => {
  const input = readScenario(builtinScenario(id) ?? [])
  if (!input.ok || input.value.story === undefined) throw new Error(`built-in scenario ${id} does not read`)
  const { title, summary, question } = input.value.story
  return { id, title, summary, question }
})

const out = join(dirname(fileURLToPath(import.meta.url)), '..', 'src', 'generated', 'scenarioIndex.ts')
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
process.stdout.write(`scenario index: ${entries.length} scenarios\n`)
