import type { Event } from '../../generated/kubeTypes.js'
import { isRecord, parseDuration } from '../../scenario/index.js'
import { apiVersionOf, byCodeUnit, fromTimestamp, infoOf, OTHER_RESOURCES, RESOURCE_LIST, tableOf } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { dynamicApi } from '../dynamicApi.js'
import { apiError, plainError, SERVER_ADDRESS } from '../errors.js'
import { printFormatted } from '../printing.js'
import { selectValues } from '../select/jsonpath.js'
import { fetchTargets, isError, keyFor, kindName, readTargets, resourceName } from '../targets.js'
import { alignTabs, GET_STYLE } from '../text/tabwriter.js'
import { fieldOf } from './change.js'
import { SELECTION_FLAGS } from './get.js'

export const version: Command = {
  flags: { client: { kind: 'bool' }, output: { kind: 'string', short: 'o' } },
  run: ({ args }) => ({
    stdout: `Client Version: v1.36.2\nKustomize Version: v5.8.1\n${args.flag('client') ? '' : 'Server Version: v1.36.2\n'}`,
  }),
}

export const clusterInfo: Command = {
  flags: {},
  run: ({ env }) => {
    const listed = env.api.list('services', { namespace: 'kube-system', labelSelector: 'kubernetes.io/cluster-service=true' })
    if (!listed.ok) return failed(apiError(listed.error))
    const base = `https://${SERVER_ADDRESS}`
    const services = listed.value.map(({ metadata, spec }) => {
      const port = spec?.ports?.[0]?.name
      const path = `/api/v1/namespaces/kube-system/services/${metadata.name}${port === undefined ? '' : `:${port}`}/proxy`
      return `${metadata.labels?.['kubernetes.io/name'] ?? metadata.name} is running at ${base}${path}\n`
    })
    const hint = "\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n"
    return { stdout: `Kubernetes control plane is running at ${base}\n${services.join('')}${hint}` }
  },
}

interface ResourceRow {
  readonly name: string
  readonly shortNames: string
  readonly apiVersion: string
  readonly namespaced: boolean
  readonly kind: string
  readonly verbs: string
  readonly categories: string
}

const ALL_VERBS = 'create,delete,deletecollection,get,list,patch,update,watch'

function resourceRows(): readonly ResourceRow[] {
  const stored = RESOURCE_LIST.map((info) => ({
    name: info.resource as string,
    shortNames: info.shortNames.join(','),
    apiVersion: apiVersionOf(info),
    namespaced: info.namespaced,
    kind: info.kind,
    verbs:
      info.resource === 'bindings'
        ? 'create'
        : info.resource === 'namespaces'
          ? 'create,delete,get,list,patch,update,watch'
          : ALL_VERBS,
    categories: info.categories.join(','),
  }))
  const others = OTHER_RESOURCES.map(([name, shortNames, apiVersion, namespaced, kind, verbs = ALL_VERBS]) => {
    return { name, shortNames, apiVersion, namespaced, kind, verbs, categories: '' }
  })
  const group = (row: ResourceRow): string => (row.apiVersion.includes('/') ? (row.apiVersion.split('/')[0] ?? '') : '')
  return [...stored, ...others].sort((a, b) => byCodeUnit(group(a), group(b)) || byCodeUnit(a.name, b.name))
}

