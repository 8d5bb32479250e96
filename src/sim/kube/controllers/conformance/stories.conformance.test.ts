import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { StoryActions, StoryExpectation } from './storyTypes.js'
import { tellStory } from './tellStory.js'
import { UNSUPPORTED } from './unsupported.js'

const data = join(fileURLToPath(new URL('.', import.meta.url)), 'data')
const only = process.env['STORY']

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T
}

describe('stories of real controllers', () => {
  for (const id of readdirSync(data).sort()) {
    const folder = join(data, id)
    if (id === 'fresh-cluster' || !existsSync(join(folder, 'actions.json'))) continue
    if (only !== undefined && !id.startsWith(only)) continue
    test(id, () => {
      const files = Object.fromEntries(
        readdirSync(folder)
          .filter((name) => name.endsWith('.yaml'))
          .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
      )
      const story = readJson<StoryActions>(join(folder, 'actions.json'))
      const differences = tellStory(story, readJson<StoryExpectation>(join(folder, 'expect.json')), files)
      if (UNSUPPORTED[id] === undefined) expect(differences).toEqual([])
      else expect(differences.length, `${id} is listed as unsupported but passes`).toBeGreaterThan(0)
    })
  }
})
