import type { Container } from '../../generated/kubeTypes.js'
import type { StoredOf } from '../../sim/index.js'
import { outputOf } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import type { CommandError } from '../errors.js'
import { apiError, plainError } from '../errors.js'
import type { ChosenPod } from './pods.js'
import { chooseContainer, choosePod, containerNames } from './pods.js'

export const logs: Command = {
  flags: {
    'all-containers': { kind: 'bool' },
    'all-pods': { kind: 'bool' },
    container: { kind: 'string', short: 'c' },
    follow: { kind: 'bool', short: 'f' },
    'ignore-errors': { kind: 'bool' },
    'insecure-skip-tls-verify-backend': { kind: 'bool' },
    'limit-bytes': { kind: 'int' },
    'max-log-requests': { kind: 'int' },
    'pod-running-timeout': { kind: 'duration' },
    prefix: { kind: 'bool' },
    previous: { kind: 'bool', short: 'p' },
    selector: { kind: 'string', short: 'l' },
    since: { kind: 'duration' },
    'since-time': { kind: 'string' },
    tail: { kind: 'int' },
    timestamps: { kind: 'bool' },
  },
  run,
}

const HINT = "See 'kubectl logs -h' for help and examples"
const USAGE = `expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command\n${HINT}`
const SELECTOR_TAIL = 10

/** Source: kubernetes kubectl pkg/cmd/logs/logs.go, pkg/polymorphichelpers/logsforobject.go */
function run(input: CommandInput): CommandOutput {
  const { args, env, namespace } = input
  const problem = argumentProblem(input)
  if (problem !== undefined) return failed(plainError(problem))
  const [word = '', inline] = args.words
  const pods: StoredOf<'pods'>[] = []
  let stderr = ''
  if (args.isSet('selector')) {
    const listed = env.api.list('pods', { namespace, labelSelector: args.text('selector') ?? '' })
    if (!listed.ok) return failed(apiError(listed.error))
    pods.push(...listed.value)
    if (pods.length === 0) return { stderr: `No resources found in ${namespace} namespace.\n` }
  } else {
    const chosen = choosePod(input, word, true)
    if (!('pod' in chosen)) return failed(notFound(input, chosen, word))
    stderr += (chosen satisfies ChosenPod).remarks
    pods.push(chosen.pod)
  }
  let stdout = ''
  for (const pod of pods) {
    const all = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]
    const picked = chooseContainer(pod, inline ?? args.text('container'))
    if (!args.flag('all-containers')) stderr += picked.remark
    const containers = args.flag('all-containers') ? all : [picked.container]
    for (const container of containers) {
      if (container === undefined) {
        const name = inline ?? args.text('container')
        const text = `container ${name} is not valid for pod ${pod.metadata.name} out of: ${containerNames(pod)}`
        return { stdout, stderr, errors: [plainError(text)] }
      }
      const told = logOf(input, pod, container)
      if (typeof told !== 'string') return { stdout, stderr, errors: [told] }
      stdout += told
    }
  }
  return { stdout, stderr }
}

function argumentProblem({ args }: CommandInput): string | undefined {
  const { words } = args
  if (words.length > 2 || (words.length === 0 && !args.isSet('selector'))) return USAGE
  if (words.length === 1 && args.isSet('selector')) return `only a selector (-l) or a POD name is allowed\n${HINT}`
  if (args.isSet('since') && args.isSet('since-time')) {
    return 'at most one of `sinceTime` or `sinceSeconds` may be specified'
  }
  const container = words[1] ?? args.text('container')
  if (args.flag('all-containers') && container !== undefined) {
    return `--all-containers=true should not be specified with container name ${container}`
  }
  if (args.isSet('container') && words.length === 2) return 'only one of -c or an inline [CONTAINER] arg is allowed'
  if (Number(args.text('limit-bytes') ?? 0) < 0) return '--limit-bytes must be greater than 0'
  if (Number(args.text('tail') ?? 0) < -1) return '--tail must be greater than or equal to -1'
  return undefined
}

/** Of a Pod that is not there, the newer kubectl tells in which namespace it looked. */
function notFound({ namespace }: CommandInput, error: CommandError, word: string): CommandError {
  if (error.kind !== 'api' || error.error.code !== 404 || word.includes('/')) return error
  return plainError(`error from server (NotFound): ${error.error.message} in namespace ${JSON.stringify(namespace)}`)
}

/** The log of one container, or why there is none. Source: kubernetes pkg/kubelet/kubelet_pods.go validateContainerLogStatus */
function logOf({ args }: CommandInput, pod: StoredOf<'pods'>, container: Container): string | CommandError {
  const { name } = pod.metadata
  if (pod.spec?.nodeName === undefined) return ''
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]
  const status = statuses.find((each) => each.name === container.name)
  const about = `container ${JSON.stringify(container.name)} in pod ${JSON.stringify(name)}`
  const refusal = (message: string): CommandError => apiError({ code: 400, reason: 'BadRequest', message })
  if (args.flag('previous') && status?.lastState?.terminated === undefined)
    return refusal(`previous terminated ${about} not found`)
  const waiting = status?.state?.waiting
  if (waiting !== undefined && status?.lastState?.terminated === undefined)
    return refusal(`${about} ${waitingFor(waiting.reason)}`)
  if (status === undefined) return refusal(`${about} is waiting to start: PodInitializing`)
  const lines = outputOf(container)
  if (lines === undefined) {
    const image = container.image ?? ''
    return plainError(`kubectl logs is not simulated for ${about}: no image runs here, and what ${image} writes is not known`)
  }
  const startedAt =
    status.state?.running?.startedAt ?? status.state?.terminated?.startedAt ?? status.lastState?.terminated?.startedAt ?? ''
  const stamped = args.flag('timestamps') ? lines.map((line) => `${startedAt} ${line}`) : lines
  const prefixed = args.flag('prefix') ? stamped.map((line) => `[pod/${name}/${container.name}] ${line}`) : stamped
  const tail = Number(args.text('tail') ?? (args.isSet('selector') ? SELECTOR_TAIL : -1))
  const shown = tail < 0 ? prefixed : prefixed.slice(Math.max(0, prefixed.length - tail))
  return shown.map((line) => `${line}\n`).join('')
}

function waitingFor(reason = ''): string {
  if (reason === 'ErrImagePull') return "is waiting to start: image can't be pulled"
  if (reason === 'ImagePullBackOff') return 'is waiting to start: trying and failing to pull image'
  return `is waiting to start: ${reason}`
}
