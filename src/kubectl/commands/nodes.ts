import type { Taint } from '../../generated/kubeTypes.js'
import type { StoredOf } from '../../sim/index.js'
import { infoOf, labelValueFaults, qualifiedNameFaults } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import type { CommandError } from '../errors.js'
import { apiError, plainError } from '../errors.js'
import { fetchTargets, isError, readTargets } from '../targets.js'
import { WRITE_FLAGS, Writing } from '../writing.js'
import { fieldOf, send } from './change.js'

export const cordon: Command = { flags: WRITE_FLAGS, run: (input) => runCordon(input, true) }
export const uncordon: Command = { flags: WRITE_FLAGS, run: (input) => runCordon(input, false) }

function usage(name: string): CommandError {
  return plainError(`USAGE: ${name} NODE [flags]\nSee 'kubectl ${name} -h' for help and examples`)
}

/** Source: kubernetes kubectl pkg/cmd/drain/drain.go RunCordonOrUncordon */
function runCordon(input: CommandInput, wanted: boolean): CommandOutput {
  if (input.args.words.length === 0 && !input.args.isSet('selector')) return failed(usage(wanted ? 'cordon' : 'uncordon'))
  const writing = new Writing(input)
  cordonNodes(writing, input, wanted)
  return writing.result()
}

