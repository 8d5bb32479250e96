import type { LinkWarning, OpenedScenario } from '../protocol/index.js'
import { Refused } from '../protocol/refused.js'
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

/** Milliseconds after which a cluster that is still being opened is given up. */
const PATIENCE = 20_000

/** A clock that says when this many milliseconds have passed. */
export function deadline(ms: number): () => boolean {
  const end = performance.now() + ms
  return () => performance.now() > end
}

/**
 * Brings a scenario's cluster up.
 *
 * @param replay does what a link's actions say before the cluster is reported.
 * @param isLate says when to give up.
 * @throws Refused `limit` when it takes too long: stopping half-way would begin at another moment on every machine.
 */
export function openInput(
  id: string,
  input: ScenarioInput,
  tools: Tools,
  replay: (session: Session, isLate: () => boolean) => LinkExtras = () => ({ view: {}, warnings: [] }),
  isLate = deadline(PATIENCE),
): OpenCluster {
  const session = openSessionWith(toSessionInput(input), tools, undefined, isLate)
  const giveUp = (): void => {
    if (isLate()) throw new Refused('limit', { why: `> ${PATIENCE / 1000} s` })
  }
  giveUp()
  const { view, warnings } = replay(session, isLate)
  giveUp()
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
