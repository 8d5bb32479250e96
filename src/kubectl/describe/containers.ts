import type {
  Container,
  ContainerPort,
  ContainerState,
  ContainerStatus,
  EnvVar,
  Pod,
  PodTemplateSpec,
  Probe,
  ResourceRequirements,
} from '../../generated/kubeTypes.js'
import { byCodeUnit, formatLabelSelector } from '../../sim/index.js'
import { longTime } from '../text/duration.js'
import { writeAnnotations, writeLabels, writeTolerations } from './common.js'
import { writeVolumes } from './volumes.js'
import type { DescribeWriter } from './writer.js'

/** Source: kubernetes kubectl pkg/describe/describe.go DescribePodTemplate */
export function writePodTemplate(w: DescribeWriter, template: PodTemplateSpec | undefined): void {
  w.line(0, 'Pod Template:')
  if (template === undefined) {
    w.write(1, '<unset>')
    return
  }
  const { metadata, spec } = template
  writeLabels(w, '  Labels', metadata?.labels)
  if (Object.keys(metadata?.annotations ?? {}).length > 0) writeAnnotations(w, '  Annotations', metadata?.annotations)
  if (spec?.serviceAccountName !== undefined) w.line(1, `Service Account:\t${spec.serviceAccountName}`)
  const init = spec?.initContainers ?? []
  if (init.length > 0) writeContainers(w, { title: 'Init Containers', containers: init, space: '  ' })
  writeContainers(w, { title: 'Containers', containers: spec?.containers ?? [], space: '  ' })
  writeVolumes(w, spec?.volumes, '  ')
  writeSpread(w, spec?.topologySpreadConstraints, '  ')
  if (spec?.priorityClassName !== undefined) w.line(1, `Priority Class Name:\t${spec.priorityClassName}`)
  writeLabels(w, '  Node-Selectors', spec?.nodeSelector)
  writeTolerations(w, '  Tolerations', spec?.tolerations)
}

type Spread = NonNullable<NonNullable<PodTemplateSpec['spec']>['topologySpreadConstraints']>

export function writeSpread(w: DescribeWriter, constraints: Spread | undefined, space: string): void {
  if (constraints === undefined || constraints.length === 0) return
  w.write(0, `${space}Topology Spread Constraints:\t`)
  const sorted = constraints.toSorted((a, b) => byCodeUnit(a.topologyKey, b.topologyKey))
  for (const [index, each] of sorted.entries()) {
    const selector = each.labelSelector === undefined ? '' : ` for selector ${formatLabelSelector(each.labelSelector)}`
    const head = index === 0 ? '' : `${space}\t`
    w.line(0, `${head}${each.topologyKey}:${each.whenUnsatisfiable} when max skew ${each.maxSkew} is exceeded${selector}`)
  }
}

export interface ContainerList {
  readonly title: string
  readonly containers: readonly Container[]
  readonly statuses?: readonly ContainerStatus[]
  /** Whose fields environment variables may refer to. */
  readonly pod?: Pod
  readonly space: string
}

/** Source: kubernetes kubectl pkg/describe/describe.go describeContainers */
export function writeContainers(w: DescribeWriter, list: ContainerList): void {
  const indent = list.space === '' ? '' : ' '
  w.line(0, `${list.space}${list.title}:${list.containers.length === 0 ? ' <none>' : ''}`)
  for (const container of list.containers) {
    const status = list.statuses?.find((each) => each.name === container.name)
    w.line(1, `${indent}${container.name}:`)
    if (status !== undefined) w.line(2, `Container ID:\t${status.containerID ?? ''}`)
    w.line(2, `Image:\t${container.image ?? ''}`)
    if (status !== undefined) w.line(2, `Image ID:\t${status.imageID}`)
    writePorts(w, 'Port', container.ports, (port) => port.containerPort)
    writePorts(w, 'Host Port', container.ports, (port) => port.hostPort ?? 0)
    writeWords(w, 'Command', container.command)
    writeWords(w, 'Args', container.args)
    if (status !== undefined) writeStatus(w, status)
    writeResources(w, container.resources, 2)
    if (container.livenessProbe !== undefined) w.line(2, `Liveness:\t${probeText(container.livenessProbe)}`)
    if (container.readinessProbe !== undefined) w.line(2, `Readiness:\t${probeText(container.readinessProbe)}`)
    if (container.startupProbe !== undefined) w.line(2, `Startup:\t${probeText(container.startupProbe)}`)
    writeEnvironment(w, container, list.pod)
    writeMounts(w, container)
  }
}

