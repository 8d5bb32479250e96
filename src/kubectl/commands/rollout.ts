import type { PodTemplateSpec } from '../../generated/kubeTypes.js'
import { isRecord, parseDuration } from '../../scenario/index.js'
import type { StoredOf } from '../../sim/index.js'
import { fromTimestamp, toTimestamp } from '../../sim/index.js'
import type { Command, CommandInput, CommandOutput } from '../command.js'
import { failed } from '../command.js'
import { writePodTemplate } from '../describe/containers.js'
import { replicaSetsOf } from '../describe/workloads.js'
import { DescribeWriter } from '../describe/writer.js'
import { dynamicApi } from '../dynamicApi.js'
import { apiError, plainError } from '../errors.js'
import { isSame } from '../merge.js'
import type { Found } from '../targets.js'
import { fetchTargets, isError, keyFor, kindName, resourceName } from '../targets.js'
import { alignTabs, DESCRIBE_STYLE } from '../text/tabwriter.js'
import { WRITE_FLAGS, Writing } from '../writing.js'
import { chooseTargets, fieldOf, send } from './change.js'
import { noSubcommand } from './group.js'

export const rollout: Command = {
  flags: {
    ...WRITE_FLAGS,
    timeout: { kind: 'duration' },
    watch: { kind: 'bool', short: 'w' },
    revision: { kind: 'int' },
    'to-revision': { kind: 'int' },
  },
  run,
}

const REVISION = 'deployment.kubernetes.io/revision'
const CHANGE_CAUSE = 'kubernetes.io/change-cause'
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt'
const POLL_US = 50_000

/** Source: kubernetes kubectl pkg/cmd/rollout */
function run(input: CommandInput): CommandOutput {
  const [verb, ...words] = input.args.words
  const known = ['status', 'history', 'undo', 'pause', 'resume', 'restart']
  if (verb === undefined || !known.includes(verb)) return noSubcommand('rollout', input.args.words)
  if (words.length === 0 && !input.args.isSet('filename')) return failed(plainError('required resource not specified'))
  const revision = Number(input.args.text('revision') ?? 0)
  if (revision < 0) return failed(plainError(`revision must be a positive integer: ${revision}`))
  const named = chooseTargets(input, words)
  if (isError(named)) return failed(named)
  const { found, errors } = fetchTargets(input, named.targets)
  const [problem] = errors
  if (problem !== undefined) return failed(problem)
  if (verb === 'status') return status(input, found)
  const writing = new Writing(input)
  for (const each of found) {
    if (verb === 'history') history(writing, input, each)
    else if (verb === 'undo') undo(writing, input, each)
    else if (verb === 'pause' || verb === 'resume') pause(writing, input, each, verb === 'pause')
    else restart(writing, input, each)
  }
  return writing.result()
}

/** One line for each state that the watched object goes through. Source: kubernetes kubectl pkg/cmd/rollout/rollout_status.go Run */
function status(input: CommandInput, found: readonly Found[]): CommandOutput {
  const [each] = found
  if (each === undefined) return failed(plainError('required resource not specified'))
  const { resume, now } = input.env
  const { namespace, name } = each.object.metadata
  const key = keyFor(each.info, namespace ?? input.namespace, name)
  const states =
    resume === undefined
      ? [each.object]
      : dynamicApi(input.env.api)
          .changes(each.info, key, resume.memory)
          .map((change) => change.object)
  let memory = resume?.memory ?? ''
  let stdout = ''
  const wanted = Number(input.args.text('revision') ?? 0)
  for (const object of states) {
    const running = Number(object.metadata.annotations?.[REVISION] ?? 0)
    if (each.info.resource === 'deployments' && wanted > 0 && wanted !== running) {
      return { stdout, errors: [plainError(`desired revision (${wanted}) is different from the running revision (${running})`)] }
    }
    const view = statusOf({ info: each.info, object })
    if (view.problem !== undefined) return { stdout, errors: [plainError(view.problem)] }
    stdout += `${view.text}\n`
    memory = object.metadata.resourceVersion ?? memory
    if (view.isDone || !input.args.flag('watch', true)) return { stdout }
  }
  const timeout = parseDuration(input.args.text('timeout') ?? '0s') ?? 0
  if (timeout > 0 && now - (resume?.startedAt ?? now) >= timeout) {
    return { stdout, errors: [plainError('timed out waiting for the condition')] }
  }
  return { stdout, waiting: { pollUs: POLL_US, memory } }
}

