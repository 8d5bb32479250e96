import { isRecord } from '../../scenario/index.js'
import type { KubeObject } from '../../sim/index.js'
import { own } from '../../sim/index.js'
import type { CommandInput } from '../command.js'
import { fetchTargets, isError, readTargets } from '../targets.js'
import { accessGenerators } from './accessGenerators.js'
import type { Generator, GeneratorProblem } from './generator.js'

function nameOf(words: readonly string[], input: CommandInput): string | GeneratorProblem {
  const [name, ...more] = words
  if (name !== undefined && more.length === 0) return name
  const [kind = '', ...sub] = input.args.words.slice(0, input.args.words.length - words.length)
  const command = [own(FULL_NAMES, kind) ?? kind, ...sub].join(' ')
  const help = `See 'kubectl create ${command} -h' for help and examples`
  return { problem: `exactly one NAME is required, got ${words.length}\n${help}` }
}

/** What a command is called in full, by its aliases. */
const FULL_NAMES: Readonly<Record<string, string>> = {
  cj: 'cronjob',
  cm: 'configmap',
  deploy: 'deployment',
  ing: 'ingress',
  ns: 'namespace',
  pc: 'priorityclass',
  pdb: 'poddisruptionbudget',
  resourcequota: 'quota',
  sa: 'serviceaccount',
  svc: 'service',
}

/** Wraps a generator whose one word is the name. */
function named(make: (name: string, input: CommandInput) => KubeObject | GeneratorProblem): Generator {
  return (words, input) => {
    const name = nameOf(words, input)
    return typeof name === 'string' ? make(name, input) : name
  }
}

/** A container's name from its image: the last part, without tag. Source: kubernetes kubectl pkg/cmd/create/create_deployment.go buildPodSpec */
export function containerName(image: string): string {
  const last = image.split('/').at(-1) ?? ''
  return (last.split(/[@:]/)[0] ?? '').replace(/[^a-zA-Z0-9-]/g, '-')
}

const deployment = named((name, { args }) => {
  const images = args.list('image')
  if (images.length === 0) return { problem: 'required flag(s) "image" not set' }
  const labels = { app: name }
  const port = args.text('port')
  const ports = port === undefined ? {} : { ports: [{ containerPort: Number(port) }] }
  const containers = images.map((image) => ({
    image,
    name: containerName(image),
    ...ports,
    resources: {},
    ...(args.rest.length > 0 ? { command: args.rest } : {}),
  }))
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { labels, name },
    spec: {
      replicas: Number(args.text('replicas') ?? 1),
      selector: { matchLabels: labels },
      strategy: {},
      template: { metadata: { labels }, spec: { containers } },
    },
    status: {},
  }
})

const namespace = named((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {}, status: {} }))

const serviceAccount = named((name) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } }))

