import type { Taint } from '../../generated/kubeTypes.js'
import { labelValueFaults, qualifiedNameFaults } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { apiError, plainError } from '../errors.js'
import { fetchTargets, isError, readTargets } from '../targets.js'
import { WRITE_FLAGS, Writing } from '../writing.js'
import { fieldOf, send } from './change.js'

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