interface StatusView {
  readonly text: string
  readonly isDone: boolean
  readonly problem?: string
}

function statusOf({ info, object }: Found): StatusView {
  const number = (path: string): number => Number(fieldOf(object, path) ?? 0)
  const { name } = object.metadata
  const observed = number('status.observedGeneration') >= number('metadata.generation')
  const wait = (text: string): StatusView => ({ text, isDone: false })
  const strategy = fieldOf(object, 'spec.updateStrategy.type')
  const notRolling = { text: '', isDone: true, problem: 'rollout status is only available for RollingUpdate strategy type' }
  switch (info.resource) {
    case 'deployments': {
      if (!observed) return wait('Waiting for deployment spec update to be observed...')
      const conditions = fieldOf(object, 'status.conditions')
      const progressing = Array.isArray(conditions)
        ? conditions.find((each: unknown) => isRecord(each) && each['type'] === 'Progressing')
        : undefined
      if (isRecord(progressing) && progressing['reason'] === 'ProgressDeadlineExceeded') {
        return { text: '', isDone: true, problem: `deployment "${name}" exceeded its progress deadline` }
      }
      const [wanted, updated] = [number('spec.replicas'), number('status.updatedReplicas')]
      const [total, available] = [number('status.replicas'), number('status.availableReplicas')]
      const head = `Waiting for deployment "${name}" rollout to finish:`
      if (updated < wanted) return wait(`${head} ${updated} out of ${wanted} new replicas have been updated...`)
      if (total > updated) return wait(`${head} ${total - updated} old replicas are pending termination...`)
      if (available < updated) return wait(`${head} ${available} of ${updated} updated replicas are available...`)
      return { text: `deployment "${name}" successfully rolled out`, isDone: true }
    }
    case 'daemonsets': {
      if (strategy !== 'RollingUpdate') return notRolling
      if (!observed) return wait('Waiting for daemon set spec update to be observed...')
      const [wanted, updated] = [number('status.desiredNumberScheduled'), number('status.updatedNumberScheduled')]
      const available = number('status.numberAvailable')
      const head = `Waiting for daemon set "${name}" rollout to finish:`
      if (updated < wanted) return wait(`${head} ${updated} out of ${wanted} new pods have been updated...`)
      if (available < wanted) return wait(`${head} ${available} of ${wanted} updated pods are available...`)
      return { text: `daemon set "${name}" successfully rolled out`, isDone: true }
    }
    case 'statefulsets': {
      if (strategy !== 'RollingUpdate') return notRolling
      if (!observed) return wait('Waiting for statefulset spec update to be observed...')
      const [wanted, ready, updated] = [number('spec.replicas'), number('status.readyReplicas'), number('status.updatedReplicas')]
      if (ready < wanted) return wait(`Waiting for ${wanted - ready} pods to be ready...`)
      // The API server fills in a partition of 0, so that every rolling update counts as a partitioned one.
      if (isRecord(fieldOf(object, 'spec.updateStrategy.rollingUpdate'))) {
        const share = wanted - number('spec.updateStrategy.rollingUpdate.partition')
        if (updated < share) {
          return wait(`Waiting for partitioned roll out to finish: ${updated} out of ${share} new pods have been updated...`)
        }
        return { text: `partitioned roll out complete: ${updated} new pods have been updated...`, isDone: true }
      }
      if (fieldOf(object, 'status.updateRevision') !== fieldOf(object, 'status.currentRevision')) {
        return wait(
          `waiting for statefulset rolling update to complete ${updated} pods at revision ${String(fieldOf(object, 'status.updateRevision'))}...`,
        )
      }
      const revision = String(fieldOf(object, 'status.currentRevision') ?? '')
      return {
        text: `statefulset rolling update complete ${number('status.currentReplicas')} pods at revision ${revision}...`,
        isDone: true,
      }
    }
    default:
      return { text: '', isDone: true, problem: `no status viewer has been implemented for ${kindOf(object)}` }
  }
}

function kindOf(object: { readonly kind: string }): string {
  return object.kind
}

interface Revision {
  readonly number: number
  readonly cause: string
  readonly template: PodTemplateSpec | undefined
  readonly annotations: Readonly<Record<string, string>>
}

