import { isRecord } from '../../scenario/index.js'
import type { KubeObject } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { plainError } from '../errors.js'
import type { Found } from '../targets.js'
import { fetchTargets, isError } from '../targets.js'
import { WRITE_FLAGS } from '../writing.js'
import { chooseNamed, fieldOf } from './change.js'
import { createMade } from './create.js'

export const run: Command = {
  flags: {
    ...WRITE_FLAGS,
    image: { kind: 'string' },
    labels: { kind: 'list', short: 'l' },
    env: { kind: 'list' },
    port: { kind: 'string' },
    restart: { kind: 'string' },
    command: { kind: 'bool' },
    expose: { kind: 'bool' },
    rm: { kind: 'bool' },
    stdin: { kind: 'bool', short: 'i' },
    tty: { kind: 'bool', short: 't' },
    overrides: { kind: 'string' },
    'image-pull-policy': { kind: 'string' },
  },
  run: runRun,
}

/** Source: kubernetes kubectl pkg/generate/versioned/run.go BasicPod */
function runRun(input: CommandInput): CommandOutput {
  const { args } = input
  const [name] = args.words
  const image = args.text('image')
  if (image === undefined || image === '') return failed(plainError('required flag(s) "image" not set'))
  if (name === undefined) return failed(plainError("NAME is required for run\nSee 'kubectl run -h' for help and examples"))
  const labels = args.isSet('labels') ? Object.fromEntries(args.list('labels').map((each) => each.split('=', 2))) : { run: name }
  const words = [...args.words.slice(1), ...args.rest]
  const port = args.text('port')
  const env = args.list('env').map((each) => ({ name: each.split('=', 1)[0] ?? '', value: each.slice(each.indexOf('=') + 1) }))
  const container = {
    ...(words.length === 0 ? {} : args.flag('command') ? { command: words } : { args: words }),
    ...(env.length === 0 ? {} : { env }),
    image,
    name,
    ...(port === undefined ? {} : { ports: [{ containerPort: Number(port) }] }),
    resources: {},
  }
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { labels, name },
    spec: { containers: [container], dnsPolicy: 'ClusterFirst', restartPolicy: args.text('restart') ?? 'Always' },
    status: {},
  }
  return createMade(input, pod, 'created')
}

export const expose: Command = {
  flags: {
    ...WRITE_FLAGS,
    name: { kind: 'string' },
    port: { kind: 'string' },
    'target-port': { kind: 'string' },
    type: { kind: 'string' },
    protocol: { kind: 'string' },
    'cluster-ip': { kind: 'string' },
    'external-ip': { kind: 'string' },
    labels: { kind: 'list', short: 'l' },
    'session-affinity': { kind: 'string' },
  },
  run: runExpose,
}

/** Source: kubernetes kubectl pkg/cmd/expose/expose.go */
function runExpose(input: CommandInput): CommandOutput {
  const { args } = input
  const named = chooseNamed(input, args.words)
  if (isError(named)) return failed(named)
  const { found, errors } = fetchTargets(input, named.targets)
  const [each] = found
  if (each === undefined) return { errors }
  const selector = selectorOf(each)
  if (selector === undefined) {
    return failed(plainError(`cannot expose a ${each.object.kind}`))
  }
  const port = args.text('port')
  const introspected = portsOf(each)
  const numbers = port === undefined ? introspected : port.split(',').map((text) => ({ port: Number(text), protocol: undefined }))
  if (numbers.length === 0) {
    return failed(
      plainError("couldn't find port via --port flag or introspection\nSee 'kubectl expose -h' for help and examples"),
    )
  }
  const target = args.text('target-port')
  const ports = numbers.map((number, index) => ({
    ...(numbers.length > 1 ? { name: `port-${index + 1}` } : {}),
    port: number.port,
    protocol: args.text('protocol') ?? number.protocol ?? 'TCP',
    targetPort: target === undefined ? number.port : /^\d+$/.test(target) ? Number(target) : target,
  }))
  const type = args.text('type')
  const clusterIP = args.text('cluster-ip')
  const external = args.text('external-ip')
  const affinity = args.text('session-affinity')
  const labels = args.isSet('labels')
    ? Object.fromEntries(args.list('labels').map((text) => text.split('=', 2)))
    : each.object.metadata.labels
  const service: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...(labels === undefined ? {} : { labels }), name: args.text('name') ?? each.object.metadata.name },
    spec: {
      ports,
      selector,
      ...(type === undefined ? {} : { type }),
      ...(clusterIP === undefined ? {} : { clusterIP }),
      ...(external === undefined ? {} : { externalIPs: [external] }),
      ...(affinity === undefined ? {} : { sessionAffinity: affinity }),
    },
    status: { loadBalancer: {} },
  }
  return createMade(input, service, 'exposed')
}

