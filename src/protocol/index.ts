/** All that the page may know of the simulation: messages, the scene's and the steps' types, levels of telling. */

export { SCENARIO_INDEX } from '../generated/scenarioIndex.js'
export type * from '../session/index.js'
export type {
  Chance,
  Direction,
  FlowId,
  Hook,
  LoadBalancerKind,
  ObjectRef,
  PacketView,
  RuleRef,
  SimTime,
  Step,
  StepFacts,
  StepId,
  StepKind,
  ThingId,
  Verdict,
} from '../sim/index.js'
export { ENGINE_VERSION } from './actionSchema.js'
export type { Chapter, ChapterCode, Levels } from './levels.js'
export { CHAPTERS_MAX, levelsOf, stepsOfFlow } from './levels.js'
export type { LinkContent, LinkError } from './link.js'
export { decodeLink, decodeSaved, encodeLink, encodeSaved } from './link.js'
export type * from './messages.js'
export { PROTOCOL_VERSION } from './messages.js'
export { parsePageMessage } from './parseMessage.js'
export { Refused } from './refused.js'