function revisionsOf(input: CommandInput, each: Found): readonly Revision[] {
  const { object } = each
  if (each.info.resource !== 'deployments') return controllerRevisions(input, each)
  const deployment = input.env.api.get('deployments', `${object.metadata.namespace ?? input.namespace}/${object.metadata.name}`)
  if (!deployment.ok) return []
  const { old, current } = replicaSetsOf(input.env.api, deployment.value)
  return [...old, ...current]
    .map((set: StoredOf<'replicasets'>) => ({
      number: Number(set.metadata.annotations?.[REVISION] ?? 0),
      cause: set.metadata.annotations?.[CHANGE_CAUSE] ?? '<none>',
      template: set.spec?.template,
      annotations: set.metadata.annotations ?? {},
    }))
    .filter((each) => each.number > 0)
    .sort((a, b) => a.number - b.number)
}

/** A DaemonSet's or StatefulSet's past, as its ControllerRevisions have it. */
function controllerRevisions(input: CommandInput, { object }: Found): readonly Revision[] {
  const { uid, namespace = input.namespace } = object.metadata
  const listed = input.env.api.list('controllerrevisions', { namespace })
  return (listed.ok ? listed.value : [])
    .filter((each) => each.metadata.ownerReferences?.some((owner) => owner.uid === uid))
    .map((each) => {
      const { annotations = {} } = each.metadata
      const data: unknown = each.data
      const spec = isRecord(data) && isRecord(data['spec']) ? data['spec'] : {}
      // The API server stores in `data` what the controller took from the set's own template.
      const template = isRecord(spec['template']) ? (spec['template'] as unknown as PodTemplateSpec) : undefined
      return { number: each.revision, cause: annotations[CHANGE_CAUSE] ?? '<none>', template, annotations }
    })
    .sort((a, b) => a.number - b.number)
}

/** Source: kubernetes kubectl pkg/polymorphichelpers/history.go */
function history(writing: Writing, input: CommandInput, each: Found): void {
  const { info, object } = each
  if (!['deployments', 'daemonsets', 'statefulsets'].includes(info.resource)) {
    writing.errors.push(plainError(`no history viewer has been implemented for ${kindOf(object)}`))
    return
  }
  const revisions = revisionsOf(input, each)
  const wanted = Number(input.args.text('revision') ?? 0)
  const title = `${kindName(info)}/${object.metadata.name}`
  if (wanted > 0) {
    const found = revisions.find((revision) => revision.number === wanted)
    if (found === undefined) {
      writing.errors.push(plainError('unable to find the specified revision'))
      return
    }
    const w = new DescribeWriter()
    writePodTemplate(w, withCause(found))
    // The real one forgets to lay out the columns.
    writing.line(`${title} with revision #${wanted}\n${w.raw()}`)
    return
  }
  const lines = ['REVISION\tCHANGE-CAUSE', ...revisions.map(({ number, cause }) => `${number}\t${cause}`)]
  writing.line(`${title} \n${alignTabs(lines.join('\n'), DESCRIBE_STYLE)}\n`)
}

function withCause({ template, cause }: Revision): PodTemplateSpec | undefined {
  if (template === undefined || cause === '<none>') return template
  return {
    ...template,
    metadata: { ...template.metadata, annotations: { ...template.metadata?.annotations, [CHANGE_CAUSE]: cause } },
  }
}