function selectorOf({ info, object }: Found): Readonly<Record<string, unknown>> | undefined {
  const path = { pods: 'metadata.labels', services: 'spec.selector', replicationcontrollers: 'spec.selector' }[
    info.resource as string
  ]
  const value = fieldOf(object, path ?? 'spec.selector.matchLabels')
  return isRecord(value) ? value : undefined
}

function portsOf({ info, object }: Found): readonly { readonly port: number; readonly protocol: string | undefined }[] {
  if (info.resource === 'services') {
    const ports = fieldOf(object, 'spec.ports')
    return (Array.isArray(ports) ? ports.filter(isRecord) : []).map((each) => ({
      port: Number(each['port']),
      protocol: String(each['protocol'] ?? 'TCP'),
    }))
  }
  const containers = fieldOf(object, info.resource === 'pods' ? 'spec.containers' : 'spec.template.spec.containers')
  return (Array.isArray(containers) ? containers.filter(isRecord) : [])
    .flatMap((each) => (Array.isArray(each['ports']) ? each['ports'].filter(isRecord) : []))
    .map((each) => ({ port: Number(each['containerPort']), protocol: String(each['protocol'] ?? 'TCP') }))
}

export const autoscale: Command = {
  flags: {
    ...WRITE_FLAGS,
    min: { kind: 'string' },
    max: { kind: 'string' },
    cpu: { kind: 'string' },
    'cpu-percent': { kind: 'string' },
    memory: { kind: 'string' },
    name: { kind: 'string' },
  },
  run: runAutoscale,
}

/** Source: kubernetes kubectl pkg/cmd/autoscale/autoscale.go */
function runAutoscale(input: CommandInput): CommandOutput {
  const { args } = input
  if (!args.isSet('max')) return failed(plainError('required flag(s) "max" not set'))
  const max = Number(args.text('max') ?? -1)
  const min = Number(args.text('min') ?? -1)
  if (max < 1) return failed(plainError(`--max=MAXPODS is required and must be at least 1, max: ${max}`))
  if (max < min) return failed(plainError(`--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${max}, min: ${min}`))
  const named = chooseNamed(input, args.words)
  if (isError(named)) return failed(named)
  const { found, errors } = fetchTargets(input, named.targets)
  const [each] = found
  if (each === undefined) return { errors }
  const percent = args.text('cpu-percent') ?? args.text('cpu')?.replace(/%$/, '')
  const metric = {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: Number(percent) } },
  }
  const autoscaler: KubeObject = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: args.text('name') ?? each.object.metadata.name },
    spec: {
      maxReplicas: max,
      ...(percent === undefined ? {} : { metrics: [metric] }),
      ...(min > 0 ? { minReplicas: min } : {}),
      scaleTargetRef: { apiVersion: each.object.apiVersion, kind: each.object.kind, name: each.object.metadata.name },
    },
  }
  const output = createMade(input, autoscaler, 'autoscaled')
  const warning = args.isSet('cpu-percent')
    ? "Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).\n"
    : ''
  return { ...output, stderr: `${warning}${output.stderr ?? ''}` }
}
