import { parseDuration } from '../../scenario/index.js'
import type { ApiResult, KubeObject, ListOptions, StoredOf } from '../../sim/index.js'
import { infoOf } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import type { CommandError } from '../errors.js'
import { apiError, plainError } from '../errors.js'
import { fetchTargets } from '../targets.js'
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

/** @returns the names of the Nodes that were found. */
function cordonNodes(writing: Writing, input: CommandInput, wanted: boolean): readonly string[] {
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
  return found.map(({ object }) => object.metadata.name)
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

/** Source: kubernetes kubectl pkg/cmd/drain/drain.go RunDrain, pkg/drain/drain.go */
function runDrain(input: CommandInput): CommandOutput {
  const { args, env } = input
  if (args.words.length === 0 && !args.isSet('selector')) return failed(usage('drain'))
  if (args.words.length > 0 && args.isSet('selector')) {
    const hint = "See 'kubectl drain -h' for help and examples"
    return failed(plainError(`error: cannot specify both a node name and a --selector option\n${hint}`))
  }
  if (env.resume !== undefined) return waitForEvicted(input, env.resume.memory)
  const writing = new Writing(input)
  const nodes = cordonNodes(writing, input, true)
  if (writing.errors.length > 0) return writing.result()
  const memory: string[] = []
  const errors: CommandError[] = []
  const undrained: string[] = []
  let stderr = ''
  let problems = ''
  for (const node of nodes) {
    const listed = env.api.list('pods', podsOf(input, node))
    if (!listed.ok) return failed(apiError(listed.error))
    const plan = sortPods(listed.value, input)
    if (plan.problems.length > 0) {
      const text = plan.problems.join(', ')
      const summary = plan.problems.length > 1 ? `[${text}]` : text
      stderr += `error: unable to drain node "${node}" due to error: ${summary}, continuing command...\n`
      undrained.push(node)
      problems += plan.problems.map((each) => `${each}\n`).join('')
      continue
    }
    if (plan.warnings.length > 0) stderr += `Warning: ${plan.warnings.join('; ')}\n`
    for (const pod of plan.evict) {
      const { namespace = '', name, uid } = pod.metadata
      if (writing.dryRun !== 'none') {
        writing.line(`evicting pod ${namespace}/${name}${writing.dryRun === 'client' ? ' (dry run)' : ' (server dry run)'}`)
        continue
      }
      stderr += `evicting pod ${namespace}/${name}\n`
      const evicted = remove(input, `${namespace}/${name}`)
      if (evicted.ok || evicted.error.code === 429) {
        memory.push(`${namespace}/${name} ${uid} ${evicted.ok ? 'evicted' : 'blocked'}`)
      } else errors.push(apiError(evicted.error, `error when evicting pods/"${name}" -n "${namespace}"`))
    }
    if (writing.dryRun !== 'none') writing.report(infoOf('nodes'), nodeObject(node), 'drained')
    else memory.push(`node ${node}`)
  }
  const pending = undrained.map((node) => ` ${node}\n`).join('')
  const told = undrained.length === 0 ? '' : `There are pending nodes to be drained:\n${pending}${problems}`
  const output: CommandOutput = {
    ...writing.result(),
    stderr: stderr + told,
    errors,
    ...(undrained.length > 0 ? { exit: 1 } : {}),
  }
  if (writing.dryRun !== 'none' || undrained.length > 0 || errors.length > 0) return output
  const first = waitForEvicted(input, memory.join('\n'))
  const stdout = `${output.stdout ?? ''}${first.stdout ?? ''}`
  if (first.waiting !== undefined) return { ...output, stdout, waiting: first.waiting }
  return { ...output, stdout }
}

function nodeObject(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name } }
}

function podsOf({ args }: CommandInput, node: string): ListOptions {
  const labelSelector = args.text('pod-selector')
  return { fieldSelector: `spec.nodeName=${node}`, ...(labelSelector === undefined ? {} : { labelSelector }) }
}

/** Evicts, respecting disruption budgets; or deletes, when told to. */
function remove({ args, env }: CommandInput, key: string): ApiResult<unknown> {
  const grace = Number(args.text('grace-period') ?? -1)
  const options = grace < 0 ? {} : { gracePeriodSeconds: grace }
  return args.flag('disable-eviction') ? env.api.delete('pods', key, options) : env.api.evict(key, options)
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

/** Pods first, and after those of a Node the Node itself. */
function waitForEvicted(input: CommandInput, memory: string): CommandOutput {
  const { env, args } = input
  const left: string[] = []
  let stdout = ''
  for (const line of memory.split('\n')) {
    const [key = '', uid = '', state = ''] = line.split(' ')
    if (key === 'node') {
      if (left.some((each) => !each.startsWith('node '))) left.push(line)
      else stdout += `node/${uid} drained\n`
      continue
    }
    const pod = env.api.get('pods', key)
    if (!pod.ok || pod.value.metadata.uid !== uid) stdout += `pod/${key.split('/')[1] ?? ''} evicted\n`
    else if (state === 'blocked') left.push(`${key} ${uid} ${remove(input, key).ok ? 'evicted' : 'blocked'}`)
    else left.push(line)
  }
  if (left.length === 0) return { stdout }
  const limit = parseDuration(args.text('timeout') ?? '0s') ?? 0
  if (limit > 0 && env.now - (env.resume?.startedAt ?? env.now) >= limit)
    return lateDrain(stdout, left, args.text('timeout') ?? '')
  return { stdout, waiting: { pollUs: DRAIN_POLL_US, memory: left.join('\n') } }
}

/** Source: kubernetes kubectl pkg/drain/drain.go waitForDelete */
function lateDrain(stdout: string, left: readonly string[], timeout: string): CommandOutput {
  const nodes = left.filter((each) => each.startsWith('node ')).map((each) => each.slice('node '.length))
  const pods = left.filter((each) => !each.startsWith('node ')).map((each) => (each.split(' ')[0] ?? '').split('/')[1] ?? '')
  const why = `global timeout reached: ${timeout}`
  const stderr = nodes
    .map((node) => {
      const pending = pods.map((name) => `pod/${name}\n`).join('')
      return `There are pending pods in node ${JSON.stringify(node)} when an error occurred: ${why}\n${pending}error: unable to drain node ${JSON.stringify(node)} due to error: ${why}, continuing command...\n`
    })
    .join('')
  const rest = `There are pending nodes to be drained:\n${nodes.map((node) => ` ${node}\n`).join('')}`
  return { stdout, stderr: `${stderr}${rest}${why}\n`, exit: 1 }
}