/** Source: kubernetes kubectl pkg/cmd/create/create_configmap.go, create_secret.go; pkg/util/util.go ParseLiteralSource, ParseFileSource */
function literals(
  { args, env }: CommandInput,
  taken: (key: string) => string,
): Readonly<Record<string, string>> | GeneratorProblem {
  const data: Record<string, string> = {}
  if (args.isSet('from-env-file') && (args.isSet('from-file') || args.isSet('from-literal'))) {
    return { problem: 'from-env-file cannot be combined with from-file or from-literal' }
  }
  for (const source of args.list('from-file')) {
    const equals = source.indexOf('=')
    if (equals === 0) return { problem: `key name for file path ${source.slice(1)} missing` }
    if (equals > 0 && equals === source.length - 1) return { problem: `file path for key name ${source.slice(0, -1)} missing` }
    const path = equals < 0 ? source : source.slice(equals + 1)
    const key = equals < 0 ? (path.split('/').at(-1) ?? path) : source.slice(0, equals)
    const text = own(env.files, path)
    if (text === undefined) return { problem: `error reading ${path}: no such file or directory` }
    if (own(data, key) !== undefined) return { problem: taken(key) }
    data[key] = text
  }
  for (const literal of args.list('from-literal')) {
    const equals = literal.indexOf('=')
    if (equals <= 0) return { problem: `invalid literal source ${literal}, expected key=value` }
    const key = literal.slice(0, equals)
    if (own(data, key) !== undefined) return { problem: taken(key) }
    // A value may have been quoted for a shell that is not there.
    data[key] = literal.slice(equals + 1).replace(/^(['"])(.*)\1$/s, '$2')
  }
  for (const path of args.list('from-env-file')) {
    const text = own(env.files, path)
    if (text === undefined) return { problem: `error reading ${path}: no such file or directory` }
    for (const line of text.split('\n').map((each) => each.replace(/\r$/, '').trimStart())) {
      const equals = line.indexOf('=')
      if (line === '' || line.startsWith('#') || equals < 0) continue
      const key = line.slice(0, equals)
      if (own(data, key) !== undefined) return { problem: taken(key) }
      data[key] = line.slice(equals + 1)
    }
  }
  return data
}

function isLiteralProblem(data: Readonly<Record<string, string>> | GeneratorProblem): data is GeneratorProblem {
  return typeof data['problem'] === 'string' && Object.keys(data).length === 1 && data['problem'].includes(' ')
}

const configMap = named((name, input) => {
  const data = literals(
    input,
    (key) =>
      `cannot add key ${JSON.stringify(key)}, another key by that name already exists in Data for ConfigMap ${JSON.stringify(name)}`,
  )
  if (isLiteralProblem(data)) return data
  return { apiVersion: 'v1', ...(Object.keys(data).length > 0 ? { data } : {}), kind: 'ConfigMap', metadata: { name } }
})

function secretKeyTaken(key: string): string {
  return `cannot add key ${key}, another key by that name already exists`
}

const secret: Generator = (words, input) => {
  const [type, ...rest] = words
  const name = nameOf(rest, input)
  if (typeof name !== 'string') return name
  if (type === 'tls') return tlsSecret(name, input)
  if (type === 'docker-registry') return registrySecret(name, input)
  if (type !== 'generic') return { problem: `unknown command "${type ?? ''}" for "kubectl create secret"` }
  const data = literals(input, secretKeyTaken)
  if (isLiteralProblem(data)) return data
  const encoded = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, encode(value)]))
  const kind = input.args.text('type')
  return { apiVersion: 'v1', data: encoded, kind: 'Secret', metadata: { name }, ...(kind === undefined ? {} : { type: kind }) }
}

/** Source: kubernetes kubectl pkg/cmd/create/create_secret_tls.go; the pair itself is not looked into. */
function tlsSecret(name: string, { args, env }: CommandInput): KubeObject | GeneratorProblem {
  const certPath = args.text('cert') ?? ''
  const keyPath = args.text('key') ?? ''
  if (certPath === '' || keyPath === '') return { problem: 'key and cert must be specified' }
  const cert = own(env.files, certPath)
  const key = own(env.files, keyPath)
  if (cert === undefined) return { problem: `open ${certPath}: no such file or directory` }
  if (key === undefined) return { problem: `open ${keyPath}: no such file or directory` }
  const data = { 'tls.crt': encode(cert), 'tls.key': encode(key) }
  return { apiVersion: 'v1', data, kind: 'Secret', metadata: { name }, type: 'kubernetes.io/tls' }
}

