import type { Container, Pod } from '../../generated/kubeTypes.js'
import { MS, type SimTime } from '../core/time.js'
import { type Wishes, wishesOf } from './annotations.js'
import { type Course, courseOf } from './command.js'
import { findImage, type Greeting, type ImageEntry, type ImagePort } from './images.js'

export interface WorkloadPort {
  readonly port: number
  readonly proto: 'tcp' | 'udp' | 'sctp'
}

/** What one container does once it runs. Plain data, decided when it starts. */
export interface Workload {
  readonly listens: readonly WorkloadPort[]
  readonly status: number
  readonly body: string
  readonly latency: SimTime
  /** Until so long after its start every HTTP answer is a 503. */
  readonly readyAfter: SimTime
  /** From so long after its start it answers nothing; never when absent. */
  readonly hangAfter: SimTime | undefined
  /** Paths that HTTP answers know; all when absent. */
  readonly paths: readonly string[] | undefined
  /** Ends by itself. */
  readonly exit: { readonly after: SimTime; readonly code: number; readonly reason: string; readonly message: string } | undefined
  /** Ends well once this Service's name resolves, or somebody answers behind it. */
  readonly awaits: { readonly host: string; readonly what: 'name' | 'answer' } | undefined
  /** Cannot be started: its program is not there. */
  readonly cannotRun: string | undefined
  /** Does not end when asked to (SIGTERM), as a shell or `sleep` that is process 1: it is killed after the grace period. */
  readonly ignoresTerm: boolean
}

/** Usual time to an answer. */
const LATENCY = 1 * MS
const START_FAILURE: SimTime = 400 * MS

/**
 * Decides what a container does, from annotations first, then its command line, its image, and the ports that it declares.
 *
 * An image is not run: those of `IMAGES` behave as theirs do, any other listens on its containerPorts and answers as itself.
 */
export function workloadOf(pod: Pod, container: Container, ip: string): Workload {
  const wishes = wishesOf(pod.metadata?.annotations, container.name)
  const entry = findImage(container.image ?? '')
  const course = courseIn(container, entry)
  const base: Workload = {
    listens: portsOf(container, entry, course, wishes),
    status: wishes.status ?? 200,
    body: wishes.body ?? bodyOf(pod, container, ip, entry?.greeting ?? 'whoami'),
    latency: wishes.latency ?? LATENCY,
    readyAfter: wishes.readyAfter ?? 0,
    hangAfter: wishes.hangAfter,
    paths: hasContent(container) ? undefined : entry?.paths,
    exit: undefined,
    awaits: course.kind === 'await' ? { host: course.host, what: course.what } : undefined,
    cannotRun: course.kind === 'missing' ? course.program : undefined,
    ignoresTerm: course.kind === 'idle' || course.kind === 'exit' || course.kind === 'await',
  }
  return { ...base, exit: exitOf(container, entry, course, wishes) }
}

/** Without a command the image's own program runs; arguments alone go to it, except where the image has none. */
function courseIn(container: Container, entry: ImageEntry | undefined): Course {
  const command = container.command ?? []
  const args = container.args ?? []
  if (command.length > 0) return courseOf([...command, ...args])
  if (entry?.exits !== undefined) {
    return args.length > 0 ? courseOf(args) : { kind: 'exit', after: 20 * MS, code: entry.exits }
  }
  return { kind: 'serve' }
}

function portsOf(container: Container, entry: ImageEntry | undefined, course: Course, wishes: Wishes): readonly WorkloadPort[] {
  if (wishes.listen !== undefined) return wishes.listen
  if (course.kind !== 'serve') return []
  if (course.ports !== undefined) return course.ports.map((port) => ({ port, proto: 'tcp' }))
  const declared = (container.ports ?? []).map(({ containerPort, protocol }) => ({
    port: containerPort,
    proto: protoOf(protocol),
  }))
  if (entry === undefined || entry.exits !== undefined) return declared
  if (isAgnhost(container)) return agnhostPorts(container)
  return entry.ports.map((port) => ({ port: movedPort(container, port), proto: port.proto ?? 'tcp' }))
}

function protoOf(protocol: string | undefined): WorkloadPort['proto'] {
  return protocol === 'UDP' ? 'udp' : protocol === 'SCTP' ? 'sctp' : 'tcp'
}