export const apiResources: Command = {
  flags: {
    'api-group': { kind: 'string' },
    namespaced: { kind: 'bool' },
    output: { kind: 'string', short: 'o' },
    'no-headers': { kind: 'bool' },
    verbs: { kind: 'list' },
    categories: { kind: 'list' },
    'sort-by': { kind: 'string' },
    cached: { kind: 'bool' },
  },
  run: ({ args }) => {
    const wanted = args.text('api-group')
    const rows = resourceRows().filter((row) => {
      const group = row.apiVersion.includes('/') ? row.apiVersion.split('/')[0] : ''
      if (wanted !== undefined && group !== wanted) return false
      if (args.isSet('namespaced') && row.namespaced !== args.flag('namespaced')) return false
      return args.list('verbs').every((verb) => row.verbs.split(',').includes(verb))
    })
    if (args.text('output') === 'name') {
      const group = (row: ResourceRow): string => (row.apiVersion.includes('/') ? `.${row.apiVersion.split('/')[0]}` : '')
      return { stdout: rows.map((row) => `${row.name}${group(row)}\n`).join('') }
    }
    const isWide = args.text('output') === 'wide'
    const head = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', ...(isWide ? ['VERBS', 'CATEGORIES'] : [])]
    const lines = rows.map((row) => {
      const cells = [row.name, row.shortNames, row.apiVersion, String(row.namespaced), row.kind]
      return [...cells, ...(isWide ? [row.verbs, row.categories] : [])].join('\t')
    })
    const all = args.flag('no-headers') ? lines : [head.join('\t'), ...lines]
    return { stdout: `${alignTabs(all.join('\n'), GET_STYLE)}\n` }
  },
}

export const apiVersions: Command = {
  flags: {},
  run: () => {
    const served = RESOURCE_LIST.flatMap((info) => [
      apiVersionOf(info),
      ...info.otherVersions.map((other) => (info.group === '' ? other : `${info.group}/${other}`)),
    ])
    const all = new Set([...served, ...OTHER_RESOURCES.map((each) => each[2])])
    return {
      stdout: [...all]
        .sort(byCodeUnit)
        .map((each) => `${each}\n`)
        .join(''),
    }
  },
}

export const events: Command = {
  flags: {
    ...SELECTION_FLAGS,
    for: { kind: 'string' },
    types: { kind: 'list' },
    'no-headers': { kind: 'bool' },
    watch: { kind: 'bool', short: 'w' },
    output: { kind: 'string', short: 'o' },
  },
  run: runEvents,
}

/** Source: kubernetes kubectl pkg/cmd/events/events.go, event_printer.go */
function runEvents(input: CommandInput): CommandOutput {
  const { args, env, namespace } = input
  const listed = env.api.list('events', args.flag('all-namespaces') ? {} : { namespace })
  if (!listed.ok) return failed(apiError(listed.error))
  let about: { readonly kind: string; readonly name: string } | undefined
  const wanted = args.text('for')
  if (wanted !== undefined) {
    const named = readTargets([wanted])
    if (isError(named)) return failed(named)
    const [target] = named.targets
    about = { kind: target?.info.kind ?? '', name: target?.name ?? '' }
  }
  const time = (event: Event): number =>
    fromTimestamp(event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? '') ?? 0
  const chosen = listed.value
    .filter(
      ({ involvedObject }) => about === undefined || (involvedObject.kind === about.kind && involvedObject.name === about.name),
    )
    .filter(({ type }) => !args.isSet('types') || args.list('types').includes(type ?? ''))
    .toSorted((a, b) => time(a) - time(b))
  if (chosen.length === 0) {
    return { stderr: args.flag('all-namespaces') ? 'No events found.\n' : `No events found in ${namespace} namespace.\n` }
  }
  const format = args.text('output')
  if (format !== undefined) {
    const printed = printFormatted(
      format,
      chosen.map((object) => ({ info: infoOf('events'), object: { ...object } })),
      false,
    )
    return printed.ok ? { stdout: printed.value } : failed(plainError(printed.error))
  }
  const table = tableOf('events')
  const rows = chosen.map((event) => {
    const [seen = '', type = '', reason = ''] = table.row({ ...event }, { now: env.now }).map(String)
    const where = args.flag('all-namespaces') ? [event.metadata.namespace ?? ''] : []
    const { kind = '', name = '' } = event.involvedObject
    return [...where, seen, type, reason, `${kind}/${name}`, (event.message ?? '').trim()].join('\t')
  })
  const head = [...(args.flag('all-namespaces') ? ['NAMESPACE'] : []), 'LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'].join(
    '\t',
  )
  return { stdout: `${alignTabs([...(args.flag('no-headers') ? [] : [head]), ...rows].join('\n'), GET_STYLE)}\n` }
}