/** Source: kubernetes kubectl pkg/cmd/rollout/rollout_undo.go, pkg/polymorphichelpers/rollback.go */
function undo(writing: Writing, input: CommandInput, each: Found): void {
  const { info, object } = each
  if (!['deployments', 'daemonsets', 'statefulsets'].includes(info.resource)) {
    writing.errors.push(plainError(`no rollbacker has been implemented for "${kindOf(object)}"`))
    return
  }
  const { name, annotations = {} } = object.metadata
  if (annotations[LAST_APPLIED] !== undefined) {
    writing.warnings.push(
      `resource ${info.resource}/${name} was previously managed with 'kubectl apply'. Rolling back will not update the ${LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.`,
    )
  }
  const revisions = revisionsOf(input, each)
  const wanted = Number(input.args.text('to-revision') ?? 0)
  const target = wanted !== 0 ? revisions.find((revision) => revision.number === wanted) : revisions.at(-2)
  if (target?.template === undefined) {
    const none =
      info.resource === 'deployments' ? `no rollout history found for deployment "${name}"` : 'no last revision to roll back to'
    writing.errors.push(plainError(wanted === 0 ? none : `unable to find specified revision ${wanted} in history`))
    return
  }
  if (writing.dryRun === 'client') {
    const w = new DescribeWriter()
    writePodTemplate(w, target.template)
    const told = info.resource === 'deployments' ? '' : 'will roll back to '
    writing.line(`${kindName(info)}/${name} ${told}${w.raw()} (dry run)`)
    return
  }
  if (info.resource === 'deployments' && fieldOf(object, 'spec.paused') === true) {
    writing.errors.push(
      plainError("you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again"),
    )
    return
  }
  const template = withoutHash(target.template)
  if (isSame(template, fieldOf(object, 'spec.template'))) {
    writing.line(`${kindName(info)}/${name} skipped rollback (current template already matches revision ${wanted})`)
    return
  }
  const operations = [
    { op: 'replace', path: '/spec/template', value: template },
    ...(info.resource === 'deployments'
      ? [{ op: 'replace', path: '/metadata/annotations', value: annotationsAfterUndo(annotations, target.annotations) }]
      : []),
  ]
  const sent = send(writing, input, each, { patch: operations, type: 'json', manager: 'kubectl-rollout' })
  if (sent.ok) writing.report(info, sent.value, 'rolled back')
  else writing.errors.push(plainError(`failed restoring revision ${wanted}: ${sent.error.message}`))
}

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { labels = {}, ...metadata } = template.metadata ?? {}
  const { 'pod-template-hash': _hash, ...kept } = labels
  const { $patch: _patch, ...rest } = template as PodTemplateSpec & { readonly $patch?: string }
  return { ...rest, metadata: { ...metadata, ...(Object.keys(kept).length === 0 ? {} : { labels: kept }) } }
}

/** Annotations that belong to the Deployment or its controller, not to a revision. Source: kubernetes kubectl pkg/polymorphichelpers/rollback.go annotationsToSkip */
const OWN_ANNOTATIONS = [
  LAST_APPLIED,
  REVISION,
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
]

/** The Deployment keeps its own annotations and takes the others from the revision. */
function annotationsAfterUndo(
  own: Readonly<Record<string, string>>,
  revision: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const kept = Object.entries(own).filter(([key]) => OWN_ANNOTATIONS.includes(key))
  const taken = Object.entries(revision).filter(([key]) => !OWN_ANNOTATIONS.includes(key))
  return Object.fromEntries([...kept, ...taken])
}

function pause(writing: Writing, input: CommandInput, each: Found, paused: boolean): void {
  const { info, object } = each
  if (info.resource !== 'deployments') {
    const verb = paused ? 'pausing' : 'resuming'
    writing.errors.push(plainError(`error: ${resourceName(info)} "${object.metadata.name}" ${verb} is not supported`))
    return
  }
  if ((fieldOf(object, 'spec.paused') === true) === paused) {
    writing.errors.push(plainError(`${resourceName(info)} "${object.metadata.name}" is ${paused ? 'already' : 'not'} paused`))
    return
  }
  const sent = send(writing, input, each, { patch: { spec: { paused: paused ? true : null } }, manager: 'kubectl-rollout' })
  if (sent.ok) writing.report(info, sent.value, paused ? 'paused' : 'resumed')
  else writing.errors.push(apiError(sent.error))
}

function restart(writing: Writing, input: CommandInput, each: Found): void {
  const { info, object } = each
  if (!['deployments', 'daemonsets', 'statefulsets'].includes(info.resource)) {
    writing.errors.push(plainError(`error: ${resourceName(info)} "${object.metadata.name}" restarting is not supported`))
    return
  }
  if (fieldOf(object, 'spec.paused') === true) {
    const problem = "can't restart paused deployment (run rollout resume first)"
    writing.errors.push(plainError(`error: ${resourceName(info)} "${object.metadata.name}" ${problem}`))
    return
  }
  const previous = fieldOf(object, 'spec.template.metadata.annotations')
  const before = isRecord(previous) ? fromTimestamp(String(previous[RESTARTED_AT] ?? '')) : undefined
  const stamp = toTimestamp(input.env.now)
  if (before !== undefined && toTimestamp(before) === stamp) {
    writing.errors.push(
      plainError(
        `failed to create patch for ${object.metadata.name}: if restart has already been triggered within the past second, please wait before attempting to trigger another`,
      ),
    )
    return
  }
  const change = { spec: { template: { metadata: { annotations: { [RESTARTED_AT]: stamp } } } } }
  const sent = send(writing, input, each, { patch: change, manager: 'kubectl-rollout' })
  if (sent.ok) writing.report(info, sent.value, 'restarted')
  else writing.errors.push(apiError(sent.error))
}
