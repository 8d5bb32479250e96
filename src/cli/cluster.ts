import { decodeLink } from '../protocol/index.js'
import type { ObjectInput, ScenarioInput, SourceFile } from '../scenario/index.js'
import { FILE_LIMITS, firstMistyped, formatSourceError, locate, parseDuration, readScenario } from '../scenario/index.js'
import type { ClusterOverrides, Session } from '../session/index.js'
import { openSession, replayActions, toSessionInput } from '../session/index.js'
import { checkControllers } from '../sim/index.js'
import type { Options } from './options.js'
import { choiceOf, textOf } from './options.js'
import { refused, usage } from './outcome.js'

/** A cluster that a verb works with. */
export interface Cluster {
  readonly input: ScenarioInput
  readonly session: Session
  /** A shared state: it stands where its link's maker stood. */
  readonly isShared?: boolean
}

export const PROXY_MODES = ['userspace', 'iptables', 'ipvs', 'nftables'] as const

/** Reads a scenario. @throws VerbStop 1 with every fault at its place. */
export function readInput(files: readonly SourceFile[], seed?: string): ScenarioInput {
  const read = readScenario(files, seed, FILE_LIMITS)
  if (!read.ok) throw refused(read.error.map(formatSourceError).join('\n'))
  return read.value
}

/** Brings a scenario's cluster up and lets it settle. @param seed the scenario's own when empty. @throws VerbStop 1 when the file, or the API server about one of its objects, says no. */
export function openCluster(files: readonly SourceFile[], options: Options, seed = seedOf(options)): Cluster {
  const controllers = controllersOf(options)
  const proxyMode = choiceOf(options, 'proxy-mode', PROXY_MODES) ?? choiceOf(options, 'mode', PROXY_MODES)
  const overrides: ClusterOverrides = {
    ...(controllers === undefined ? {} : { controllers }),
    ...(proxyMode === undefined ? {} : { proxyMode }),
  }
  const until = untilOf(options)
  const [file, ...others] = files
  const link = file === undefined ? undefined : linkText(file.text)
  if (link !== undefined && others.length === 0) return openLink(link, overrides)
  const input = readInput(files, seed === '' ? undefined : seed)
  const session = openSession(toSessionInput(input, overrides), until)
  const { refused: refusals } = session.history.world.parts.cluster
  if (refusals.length > 0) throw refused(refusals.map((each) => placeRefusal(input, each)).join('\n'))
  return { input, session }
}

/** The text behind `#/s/`, or the link's text itself; undefined when it is no link. */
export function linkText(text: string): string | undefined {
  if (text.length > LINK_MAX) return undefined
  const match = /^(?:\S*#\/s\/)?(\d[A-Za-z0-9_-]{20,})$/.exec(text.trim())
  return match?.[1]
}

const LINK_MAX = 500_000

/** Opens a shared state: does again what was done, and stands where its maker stood. @throws VerbStop 1 when the link cannot be opened. */
export function openLink(link: string, overrides: ClusterOverrides = {}): Cluster {
  const decoded = decodeLink(link)
  if (!decoded.ok) throw refused(`the link cannot be opened: ${decoded.error.code}`)
  const { files, seed, actions, position } = decoded.value
  const input = readInput(files, seed)
  const session = openSession(toSessionInput(input, overrides))
  replayActions(session, actions, position.step)
  return { input, session, isShared: true }
}

/** The scenario's seed, where the command line names another one. */
export function seedOf(options: Options): string | undefined {
  return textOf(options, 'seed')
}

/** @throws VerbStop 2, in kube-controller-manager's words, for a controller that it does not know. */
function controllersOf(options: Options): string | undefined {
  const list = textOf(options, 'controllers')
  if (list === undefined || list.trim() === '') return list
  const checked = checkControllers(list)
  if (!checked.ok) throw usage(`option --controllers: ${checked.error}`)
  return checked.value
}

/** The API server's words, with the line of the object (and, where they name one, of the field) that it refused. */
function placeRefusal(input: ScenarioInput, { object, message }: { readonly object: string; readonly message: string }): string {
  const named = input.objects.filter((each) => namesOf(each).includes(object))
  // Of two objects of one name the second one is too many.
  const source = message.endsWith('already exists') ? named.at(-1) : named[0]
  if (source === undefined) return message
  const file = input.files.find((each) => each.name === source.file)
  const field = fieldOf(message, source) ?? ''
  const place = file === undefined ? source.place : locate(file, source.document, field, source.path)
  return `${place.file}:${place.line}:${place.column}: ${message}`
}

/** The field that a refusal is about. */
function fieldOf(message: string, { object }: ObjectInput): string | undefined {
  if (/^namespaces ".*" not found$/.test(message)) return 'metadata.namespace'
  const named = /(?:is invalid: \[?|unknown field ")([A-Za-z][\w.[\]/-]*)/.exec(message)?.[1]
  return named ?? (message.includes('cannot be handled as') ? firstMistyped(object) : undefined)
}

function namesOf({ object }: ObjectInput): readonly string[] {
  const { name = '', namespace = 'default' } = object.metadata
  return [
    `${object.kind} ${namespace}/${name}`,
    `${object.kind} ${name}`,
    `${object.kind}/${namespace}/${name}`,
    `${object.kind}/${name}`,
  ]
}

/** The moment that `--until` asks for: a time since the cluster was switched on; undefined for `settled`. @throws VerbStop 2 when it is no time. */
export function untilOf(options: Options): number | undefined {
  const until = textOf(options, 'until')
  if (until === undefined || until === 'settled') return undefined
  const time = parseDuration(until)
  if (time === undefined || time < 0) throw usage(`"${until}" is not a time such as 30s or 1m30s`)
  return time
}