/** Source: kubernetes kubectl pkg/cmd/create/create_secret_docker.go */
function registrySecret(name: string, input: CommandInput): KubeObject | GeneratorProblem {
  const { args } = input
  const username = args.text('docker-username') ?? ''
  const password = args.text('docker-password') ?? ''
  const server = args.text('docker-server') ?? 'https://index.docker.io/v1/'
  const type = 'kubernetes.io/dockerconfigjson'
  if (args.isSet('from-file')) {
    const files = literals(input, secretKeyTaken)
    if (isLiteralProblem(files)) return files
    const data = Object.fromEntries(Object.entries(files).map(([key, value]) => [key, encode(value)]))
    return { apiVersion: 'v1', data, kind: 'Secret', metadata: { name }, type }
  }
  if (username === '' || password === '' || server === '') {
    return {
      problem: 'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
    }
  }
  const email = args.text('docker-email') ?? ''
  const login = { username, password, ...(email === '' ? {} : { email }), auth: encode(`${username}:${password}`) }
  const data = { '.dockerconfigjson': encode(JSON.stringify({ auths: { [server]: login } })) }
  return { apiVersion: 'v1', data, kind: 'Secret', metadata: { name }, type }
}

function encode(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}

const SERVICE_TYPES: Readonly<Record<string, string>> = {
  clusterip: 'ClusterIP',
  nodeport: 'NodePort',
  loadbalancer: 'LoadBalancer',
  externalname: 'ExternalName',
}

/** Source: kubernetes kubectl pkg/cmd/create/create_service.go parsePorts */
function portProblem(pair: string): string | undefined {
  const [port = '', target] = pair.split(':')
  if (!/^\d+$/.test(port)) return `strconv.ParseUint: parsing ${JSON.stringify(port)}: invalid syntax`
  if (Number(port) > 65_535) return `strconv.ParseUint: parsing ${JSON.stringify(port)}: value out of range`
  if (target === undefined || /^[+-]?\d+$/.test(target)) {
    const number = Number(target ?? port)
    return target === undefined || (number >= 1 && number <= 65_535) ? undefined : 'must be between 1 and 65535, inclusive'
  }
  const faults = [
    ...(target.length > 15 ? ['must be no more than 15 characters'] : []),
    ...(/^[-a-z0-9]*$/.test(target) ? [] : ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)']),
    ...(/[a-z]/.test(target) ? [] : ['must contain at least one letter (a-z)']),
    ...(target.includes('--') ? ['must not contain consecutive hyphens'] : []),
    ...(/^-|-$/.test(target) ? ['must not begin or end with a hyphen'] : []),
  ]
  return faults.length === 0 ? undefined : faults.join(',')
}

const service: Generator = ([kind = '', ...rest], input) => {
  const { args } = input
  const type = own(SERVICE_TYPES, kind)
  if (type === undefined) return { problem: `unknown service type "${kind}"` }
  const name = nameOf(rest, input)
  if (typeof name !== 'string') return name
  const pairs = args.list('tcp')
  if (type === 'ExternalName' && !args.isSet('external-name')) return { problem: 'required flag(s) "external-name" not set' }
  const wrong = pairs.map(portProblem).find((each) => each !== undefined)
  if (wrong !== undefined) return { problem: wrong }
  const clusterIP = args.text('clusterip')
  if (pairs.length === 0 && clusterIP !== 'None' && type !== 'ExternalName')
    return { problem: 'at least one tcp port specifier must be provided' }
  const nodePort = args.text('node-port')
  const ports = pairs.map((pair) => {
    const [port = '', target = port] = pair.split(':')
    const targetPort = /^\d+$/.test(target) ? Number(target) : target
    const given = nodePort === undefined ? {} : { nodePort: Number(nodePort) }
    return { name: pair.replaceAll(':', '-'), ...given, port: Number(port), protocol: 'TCP', targetPort }
  })
  const external = args.text('external-name')
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { labels: { app: name }, name },
    spec: {
      ...(clusterIP === undefined ? {} : { clusterIP }),
      ...(external === undefined ? {} : { externalName: external }),
      ...(ports.length === 0 ? {} : { ports }),
      selector: { app: name },
      type,
    },
    status: { loadBalancer: {} },
  }
}