function cordonNodes(writing: Writing, input: CommandInput, wanted: boolean): void {
  const info = infoOf('nodes')
  const names = input.args.words.map((word) => word.replace(/^nodes?\//, ''))
  const { found, errors } = fetchTargets(input, names.length === 0 ? [{ info }] : names.map((name) => ({ info, name })))
  writing.errors.push(...errors)
  const done = wanted ? 'cordoned' : 'uncordoned'
  for (const each of found) {
    if ((fieldOf(each.object, 'spec.unschedulable') === true) === wanted) {
      writing.report(info, each.object, `already ${done}`)
      continue
    }
    const sent = send(writing, input, each, {
      patch: { spec: { unschedulable: wanted ? true : null } },
      manager: 'kubectl-cordon',
    })
    if (sent.ok) writing.report(info, sent.value, done)
    else writing.errors.push(apiError(sent.error))
  }
}

export const drain: Command = {
  flags: {
    ...WRITE_FLAGS,
    'ignore-daemonsets': { kind: 'bool' },
    'delete-emptydir-data': { kind: 'bool' },
    force: { kind: 'bool' },
    'grace-period': { kind: 'int' },
    timeout: { kind: 'duration' },
    'chunk-size': { kind: 'int' },
    'pod-selector': { kind: 'string' },
    'disable-eviction': { kind: 'bool' },
    'skip-wait-for-delete-timeout': { kind: 'int' },
  },
  run: runDrain,
}

const DRAIN_POLL_US = 500_000

/** Source: kubernetes kubectl pkg/drain/drain.go, filters.go */
function runDrain(input: CommandInput): CommandOutput {
  const [word] = input.args.words
  if (word === undefined) return failed(usage('drain'))
  const node = word.replace(/^nodes?\//, '')
  const { resume, api } = input.env
  if (resume !== undefined) return waitForEvicted(input, node, resume.memory)
  const writing = new Writing(input)
  cordonNodes(writing, input, true)
  if (writing.errors.length > 0) return writing.result()
  const listed = api.list('pods', { fieldSelector: `spec.nodeName=${node}` })
  if (!listed.ok) return failed(apiError(listed.error))
  const sorted = sortPods(listed.value, input)
  if (sorted.problems.length > 0) {
    const text = sorted.problems.join(', ')
    const summary = sorted.problems.length > 1 ? `[${text}]` : text
    const message = `error: unable to drain node "${node}" due to error: ${summary}, continuing command...\nThere are pending nodes to be drained:\n ${node}\n${sorted.problems.join('\n')}`
    return { ...writing.result(), errors: [{ kind: 'raw', message }] }
  }
  const warning = sorted.warnings.length === 0 ? '' : `Warning: ${sorted.warnings.join('; ')}\n`
  const memory: string[] = []
  let evicting = ''
  const errors: CommandError[] = []
  for (const pod of sorted.evict) {
    const { namespace = '', name, uid } = pod.metadata
    evicting += `evicting pod ${namespace}/${name}\n`
    const evicted = api.evict(`${namespace}/${name}`)
    if (evicted.ok || evicted.error.code === 429) memory.push(`${namespace}/${name} ${uid} ${evicted.ok ? 'evicted' : 'blocked'}`)
    else errors.push(apiError(evicted.error, `error when evicting pods/"${name}" -n "${namespace}"`))
  }
  const { stdout = '' } = writing.result()
  const output: CommandOutput = { stdout, stderr: warning + evicting, errors }
  if (memory.length === 0) return { ...output, stdout: `${stdout}node/${node} drained\n` }
  return { ...output, waiting: { pollUs: DRAIN_POLL_US, memory: memory.join('\n') } }
}

interface DrainPlan {
  readonly evict: readonly StoredOf<'pods'>[]
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

function sortPods(pods: readonly StoredOf<'pods'>[], { args }: CommandInput): DrainPlan {
  const evict: StoredOf<'pods'>[] = []
  const daemons: string[] = []
  const alone: string[] = []
  const withData: string[] = []
  for (const pod of pods) {
    const { namespace = '', name, ownerReferences = [], annotations = {} } = pod.metadata
    if (annotations['kubernetes.io/config.mirror'] !== undefined) continue
    const owner = ownerReferences.find((each) => each.controller === true)
    const isFinished = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
    if (owner?.kind === 'DaemonSet' && !isFinished) {
      daemons.push(`${namespace}/${name}`)
      continue
    }
    if (owner === undefined && !isFinished) alone.push(`${namespace}/${name}`)
    if (!isFinished && pod.spec?.volumes?.some((volume) => volume.emptyDir !== undefined)) withData.push(`${namespace}/${name}`)
    evict.push(pod)
  }
  const problems: string[] = []
  const warnings: string[] = []
  const judge = (names: readonly string[], allowed: boolean, problem: string, warning: string): void => {
    if (names.length === 0) return
    if (allowed) warnings.push(`${warning}: ${names.join(', ')}`)
    else problems.push(`${problem}: ${names.join(', ')}`)
  }
  judge(
    alone,
    args.flag('force'),
    'cannot delete Pods that declare no controller (use --force to override)',
    'deleting Pods that declare no controller',
  )
  judge(
    daemons,
    args.flag('ignore-daemonsets'),
    'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)',
    'ignoring DaemonSet-managed Pods',
  )
  if (!args.flag('delete-emptydir-data')) {
    judge(withData, false, 'cannot delete Pods with local storage (use --delete-emptydir-data to override)', '')
  }
  return { evict, problems, warnings }
}

function waitForEvicted(input: CommandInput, node: string, memory: string): CommandOutput {
  const left: string[] = []
  let stdout = ''
  for (const line of memory.split('\n')) {
    const [key = '', uid = '', state = ''] = line.split(' ')
    const pod = input.env.api.get('pods', key)
    if (!pod.ok || pod.value.metadata.uid !== uid) stdout += `pod/${key.split('/')[1] ?? ''} evicted\n`
    else if (state === 'blocked') left.push(`${key} ${uid} ${input.env.api.evict(key).ok ? 'evicted' : 'blocked'}`)
    else left.push(line)
  }
  if (left.length === 0) return { stdout: `${stdout}node/${node} drained\n` }
  return { stdout, waiting: { pollUs: DRAIN_POLL_US, memory: left.join('\n') } }
}

export const taint: Command = { flags: WRITE_FLAGS, run: runTaint }

const TAINT_HINT = "See 'kubectl taint -h' for help and examples"

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

interface TaintChange {
  readonly key: string
  readonly value: string
  /** Empty: any effect. */
  readonly effect: string
  readonly isRemoval: boolean
}

/** Source: kubernetes kubectl pkg/cmd/taint/taint.go, utils.go */
function runTaint(input: CommandInput): CommandOutput {
  const { args } = input
  const isSpec = (word: string): boolean => word.includes('=') || word.includes(':') || word.endsWith('-')
  const first = args.words.findIndex(isSpec)
  const resources = first < 0 ? args.words : args.words.slice(0, first)
  const specs = first < 0 ? [] : args.words.slice(first)
  const late = specs.find((word) => !isSpec(word))
  if (late !== undefined) return failed(plainError(`all resources must be specified before taint changes: ${late}`))
  if (resources.length === 0) return failed(plainError('one or more resources must be specified as <resource> <name>'))
  if (specs.length === 0) return failed(plainError('at least one taint update is required'))
  const changes: TaintChange[] = []
  for (const spec of specs) {
    const read = readTaint(spec)
    if (typeof read === 'string') return failed(plainError(`${read}\n${TAINT_HINT}`))
    if (!read.isRemoval && changes.some((each) => !each.isRemoval && each.key === read.key && each.effect === read.effect)) {
      const { key, value, effect } = read
      return failed(
        plainError(`duplicated taints with the same key and effect: {${key} ${value} ${effect} <nil>}\n${TAINT_HINT}`),
      )
    }
    changes.push(read)
  }
  const problem = taintProblem(input, resources, changes)
  if (problem !== undefined) return failed(plainError(problem))
  const named = readTargets(resources)
  if (isError(named)) return failed(named)
  const writing = new Writing(input)
  const { found, errors } = fetchTargets(input, named.targets)
  writing.errors.push(...errors)
  for (const each of found) {
    const before = (fieldOf(each.object, 'spec.taints') ?? []) as readonly Taint[]
    const planned = planTaints(before, changes, input.args.flag('overwrite'), each.object.metadata.name)
    if (typeof planned === 'string') {
      writing.errors.push(plainError(planned))
      continue
    }
    const patch = { spec: { taints: planned.taints.length === 0 ? null : planned.taints } }
    const sent = send(writing, input, each, { patch, manager: 'kubectl-taint' })
    if (sent.ok) writing.report(each.info, sent.value, planned.operation)
    else writing.errors.push(apiError(sent.error))
  }
  return writing.result()
}

function taintProblem({ args }: CommandInput, resources: readonly string[], changes: readonly TaintChange[]): string | undefined {
  const type = (resources[0] ?? '').toLowerCase()
  if (!NODE_WORDS.includes(type)) return `invalid resource type ${type}, must be one of [${NODE_WORDS.join(' ')}]`
  const torn = changes.flatMap((removal) => {
    if (!removal.isRemoval) return []
    const hits = changes.filter(
      (each) => !each.isRemoval && each.key === removal.key && (removal.effect === '' || removal.effect === each.effect),
    )
    return hits.map(() => `${removal.key}=${removal.effect}`)
  })
  if (torn.length > 0) {
    return `can not both modify and remove the following taint(s) in the same command: ${torn.join(', ')}`
  }
  if (args.flag('all') && args.isSet('selector')) return "setting 'all' parameter with a non empty selector is prohibited"
  if (!args.flag('all') && !args.isSet('selector') && resources.length < 2) {
    return "at least one resource name must be specified since 'all' parameter is not set"
  }
  return undefined
}

const NODE_WORDS = ['node', 'nodes', 'no']

function readTaint(spec: string): TaintChange | string {
  const isRemoval = spec.endsWith('-')
  const [left = '', effect = ''] = (isRemoval ? spec.slice(0, -1) : spec).split(':')
  const [key = '', value = ''] = left.split('=')
  if (effect !== '' && !EFFECTS.includes(effect)) return `invalid taint effect: ${effect}, unsupported taint effect`
  if (effect === '' && !isRemoval) return `invalid taint spec: ${spec}`
  const faults = [...qualifiedNameFaults(key), ...labelValueFaults(value)]
  if (faults.length > 0) return `invalid taint spec: ${spec}, ${faults.join('; ')}`
  return { key, value, effect, isRemoval }
}

function planTaints(
  before: readonly Taint[],
  changes: readonly TaintChange[],
  overwrite: boolean,
  node: string,
): { readonly taints: readonly Taint[]; readonly operation: string } | string {
  let taints = before
  let operation = 'tainted'
  for (const { key, value, effect, isRemoval } of changes) {
    const same = (each: Taint): boolean => each.key === key && (effect === '' || each.effect === effect)
    if (isRemoval) {
      if (!taints.some(same)) return `taint "${key}${effect === '' ? '' : `:${effect}`}" not found`
      taints = taints.filter((each) => !same(each))
      operation = 'untainted'
      continue
    }
    const isThere = taints.some(same)
    if (isThere && !overwrite) return `node ${node} already has ${key} taint(s) with same effect(s) and --overwrite is false`
    if (isThere) operation = 'modified'
    taints = [...taints.filter((each) => !same(each)), { key, ...(value === '' ? {} : { value }), effect }]
  }
  return { taints, operation }
}
