/** The only door to the simulation. */
export { byCodeUnit, digestOf, hashText } from './core/digest.js'
export type { Behaviours, Context, Recorder } from './core/engine.js'
export { enqueue, nextEventAt, runNext, visitWorld } from './core/engine.js'
export type { Result } from './core/result.js'
export { assertNever, fail, ok, SimBug } from './core/result.js'
export type { FlowId, Step, StepId, StepInput } from './core/step.js'
export { BACKGROUND } from './core/step.js'
export type { ThingId } from './core/thing.js'
export { thing } from './core/thing.js'
export type { SimTime } from './core/time.js'
export { civil, fromTimestamp, MINUTE, MS, SECOND, toMicroTimestamp, toTimestamp, US } from './core/time.js'
export type {
  Chance,
  Direction,
  Hook,
  LoadBalancerKind,
  ObjectRef,
  PacketView,
  RuleRef,
  StepFacts,
  StepKind,
  Verdict,
} from './core/vocabulary.js'
export type { World as CoreWorld } from './core/world.js'
export { snapshotWorld } from './core/world.js'
export type * from './kube/api/client.js'
export type { ResourceInfo } from './kube/api/kinds.js'
export { apiVersionOf, findByAnyName, findKind, infoOf, RESOURCE_LIST } from './kube/api/kinds.js'
export { openApi } from './kube/api/openApi.js'
export type { Identity } from './kube/api/part.js'
export type * from './kube/api/resources.js'
export { keyOf } from './kube/api/resources.js'
export type { ClusterLayout, ClusterSpec, ConfigDocument, MachineSpec } from './kube/bootstrap/clusterSpec.js'
export { createCluster } from './kube/bootstrap/createCluster.js'
export type { Ctx, World } from './kube/context.js'
export { NOT_SIMULATED } from './kube/controllers/list.js'
export type { Fault, FaultCode, FaultKind } from './kube/faults/faultKinds.js'
export { FAULT_KINDS } from './kube/faults/faultKinds.js'
export { applyFault, isFaultCode } from './kube/faults/faults.js'
export type { Messages } from './kube/messages.js'
export type { Parts } from './kube/parts.js'
export { behaviours } from './kube/registry.js'
export { explainSchedule } from './kube/scheduler/explain.js'
export type { FilterReport, NodeReport, ScheduleReport, ScoreReport } from './kube/scheduler/report.js'
export { startRequest } from './kube/traffic/network.js'
export type { OutcomeChoice, TraceOutcome } from './kube/traffic/outcome.js'
export { destinationOf } from './kube/traffic/outcome.js'
export type { RequestSpec } from './kube/traffic/requestSpec.js'
export { parseWhere, parseWho } from './kube/traffic/requestSpec.js'
export type { TraceError, TraceOptions, TraceResult, TraceSpec } from './kube/traffic/traceRequest.js'
export { traceRequest } from './kube/traffic/traceRequest.js'
export { getStoredOf, listIndexedOf, listStoredOf } from './look.js'
export type { ConntrackEntry } from './net/conntrack.js'
export { listConnections } from './net/conntrack.js'
export type { Hop } from './net/hops.js'
export type { Miss, Sight } from './net/rules/explain.js'
export { explainChain, explainMisses } from './net/rules/explain.js'
export { getRuleset } from './net/rules/ruleset.js'
export { parseIptablesSave, printIptablesSave } from './net/rules/save.js'
export type { Ruleset } from './net/rules/types.js'
export type { Route } from './net/state.js'
export { listRoutes } from './net/topology.js'
