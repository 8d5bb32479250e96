import { isRecord } from '../../scenario/index.js'
import type { KubeObject } from '../../sim/index.js'
import { applyMergePatch } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { plainError } from '../errors.js'
import { WRITE_FLAGS } from '../writing.js'
import { createMade } from './create.js'

export const run: Command = {
  flags: {
    ...WRITE_FLAGS,
    annotations: { kind: 'array' },
    attach: { kind: 'bool' },
    image: { kind: 'string' },
    labels: { kind: 'list', short: 'l' },
    env: { kind: 'array' },
    port: { kind: 'string' },
    privileged: { kind: 'bool' },
    quiet: { kind: 'bool', short: 'q' },
    restart: { kind: 'string' },
    command: { kind: 'bool' },
    expose: { kind: 'bool' },
    rm: { kind: 'bool' },
    stdin: { kind: 'bool', short: 'i' },
    tty: { kind: 'bool', short: 't' },
    'leave-stdin-open': { kind: 'bool' },
    overrides: { kind: 'string' },
    'override-type': { kind: 'string' },
    'pod-running-timeout': { kind: 'duration' },
    'image-pull-policy': { kind: 'string' },
  },
  run: runRun,
}

/** An image's reference: a name of lower-case parts, perhaps with host, tag and digest. Source: distribution/reference regexp.go */
const IMAGE =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/

/** Source: kubernetes kubectl pkg/cmd/run/run.go Run */
function argumentProblem({ args }: CommandInput, name: string | undefined): string | undefined {
  const image = args.text('image')
  if (image === undefined) return 'required flag(s) "image" not set'
  if (name === undefined) return "NAME is required for run\nSee 'kubectl run -h' for help and examples"
  if (image === '') return '--image is required'
  if (!IMAGE.test(image)) return `Invalid image name ${JSON.stringify(image)}: invalid reference format`
  if (args.flag('tty') && !args.flag('stdin')) return '-i/--stdin is required for containers with -t/--tty=true'
  if (args.flag('expose') && !args.isSet('port')) return '--port must be set when exposing a service'
  const restart = args.text('restart') ?? ''
  if (!['', 'Always', 'OnFailure', 'Never'].includes(restart)) return `invalid restart policy: ${restart}`
  const isAttached = args.flag('attach', args.flag('stdin'))
  if (!isAttached && args.flag('rm')) return '--rm should only be used for attached containers'
  if (isAttached && args.isSet('dry-run') && args.text('dry-run') !== 'none') {
    return "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)"
  }
  const pull = args.text('image-pull-policy') ?? ''
  if (!['', 'Always', 'IfNotPresent', 'Never'].includes(pull)) return `invalid image pull policy: ${pull}`
  const variable = args.list('env').find((each) => each.indexOf('=') <= 0)
  if (variable !== undefined) return `invalid env: ${variable}`
  const labels = args.isSet('labels') ? args.list('labels').find((each) => each.split('=').length !== 2) : undefined
  if (labels !== undefined) return `unexpected label spec: ${labels}`
  return undefined
}

/** Source: kubernetes kubectl pkg/generate/versioned/run.go BasicPod */
function runRun(input: CommandInput): CommandOutput {
  const { args } = input
  const [name] = args.words
  const problem = argumentProblem(input, name)
  if (problem !== undefined || name === undefined) return failed(plainError(problem ?? ''))
  const labels = args.isSet('labels') ? Object.fromEntries(args.list('labels').map((each) => each.split('=', 2))) : { run: name }
  const annotations = Object.fromEntries(args.list('annotations').map((each) => each.split('=', 2)))
  const words = [...args.words.slice(1), ...args.rest]
  const port = args.text('port')
  const pull = args.text('image-pull-policy')
  const env = args.list('env').map((each) => ({ name: each.split('=', 1)[0] ?? '', value: each.slice(each.indexOf('=') + 1) }))
  const isOpen = args.flag('stdin')
  const container = {
    ...(words.length === 0 ? {} : args.flag('command') ? { command: words } : { args: words }),
    ...(env.length === 0 ? {} : { env }),
    image: args.text('image'),
    ...(pull === undefined || pull === '' ? {} : { imagePullPolicy: pull }),
    name,
    ...(port === undefined ? {} : { ports: [{ containerPort: Number(port) }] }),
    resources: {},
    ...(args.flag('privileged') ? { securityContext: { privileged: true } } : {}),
    ...(isOpen ? { stdin: true, ...(args.flag('leave-stdin-open') ? {} : { stdinOnce: true }) } : {}),
    ...(args.flag('tty') ? { tty: true } : {}),
  }
  const restart = args.text('restart') ?? ''
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...(args.isSet('annotations') ? { annotations } : {}), labels, name },
    spec: {
      containers: [container],
      dnsPolicy: 'ClusterFirst',
      restartPolicy: restart === '' ? (isOpen ? 'OnFailure' : 'Always') : restart,
    },
    status: {},
  }
  const made = overridden(pod, args.text('overrides'))
  if (made === undefined) return failed(plainError('Invalid JSON Patch'))
  const service = args.flag('expose') ? createMade(input, serviceFor(name, labels, Number(port)), 'created') : {}
  const created = createMade(input, made, 'created', 'kubectl-run')
  const separator = service.stdout !== undefined && args.text('output') === 'yaml' ? '---\n' : ''
  return {
    stdout: `${service.stdout ?? ''}${separator}${created.stdout ?? ''}`,
    stderr: `${service.stderr ?? ''}${created.stderr ?? ''}`,
    errors: [...(service.errors ?? []), ...(created.errors ?? [])],
  }
}

/** `--overrides`, merged over what was made. Source: kubernetes kubectl pkg/cmd/util/override_options.go */
function overridden(made: KubeObject, text: string | undefined): KubeObject | undefined {
  if (text === undefined || text === '') return made
  try {
    const patch: unknown = JSON.parse(text)
    return isRecord(patch) ? (applyMergePatch(made, patch) as KubeObject) : undefined
  } catch {
    return undefined
  }
}

function serviceFor(name: string, selector: Readonly<Record<string, string>>, port: number): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { ports: [{ port, protocol: 'TCP', targetPort: port }], selector },
    status: { loadBalancer: {} },
  }
}
