import type { Pod } from '../../generated/kubeTypes.js'
import type { StoredOf } from '../../sim/index.js'
import { ageOf, longTime } from '../text/duration.js'
import type { DescribeContext } from './common.js'
import { controlledBy, writeAnnotations, writeEvents, writeLabels, writeTolerations } from './common.js'
import { writeContainers, writeResources, writeSpread } from './containers.js'
import { writeVolumes } from './volumes.js'
import type { DescribeWriter } from './writer.js'

/** Source: kubernetes kubectl pkg/describe/describe.go describePod */
export function describePod(pod: StoredOf<'pods'>, context: DescribeContext, w: DescribeWriter): void {
  const { metadata, spec, status } = pod
  w.line(0, `Name:\t${metadata.name}`)
  w.line(0, `Namespace:\t${metadata.namespace ?? ''}`)
  if (spec?.priority !== undefined) w.line(0, `Priority:\t${spec.priority}`)
  if (spec?.priorityClassName !== undefined) w.line(0, `Priority Class Name:\t${spec.priorityClassName}`)
  if (spec?.runtimeClassName !== undefined) w.line(0, `Runtime Class Name:\t${spec.runtimeClassName}`)
  if (spec?.serviceAccountName !== undefined) w.line(0, `Service Account:\t${spec.serviceAccountName}`)
  w.line(0, spec?.nodeName === undefined ? 'Node:\t<none>' : `Node:\t${spec.nodeName}/${status?.hostIP ?? ''}`)
  if (status?.startTime !== undefined) w.line(0, `Start Time:\t${longTime(status.startTime)}`)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  writePhase(pod, context, w)
  w.line(0, `IP:\t${status?.podIP ?? ''}`)
  const addresses = status?.podIPs ?? []
  w.line(0, addresses.length === 0 ? 'IPs:\t<none>' : 'IPs:')
  for (const { ip } of addresses) w.line(1, `IP:\t${ip}`)
  const owner = controlledBy(metadata)
  if (owner !== undefined) w.line(0, `Controlled By:\t${owner}`)
  if (status?.nominatedNodeName !== undefined) w.line(0, `NominatedNodeName:\t${status.nominatedNodeName}`)
  if (spec?.resources !== undefined) {
    w.line(0, 'Resources:')
    writeResources(w, spec.resources, 1)
  }
  const init = spec?.initContainers ?? []
  if (init.length > 0) {
    const statuses = status?.initContainerStatuses ?? []
    writeContainers(w, { title: 'Init Containers', containers: init, statuses, pod, space: '' })
  }
  const statuses = status?.containerStatuses ?? []
  writeContainers(w, { title: 'Containers', containers: spec?.containers ?? [], statuses, pod, space: '' })
  writeConditions(pod, w)
  writeVolumes(w, spec?.volumes, '')
  w.line(0, `QoS Class:\t${status?.qosClass ?? ''}`)
  writeLabels(w, 'Node-Selectors', spec?.nodeSelector)
  writeTolerations(w, 'Tolerations', spec?.tolerations)
  writeSpread(w, spec?.topologySpreadConstraints, '')
  writeEvents(w, context, pod)
}

function writePhase({ metadata, status, spec }: Pod, { now }: DescribeContext, w: DescribeWriter): void {
  const phase = status?.phase ?? ''
  if (metadata?.deletionTimestamp !== undefined && phase !== 'Failed' && phase !== 'Succeeded') {
    w.line(0, `Status:\tTerminating (lasts ${ageOf(metadata.deletionTimestamp, now)})`)
    w.line(0, `Termination Grace Period:\t${metadata.deletionGracePeriodSeconds ?? 0}s`)
  } else {
    w.line(0, `Status:\t${phase}`)
  }
  if (status?.reason !== undefined) w.line(0, `Reason:\t${status.reason}`)
  if (status?.message !== undefined) w.line(0, `Message:\t${status.message}`)
  const profile = spec?.securityContext?.seccompProfile
  if (profile !== undefined) w.line(0, `SeccompProfile:\t${profile.type}`)
}

function writeConditions({ spec, status }: Pod, w: DescribeWriter): void {
  const conditions = status?.conditions ?? []
  const gates = spec?.readinessGates ?? []
  if (gates.length > 0) w.line(0, 'Readiness Gates:\n  Type\tStatus')
  for (const gate of gates) {
    w.line(1, `${gate.conditionType} \t${conditions.find((each) => each.type === gate.conditionType)?.status ?? '<none>'} `)
  }
  if (conditions.length === 0) return
  w.line(0, 'Conditions:\n  Type\tStatus')
  for (const condition of conditions) w.line(1, `${condition.type} \t${condition.status} `)
}
