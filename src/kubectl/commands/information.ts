import type { Event } from '../../generated/kubeTypes.js'
import { apiVersionOf, byCodeUnit, fromTimestamp, infoOf, OTHER_RESOURCES, RESOURCE_LIST, tableOf } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { apiError, plainError, SERVER_ADDRESS } from '../errors.js'
import { printFormatted } from '../printing.js'
import { isError, readTargets } from '../targets.js'
import { alignTabs, GET_STYLE } from '../text/tabwriter.js'
import { goYaml } from '../text/yaml.js'
import { SELECTION_FLAGS } from './get.js'
import { groupCommand } from './group.js'

const VERSION = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.2',
  gitCommit: '98b35193b2ac7a23a673325f5e9b830ecd5ba406',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: 'go1.26.10',
  compiler: 'gc',
  platform: 'linux/amd64',
} as const
const KUSTOMIZE = 'v5.8.1'

export const version: Command = {
  flags: { client: { kind: 'bool' }, output: { kind: 'string', short: 'o' } },
  run: runVersion,
}

/** Source: kubernetes kubectl pkg/cmd/version/version.go */
function runVersion({ args }: CommandInput): CommandOutput {
  if (args.words.length > 0) {
    return failed(plainError(`unknown command ${JSON.stringify(args.words[0])} for "kubectl version"`))
  }
  const format = args.text('output') ?? ''
  const isClient = args.flag('client')
  const all = {
    clientVersion: VERSION,
    kustomizeVersion: KUSTOMIZE,
    ...(isClient
      ? {}
      : {
          serverVersion: {
            ...VERSION,
            emulationMajor: '1',
            emulationMinor: '36',
            minCompatibilityMajor: '1',
            minCompatibilityMinor: '35',
          },
        }),
  }
  switch (format) {
    case '':
      return {
        stdout: `Client Version: v1.36.2\nKustomize Version: ${KUSTOMIZE}\n${isClient ? '' : 'Server Version: v1.36.2\n'}`,
      }
    case 'yaml':
      return { stdout: goYaml(all) }
    case 'json':
      return { stdout: `${JSON.stringify(all, undefined, 2)}\n` }
    default:
      return failed(plainError("--output must be 'yaml' or 'json'"))
  }
}

const DUMP = 'kubectl cluster-info dump is not simulated'

export const clusterInfo: Command = {
  flags: {},
  run: ({ env, args }) => {
    if (args.words.length > 0) {
      const word = args.words.join(' ')
      return failed(
        plainError(
          word === 'dump' ? DUMP : `unknown command ${JSON.stringify(word)}\nSee 'kubectl cluster-info -h' for help and examples`,
        ),
      )
    }
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

function sortKey(row: ResourceRow, by: string): string {
  return by === 'kind' ? row.kind : row.name
}

/** Source: kubernetes kubectl pkg/cmd/apiresources/apiresources.go Complete, Validate */
function apiResourcesProblem(args: CommandInput['args']): string | undefined {
  if (args.words.length > 0)
    return `unexpected arguments: [${args.words.join(' ')}]\nSee 'kubectl api-resources -h' for help and examples`
  const format = args.text('output') ?? ''
  if (!['', 'wide', 'name', 'json', 'yaml'].includes(format)) return `--output ${format} is not available`
  const sortBy = args.text('sort-by') ?? ''
  return ['', 'name', 'kind'].includes(sortBy) ? undefined : '--sort-by accepts only name or kind'
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
    const problem = apiResourcesProblem(args)
    if (problem !== undefined) return failed(plainError(problem))
    const chosen = resourceRows().filter((row) => {
      const group = row.apiVersion.includes('/') ? row.apiVersion.split('/')[0] : ''
      if (wanted !== undefined && group !== wanted) return false
      if (args.isSet('namespaced') && row.namespaced !== args.flag('namespaced')) return false
      if (!args.list('categories').every((each) => row.categories.split(',').includes(each))) return false
      return args.list('verbs').every((verb) => row.verbs.split(',').includes(verb))
    })
    const sortBy = args.text('sort-by')
    const rows = sortBy === undefined ? chosen : chosen.toSorted((a, b) => byCodeUnit(sortKey(a, sortBy), sortKey(b, sortBy)))
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
  run: ({ args }) => {
    if (args.words.length > 0) {
      const hint = "See 'kubectl api-versions -h' for help and examples"
      return failed(plainError(`unexpected arguments: [${args.words.join(' ')}]\n${hint}`))
    }
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
  const wrong = args.list('types').find((each) => !['normal', 'warning'].includes(each.toLowerCase()))
  if (args.isSet('types') && wrong !== undefined) return failed(plainError('valid --types are Normal or Warning'))
  const listed = env.api.list('events', args.flag('all-namespaces') ? {} : { namespace })
  if (!listed.ok) return failed(apiError(listed.error))
  let about: { readonly kind: string; readonly name: string } | undefined
  const wanted = args.text('for')
  if (wanted !== undefined) {
    if (wanted.split('/').length !== 2) return failed(plainError('--for must be in resource/name form'))
    const named = readTargets([wanted])
    if (isError(named)) return failed(named)
    const [target] = named.targets
    about = { kind: target?.info.kind ?? '', name: target?.name ?? '' }
  }
  const time = (event: Event): number =>
    fromTimestamp(event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? '') ?? 0
  const types = args.list('types').map((each) => each.toLowerCase())
  const chosen = listed.value
    .filter(
      ({ involvedObject }) => about === undefined || (involvedObject.kind === about.kind && involvedObject.name === about.name),
    )
    .filter(({ type }) => !args.isSet('types') || types.includes((type ?? '').toLowerCase()))
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

/** Source: kubernetes kubectl pkg/cmd/top */
export const top: Command = {
  flags: {
    ...SELECTION_FLAGS,
    'sort-by': { kind: 'string' },
    containers: { kind: 'bool' },
    'no-headers': { kind: 'bool' },
    sum: { kind: 'bool' },
    'show-swap': { kind: 'bool' },
    'use-protocol-buffers': { kind: 'bool' },
  },
  run: groupCommand('top', { node: runTop, nodes: runTop, no: runTop, pod: runTop, pods: runTop, po: runTop }),
}

/** There is no metrics server, here as in a fresh cluster. */
function runTop({ args }: CommandInput, names: readonly string[]): CommandOutput {
  const sortBy = args.text('sort-by') ?? ''
  if (sortBy !== '' && sortBy !== 'cpu' && sortBy !== 'memory') {
    return failed(plainError('--sort-by accepts only cpu or memory'))
  }
  if (names.length > 0 && args.isSet('selector')) return failed(plainError('only one of NAME or --selector can be provided'))
  return failed(plainError('Metrics API not available'))
}
