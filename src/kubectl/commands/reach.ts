import type { StoredOf } from '../../sim/index.js'
import { outputOfWords } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { apiError, plainError } from '../errors.js'
import type { FlagSpecs } from '../flags.js'
import { isError, readTargets } from '../targets.js'
import { NOTHING_NAMED } from './change.js'
import { chooseContainer, choosePod } from './pods.js'

const TERMINAL_FLAGS: FlagSpecs = {
  container: { kind: 'string', short: 'c' },
  stdin: { kind: 'bool', short: 'i' },
  tty: { kind: 'bool', short: 't' },
  quiet: { kind: 'bool', short: 'q' },
  filename: { kind: 'list', short: 'f' },
  'pod-running-timeout': { kind: 'duration' },
}

function hint(name: string): string {
  return `See 'kubectl ${name} -h' for help and examples`
}

function notSimulated(what: string): CommandOutput {
  return failed(plainError(`kubectl ${what} is not simulated: no image runs here`))
}

export const exec: Command = { flags: TERMINAL_FLAGS, run: runExec }

/** Source: kubernetes kubectl pkg/cmd/exec/exec.go */
function runExec(input: CommandInput): CommandOutput {
  const { args } = input
  const [word] = args.words
  if (word === undefined && !args.isSet('filename')) return failed(plainError('pod, type/name or --filename must be specified'))
  if (args.rest.length === 0 && args.words.length > 1) {
    const problem = 'exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead'
    return failed(plainError(`${problem}\n${hint('exec')}`))
  }
  if (args.rest.length === 0) return failed(plainError('you must specify at least one command for the container'))
  const chosen = choosePod(input, word ?? '', false)
  if (!('pod' in chosen)) return failed(chosen)
  const { pod } = chosen
  const phase = pod.status?.phase ?? ''
  if (phase === 'Succeeded' || phase === 'Failed') {
    return failed(plainError(`cannot exec into a container in a completed pod; current phase is ${phase}`))
  }
  const { container, remark } = chooseContainer(pod, args.text('container'))
  const refused = refusal(pod, container?.name, args.text('container'))
  if (refused !== undefined) return { stderr: args.flag('quiet') ? '' : remark, ...refused }
  const said = container === undefined ? undefined : execOutput(pod, container, args.rest)
  const stderr = args.flag('quiet') ? '' : remark
  if (said === undefined) {
    const problem = `kubectl exec is not simulated for ${JSON.stringify(args.rest.join(' '))}: no image runs here`
    return { stderr, errors: [plainError(problem)] }
  }
  const code = args.rest[0] === 'false' ? 1 : 0
  const stdout = said.map((line) => `${line}\n`).join('')
  return code === 0 ? { stdout, stderr } : { stdout, stderr: `${stderr}command terminated with exit code 1\n`, exit: 1 }
}

/** Source: kubernetes pkg/registry/core/pod/strategy.go streamLocation, pkg/kubelet/server/server.go */
function refusal(pod: StoredOf<'pods'>, container: string | undefined, asked: string | undefined): CommandOutput | undefined {
  const bad = (message: string): CommandOutput => failed(apiError({ code: 400, reason: 'BadRequest', message }))
  if (container === undefined) return bad(`container ${asked} is not valid for pod ${pod.metadata.name}`)
  if (pod.spec?.nodeName === undefined) return bad(`pod ${pod.metadata.name} does not have a host assigned`)
  const status = pod.status?.containerStatuses?.find((each) => each.name === container)
  if (status?.state?.running !== undefined) return undefined
  const message = `unable to upgrade connection: container not found (${JSON.stringify(container)})`
  return failed(plainError(`Internal error occurred: ${message}`))
}

type PodContainer = Parameters<typeof outputOfWords>[1]

/** What a small command prints in a container: what follows from the Pod alone. */
function execOutput(pod: StoredOf<'pods'>, container: PodContainer, words: readonly string[]): readonly string[] | undefined {
  const [program = '', ...rest] = words
  const hostname = pod.spec?.hostNetwork === true ? pod.spec.nodeName : (pod.spec?.hostname ?? pod.metadata.name)
  const line = words.join(' ')
  if (line === 'hostname' || line === 'cat /etc/hostname') return [hostname ?? '']
  if (line === 'hostname -i' || line === 'hostname -I') return [pod.status?.podIP ?? '']
  if (program === 'printenv' && rest.length === 1) {
    const value = container.env?.find((each) => each.name === rest[0])?.value
    return value === undefined ? undefined : [value]
  }
  return outputOfWords(words, container)
}

export const attach: Command = { flags: TERMINAL_FLAGS, run: runAttach }

/** Source: kubernetes kubectl pkg/cmd/attach/attach.go */
function runAttach(input: CommandInput): CommandOutput {
  const { words } = input.args
  if (words.length === 0) return failed(plainError(`at least 1 argument is required for attach\n${hint('attach')}`))
  if (words.length > 2) {
    const problem = `expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ${words.length}: [${words.join(' ')}]`
    return failed(plainError(`${problem}\n${hint('attach')}`))
  }
  const chosen = choosePod(input, words.join('/'), false)
  if (!('pod' in chosen)) return failed(chosen)
  const phase = chosen.pod.status?.phase ?? ''
  if (phase === 'Succeeded' || phase === 'Failed') {
    return failed(plainError(`cannot attach a container in a completed pod; current phase is ${phase}`))
  }
  const { container } = chooseContainer(chosen.pod, input.args.text('container'))
  if (container === undefined) {
    return failed(plainError(`container ${input.args.text('container')} not found in pod ${chosen.pod.metadata.name}`))
  }
  return notSimulated('attach')
}

