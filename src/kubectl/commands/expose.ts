import { isRecord } from '../../scenario/index.js'
import type { KubeObject } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import type { CommandError } from '../errors.js'
import { plainError } from '../errors.js'
import type { Found } from '../targets.js'
import { fetchTargets, isError } from '../targets.js'
import { WRITE_FLAGS } from '../writing.js'
import { chooseBuilt, fieldOf } from './change.js'
import { createMade } from './create.js'

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
    selector: { kind: 'string' },
    'load-balancer-ip': { kind: 'string' },
    overrides: { kind: 'string' },
  },
  run: runExpose,
}

/** Source: kubernetes kubectl pkg/cmd/expose/expose.go */
function runExpose(input: CommandInput): CommandOutput {
  const { args } = input
  const named = chooseBuilt(input, args.words)
  if (isError(named)) return failed(named.kind === 'plain' ? usageError(named.message) : named)
  const { found, errors } = fetchTargets(input, named.targets)
  const outputs = found.map((each) => exposeOne(input, each))
  return {
    stdout: outputs.map((each) => each.stdout ?? '').join(''),
    stderr: outputs.map((each) => each.stderr ?? '').join(''),
    errors: [...outputs.flatMap((each) => each.errors ?? []), ...errors],
  }
}

function usageError(message: string): CommandError {
  return plainError(`${message}\nSee 'kubectl expose -h' for help and examples`)
}

/** Source: kubernetes kubectl pkg/polymorphichelpers/canbeexposed.go */
const EXPOSABLE = ['pods', 'services', 'replicationcontrollers', 'deployments', 'replicasets']

function exposeOne(input: CommandInput, each: Found): CommandOutput {
  const { args } = input
  if (!EXPOSABLE.includes(each.info.resource)) return failed(plainError(`cannot expose a ${each.object.kind}`))
  const given = args.text('selector') ?? ''
  const selector = given === '' ? selectorOf(each) : Object.fromEntries(given.split(',').map((text) => text.split('=', 2)))
  if (typeof selector === 'string') {
    return failed(usageError(`couldn't retrieve selectors via --selector flag or introspection: ${selector}`))
  }
  const port = args.text('port')
  const wrong = port?.split(',').find((text) => !/^[+-]?\d+$/.test(text))
  if (wrong !== undefined) return failed(plainError(`strconv.Atoi: parsing ${JSON.stringify(wrong)}: invalid syntax`))
  const introspected = portsOf(each)
  const numbers = port === undefined ? introspected : port.split(',').map((text) => ({ port: Number(text), protocol: undefined }))
  if (numbers.length === 0 && args.text('cluster-ip') !== 'None') {
    return failed(usageError("couldn't find port via --port flag or introspection"))
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
      ...(args.isSet('load-balancer-ip') ? { loadBalancerIP: args.text('load-balancer-ip') } : {}),
      ...(affinity === undefined ? {} : { sessionAffinity: affinity }),
    },
    status: { loadBalancer: {} },
  }
  return createMade(input, service, 'exposed', 'kubectl-expose')
}

/** What selects an object's Pods; a text says why nothing can. Source: kubernetes kubectl pkg/polymorphichelpers/mapbasedselectorforobject.go */
function selectorOf({ info, object }: Found): Readonly<Record<string, unknown>> | string {
  const path = { pods: 'metadata.labels', services: 'spec.selector', replicationcontrollers: 'spec.selector' }[
    info.resource as string
  ]
  const value = fieldOf(object, path ?? 'spec.selector.matchLabels')
  const expressions = fieldOf(object, 'spec.selector.matchExpressions')
  if (path === undefined && Array.isArray(expressions) && expressions.length > 0) {
    return `couldn't convert expressions - "${expressions.map(String).join(' ')}" to map-based selector format`
  }
  if (isRecord(value) && Object.keys(value).length > 0) return value
  if (info.resource === 'pods') return 'the pod has no labels and cannot be exposed'
  return info.resource === 'services'
    ? 'the service has no pod selector set'
    : 'invalid deployment: no selectors, therefore cannot be exposed'
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