const job = named((name, input) => {
  const { args } = input
  const image = args.text('image')
  const from = args.text('from')
  if ((image === undefined) === (from === undefined)) return { problem: 'either --image or --from must be specified' }
  if (from !== undefined)
    return args.rest.length > 0 ? { problem: 'cannot specify --from and command' } : jobFrom(name, from, input)
  const container = { ...(args.rest.length > 0 ? { command: args.rest } : {}), image, name, resources: {} }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { template: { metadata: {}, spec: { containers: [container], restartPolicy: 'Never' } } },
    status: {},
  }
})

/** A Job as the CronJob would make it now. Source: kubernetes kubectl pkg/cmd/create/create_job.go createJobFromCronJob */
function jobFrom(name: string, from: string, input: CommandInput): KubeObject | GeneratorProblem {
  const targets = readTargets([from])
  if (isError(targets)) return { problem: '', error: targets }
  const { found, errors } = fetchTargets(input, targets.targets)
  const [error] = errors
  if (error !== undefined) return { problem: '', error }
  const [owner, ...more] = found
  if (owner === undefined || more.length > 0) return { problem: 'from must be an existing cronjob' }
  if (owner.info.resource !== 'cronjobs') return { problem: `unknown object type *v1.${owner.info.kind}` }
  const template = recordIn(recordIn(owner.object, 'spec'), 'jobTemplate')
  const { labels, annotations } = recordIn(template, 'metadata')
  const { name: ownerName, uid } = owner.object.metadata
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', ...(isTexts(annotations) ? annotations : {}) },
      ...(isTexts(labels) ? { labels } : {}),
      name,
      ownerReferences: [{ apiVersion: 'batch/v1', controller: true, kind: 'CronJob', name: ownerName ?? '', uid: uid ?? '' }],
    },
    spec: recordIn(template, 'spec'),
    status: {},
  }
}

function recordIn(object: Readonly<Record<string, unknown>>, field: string): Readonly<Record<string, unknown>> {
  const value = object[field]
  return isRecord(value) ? value : {}
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every((each) => typeof each === 'string')
}

const cronJob = named((name, { args }) => {
  const image = args.text('image')
  const schedule = args.text('schedule')
  const missing = [...(image === undefined ? ['"image"'] : []), ...(schedule === undefined ? ['"schedule"'] : [])]
  if (missing.length > 0) return { problem: `required flag(s) ${missing.join(', ')} not set` }
  const container = { ...(args.rest.length > 0 ? { command: args.rest } : {}), image, name, resources: {} }
  const template = { metadata: {}, spec: { containers: [container], restartPolicy: args.text('restart') ?? 'OnFailure' } }
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name },
    spec: { jobTemplate: { metadata: { name }, spec: { template } }, schedule },
    status: {},
  }
})

const quota = named((name, { args }) => {
  const wrong = (args.text('hard') ?? '').split(',').find((each) => each !== '' && each.split('=').length !== 2)
  if (wrong !== undefined) return { problem: `Invalid argument syntax ${wrong}, expected <resource>=<value>` }
  const hard = Object.fromEntries(
    (args.text('hard') ?? '')
      .split(',')
      .filter((each) => each !== '')
      .map((each) => each.split('=')),
  )
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name },
    spec: { hard, ...(args.isSet('scopes') ? { scopes: args.list('scopes') } : {}) },
    status: {},
  }
})

/** What `kubectl create KIND` makes. Source: kubernetes kubectl pkg/cmd/create/create_*.go */
export const GENERATORS: Readonly<Record<string, Generator>> = {
  deployment,
  deploy: deployment,
  namespace,
  ns: namespace,
  serviceaccount: serviceAccount,
  sa: serviceAccount,
  configmap: configMap,
  cm: configMap,
  secret,
  service,
  svc: service,
  job,
  cronjob: cronJob,
  cj: cronJob,
  quota,
  resourcequota: quota,
  ...accessGenerators(named),
}
