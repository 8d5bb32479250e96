import type { ContainerStatus, Pod } from '../../../../generated/kubeTypes.js'
import { ageOf } from './duration.js'
import type { RowCondition, TableKind } from './tableKind.js'

export const podTable: TableKind<Pod> = {
  row(pod, { now }) {
    const summary = summarizePod(pod)
    const { restarts, lastRestart } = summary
    const restartText =
      restarts !== 0 && lastRestart !== undefined ? `${restarts} (${ageOf(lastRestart, now)} ago)` : String(restarts)
    const gates = pod.spec?.readinessGates ?? []
    const passed = gates.filter((gate) => hasCondition(pod, gate.conditionType))
    return [
      pod.metadata?.name ?? '',
      `${summary.ready}/${summary.total}`,
      summary.status,
      restartText,
      ageOf(pod.metadata?.creationTimestamp, now),
      pod.status?.podIPs?.[0]?.ip ?? '<none>',
      pod.spec?.nodeName ?? '<none>',
      pod.status?.nominatedNodeName ?? '<none>',
      gates.length === 0 ? '<none>' : `${passed.length}/${gates.length}`,
    ]
  },
  conditions({ status }) {
    if (status?.phase === 'Succeeded') return [completed('Succeeded', 'The pod has completed successfully.')]
    return status?.phase === 'Failed' ? [completed('Failed', 'The pod failed.')] : []
  },
}

function completed(reason: string, message: string): RowCondition {
  return { type: 'Completed', status: 'True', reason, message }
}

export interface PodSummary {
  readonly ready: number
  readonly total: number
  /** The word of the Status column. */
  readonly status: string
  readonly restarts: number
  readonly lastRestart: string | undefined
}

/** What one line says of a Pod. Source: kubernetes pkg/printers/internalversion/printers.go printPod */
export function summarizePod(pod: Pod): PodSummary {
  const initializing = initSummary(pod)
  const main =
    initializing.reason === undefined || hasCondition(pod, 'Initialized') ? mainSummary(pod, initializing) : initializing
  let status = main.reason ?? baseReason(pod)
  if (pod.metadata?.deletionTimestamp !== undefined) {
    const phase = pod.status?.phase
    if (pod.status?.reason === 'NodeLost') status = 'Unknown'
    else if (phase !== 'Succeeded' && phase !== 'Failed') status = 'Terminating'
  }
  const sidecars = (pod.spec?.initContainers ?? []).filter((each) => each.restartPolicy === 'Always').length
  return {
    ready: main.ready,
    total: (pod.spec?.containers ?? []).length + sidecars,
    status,
    restarts: main.restarts,
    lastRestart: main.lastRestart,
  }
}

interface Counts {
  readonly reason: string | undefined
  readonly ready: number
  readonly restarts: number
  readonly lastRestart: string | undefined
  readonly sidecarRestarts: number
  readonly sidecarLastRestart: string | undefined
}

function baseReason(pod: Pod): string {
  const isGated = pod.status?.conditions?.some((each) => each.type === 'PodScheduled' && each.reason === 'SchedulingGated')
  if (isGated) return 'SchedulingGated'
  return pod.status?.reason ?? pod.status?.phase ?? ''
}

function initSummary(pod: Pod): Counts {
  const sidecars = new Set(
    (pod.spec?.initContainers ?? []).filter((each) => each.restartPolicy === 'Always').map((each) => each.name),
  )
  let counts: Counts = {
    reason: undefined,
    ready: 0,
    restarts: 0,
    lastRestart: undefined,
    sidecarRestarts: 0,
    sidecarLastRestart: undefined,
  }
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const ended = status.lastState?.terminated?.finishedAt
    const isSidecar = sidecars.has(status.name)
    counts = { ...counts, restarts: counts.restarts + status.restartCount, lastRestart: later(counts.lastRestart, ended) }
    if (isSidecar) {
      const sidecarRestarts = counts.sidecarRestarts + status.restartCount
      counts = { ...counts, sidecarRestarts, sidecarLastRestart: later(counts.sidecarLastRestart, ended) }
    }
    if (status.state?.terminated?.exitCode === 0) continue
    if (isSidecar && status.started === true) {
      if (status.ready) counts = { ...counts, ready: counts.ready + 1 }
      continue
    }
    return { ...counts, reason: initReason(status, index, pod.spec?.initContainers?.length ?? 0) }
  }
  return counts
}

function initReason(status: ContainerStatus, index: number, total: number): string {
  const { terminated, waiting } = status.state ?? {}
  if (terminated !== undefined) return `Init:${terminatedReason(terminated)}`
  if (waiting?.reason !== undefined && waiting.reason !== '' && waiting.reason !== 'PodInitializing')
    return `Init:${waiting.reason}`
  return `Init:${index}/${total}`
}

function terminatedReason(terminated: { readonly reason?: string; readonly signal?: number; readonly exitCode: number }): string {
  if (terminated.reason !== undefined && terminated.reason !== '') return terminated.reason
  return terminated.signal !== undefined && terminated.signal !== 0
    ? `Signal:${terminated.signal}`
    : `ExitCode:${terminated.exitCode}`
}

function mainSummary(pod: Pod, init: Counts): Counts {
  let reason: string | undefined
  let ready = init.ready
  let restarts = init.sidecarRestarts
  let lastRestart = init.sidecarLastRestart
  let hasRunning = false
  for (const status of (pod.status?.containerStatuses ?? []).toReversed()) {
    restarts += status.restartCount
    lastRestart = later(lastRestart, status.lastState?.terminated?.finishedAt)
    const { waiting, terminated, running } = status.state ?? {}
    if (waiting?.reason !== undefined && waiting.reason !== '') {
      reason = waiting.reason
    } else if (terminated !== undefined) {
      reason = terminatedReason(terminated)
    } else if (status.ready && running !== undefined) {
      hasRunning = true
      ready++
    }
  }
  if ((reason ?? baseReason(pod)) === 'Completed' && hasRunning) reason = hasCondition(pod, 'Ready') ? 'Running' : 'NotReady'
  return { ...init, reason, ready, restarts, lastRestart }
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined) return b
  return b === undefined || b < a ? a : b
}

function hasCondition(pod: Pod, type: string): boolean {
  return pod.status?.conditions?.some((each) => each.type === type && each.status === 'True') ?? false
}
