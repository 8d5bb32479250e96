import type { LinkWarning, OpenedScenario, ScenarioStory, Source } from '../protocol/index.js'
import { decodeLink, decodeSaved, ENGINE_VERSION, Refused } from '../protocol/index.js'
import type { ScenarioInput, SourceError, SourceFile } from '../scenario/index.js'
import { builtinScenario, readScenario } from '../scenario/index.js'
import type { Diagnostic, Session } from '../session/index.js'
import { notSimulatedIn, openSession, replayActions, storyOf, toSessionInput } from '../session/index.js'

/** The cluster that is open, with where it came from. */
export interface OpenCluster {
  readonly id: string
  readonly input: ScenarioInput
  readonly session: Session
  readonly report: OpenedScenario
}

/** Opens a cluster. @throws Refused when the source is no scenario; nothing else is touched then. */
export function openSource(source: Source): OpenCluster {
  switch (source.type) {
    case 'builtin': {
      const files = builtinScenario(source.id)
      if (files === undefined) throw new Refused('unknown-scenario', { id: source.id })
      return openFiles(source.id, files, undefined)
    }
    case 'files':
      return openFiles('', source.files, source.seed)
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

function openFiles(id: string, files: readonly SourceFile[], seed: string | undefined): OpenCluster {
  const input = read(files, seed)
  const session = openSession(toSessionInput(input))
  return { id, input, session, report: reportOf(id, input, session, {}, []) }
}

function openLink(text: string): OpenCluster {
  const link = decodeLink(text)
  if (!link.ok) throw new Refused(link.error.code)
  const { id, files, seed, actions, position, view, engine } = link.value
  const input = read(files, seed)
  const session = openSession(toSessionInput(input))
  replayActions(session, actions, position.step)
  const differs = position.step !== 0 && session.position !== position.step
  const warnings: LinkWarning[] = [
    ...(engine === ENGINE_VERSION ? [] : (['older-engine'] as const)),
    ...(differs ? (['replay-differs'] as const) : []),
  ]
  return { id, input, session, report: reportOf(id, input, session, view, warnings) }
}

function read(files: readonly SourceFile[], seed: string | undefined): ScenarioInput {
  const input = readScenario(files, seed)
  if (!input.ok) throw new Refused('bad-file', { file: input.error[0]?.file ?? '' }, input.error.map(toDiagnostic))
  return input.value
}

export function toDiagnostic(error: SourceError): Diagnostic {
  const { line, column, message, code, params } = error
  return { severity: 'error', line, column, endLine: line, endColumn: column + 1, message, code, params }
}

function reportOf(
  id: string,
  input: ScenarioInput,
  session: Session,
  view: OpenedScenario['view'],
  warnings: readonly LinkWarning[],
): OpenedScenario {
  const story: ScenarioStory | undefined = storyOf(session, input)
  return {
    id,
    seed: input.seed,
    scenario: story,
    manifests: input.files.map((file) => file.text).join('\n---\n'),
    view,
    notSimulated: notSimulatedIn(session),
    warnings,
  }
}
