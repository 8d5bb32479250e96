import type { LinkWarning, Source } from '../protocol/index.js'
import { decodeLink, decodeSaved, ENGINE_VERSION, Refused } from '../protocol/index.js'
import type { ScenarioInput, SourceFile } from '../scenario/index.js'
import { builtinScenario, readScenario } from '../scenario/index.js'
import { replayActions, TOOLS, toDiagnostic } from '../session/index.js'
import type { OpenCluster } from './openCluster.js'
import { openInput } from './openCluster.js'

/** Opens a cluster. @throws Refused when the source is no scenario; nothing else is touched then. */
export function openSource(source: Source): OpenCluster {
  switch (source.type) {
    case 'builtin': {
      const files = builtinScenario(source.id)
      if (files === undefined) throw new Refused('unknown-scenario', { id: source.id })
      return openInput(source.id, read(files, undefined), TOOLS)
    }
    case 'files':
      return openInput('', read(source.files, source.seed), TOOLS)
    case 'link':
      return openLink(source.text)
    case 'saved': {
      const saved = decodeSaved(source.text)
      if (saved === undefined) throw new Refused('bad-link')
      const opened = openLink(saved.link)
      opened.session.undo = [...saved.undo]
      return opened
    }
  }
}

function openLink(text: string): OpenCluster {
  const link = decodeLink(text)
  if (!link.ok) throw new Refused(link.error.code)
  const { id, files, seed, actions, position, view, engine } = link.value
  return openInput(id, withLibraryStory(id, read(files, seed)), TOOLS, (session, isLate) => {
    replayActions(session, actions, position.step, isLate)
    const warnings: LinkWarning[] = []
    if (engine !== ENGINE_VERSION) warnings.push('older-engine')
    if (position.step !== 0 && session.position !== position.step) warnings.push('replay-differs')
    return { view, warnings }
  })
}

/** A link to a built-in scenario holds its cluster; the story is the library's. */
function withLibraryStory(id: string, input: ScenarioInput): ScenarioInput {
  const files = input.story === undefined ? builtinScenario(id) : undefined
  const library = files === undefined ? undefined : readScenario(files)
  return library?.ok === true ? { ...input, story: library.value.story } : input
}

function read(files: readonly SourceFile[], seed: string | undefined): ScenarioInput {
  const input = readScenario(files, seed)
  if (!input.ok) throw new Refused('bad-file', { file: input.error[0]?.file ?? '' }, input.error.map(toDiagnostic))
  return input.value
}