function writePorts(
  w: DescribeWriter,
  title: string,
  ports: readonly ContainerPort[] | undefined,
  number: (port: ContainerPort) => number,
): void {
  const texts = (ports ?? []).map((port) => {
    const text = `${number(port)}/${port.protocol ?? 'TCP'}`
    return port.name === undefined || port.name === '' ? text : `${text} (${port.name})`
  })
  w.line(2, texts.length > 1 ? `${title}s:\t${texts.join(', ')}` : `${title}:\t${texts[0] ?? '<none>'}`)
}

function writeWords(w: DescribeWriter, title: string, words: readonly string[] | undefined): void {
  if (words === undefined || words.length === 0) return
  w.line(2, `${title}:`)
  for (const word of words) for (const line of word.split('\n')) w.line(3, line)
}

function writeStatus(w: DescribeWriter, status: ContainerStatus): void {
  writeState(w, 'State', status.state)
  if (status.lastState?.terminated !== undefined) writeState(w, 'Last State', status.lastState)
  w.line(2, `Ready:\t${status.ready ? 'True' : 'False'}`)
  w.line(2, `Restart Count:\t${status.restartCount}`)
}

function writeState(w: DescribeWriter, title: string, state: ContainerState | undefined): void {
  const { running, waiting, terminated } = state ?? {}
  if (running !== undefined) {
    w.line(2, `${title}:\tRunning`)
    w.line(3, `Started:\t${longTime(running.startedAt)}`)
  } else if (waiting !== undefined || terminated === undefined) {
    w.line(2, `${title}:\tWaiting`)
    if (waiting?.reason !== undefined && waiting.reason !== '') w.line(3, `Reason:\t${waiting.reason}`)
  } else {
    w.line(2, `${title}:\tTerminated`)
    if (terminated.reason !== undefined && terminated.reason !== '') w.line(3, `Reason:\t${terminated.reason}`)
    if (terminated.message !== undefined && terminated.message !== '') w.line(3, `Message:\t${terminated.message}`)
    w.line(3, `Exit Code:\t${terminated.exitCode}`)
    if (terminated.signal !== undefined && terminated.signal > 0) w.line(3, `Signal:\t${terminated.signal}`)
    w.line(3, `Started:\t${longTime(terminated.startedAt)}`)
    w.line(3, `Finished:\t${longTime(terminated.finishedAt)}`)
  }
}

export function writeResources(w: DescribeWriter, resources: ResourceRequirements | undefined, level: number): void {
  for (const [title, amounts] of [
    ['Limits', resources?.limits],
    ['Requests', resources?.requests],
  ] as const) {
    const entries = Object.entries(amounts ?? {}).sort(([a], [b]) => byCodeUnit(a, b))
    if (entries.length > 0) w.line(level, `${title}:`)
    for (const [name, quantity] of entries) w.line(level + 1, `${name}:\t${quantity}`)
  }
}

/** Source: kubernetes kubectl pkg/describe/describe.go DescribeProbe */
export function probeText(probe: Probe): string {
  const { initialDelaySeconds = 0, timeoutSeconds = 0, periodSeconds = 0, successThreshold = 0, failureThreshold = 0 } = probe
  const numbers = `delay=${initialDelaySeconds}s timeout=${timeoutSeconds}s period=${periodSeconds}s #success=${successThreshold} #failure=${failureThreshold}`
  if (probe.exec !== undefined) return `exec [${(probe.exec.command ?? []).join(' ')}] ${numbers}`
  if (probe.httpGet !== undefined) {
    const { scheme = '', host = '', port, path = '' } = probe.httpGet
    const slash = path === '' || path.startsWith('/') ? path : `/${path}`
    return `http-get ${scheme.toLowerCase()}://${host}:${port}${slash} ${numbers}`
  }
  if (probe.tcpSocket !== undefined) return `tcp-socket ${probe.tcpSocket.host ?? ''}:${probe.tcpSocket.port} ${numbers}`
  if (probe.grpc !== undefined) return `grpc <pod>:${probe.grpc.port} ${probe.grpc.service ?? ''} ${numbers}`
  return `unknown ${numbers}`
}