export const portForward: Command = {
  flags: { address: { kind: 'list' }, 'pod-running-timeout': { kind: 'duration' } },
  run: runPortForward,
}

/** Source: kubernetes kubectl pkg/cmd/portforward/portforward.go */
function runPortForward(input: CommandInput): CommandOutput {
  const [word = '', ...ports] = input.args.words
  if (ports.length === 0) {
    return failed(plainError(`TYPE/NAME and list of ports are required for port-forward\n${hint('port-forward')}`))
  }
  const chosen = choosePod(input, word, false)
  if (!('pod' in chosen)) return failed(chosen)
  const phase = chosen.pod.status?.phase ?? ''
  if (phase !== 'Running') {
    return failed(plainError(`unable to forward port because pod is not running. Current status=${phase}`))
  }
  return failed(plainError('kubectl port-forward is not simulated: send a request to the Pod instead'))
}

export const cp: Command = {
  flags: { container: { kind: 'string', short: 'c' }, 'no-preserve': { kind: 'bool' }, retries: { kind: 'int' } },
  run: runCp,
}

/** Source: kubernetes kubectl pkg/cmd/cp/cp.go */
function runCp(input: CommandInput): CommandOutput {
  const { words } = input.args
  if (words.length !== 2) return failed(plainError('source and destination are required'))
  const specs = words.map(readFileSpec)
  if (specs.some((each) => each === undefined)) {
    return failed(plainError('filespec must match the canonical format: [[namespace/]pod:]file/path'))
  }
  const remote = specs.flatMap((each) => (each?.pod === undefined ? [] : [each]))
  if (remote.length === 2) return failed(plainError('one of src or dest must be a local file specification'))
  const [only] = remote
  if (only?.pod === undefined) return failed(plainError('one of src or dest must be a remote file specification'))
  if (specs.some((each) => each?.file === '')) return failed(plainError('filepath can not be empty'))
  const pod = input.env.api.get('pods', `${only.namespace ?? input.namespace}/${only.pod}`)
  return pod.ok ? notSimulated('cp') : failed(apiError(pod.error))
}

interface FileSpec {
  readonly namespace?: string
  readonly pod?: string
  readonly file: string
}

/** `[[namespace/]pod:]file/path`. */
function readFileSpec(text: string): FileSpec | undefined {
  const colon = text.indexOf(':')
  if (colon === 0) return undefined
  if (colon < 0) return { file: text }
  const place = text.slice(0, colon).split('/')
  const file = text.slice(colon + 1)
  const [first = '', second] = place
  if (place.length > 2) return undefined
  return second === undefined ? { pod: first, file } : { namespace: first, pod: second, file }
}

export const debug: Command = {
  flags: {
    ...TERMINAL_FLAGS,
    image: { kind: 'string' },
    target: { kind: 'string' },
    'copy-to': { kind: 'string' },
    profile: { kind: 'string' },
    env: { kind: 'array' },
    attach: { kind: 'bool' },
    replace: { kind: 'bool' },
    'same-node': { kind: 'bool' },
    'set-image': { kind: 'list' },
    'share-processes': { kind: 'bool' },
    'image-pull-policy': { kind: 'string' },
    custom: { kind: 'string' },
  },
  run: runDebug,
}

/** Source: kubernetes kubectl pkg/cmd/debug/debug.go Validate */
function runDebug(input: CommandInput): CommandOutput {
  const { args } = input
  const [word] = args.words
  if (word === undefined) return failed(plainError('NAME or TYPE/NAME is required for debug'))
  if (!args.isSet('copy-to') && !args.isSet('image'))
    return failed(plainError('you must specify --image when not using --copy-to.'))
  const named = readTargets(word.includes('/') ? [word] : ['pods', word])
  if (isError(named)) return failed(named)
  return notSimulated('debug')
}

export const edit: Command = {
  flags: {
    filename: { kind: 'list', short: 'f' },
    output: { kind: 'string', short: 'o' },
    'output-patch': { kind: 'bool' },
    'save-config': { kind: 'bool' },
    subresource: { kind: 'string' },
    validate: { kind: 'optional', bare: 'strict' },
    'windows-line-endings': { kind: 'bool' },
    'field-manager': { kind: 'string' },
  },
  run: runEdit,
}

/** Source: kubernetes kubectl pkg/cmd/util/editor/editoptions.go */
function runEdit(input: CommandInput): CommandOutput {
  const { words, isSet } = input.args
  if (words.length === 0 && !isSet('filename')) return failed(plainError(NOTHING_NAMED))
  const named = words.length === 0 ? undefined : readTargets(words)
  if (named !== undefined && isError(named)) return failed(named)
  return failed(plainError('kubectl edit is not simulated: there is no editor here; change the manifest and apply it'))
}

export const proxy: Command = {
  flags: {
    port: { kind: 'int', short: 'p' },
    address: { kind: 'string' },
    'api-prefix': { kind: 'string' },
    www: { kind: 'string', short: 'w' },
  },
  run: () => failed(plainError('kubectl proxy is not simulated: use kubectl get --raw')),
}