/** A flag moves a port, else an environment variable does. */
function movedPort(container: Container, { port, env, flags }: ImagePort): number {
  const words = [...(container.command ?? []), ...(container.args ?? [])]
  for (const flag of flags ?? []) {
    const joined = words.find((word) => word.startsWith(`${flag}=`))
    const index = words.indexOf(flag)
    const value = joined?.slice(flag.length + 1) ?? (index < 0 ? undefined : words[index + 1])
    const number = /(\d+)$/.exec(value ?? '')?.[1]
    if (number !== undefined) return Number(number)
  }
  const set = container.env?.find((each) => each.name === env)?.value
  return set !== undefined && /^\d+$/.test(set) ? Number(set) : port
}

function isAgnhost(container: Container): boolean {
  return /(?:^|\/)agnhost(?:[:@]|$)/.test(container.image ?? '')
}

/** Source: kubernetes test/images/agnhost/README.md */
function agnhostPorts(container: Container): readonly WorkloadPort[] {
  const words = [...(container.command ?? []), ...(container.args ?? [])]
  const own = (flag: string, otherwise: number): number => movedPort(container, { port: otherwise, flags: [flag] })
  if (words.includes('netexec')) {
    return [
      { port: own('--http-port', 8080), proto: 'tcp' },
      { port: own('--udp-port', 8081), proto: 'udp' },
    ]
  }
  if (words.includes('serve-hostname')) return [{ port: own('--port', 9376), proto: 'tcp' }]
  if (words.includes('porter')) return (container.ports ?? []).map((each) => ({ port: each.containerPort, proto: 'tcp' }))
  return []
}

function exitOf(container: Container, entry: ImageEntry | undefined, course: Course, wishes: Wishes): Workload['exit'] {
  const limit = container.resources?.limits?.['memory']
  if (wishes.memory !== undefined && limit !== undefined && bytes(wishes.memory) > bytes(limit)) {
    return { after: START_FAILURE, code: 137, reason: 'OOMKilled', message: '' }
  }
  if (wishes.crashAfter !== undefined) {
    const code = wishes.exitCode ?? 1
    return { after: wishes.crashAfter, code, reason: code === 0 ? 'Completed' : 'Error', message: '' }
  }
  if (course.kind === 'exit') {
    const reason = course.reason ?? (course.code === 0 ? 'Completed' : 'Error')
    return { after: course.after, code: course.code, reason, message: '' }
  }
  const needs = (container.command ?? []).length === 0 ? entry?.needsEnv : undefined
  if (needs !== undefined && (container.envFrom ?? []).length === 0) {
    const given = (container.env ?? []).some((each) => needs.oneOf.includes(each.name))
    if (!given) return { after: START_FAILURE, code: 1, reason: 'Error', message: needs.message }
  }
  return undefined
}

/** Something mounted where web servers keep pages or configuration. */
function hasContent(container: Container): boolean {
  return (container.volumeMounts ?? []).some(({ mountPath }) => /nginx|html|htdocs|www|httpd/.test(mountPath))
}

function bodyOf(pod: Pod, container: Container, ip: string, greeting: Greeting): string {
  const name = pod.metadata?.name ?? ''
  switch (greeting) {
    case 'nginx':
      return 'Welcome to nginx!'
    case 'httpd':
      return 'It works!'
    case 'whoami':
      return `Hostname: ${name}\nIP: ${ip}`
    case 'hostname':
      return name
    case 'echo':
      return `Hostname: ${name}\nserver_address: ${ip}`
    case 'text':
      return textOf(container)
    case 'plain':
      return `OK from ${name} (${ip})`
    case 'opaque':
      return ''
  }
}

/** What hashicorp/http-echo is told to say. */
function textOf(container: Container): string {
  const words = [...(container.command ?? []), ...(container.args ?? [])]
  const joined = words.find((word) => /^--?text=/.test(word))
  if (joined !== undefined) return joined.slice(joined.indexOf('=') + 1)
  const index = words.findIndex((word) => /^--?text$/.test(word))
  return words[index + 1] ?? container.env?.find((each) => each.name === 'ECHO_TEXT')?.value ?? 'OK!'
}

/** Bytes of a quantity such as `300Mi`. */
function bytes(quantity: string): number {
  const match = /^(\d+(?:\.\d+)?)([kKMGT]i?)?$/.exec(quantity)
  const unit = match?.[2] ?? ''
  const power = { k: 1, K: 1, M: 2, G: 3, T: 4 }[unit.charAt(0)] ?? 0
  return Number(match?.[1] ?? 0) * (unit.endsWith('i') ? 1024 : 1000) ** power
}
