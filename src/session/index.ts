export type { Result } from '../sim/index.js'
export { fail, ok } from '../sim/index.js'
export type { Action, ActionRecord, RequestSpec } from './action.js'
export type * from './answers.js'
export { buildScene, diffScene } from './buildScene.js'
export { checkManifest, toDiagnostic } from './checkManifest.js'
export { diffDump, walkDump } from './dump.js'
export { exploreFrom, missesOf } from './explore.js'
export { exportScenario } from './exportScenario.js'
export type { FlowInfo, FlowKind } from './flows.js'
export { flowsOf } from './flows.js'
export type { History } from './history.js'
export { inspectThing, readWithKubectl } from './inspect.js'
export { notSimulatedIn } from './notSimulated.js'
export { openSession, openUnsettled, TOOLS } from './open.js'
export type { KubectlOutput } from './part.js'
export type { Tools } from './person.js'
export { PERSON, summarize } from './person.js'
export { rulesOfObject, sourceOfRule } from './ruleOrigin.js'
export type { CheckResult } from './runChecks.js'
export { runChecks } from './runChecks.js'
export type { ClusterOverrides } from './scenarioInput.js'
export { toSessionInput } from './scenarioInput.js'
export type * from './scene.js'
export type { Acted, Session, SessionInput } from './session.js'
export {
  act,
  followOn,
  goDetours,
  openSessionWith,
  openUnsettledWith,
  replayActions,
  restoreActions,
  runSessionUntil,
  runWithDetours,
  seekEnd,
  seekStep,
  sessionDigest,
  startOver,
  undo,
  worldDigest,
} from './session.js'
export { answeredStory } from './story.js'
export { rulesOfSync } from './syncRules.js'
export { actInTerminal, settle } from './terminal.js'
export type { LocalText, ScenarioStory, StoryPrediction, StoryStep } from './untoldStory.js'
export { untoldStory } from './untoldStory.js'
export type { SessionWorld } from './world.js'