export const wait: Command = {
  flags: { ...SELECTION_FLAGS, for: { kind: 'string' }, timeout: { kind: 'string' }, all: { kind: 'bool' } },
  run: runWait,
}

const WAIT_POLL_US = 250_000

/** Source: kubernetes kubectl pkg/cmd/wait/wait.go */
function runWait(input: CommandInput): CommandOutput {
  const { args, env } = input
  const condition = args.text('for') ?? ''
  if (!/^(?:delete|create|(?:condition|jsonpath)=.*)$/.test(condition))
    return failed(plainError(`unrecognized condition: ${JSON.stringify(condition)}`))
  const named = readTargets(args.words)
  if (isError(named)) return failed(named)
  const { found, errors } = fetchTargets(input, named.targets)
  const timeout = parseDuration(args.text('timeout') ?? '30s') ?? 0
  const isLate = env.now - (env.resume?.startedAt ?? env.now) >= timeout
  const again = { pollUs: WAIT_POLL_US, memory: '' }
  if (condition === 'delete') {
    const real = errors.filter((each) => each.kind !== 'api' || each.error.code !== 404)
    if (real.length > 0) return { errors: real }
    if (found.length === 0) return {}
    if (!isLate) return { waiting: again }
    return failed(
      ...found.map(({ info, object }) =>
        plainError(`timed out waiting for the condition on ${resourceName(info)}/${object.metadata.name}`),
      ),
    )
  }
  if (errors.length > 0) return { errors }
  if (found.length === 0) return failed(plainError('no matching resources found'))
  const unmet = found.filter(({ object }) => !isMet(object, condition))
  if (unmet.length > 0 && !isLate) return { waiting: again }
  const met = found.filter((each) => !unmet.includes(each))
  return {
    stdout: met.map(({ info, object }) => `${kindName(info)}/${object.metadata.name} condition met\n`).join(''),
    errors: unmet.map(({ info, object }) =>
      plainError(`timed out waiting for the condition on ${info.resource}/${object.metadata.name}`),
    ),
  }
}

function isMet(object: Parameters<typeof fieldOf>[0], condition: string): boolean {
  const [kind, rest = ''] = [condition.split('=', 1)[0], condition.slice(condition.indexOf('=') + 1)]
  if (kind === 'condition') {
    const [type = '', wanted = 'true'] = rest.split('=')
    const conditions = fieldOf(object, 'status.conditions')
    const found = Array.isArray(conditions)
      ? conditions.find((each: unknown) => isRecord(each) && String(each['type']).toLowerCase() === type.toLowerCase())
      : undefined
    return isRecord(found) && String(found['status']).toLowerCase() === wanted.toLowerCase()
  }
  if (kind === 'jsonpath') {
    const match = /^(\{.*\})(?:=(.*))?$/.exec(rest)
    const values = selectValues(match?.[1] ?? '', object)
    if (!values.ok || values.value.length === 0) return false
    return match?.[2] === undefined || String(values.value[0]) === match[2]
  }
  return kind === 'create'
}

/** What the command line itself lacks, whether or not there is a container to reach. */
function missingArgument(what: string, { words, rest, isSet }: CommandInput['args']): string | undefined {
  switch (what) {
    case 'logs':
      return words.length > 0 || isSet('selector')
        ? undefined
        : "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command\nSee 'kubectl logs -h' for help and examples"
    case 'exec':
      if (words.length === 0) return 'pod, type/name or --filename must be specified'
      return words.length + rest.length < 2 ? 'you must specify at least one command for the container' : undefined
    case 'attach':
      return words.length > 0 ? undefined : 'at least 1 argument is required for attach'
    default:
      return words.length > 1
        ? undefined
        : "TYPE/NAME and list of ports are required for port-forward\nSee 'kubectl port-forward -h' for help and examples"
  }
}

