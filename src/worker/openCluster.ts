import type { LinkWarning, OpenedScenario } from '../protocol/index.js'
import type { ScenarioInput } from '../scenario/index.js'
import type { Session, Tools } from '../session/index.js'
import { notSimulatedIn } from '../session/notSimulated.js'
import { toSessionInput } from '../session/scenarioInput.js'
import { openSessionWith } from '../session/session.js'
import { untoldStory } from '../session/untoldStory.js'

/** The cluster that is open, with where it came from. */
export interface OpenCluster {
  readonly id: string
  readonly input: ScenarioInput
  readonly session: Session
  readonly report: OpenedScenario
}

/** What a link adds to a scenario. */
export interface LinkExtras {
  readonly view: OpenedScenario['view']
  readonly warnings: readonly LinkWarning[]
}

/** Brings a scenario's cluster up. @param replay does what a link's actions say before the cluster is reported. */
export function openInput(
  id: string,
  input: ScenarioInput,
  tools: Tools,
  replay: (session: Session) => LinkExtras = () => ({ view: {}, warnings: [] }),
): OpenCluster {
  const session = openSessionWith(toSessionInput(input), tools)
  const { view, warnings } = replay(session)
  const report: OpenedScenario = {
    id,
    seed: input.seed,
    scenario: untoldStory(input),
    manifests: input.files.map((file) => file.text).join('\n---\n'),
    view,
    notSimulated: notSimulatedIn(session),
    warnings,
  }
  return { id, input, session, report }
}