function writeEnvironment(w: DescribeWriter, container: Container, pod: Pod | undefined): void {
  const from = container.envFrom ?? []
  if (from.length > 0) w.line(2, 'Environment Variables from:')
  for (const { configMapRef, secretRef, prefix = '' } of from) {
    const kind = configMapRef !== undefined ? 'ConfigMap' : secretRef !== undefined ? 'Secret' : ''
    const optional = configMapRef?.optional ?? secretRef?.optional ?? false
    const with_ = prefix === '' ? '' : ` with prefix '${prefix}'`
    w.line(3, `${configMapRef?.name ?? secretRef?.name ?? ''}\t${kind}${with_}\tOptional: ${optional}`)
  }
  const env = container.env ?? []
  w.line(2, `Environment:${env.length === 0 ? '\t<none>' : ''}`)
  for (const each of env) writeVariable(w, each, container, pod)
}

function writeVariable(w: DescribeWriter, each: EnvVar, container: Container, pod: Pod | undefined): void {
  const from = each.valueFrom
  if (from === undefined) {
    const [first = '', ...rest] = (each.value ?? '').split('\n')
    w.line(3, `${each.name}:\t${first}`)
    for (const line of rest) w.line(3, `\t${line}`)
  } else if (from.fieldRef !== undefined) {
    const { apiVersion = 'v1', fieldPath } = from.fieldRef
    w.line(3, `${each.name}:\t${pod === undefined ? '' : fieldOfPod(pod, fieldPath)} (${apiVersion}:${fieldPath})`)
  } else if (from.resourceFieldRef !== undefined) {
    const { resource } = from.resourceFieldRef
    const [kind, name = ''] = resource.split('.')
    const amounts = kind === 'limits' ? container.resources?.limits : container.resources?.requests
    const isNodeWide = resource === 'limits.cpu' || resource === 'limits.memory'
    w.line(3, `${each.name}:\t${amounts?.[name] ?? (isNodeWide ? 'node allocatable' : '0')} (${resource})`)
  } else if (from.secretKeyRef !== undefined) {
    const { key, name, optional = false } = from.secretKeyRef
    w.line(3, `${each.name}:\t<set to the key '${key}' in secret '${name ?? ''}'>\tOptional: ${optional}`)
  } else if (from.configMapKeyRef !== undefined) {
    const { key, name, optional = false } = from.configMapKeyRef
    w.line(3, `${each.name}:\t<set to the key '${key}' of config map '${name ?? ''}'>\tOptional: ${optional}`)
  }
}

/** Only metadata can be read in this way; of other fields the describer shows nothing. Source: kubernetes pkg/fieldpath/fieldpath.go */
function fieldOfPod({ metadata }: Pod, path: string): string {
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path)
  if (keyed !== null) return (keyed[1] === 'labels' ? metadata?.labels : metadata?.annotations)?.[keyed[2] ?? ''] ?? ''
  const known: Readonly<Record<string, string | undefined>> = {
    'metadata.name': metadata?.name,
    'metadata.namespace': metadata?.namespace,
    'metadata.uid': metadata?.uid,
  }
  return known[path] ?? ''
}

function writeMounts(w: DescribeWriter, container: Container): void {
  const mounts = (container.volumeMounts ?? []).toSorted((a, b) => byCodeUnit(a.mountPath, b.mountPath))
  w.line(2, `Mounts:${mounts.length === 0 ? '\t<none>' : ''}`)
  for (const mount of mounts) {
    const path = mount.subPath === undefined || mount.subPath === '' ? '' : `,path=${JSON.stringify(mount.subPath)}`
    w.line(3, `${mount.mountPath} from ${mount.name} (${mount.readOnly === true ? 'ro' : 'rw'}${path})`)
  }
}