/** A command that would need a running container. */
function notSimulated(what: string): Command {
  const flags = {
    container: { kind: 'string', short: 'c' },
    follow: { kind: 'bool', short: 'f' },
    previous: { kind: 'bool', short: 'p' },
    tail: { kind: 'string' },
    since: { kind: 'string' },
    selector: { kind: 'string', short: 'l' },
    stdin: { kind: 'bool', short: 'i' },
    tty: { kind: 'bool', short: 't' },
    'all-containers': { kind: 'bool' },
    timestamps: { kind: 'bool' },
  } as const
  return {
    flags,
    run: ({ args, env, namespace }) => {
      const missing = missingArgument(what, args)
      if (missing !== undefined) return failed(plainError(missing))
      const name = (args.words[0] ?? '').replace(/^pods?\//, '')
      if (name !== '' && !name.includes('/')) {
        const pod = dynamicApi(env.api).get(infoOf('pods'), `${namespace}/${name}`)
        if (!pod.ok && what === 'logs' && pod.error.code === 404) {
          return failed(plainError(`error from server (NotFound): ${pod.error.message} in namespace "${namespace}"`))
        }
        if (!pod.ok) return failed(apiError(pod.error))
      }
      return failed(plainError(`kubectl ${what} is not simulated: no image runs here, so there is nothing to show`))
    },
  }
}

export const logs = notSimulated('logs')
export const exec = notSimulated('exec')
export const attach = notSimulated('attach')
export const portForward = notSimulated('port-forward')

export const top: Command = {
  flags: SELECTION_FLAGS,
  run: () => failed(plainError('Metrics API not available')),
}

export const auth: Command = {
  flags: {
    list: { kind: 'bool' },
    quiet: { kind: 'bool', short: 'q' },
    subresource: { kind: 'string' },
    'all-namespaces': { kind: 'bool', short: 'A' },
  },
  run: (input) => {
    const [what = '', ...words] = input.args.words
    if (what === 'can-i') return canI(input, words)
    if (what !== 'whoami') return failed(plainError(`unknown command "${what}" for "kubectl auth"`))
    const user = input.args.text('as')
    const groups =
      user === undefined
        ? ['kubeadm:cluster-admins', 'system:authenticated']
        : [...input.args.list('as-group'), 'system:authenticated']
    const rows = ['ATTRIBUTE\tVALUE', `Username\t${user ?? 'kubernetes-admin'}`, `Groups\t[${groups.join(' ')}]`]
    return { stdout: `${alignTabs(rows.join('\n'), GET_STYLE)}\n` }
  },
}

/** Asks by trying, without effect: whoever may not is refused before anything else is looked at. */
function canI({ env, args, namespace }: CommandInput, [verb = '', what = '']: readonly string[]): CommandOutput {
  if (verb === '' || what === '')
    return failed(plainError('you must specify two arguments: verb resource or verb resource/resourceName.'))
  const named = readTargets([what])
  if (isError(named)) return { stdout: `Warning: the server doesn't have a resource type '${what}'\n\nno\n`, exit: 1 }
  const [target] = named.targets
  if (target === undefined) return { stdout: 'no\n', exit: 1 }
  const { info, name = 'anything' } = target
  const api = dynamicApi(env.api)
  const key = keyFor(info, namespace, name)
  const where = info.namespaced && !args.flag('all-namespaces') ? { namespace } : {}
  const about = { apiVersion: apiVersionOf(info), kind: info.kind, metadata: { name, ...(info.namespaced ? { namespace } : {}) } }
  const tried = ((): { readonly ok: boolean; readonly error?: { readonly reason: string } } => {
    switch (verb) {
      case 'create':
        return api.create(info, about, { dryRun: true })
      case 'update':
        return api.update(info, about, { dryRun: true })
      case 'patch':
        return api.patch(info, key, 'merge', {}, { dryRun: true })
      case 'delete':
        return api.delete(info, key, { dryRun: true })
      case 'get':
        return api.get(info, key)
      default:
        return api.list(info, where)
    }
  })()
  const isForbidden = !tried.ok && tried.error?.reason === 'Forbidden'
  return isForbidden ? { stdout: 'no\n', exit: 1 } : { stdout: 'yes\n' }
}
